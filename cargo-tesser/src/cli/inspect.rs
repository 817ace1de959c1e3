//! `cargo tesser inspect`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::Outcome;
use crate::error::DONE;
use crate::inspect;
use crate::shell::Shell;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A component, a core module, or what is left of one; `-` for stdin
    file: PathBuf,
    /// Text for people, or one JSON document
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(super) fn run(args: &Args, shell: Shell) -> Outcome {
    let inspection = inspect::inspect(&args.file)?;
    let text = match args.format {
        Format::Human => inspect::human(&inspection),
        Format::Json => format!("{:#}\n", inspect::json(&inspection)),
    };
    shell.data(&text)?;
    Ok(DONE)
}
