//! `cargo tesser conformance`, which `cargo xtask conformance` calls.

use std::path::PathBuf;

use super::Outcome;
use crate::exit::{DONE, REJECTED};
use crate::report::visible;
use crate::shell::Shell;
use crate::simulator::conformance::{self, Components};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder with recordings of the real host: `cases/*.json`, `sessions/*.json`, or only cases
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Components that the recordings were made with; without its component, a recording is checked with its recorded results
    #[arg(value_name = "FILE")]
    components: Vec<PathBuf>,
}

pub(super) fn run(args: &Args, shell: Shell) -> Outcome {
    let verdicts = conformance::run(&args.dir, &Components::load(&args.components)?)?;
    let mut differing = 0;
    for verdict in &verdicts {
        if let Some(difference) = &verdict.difference {
            differing += 1;
            shell.data(&format!("{}: {}\n", visible(&verdict.name), visible(difference)))?;
        }
    }
    shell.data(&format!("{} agree, {differing} differ\n", verdicts.len() - differing))?;
    Ok(if differing == 0 { DONE } else { REJECTED })
}
