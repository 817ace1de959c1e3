//! `cargo tesser doctor`.

use std::io::IsTerminal as _;

use clap::ValueEnum;

use super::{Outcome, version};
use crate::doctor;
use crate::exit::{DONE, REJECTED};
use crate::shell::{Shell, Verbosity};
use crate::toolchain::Setup;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Do what is safe: install the target as `setup` does, and create the cache folder
    #[arg(long)]
    pub(super) fix: bool,
    /// Report for people on stderr, or a JSON document on stdout for bug reports
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(super) fn run(args: &Args, shell: Shell) -> Outcome {
    let interactive = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let options = doctor::Options {
        fix: args.fix,
        setup: Setup { yes: false, interactive },
        tool: doctor::Tool { version: version::short(), wasm_opt: version::WASM_OPT },
    };
    let diagnosis = doctor::examine(&options, shell)?;
    match args.format {
        Format::Human if shell.verbosity() == Verbosity::Quiet => {
            shell.report(&doctor::errors(&diagnosis));
        }
        Format::Human => shell.report(&doctor::human(&diagnosis)),
        Format::Json => shell.data(&format!("{:#}\n", doctor::json(&diagnosis)))?,
    }
    Ok(if diagnosis.count(doctor::State::Error) == 0 { DONE } else { REJECTED })
}
