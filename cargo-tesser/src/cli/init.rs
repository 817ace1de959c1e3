//! `cargo tesser init`.

use std::path::PathBuf;

use super::Outcome;
use crate::exit::DONE;
use crate::init;
use crate::shell::Shell;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder of the crate
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Where tesser-wasm comes from, if the crate does not use it yet: path:DIR, git:URL#REV or a version
    /// [default: the same as for `new`]
    #[arg(long, value_name = "SOURCE")]
    sdk: Option<String>,
    /// Print what would be changed, without changing anything
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(args: &Args, shell: Shell) -> Outcome {
    let options =
        init::Options { path: args.path.clone(), sdk: args.sdk.clone(), dry_run: args.dry_run };
    init::init(&options, shell)?;
    Ok(DONE)
}
