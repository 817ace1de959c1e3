//! `cargo tesser test`.

use std::path::PathBuf;

use clap::ValueEnum;
use clap_complete::ArgValueCandidates;

use super::build::{Cargo, Selection, show_report};
use super::{Outcome, Terminal, complete};
use crate::build::Optimizer;
use crate::exit::{DONE, REJECTED};
use crate::shell::Shell;
use crate::test::{self, Error};
use crate::{build, fs};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Parts of case names, such as `restart` or `over-fills`; by default all cases run
    #[arg(value_name = "NAME", add = ArgValueCandidates::new(complete::cases))]
    names: Vec<String>,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    cargo: Cargo,
    /// Skip wasm-opt: the plugin is larger and slower, and panics keep their text
    #[arg(long)]
    no_opt: bool,
    /// List the cases without running them
    #[arg(long)]
    list: bool,
    /// Accept the current results as the new golden orders and budgets
    #[arg(long)]
    bless: bool,
    /// The current version: each state that it stores is restored by the new version, as after an update of the plugin
    #[arg(long, value_name = "OLD.wasm")]
    from: Option<PathBuf>,
    /// Report for people on stderr; or on stdout a JSON document or `JUnit`'s XML
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Write `JUnit`'s XML to a file as well
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
    Junit,
}

pub(super) fn run(args: &Args, terminal: &Terminal, shell: Shell) -> Outcome {
    let mut cargo = args.cargo.flags(&args.selection, terminal);
    // Tests the plugin that would be installed.
    cargo.profile.get_or_insert_with(|| "release".into());
    let optimizer = if args.no_opt { Optimizer::Off } else { Optimizer::BuiltIn };
    let options = test::Options {
        build: build::Options { cargo, optimizer, ..build::Options::default() },
        names: args.names.clone(),
        bless: args.bless,
        from: args.from.clone(),
    };
    if args.list {
        for name in test::list(&options, shell)? {
            shell.data(&format!("{name}\n"))?;
        }
        return Ok(DONE);
    }
    let report = test::test(&options, shell, &mut |_| {}).inspect_err(|error| {
        if let Error::Build(error) = error {
            show_report(error, shell);
        }
    })?;
    if let Some(path) = &args.junit {
        fs::write_atomic(path, test::junit(&report).as_bytes()).map_err(Error::Fs)?;
    }
    match args.format {
        Format::Human => shell.report(&test::human(&report)),
        Format::Json => shell.data(&format!("{:#}\n", test::json(&report)))?,
        Format::Junit => shell.data(&test::junit(&report))?,
    }
    Ok(if report.failed().next().is_none() { DONE } else { REJECTED })
}
