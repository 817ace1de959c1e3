//! `cargo tesser`: from a template to a plugin that loads on the Tesser host.
//!
//! One folder per flow, named for its verb; its `mod.rs` is the pipeline. See ARCHITECTURE.md.

pub mod abi;
pub mod build;
pub mod check_hint;
pub mod cli;
mod cores;
pub mod engine;
pub mod error;
pub mod fs;
mod git;
pub mod init;
pub mod inspect;
pub mod new;
pub mod process;
pub mod replay;
pub mod report;
pub mod shell;
pub mod simulator;
pub mod test;
pub mod toolchain;
pub mod validate;
