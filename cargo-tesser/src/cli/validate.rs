//! `cargo tesser validate`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::Outcome;
use crate::error::{DONE, REJECTED};
use crate::report;
use crate::shell::{Shell, Verbosity};
use crate::validate;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, folders of plugins, or `-` for stdin
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// Host to check for
    #[arg(long, default_value = validate::HOST)]
    host: String,
    /// Report for people on stderr; or on stdout a JSON or SARIF document, or GitHub's annotations
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Check without making an instance of the plugin
    #[arg(long)]
    no_load: bool,
    /// Reject a file for warnings, too
    #[arg(long)]
    deny_warnings: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
    Github,
    Sarif,
}

pub(super) fn run(args: &Args, shell: Shell) -> Outcome {
    let options = validate::Options {
        paths: args.paths.clone(),
        host: args.host.clone(),
        load: !args.no_load,
        deny_warnings: args.deny_warnings,
    };
    let report = validate::validate(&options, shell)?;
    match args.format {
        Format::Human if shell.verbosity() == Verbosity::Quiet && report.rejected() == 0 => {}
        Format::Human => shell.report(&report::human(&report)),
        Format::Json => shell.data(&format!("{:#}\n", report::json(&report)))?,
        Format::Github => shell.data(&report::github(&report))?,
        Format::Sarif => shell.data(&format!("{:#}\n", report::sarif(&report)))?,
    }
    Ok(if report.rejected() == 0 { DONE } else { REJECTED })
}
