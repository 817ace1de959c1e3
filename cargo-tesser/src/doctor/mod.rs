//! `doctor`: this machine and the workspace around the working directory -> what would go wrong, before it does.
//!
//! | file | checks |
//! | --- | --- |
//! | `machine.rs` | the tool, the compiler and its target, rustup, git, folders, variables |
//! | `project.rs` | the workspace: cargo's view, the SDK, plugins, profiles, flags, the repository |
//! | `manifests.rs`, `configuration.rs` | settings that cargo ignores, in its manifests and in its configuration |
//! | `fix.rs` | does what is safe, with `--fix` |
//!
//! In: the machine and the working directory. Out: a [`Diagnosis`]. A defect is a value, and one defect does not hide another.
//! Without `--fix` nothing is written, and the network is never used.

mod check;
mod configuration;
mod fix;
mod machine;
mod manifests;
mod project;
mod render;

use crate::shell::Shell;
use crate::toolchain::{self, Machine, Setup};

pub(crate) use check::{Diagnosis, State, Tool};
pub(crate) use render::{errors, human, json};

/// Options of `doctor`.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Do what is safe.
    pub(crate) fix: bool,
    /// How to provide the target.
    pub(crate) setup: Setup,
    /// The tool itself.
    pub(crate) tool: Tool,
}

/// Checks the machine and the workspace around the working directory.
///
/// # Errors
/// If the user interrupts `--fix`.
pub(crate) fn examine(options: &Options, shell: Shell) -> Result<Diagnosis, toolchain::Error> {
    let spinner = shell.progress("Checking", "this machine");
    let mut machine = Machine::look();
    drop(spinner);
    let fixed = if options.fix { fix::fix(&machine, &options.setup, shell)? } else { Vec::new() };
    if !fixed.is_empty() {
        machine = Machine::look();
    }
    let _spinner = shell.progress("Checking", "the workspace");
    let mut checks = machine::checks(&machine, &options.tool);
    checks.extend(project::checks(&machine));
    Ok(Diagnosis { tool: options.tool.clone(), checks, fixed })
}
