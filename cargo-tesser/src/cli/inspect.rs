//! `cargo tesser inspect`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::crate_plugin::Own;
use super::{Outcome, Terminal};
use crate::exit::DONE;
use crate::inspect;
use crate::shell::Shell;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A component or core module, even a damaged one; `-` for stdin [default: the crate's plugin, which is built
    /// first]
    #[arg(id = "FILE", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Print the parameters that the plugin takes: name, type, default, allowed values, unit, documentation; with
    /// `--format json` as JSON Schema
    #[arg(long)]
    params: bool,
    /// Text for people, or one JSON document
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    #[command(flatten)]
    own: Own,
}

impl Args {
    pub(super) fn builds_first(&self) -> bool {
        self.file.is_none()
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(super) fn run(args: &Args, terminal: &Terminal, shell: Shell) -> Outcome {
    let file = match &args.file {
        Some(file) => file.clone(),
        None => args.own.build_one(terminal, shell)?.path,
    };
    if args.params {
        let schema = inspect::params(&file)?;
        shell.data(&match args.format {
            Format::Human => inspect::params_human(&file, schema.as_ref()),
            Format::Json => format!("{:#}\n", inspect::params_json(schema.as_ref())),
        })?;
        return Ok(DONE);
    }
    let inspection = inspect::inspect(&file)?;
    let text = match args.format {
        Format::Human => inspect::human(&inspection),
        Format::Json => format!("{:#}\n", inspect::json(&inspection)),
    };
    shell.data(&text)?;
    Ok(DONE)
}
