//! What `runs.parquet` says, of a sweep of any size. In: a folder with tables. Out: a table, CSV, JSON or a page; rows are read a
//! row group at a time, and what is held in memory has a limit.

use std::collections::{BTreeSet, BinaryHeap};
use std::io;
use std::path::{Path, PathBuf};

use rust_decimal::Decimal;
use serde_json::Value;

use super::super::Error as ReplayError;
use super::super::page::{Common, Row, Shown, extremes, sweep_page};
use super::super::record::Record;
use super::super::tables::RunRows;
use super::{Error, MOST_IN_MEMORY, show};

/// Runs in the table of a sweep that has too many.
const MOST_SHOWN: usize = 100;

/// The runs of a folder.
pub struct Report {
    path: PathBuf,
    runs: u64,
    failed: u64,
}

impl Report {
    /// Opens the tables of a folder.
    ///
    /// # Errors
    /// There are none, or they cannot be read.
    pub fn open(dir: &Path) -> Result<Self, ReplayError> {
        let path = dir.join("runs.parquet");
        if !path.is_file() {
            return Err(Error::NoRuns { dir: dir.to_owned() }.into());
        }
        let mut report = Self { path, runs: 0, failed: 0 };
        let (mut runs, mut failed) = (0, 0);
        report.each(|_, record| {
            runs += 1;
            failed += u64::from(!record.is_ok());
            Ok(())
        })?;
        (report.runs, report.failed) = (runs, failed);
        Ok(report)
    }

    /// Whether every run was made and is fine.
    pub fn ok(&self) -> bool {
        self.failed == 0
    }

    /// The number of runs.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// Calls a function with each run and its number, from 0.
    fn each(
        &self,
        mut each: impl FnMut(usize, Record) -> Result<(), ReplayError>,
    ) -> Result<(), ReplayError> {
        let mut rows = RunRows::open(&self.path)?;
        let mut number = 0;
        while let Some(records) = rows.next_records()? {
            for record in records {
                each(number, record)?;
                number += 1;
            }
        }
        Ok(())
    }

    /// As a table for people; of a large sweep, the runs with the lowest shortfall.
    ///
    /// # Errors
    /// The runs cannot be read.
    pub fn table(&self) -> Result<String, ReplayError> {
        let is_large = self.runs > MOST_IN_MEMORY as u64;
        let most = if is_large { MOST_SHOWN } else { MOST_IN_MEMORY };
        let mut best = Best::new(most);
        self.each(|number, record| {
            // Without figures it comes last.
            let cost = record.cost_bps().unwrap_or(Decimal::MAX);
            best.add(if is_large { cost } else { Decimal::ZERO }, number, record);
            Ok(())
        })?;
        let best = best.sorted();
        let rows: Vec<_> =
            best.iter().map(|(_, number, record)| (*number as u64 + 1, record)).collect();
        Ok(show::table_of(&rows, self.runs - rows.len() as u64))
    }

    /// As CSV, a piece at a time.
    ///
    /// # Errors
    /// The runs cannot be read, or `write` fails.
    pub fn csv(
        &self,
        mut write: impl FnMut(&str) -> io::Result<()>,
    ) -> Result<io::Result<()>, ReplayError> {
        let mut result = write(&show::csv_head());
        self.each(|_, record| {
            if result.is_ok() {
                result = write(&show::csv_line(&record));
            }
            Ok(())
        })?;
        Ok(result)
    }

    /// As one JSON document, a piece at a time: the columns of `runs.parquet`.
    ///
    /// # Errors
    /// The runs cannot be read, or `write` fails.
    pub fn json(
        &self,
        mut write: impl FnMut(&str) -> io::Result<()>,
    ) -> Result<io::Result<()>, ReplayError> {
        let mut result = write(&format!("{{\"schema\":1,\"ok\":{},\"runs\":[", self.ok()));
        let mut rows = RunRows::open(&self.path)?;
        let mut between = "\n";
        while let Some(runs) = rows.next_json()? {
            for run in runs {
                result = result.and_then(|()| write(&format!("{between}{}", Value::Object(run))));
                between = ",\n";
            }
        }
        Ok(result.and_then(|()| write("\n]}\n")))
    }

    /// The page, and the pages of the runs with the lowest and the highest shortfall, from `page`. A large sweep's page has the runs with the
    /// smallest ids, which are hashes: a sample that is the same each time.
    ///
    /// # Errors
    /// The runs cannot be read.
    pub fn pages(
        &self,
        path: &Path,
        shown: &Shown,
        page: impl Fn(usize) -> Option<String>,
    ) -> Result<Vec<(PathBuf, String)>, ReplayError> {
        let mut sample = Best::new(MOST_IN_MEMORY);
        let mut ends: Option<[(Decimal, usize, Record); 2]> = None;
        let is_large = self.runs > MOST_IN_MEMORY as u64;
        self.each(|number, record| {
            if let Some(cost) = record.cost_bps() {
                let own = || (cost, number, record.clone());
                match &mut ends {
                    None => ends = Some([own(), own()]),
                    Some([best, _]) if cost < best.0 => *best = own(),
                    Some([_, worst]) if cost > worst.0 => *worst = own(),
                    Some(_) => {}
                }
            }
            let key = if is_large { record.id.clone() } else { String::new() };
            sample.add(key, number, record);
            Ok(())
        })?;
        let mut runs: Vec<_> =
            sample.sorted().into_iter().map(|(_, number, record)| (number, record)).collect();
        runs.extend(ends.into_iter().flatten().map(|(_, number, record)| (number, record)));
        runs.sort_by_key(|(number, _)| *number);
        runs.dedup_by_key(|(number, _)| *number);
        let numbers: Vec<_> = runs.iter().map(|(number, _)| *number).collect();
        let rows = runs.into_iter().map(|(_, record)| Row { record, link: None }).collect();
        let common = RunRows::open(&self.path)?.first_settings()?;
        let common = common.as_ref().map(Common::of_document);
        let mut shown = shown.clone();
        if is_large {
            shown = shown.sample(self.runs);
        }
        Ok(pages(rows, common.as_ref(), path, &shown, |row| page(*numbers.get(row)?)))
    }
}

