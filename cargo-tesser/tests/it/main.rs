//! The tool as its users run it: the built binary, real crates, real files. One module per command.

mod support;

mod build;
mod cli;
mod new;
mod readme;
mod replay;
mod validate;
