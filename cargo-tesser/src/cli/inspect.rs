//! `cargo tesser inspect`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::Outcome;
use crate::exit::DONE;
use crate::inspect;
use crate::shell::Shell;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A component, a core module, or what is left of one; `-` for stdin
    file: PathBuf,
    /// Print the parameters that the plugin takes: name, type, default, allowed values, unit, documentation; with
    /// `--format json` as JSON Schema
    #[arg(long)]
    params: bool,
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
    if args.params {
        let schema = inspect::params(&args.file)?;
        shell.data(&match args.format {
            Format::Human => inspect::params_human(&args.file, schema.as_ref()),
            Format::Json => format!("{:#}\n", inspect::params_json(schema.as_ref())),
        })?;
        return Ok(DONE);
    }
    let inspection = inspect::inspect(&args.file)?;
    let text = match args.format {
        Format::Human => inspect::human(&inspection),
        Format::Json => format!("{:#}\n", inspect::json(&inspection)),
    };
    shell.data(&text)?;
    Ok(DONE)
}
