//! `cargo tesser test`.

use std::path::Path;

use clap::ValueEnum;

use super::build::{Cargo, Selection, show_report};
use super::{Outcome, Terminal};
use crate::error::{DONE, REJECTED};
use crate::shell::Shell;
use crate::test::{self, Error};
use crate::{build, fs};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Parts of names of cases, such as `restart` or `over-fills`; without any all are run
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    cargo: Cargo,
    /// List the cases, and run none
    #[arg(long)]
    list: bool,
    /// Write down what is found as what is expected: the orders of golden tapes, and the budgets
    #[arg(long)]
    bless: bool,
    /// Report for people on stderr; or on stdout a JSON document or `JUnit`'s XML
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
    Junit,
}

pub(super) fn run(args: &Args, terminal: &Terminal, shell: Shell) -> Outcome {
    if args.list {
        let manifest = args.cargo.manifest_path.as_deref();
        for name in test::names(manifest.map_or(Path::new("."), fs::parent))? {
            shell.data(&format!("{name}\n"))?;
        }
        return Ok(DONE);
    }
    let mut cargo = args.cargo.flags(&args.selection, terminal);
    // What would be installed is what is tested.
    cargo.profile.get_or_insert_with(|| "release".into());
    let options = test::Options {
        build: build::Options { cargo, ..build::Options::default() },
        names: args.names.clone(),
        bless: args.bless,
    };
    let report = test::test(&options, shell, &mut |_| {}).inspect_err(|error| {
        if let Error::Build(error) = error {
            show_report(error, shell);
        }
    })?;
    match args.format {
        Format::Human => shell.report(&test::human(&report)),
        Format::Json => shell.data(&format!("{:#}\n", test::json(&report)))?,
        Format::Junit => shell.data(&test::junit(&report))?,
    }
    Ok(if report.failed().next().is_none() { DONE } else { REJECTED })
}
