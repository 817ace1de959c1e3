//! `cargo tesser sweep`.

use std::path::PathBuf;

use clap::Subcommand;

use super::Outcome;
use super::replay::{Format, now_ms, print, write_page};
use crate::exit::{DONE, REJECTED};
use crate::replay::{self, Report, Shown};
use crate::shell::Shell;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print which parts of a sweep are there; the exit code is 1 if some are not
    Status {
        #[command(flatten)]
        parts: Parts,
    },
    /// Write the tables of all runs from their parts
    ///
    /// Each part is checked, and counts once. Tables appear together, and the parts stay.
    Merge {
        #[command(flatten)]
        parts: Parts,
    },
    /// Print the runs of a folder, or write a page of them; the exit code is 1 if a run failed
    Report {
        /// A folder that `replay --out` or `sweep merge` wrote
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// How the runs are printed
        ///
        /// JSON has the columns of `runs.parquet`.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
        /// Write a page with charts and tables, which needs no network
        #[arg(long, value_name = "FILE")]
        report: Option<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
struct Parts {
    /// Folders that `replay --sweep --out` wrote parts into; tables are written into the first
    #[arg(value_name = "DIR", required = true)]
    dirs: Vec<PathBuf>,
}

impl Args {
    /// Whether a process that ends at once could leave unfinished work behind.
    pub(super) fn writes(&self) -> bool {
        matches!(self.command, Command::Merge { .. })
    }
}

pub(super) fn run(args: &Args, shell: Shell) -> Outcome {
    match &args.command {
        Command::Status { parts } => {
            let status = replay::status(&parts.dirs, shell)?;
            shell.data(&status.text())?;
            Ok(if status.is_complete() { DONE } else { REJECTED })
        }
        Command::Merge { parts } => {
            let merged = replay::merge(&parts.dirs, shell)?;
            shell.status("Wrote", merged.dir.display());
            Ok(DONE)
        }
        Command::Report { dir, format, report } => {
            report.as_deref().map_or(Ok(()), replay::check_page)?;
            let runs = Report::open(dir)?;
            if let Some(path) = report {
                for (path, page) in runs.pages(path, &Shown::new(now_ms()), |_| None)? {
                    write_page(&path, &page, shell)?;
                }
            }
            print(&runs, *format, shell)
        }
    }
}
