//! Many runs of one plugin: tapes times sets of parameters, starts and sides, on all cores.
//!
//! | file | does |
//! | --- | --- |
//! | `mod.rs` | a sweep whose results are in memory |
//! | `plan.rs` | the parts of a sweep, and which of them a shard makes |
//! | `description.rs` | what a sweep is, in `sweep.json`, with its id |
//! | `parts.rs` | the files of a part: written in one step, and checked |
//! | `folder.rs` | runs what is missing of a sweep's parts |
//! | `collect.rs` | `status` and `merge`: parts from one or more folders |
//! | `report.rs` | what tables of runs say, as a table, CSV, JSON or a page |
//! | `show.rs` | rows for people and for CSV |

mod collect;
mod description;
mod error;
mod folder;
mod parts;
mod plan;
mod report;
mod show;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::page::{Common, Row, Shown, page_of};
use super::record::Record;
use super::run_list::RunList;
use super::run_settings::{RunSettings, SCHEMA};
use super::show::run_document;
use super::{Error as ReplayError, Options, RunSummary, load, tables};
use crate::parallel::on_all_cores;
use crate::shell::Shell;

pub use self::collect::{Merged, Status, merge, status};
pub use self::error::Error;
pub use self::folder::{Swept, sweep_into};
pub use self::plan::Shard;
pub use self::report::Report;

/// Maximum number of runs whose results are held in memory.
const MOST_IN_MEMORY: usize = 10_000;

/// The results.
pub struct Sweep {
    runs: Vec<Run>,
}

struct Run {
    tape: PathBuf,
    params: Value,
    settings: RunSettings,
    result: Result<RunSummary, ReplayError>,
}

/// Runs all of it. Parameters of the options hold where a set does not name them.
///
/// # Errors
/// The file or the plugin cannot be read. A run that fails is a row instead.
pub fn sweep(options: &Options, file: &Path, shell: Shell) -> Result<Sweep, ReplayError> {
    let list = RunList::read(options, file)?;
    if list.len() > MOST_IN_MEMORY {
        return Err(Error::TooMany { runs: list.len() }.into());
    }
    let loaded = load(&options.plugin)?;
    loaded.check_params(&options.plugin, list.each_param(), shell)?;
    let numbers: Vec<_> = (0..list.len()).collect();
    let progress = shell.count("Replaying", numbers.len());
    let runs = on_all_cores(&numbers, |number| {
        let job = list.get(*number);
        let (settings, result) = loaded.run(&job);
        progress.step();
        Run { tape: job.tape, params: job.params, settings, result }
    });
    Ok(Sweep { runs })
}

impl Sweep {
    /// Whether every run was made and is fine.
    pub fn ok(&self) -> bool {
        self.runs.iter().all(|run| run.result.as_ref().is_ok_and(RunSummary::ok))
    }

    /// As a table for people.
    pub fn table(&self) -> String {
        show::table(&self.records(), 0)
    }

    /// The same columns as CSV, with all of their values, and some more behind them.
    pub fn csv(&self) -> String {
        self.records().iter().fold(show::csv_head(), |text, record| text + &show::csv_line(record))
    }

    fn records(&self) -> Vec<Record> {
        self.runs.iter().map(Run::record).collect()
    }

    /// Writes the tables of all runs into a folder.
    ///
    /// # Errors
    /// As for [`write_tables`](super::write_tables).
    pub fn write_tables(&self, dir: &Path) -> Result<(), ReplayError> {
        tables::write(dir, self.runs.iter().map(|run| (&run.settings, run.result.as_ref())))
    }

    /// The page of the sweep, and the pages of the runs with the lowest and the highest shortfall beside it.
    pub fn pages(&self, report: &Path, shown: &Shown) -> Vec<(PathBuf, String)> {
        let rows = self.records().into_iter().map(|record| Row { record, link: None });
        let common = self.runs.first().map(|run| {
            let made = self.runs.iter().find_map(|run| run.result.as_ref().ok());
            Common::of(&run.settings, made)
        });
        let page = |number: usize| {
            let Run { settings, result, .. } = self.runs.get(number)?;
            Some(page_of(settings, result.as_ref().ok()?, shown))
        };
        report::pages(rows.collect(), common.as_ref(), report, shown, page)
    }

    /// All summaries in one document.
    pub fn json(&self) -> String {
        let runs = self.runs.iter().map(|run| {
            let mut row = json!({ "tape": run.tape.to_string_lossy(), "params": run.params });
            match &run.result {
                Ok(summary) => row["ledger"] = run_document(&run.settings, summary),
                Err(error) => {
                    row["error"] = error.to_string().into();
                    row["run"] = json!(run.settings);
                }
            }
            row
        });
        format!(
            "{:#}\n",
            json!({ "schema": SCHEMA, "ok": self.ok(), "runs": runs.collect::<Vec<_>>() })
        )
    }
}

impl Run {
    fn record(&self) -> Record {
        Record::of(&self.settings, self.result.as_ref().map_err(ToString::to_string))
    }
}
