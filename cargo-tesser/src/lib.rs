//! `cargo tesser`: from a template to a plugin that loads on the Tesser host.
//!
//! One folder per flow, named after its verb; its `mod.rs` is the pipeline. See ARCHITECTURE.md.

pub mod abi;
pub mod build;
pub mod check_hint;
pub mod checks;
pub mod cli;
pub mod compare;
pub mod digest;
mod doctor;
pub mod engine;
pub mod error;
pub mod exit;
pub mod facts;
pub mod fs;
mod git;
pub mod host_profile;
pub mod init;
pub mod inspect;
pub mod new;
mod parallel;
pub mod plugin;
pub mod process;
mod random;
pub mod replay;
pub mod report;
pub mod rollback;
pub mod shell;
pub mod simulator;
pub mod test;
pub mod toolchain;
pub mod validate;
pub mod workspace;
