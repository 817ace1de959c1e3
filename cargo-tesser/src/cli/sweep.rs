//! `cargo tesser sweep`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::Outcome;
use super::replay::{Format, now_ms, write_page};
use crate::exit::{DONE, REJECTED};
use crate::process;
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

/// What `replay --sweep --out` makes of a sweep.
pub(super) struct Folder<'a> {
    pub(super) file: &'a Path,
    pub(super) dir: &'a Path,
    pub(super) shard: Option<replay::Shard>,
    pub(super) format: Format,
    pub(super) report: Option<&'a Path>,
}

/// A sweep whose results are written part by part. Those of all shards are put together at the end; a single one only says that
/// it is done.
pub(super) fn sweep_into(options: &replay::Options, folder: &Folder, shell: Shell) -> Outcome {
    let Folder { file, dir, shard, format, report } = *folder;
    let command = command_of(std::env::args_os());
    let swept = replay::sweep_into(options, file, dir, shard, &command, shell)?;
    if shard.is_some() {
        shell.status("Wrote", dir.join("parts").display());
        return Ok(DONE);
    }
    swept.finish(dir, shell)?;
    shell.status("Wrote", dir.display());
    let runs = Report::open(dir)?;
    if let Some(path) = report {
        for (path, page) in swept.pages(&runs, path, &Shown::new(now_ms()))? {
            write_page(&path, &page, shell)?;
        }
    }
    print(&runs, format, shell)
}

/// Prints the runs of a folder.
fn print(report: &Report, format: Format, shell: Shell) -> Outcome {
    match format {
        Format::Table => shell.data(&report.table()?)?,
        Format::Json => report.json(|text| shell.data(text))??,
        Format::Csv | Format::FillsCsv => report.csv(|text| shell.data(text))??,
    }
    Ok(if report.ok() { DONE } else { REJECTED })
}

/// The command line that makes a sweep, as the user gave it, without what is of one shard.
fn command_of(args: impl Iterator<Item = OsString>) -> String {
    let mut words = vec!["cargo tesser".to_owned()];
    let mut args = args.skip(1).skip_while(|arg| arg == "tesser");
    while let Some(arg) = args.next() {
        let text = arg.to_string_lossy();
        match text.split_once('=').map_or(text.as_ref(), |(flag, _)| flag) {
            "--shard" | "--out" | "--report" | "--format" | "--jobs" | "-j" => {
                if !text.contains('=') {
                    args.next();
                }
            }
            _ => words.push(process::quoted(&arg)),
        }
    }
    words.join(" ")
}
