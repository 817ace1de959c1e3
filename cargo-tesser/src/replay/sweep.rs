//! Many runs of one plugin: sets of parameters times tapes, on all cores.
//!
//! In: a TOML file with `tapes`, `[[params]]` (with values or ranges) or both, and the options that all runs share. Out: a row for
//! each run, in the file's order, whatever finished first.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::page::{Row, Shown, extremes, page_of, sweep_page};
use super::run_list::RunList;
use super::run_settings::{RunSettings, SCHEMA};
use super::show::{aligned, ending, run_document};
use super::{Error, Options, RunSummary, load, tables};
use crate::parallel::on_all_cores;
use crate::report::{cut, escape_untrusted, path as shown};
use crate::shell::Shell;

/// Maximum number of runs whose results are held in memory.
const MOST_IN_MEMORY: usize = 10_000;

/// The widest that a column with text is in the table for people.
const WIDEST: usize = 32;

const HEADS: [&str; 9] = [
    "tape",
    "params",
    "orders",
    "filled",
    "unfilled",
    "mean price",
    "arrival bps",
    "VWAP bps",
    "ending",
];

/// Columns that only CSV has.
const MORE_HEADS: [&str; 4] = ["shortfall bps", "shortfall crossing bps", "maker share", "run id"];

/// The results.
pub struct Sweep {
    runs: Vec<Run>,
}

struct Run {
    tape: PathBuf,
    params: Value,
    settings: RunSettings,
    result: Result<RunSummary, Error>,
}

