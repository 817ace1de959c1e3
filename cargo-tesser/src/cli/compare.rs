//! `cargo tesser compare`.

use std::path::PathBuf;

use clap::ValueEnum;
use rust_decimal::Decimal;
use serde_json::Value;

use super::crate_plugin::Own;
use super::session::HostFiles;
use super::{Outcome, Terminal, numbers, params, replay};
use crate::compare::{self, Bootstrap, Bounds, Clusters};
use crate::error::Error;
use crate::exit::{DONE, REJECTED};
use crate::replay::Runs;
use crate::shell::Shell;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The old plugin [default with `--new-params`: the plugin of the crate, which is built first]
    #[arg(value_name = "OLD", required_unless_present = "new_params")]
    old: Option<PathBuf>,
    /// The new plugin [default: the plugin of the crate, which is built first; with `--new-params` OLD, unless `-p` or
    /// `--manifest-path` names a package]
    #[arg(id = "FILE", value_name = "NEW")]
    new: Option<PathBuf>,
    /// Parameters of NEW, if they differ from `--params`: JSON, or a JSON or TOML file
    #[arg(long, value_name = "JSON|FILE", value_parser = params::parse, help_heading = "Signal")]
    new_params: Option<Value>,
    #[command(flatten)]
    tapes: Tapes,
    #[command(flatten)]
    result: Result,
    #[command(flatten)]
    run: replay::Run,
    #[command(flatten)]
    files: HostFiles,
    #[command(flatten)]
    own: Own,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Tape")]
struct Tapes {
    /// Recorded trades: files, patterns such as `'tapes/2024-*.csv'`, folders of files, or a folder of the host's recorder
    #[arg(long, value_name = "FILE|DIR", num_args = 1.., required_unless_present = "sweep", conflicts_with = "sweep")]
    tape: Vec<String>,
    /// Start a run at the first trade of each tape and again every LENGTH, such as `15m` or `1h`
    ///
    /// Each run ends with `--horizon`.
    #[arg(long, value_name = "LENGTH", value_parser = numbers::length, requires = "horizon", conflicts_with = "sweep")]
    every: Option<i64>,
    /// Run each start on both sides
    #[arg(long, conflicts_with_all = ["side", "sweep"])]
    both_sides: bool,
    /// Instead of `--tape`, the runs of a sweep's file: tapes, starts, sides and sets of parameters
    #[arg(long, value_name = "FILE")]
    sweep: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Result")]
struct Result {
    /// How the result is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Maximum additional cost of NEW, in basis points: the upper end of the interval must be at most this
    ///
    /// Without it, the exit code is 1 only if NEW is shown to cost more.
    #[arg(long, value_name = "BPS", value_parser = numbers::not_negative, allow_hyphen_values = true)]
    max_regression_bps: Option<Decimal>,
    /// Fail unless all orders, fills and endings are equal
    #[arg(long)]
    expect_identical: bool,
    /// Confidence level of the intervals, from 0.5 to 0.99
    #[arg(long, value_name = "SHARE", default_value = "0.95", value_parser = numbers::confidence)]
    confidence: f64,
    /// Number of resamples of the bootstrap, from 1000 to 1000000
    #[arg(long, value_name = "NUMBER", default_value = "10000", value_parser = numbers::resamples)]
    resamples: usize,
    /// Which runs form a cluster: one observation, which is resampled as a whole
    #[arg(long, value_enum, default_value = "day")]
    cluster: Cluster,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// One document with everything
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Cluster {
    /// Runs over one tape that start on the same day (UTC)
    Day,
    /// Runs over one tape that start at the same time; runs must not overlap
    Start,
}

impl Args {
    pub(super) fn builds_first(&self) -> bool {
        let is_one = self.old.is_some() && self.new_params.is_some() && !self.own.is_named();
        self.new.is_none() && !is_one
    }
}

pub(super) fn run(args: &Args, terminal: &Terminal, shell: Shell) -> Outcome {
    let no_new = |error| match error {
        Error::NoFile if args.old.is_some() => Error::NoNew,
        error => error,
    };
    let built = if args.builds_first() {
        Some(args.own.build_one(terminal, shell).map_err(no_new)?)
    } else {
        None
    };
    let own = built.as_ref().map(|built| &built.path);
    let old = args.old.as_ref().or(own).ok_or(Error::NoFile)?;
    let new = args.new.as_ref().or(own).unwrap_or(old);
    let settings = built.as_ref().map(|built| &built.test);
    let old = args.run.options(old.clone(), PathBuf::new(), settings, &args.files, None)?;
    let options = compare::Options {
        new_plugin: new.clone(),
        new_params: args.new_params.clone().unwrap_or_else(|| old.params.clone()),
        runs: match &args.tapes.sweep {
            Some(file) => Runs::Sweep(file.clone()),
            None => Runs::Tapes {
                tapes: args.tapes.tape.clone(),
                every_ms: args.tapes.every,
                both_sides: args.tapes.both_sides,
            },
        },
        bootstrap: Bootstrap {
            resamples: args.result.resamples,
            confidence: args.result.confidence,
        },
        clusters: match args.result.cluster {
            Cluster::Day => Clusters::Day,
            Cluster::Start => Clusters::Start,
        },
        bounds: Bounds {
            max_regression_bps: args.result.max_regression_bps,
            identical: args.result.expect_identical,
        },
        old,
    };
    let comparison = compare::compare(&options, shell)?;
    shell.data(&match args.result.format {
        Format::Table => comparison.table(),
        Format::Json => comparison.json(),
    })?;
    Ok(if comparison.ok() { DONE } else { REJECTED })
}