/// The page of a sweep, and the pages of the runs with the lowest and the highest shortfall beside it.
pub(super) fn pages(
    mut rows: Vec<Row>,
    common: Option<&Common>,
    report: &Path,
    shown: &Shown,
    page: impl Fn(usize) -> Option<String>,
) -> Vec<(PathBuf, String)> {
    let linked: BTreeSet<_> =
        extremes(&rows).into_iter().flat_map(|(best, worst)| [best, worst]).collect();
    let name = report.file_stem().unwrap_or_default().to_string_lossy();
    let mut pages = Vec::new();
    for index in linked {
        if let Some(page) = page(index) {
            let link = format!("{name}-run-{}.html", index + 1);
            pages.push((report.with_file_name(&link), page));
            rows[index].link = Some(link);
        }
    }
    pages.insert(0, (report.to_owned(), sweep_page(&rows, common, shown)));
    pages
}

/// The runs with the smallest keys, and at most so many.
struct Best<K> {
    most: usize,
    heap: BinaryHeap<Ranked<K>>,
}

struct Ranked<K> {
    key: K,
    number: usize,
    record: Record,
}

impl<K: Ord> Best<K> {
    fn new(most: usize) -> Self {
        Self { most, heap: BinaryHeap::new() }
    }

    fn add(&mut self, key: K, number: usize, record: Record) {
        self.heap.push(Ranked { key, number, record });
        if self.heap.len() > self.most {
            self.heap.pop();
        }
    }

    fn sorted(self) -> Vec<(K, usize, Record)> {
        let sorted = self.heap.into_sorted_vec().into_iter();
        sorted.map(|Ranked { key, number, record }| (key, number, record)).collect()
    }
}

impl<K: Ord> Ord for Ranked<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (&self.key, self.number).cmp(&(&other.key, other.number))
    }
}

impl<K: Ord> PartialOrd for Ranked<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: Ord> PartialEq for Ranked<K> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<K: Ord> Eq for Ranked<K> {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::replay::tables;
    use crate::replay::{
        ExchangeModel, Expected, Interval, Options, RunSettings, SessionRules, TapeOptions, World,
    };

    /// So many runs that could not be made.
    fn folder(runs: usize) -> tempfile::TempDir {
        let options = |number: usize| Options {
            plugin: "chase.wasm".into(),
            tape: "none.csv".into(),
            book: None,
            tape_options: TapeOptions::default(),
            world: World::live("tesser@0.9", &SessionRules::tesser_0_9(), "v:S"),
            side: tesser_wasm::PluginSide::Buy,
            quantity: Decimal::TEN,
            params: json!({ "clip": number }),
            restart_after: None,
            model: ExchangeModel::default(),
            interval: Interval::default(),
            expected: Expected::default(),
        };
        let settings: Vec<_> =
            (0..runs).map(|number| RunSettings::new(&options(number), "0123", None)).collect();
        let error = ReplayError::NoInterval;
        let dir = tempfile::tempdir().unwrap();
        tables::write(dir.path(), settings.iter().map(|settings| (settings, Err(&error)))).unwrap();
        dir
    }

    #[test]
    fn a_sweep_that_fits_no_screen_is_cut_in_the_table_and_whole_in_csv_and_json() {
        let runs = MOST_IN_MEMORY + 200;
        let dir = folder(runs);
        let report = Report::open(dir.path()).unwrap();
        assert_eq!((report.runs(), report.ok()), (runs as u64, false));
        let table = report.table().unwrap();
        let last = "and 10100 more runs with a higher shortfall, which `--format csv` has";
        assert_eq!(table.lines().last(), Some(last));
        assert_eq!(table.lines().count(), 1 + MOST_SHOWN + 1);
        let mut lines = 0;
        let count = |text: &str| {
            lines += text.lines().count();
            Ok(())
        };
        report.csv(count).unwrap().unwrap();
        assert_eq!(lines, 1 + runs);
        let mut text = String::new();
        let add = |more: &str| {
            text.push_str(more);
            Ok(())
        };
        report.json(add).unwrap().unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["runs"].as_array().unwrap().len(), runs);
        assert_eq!(document["runs"][runs - 1]["params"], json!({ "clip": runs - 1 }));
    }

    #[test]
    fn the_page_of_a_sweep_that_fits_no_page_says_that_it_is_a_sample() {
        let page = |runs: usize| {
            let dir = folder(runs);
            let shown = Shown::new(0);
            let report = Report::open(dir.path()).unwrap();
            let pages = report.pages(Path::new("page.html"), &shown, |_| None).unwrap();
            pages.into_iter().next().unwrap().1
        };
        let large = page(MOST_IN_MEMORY + 1);
        assert!(large.contains("A random sample of 10001 runs"));
        assert!(large.contains("<h1>10000 runs"), "the rest is not on it");
        assert!(!page(3).contains("sample"));
    }
}