/// Runs all of it. Parameters of the options hold where a set does not name them.
///
/// # Errors
/// The file or the plugin cannot be read. A run that fails is a row instead.
pub fn sweep(options: &Options, file: &Path, shell: Shell) -> Result<Sweep, Error> {
    let list = RunList::read(options, file)?;
    if list.len() > MOST_IN_MEMORY {
        let reason = format!("it has {} runs, which is more than {MOST_IN_MEMORY}", list.len());
        return Err(Error::Sweep { path: file.to_owned(), reason });
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

    /// Rows for people and for CSV alike.
    fn rows(&self, row: impl Fn(&Run) -> [String; 9]) -> Vec<[String; 9]> {
        let mut rows = vec![HEADS.map(str::to_owned)];
        rows.extend(self.runs.iter().map(row));
        rows
    }

    /// As a table for people. It fits a screen, so that long values are cut, and of the parameters it has those in which the
    /// runs differ; endings that were cut are below it.
    pub fn table(&self) -> String {
        let mut text = String::new();
        let differ = |name: &String| {
            let mut values = self.runs.iter().map(|run| run.params.get(name));
            let first = values.next();
            values.any(|value| Some(value) != first)
        };
        let [heads @ .., last] = HEADS.map(str::to_owned);
        let mut rows = vec![table_row("run".into(), heads, "shortfall bps".into(), last)];
        let mut long = Vec::new();
        for (number, run) in (1..).zip(&self.runs) {
            let [mut row @ .., ending] = run.row();
            row[0] = narrow(&row[0], WIDEST, true);
            row[1] = narrow(&run.some_params(differ), WIDEST, false);
            let short = narrow(&ending, WIDEST, false);
            if short != ending {
                long.push((number, ending));
            }
            let [_, shortfall, ..] = run.more();
            rows.push(table_row(u64::to_string(&number), row, shortfall, short));
        }
        aligned(&mut text, &rows);
        for (number, ending) in long {
            let _ = writeln!(text, "  run {number}: {}", cut(&ending));
        }
        text
    }

    /// The same columns as CSV, with all of their values, and some more behind them.
    pub fn csv(&self) -> String {
        let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
        let line = |(row, more): ([String; 9], [String; 4])| {
            let fields = row.iter().chain(&more).map(quoted);
            fields.collect::<Vec<_>>().join(",") + "\n"
        };
        let more = self.runs.iter().map(Run::more);
        let more = std::iter::once(MORE_HEADS.map(str::to_owned)).chain(more);
        self.rows(Run::row).into_iter().zip(more).map(line).collect()
    }

    /// Writes the tables of all runs into a folder.
    ///
    /// # Errors
    /// As for [`write_tables`](super::write_tables).
    pub fn write_tables(&self, dir: &Path) -> Result<(), Error> {
        tables::write(dir, self.runs.iter().map(|run| (&run.settings, run.result.as_ref())))
    }

    /// The page of the sweep, and the pages of the cheapest and the dearest run beside it.
    pub fn pages(&self, report: &Path, shown: &Shown) -> Vec<(PathBuf, String)> {
        let mut rows: Vec<_> = self.runs.iter().map(Run::page_row).collect();
        let linked: BTreeSet<_> =
            extremes(&rows).into_iter().flat_map(|(best, worst)| [best, worst]).collect();
        let name = report.file_stem().unwrap_or_default().to_string_lossy();
        let mut pages = Vec::new();
        for index in linked {
            if let Run { settings, result: Ok(summary), .. } = &self.runs[index] {
                let link = format!("{name}-run-{}.html", index + 1);
                pages.push((report.with_file_name(&link), page_of(settings, summary, shown)));
                rows[index].link = Some(link);
            }
        }
        pages.insert(0, (report.to_owned(), sweep_page(&rows, shown)));
        pages
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

/// A row of the table for people: its number first, and the shortfall before the ending.
fn table_row(
    number: String,
    fields: [String; 8],
    shortfall: String,
    ending: String,
) -> [String; 11] {
    let [tape, params, orders, filled, unfilled, mean, arrival, vwap] = fields;
    [number, tape, params, orders, filled, unfilled, mean, arrival, vwap, shortfall, ending]
}

/// Without what does not fit into a column: the end of a text, or the start of a path.
fn narrow(text: &str, width: usize, is_path: bool) -> String {
    let length = text.chars().count();
    if length <= width {
        text.to_owned()
    } else if is_path {
        "…".chars().chain(text.chars().skip(length - width + 1)).collect()
    } else {
        text.chars().take(width - 1).chain("…".chars()).collect()
    }
}

fn number(value: Option<Decimal>) -> String {
    value.map_or_else(String::new, |value| value.normalize().to_string())
}

impl Run {
    /// The parameters of these names, as `name=value`.
    fn some_params(&self, is_shown: impl Fn(&String) -> bool) -> String {
        let params = self.params.as_object().into_iter().flatten();
        let shown = params.filter(|(name, _)| is_shown(name)).map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("{}={}", escape_untrusted(name), escape_untrusted(&value))
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    fn page_row(&self) -> Row<'_> {
        let result = self.result.as_ref().map_err(ToString::to_string);
        Row { settings: &self.settings, result, link: None }
    }

    fn more(&self) -> [String; 4] {
        let quality = self.result.as_ref().ok().and_then(|summary| summary.quality.as_ref());
        let shortfall = quality.map(|quality| quality.shortfall);
        [
            number(shortfall.map(|shortfall| shortfall.total_bps)),
            number(shortfall.map(|shortfall| shortfall.total_crossing_bps)),
            number(quality.and_then(|quality| quality.maker_share)),
            self.settings.id.clone(),
        ]
    }

    fn row(&self) -> [String; 9] {
        let (tape, params) = (shown(&self.tape), escape_untrusted(&self.params.to_string()));
        let summary = match &self.result {
            Ok(summary) => summary,
            Err(error) => {
                let empty = String::new;
                let error = escape_untrusted(&error.to_string());
                return [tape, params, empty(), empty(), empty(), empty(), empty(), empty(), error];
            }
        };
        let quality = summary.quality.as_ref();
        let mut ending = ending(&summary.ending);
        let errors: Vec<_> = summary.violations().shown().collect();
        if !errors.is_empty() {
            ending = format!("error: {}; {ending}", errors.join("; "));
        }
        [
            tape,
            params,
            summary.orders.to_string(),
            summary.filled.to_string(),
            summary.target.saturating_sub(summary.filled).to_string(),
            number(summary.mean_price().map(|price| price.round_dp(8))),
            number(quality.and_then(|quality| quality.cost_to_arrival_bps)),
            number(quality.and_then(|quality| quality.cost_to_vwap_bps)),
            ending,
        ]
    }
}
