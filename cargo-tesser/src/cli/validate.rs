//! `cargo tesser validate`.

use std::path::PathBuf;

use clap::ValueEnum;
use clap_complete::ArgValueCandidates;
use serde_json::Value;

use super::crate_plugin::Own;
use super::{Outcome, Terminal, complete, numbers, params};
use crate::checks::Rules;
use crate::exit::{DONE, FAILED, REJECTED};
use crate::host_profile;
use crate::report;
use crate::shell::{Shell, Verbosity};
use crate::validate;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, folders of plugins, or `-` for stdin [default: the crate's plugins, which are built first]
    #[arg(id = "FILE", value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// Host to check for: a name, or the file of your own profile (`.toml`)
    #[arg(long, default_value = host_profile::HOST, value_name = "NAME|FILE", add = ArgValueCandidates::new(complete::hosts))]
    host: String,
    /// List the known host profiles
    #[arg(long)]
    list_hosts: bool,
    /// Compare with this older plugin
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Check these parameters against the plugin's schema: JSON, or a JSON or TOML file
    #[arg(long, value_name = "JSON|FILE", value_parser = params::parse)]
    params: Option<Value>,
    /// Report for people on stderr; or on stdout a JSON or SARIF document, or GitHub's annotations
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Skip the load check: do not instantiate the plugin
    #[arg(long)]
    no_load: bool,
    /// Reject files with warnings
    #[arg(long)]
    deny_warnings: bool,
    /// Omit findings with this code
    #[arg(long, value_name = "CODE", add = ArgValueCandidates::new(complete::codes))]
    allow: Vec<String>,
    /// Report findings with this code as warnings
    #[arg(long, value_name = "CODE", add = ArgValueCandidates::new(complete::codes))]
    warn: Vec<String>,
    /// Report findings with this code as errors
    #[arg(long, value_name = "CODE", add = ArgValueCandidates::new(complete::codes))]
    deny: Vec<String>,
    /// Report `large-file` above this many bytes
    #[arg(long, value_name = "BYTES", value_parser = numbers::bytes, allow_hyphen_values = true)]
    max_size: Option<u64>,
    #[command(flatten)]
    own: Own,
}

impl Args {
    pub(super) fn builds_first(&self) -> bool {
        self.paths.is_empty() && !self.list_hosts
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
    Github,
    Sarif,
}

pub(super) fn run(args: &Args, terminal: &Terminal, shell: Shell) -> Outcome {
    if args.list_hosts {
        return list_hosts(shell);
    }
    let paths = if args.builds_first() {
        args.own.build(terminal, shell)?.into_iter().map(|built| built.path).collect()
    } else {
        args.paths.clone()
    };
    let options = validate::Options {
        paths,
        host: args.host.clone(),
        against: args.against.clone(),
        params: args.params.clone(),
        rules: Rules {
            allow: args.allow.clone(),
            warn: args.warn.clone(),
            deny: args.deny.clone(),
            max_size: args.max_size,
        },
        load: !args.no_load,
        deny_warnings: args.deny_warnings,
    };
    let is_quiet = shell.verbosity() == Verbosity::Quiet;
    let mut told = 0;
    let mut written = Ok(());
    // Lines are printed as soon as they are known. A document is printed at the end, and with `--quiet` so are the lines.
    let report = validate::validate(&options, shell, |file, host| match args.format {
        Format::Human if !is_quiet => {
            told += 1;
            shell.report(&report::human_file(file, host, args.deny_warnings));
        }
        Format::Github if written.is_ok() => {
            told += 1;
            written = shell.data(&report::github_file(file, host, args.deny_warnings));
        }
        _ => {}
    })?;
    written?;
    let is_ok = report.ok() == report.files.len();
    match args.format {
        Format::Human if is_quiet && is_ok => {}
        Format::Human if told > 0 => shell.report(&report::human_summary(&report)),
        Format::Human => shell.report(&report::human(&report)),
        Format::Json => shell.data(&format!("{:#}\n", report::json(&report)))?,
        Format::Github if told > 0 => shell.data(&report::github_summary(&report))?,
        Format::Github => shell.data(&report::github(&report))?,
        Format::Sarif => shell.data(&format!("{:#}\n", report::sarif(&report)))?,
    }
    Ok(match report.not_read() {
        0 if is_ok => DONE,
        0 => REJECTED,
        // Some files have no verdict.
        _ => FAILED,
    })
}

fn list_hosts(shell: Shell) -> Outcome {
    for (host, path) in host_profile::hosts()? {
        let from = path.map(|path| format!("  {}", path.display())).unwrap_or_default();
        let (name, engine, wasi) = (host.name, host.engine, host.wasi.version);
        shell.data(&format!("{name}  {engine}, WASI {wasi}{from}\n"))?;
    }
    Ok(DONE)
}
