//! `cargo tesser setup`.

use std::io::IsTerminal as _;

use super::Outcome;
use crate::exit::DONE;
use crate::shell::Shell;
use crate::toolchain::{self, Setup};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Install packages without asking
    #[arg(short, long)]
    yes: bool,
}

pub(super) fn run(args: &Args, shell: Shell) -> Outcome {
    let interactive = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    toolchain::setup(&Setup { yes: args.yes, interactive }, shell)?;
    Ok(DONE)
}
