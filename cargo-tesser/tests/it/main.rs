//! The tool as its users run it: the built binary, real crates, real files. One module per command.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

mod build;
mod check_hint;
mod cli;
mod compare;
mod completions;
mod conformance;
mod corpus;
mod crate_plugin;
mod diagnostics;
mod docs;
mod doctor;
mod exit_codes;
mod hostile;
mod inputs;
mod inspect;
mod new;
mod params;
mod readme;
mod replay;
mod report;
mod rooms;
mod session;
mod setup;
mod sweep;
mod test;
mod traps;
mod validate;
mod verdicts;
mod version;
