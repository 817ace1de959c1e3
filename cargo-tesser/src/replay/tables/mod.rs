//! `replay --out DIR`: runs, orders, amendments and fills as four Parquet files, with one schema for single runs and sweeps.
//!
//! In: runs. Out: files, all of them or none; `run_id` joins them. docs/replay.md describes each column.

mod columns;
mod merge;
mod parquet;
mod read;
mod run_rows;

use std::collections::HashSet;
use std::path::Path;

use self::columns::{AmendmentRow, FillOf, OrderRow, RunRow};
pub(super) use self::merge::merge;
pub use self::parquet::Error as TableError;
pub(super) use self::run_rows::RunRows;
use super::{Error, Run, RunSettings, RunSummary};
use crate::fs;

/// Names of the tables, of which the files have theirs.
pub(super) const TABLES: [&str; 4] = ["runs", "orders", "amendments", "fills"];

pub(super) fn file_name(table: &str) -> String {
    format!("{table}.parquet")
}

/// Makes the folder, before a long run and not after it.
///
/// # Errors
/// It cannot be made or written to, or it contains a file with the name of a table that this tool did not write.
pub fn check_folder(dir: &Path) -> Result<(), Error> {
    fs::scratch(dir)?;
    for table in TABLES {
        let path = dir.join(file_name(table));
        if fs::is_there(&path) && !parquet::is_ours(&path) {
            return Err(Error::OtherFile { path });
        }
    }
    Ok(())
}

/// Writes the tables of one run.
///
/// # Errors
/// A file cannot be written, or a number is too large for its column. What was there is then there still.
pub fn write_tables(dir: &Path, run: &Run) -> Result<(), Error> {
    write(dir, [(&run.settings, Ok(&run.summary))])
}

/// The same of many runs. Runs that are the same are one.
pub(super) fn write<'a>(
    dir: &Path,
    runs: impl IntoIterator<Item = (&'a RunSettings, Result<&'a RunSummary, &'a Error>)>,
) -> Result<(), Error> {
    let mut staged = Vec::new();
    for (name, bytes) in TABLES.into_iter().zip(contents(dir, runs, &[])?) {
        staged.extend(fs::stage(&dir.join(file_name(name)), &bytes)?);
    }
    Ok(fs::replace_all(staged)?)
}

/// The contents of the four files of such runs, for a folder; `more` is in their metadata.
pub(super) fn contents<'a>(
    dir: &Path,
    runs: impl IntoIterator<Item = (&'a RunSettings, Result<&'a RunSummary, &'a Error>)>,
    more: &[(&str, String)],
) -> Result<[Vec<u8>; 4], Error> {
    let mut seen = HashSet::new();
    let runs = runs.into_iter().filter(|(settings, _)| seen.insert(settings.id.as_str()));
    let runs: Vec<_> = runs.map(|(settings, result)| RunRow { settings, result }).collect();
    let (mut orders, mut amendments, mut fills) = (Vec::new(), Vec::new(), Vec::new());
    for run in &runs {
        let id = run.settings.id.as_str();
        let Ok(summary) = run.result else { continue };
        for order in &summary.rows {
            orders.push(OrderRow { id, order });
            let rows = (1..).zip(&order.amendments);
            amendments.extend(rows.map(|(number, amendment)| AmendmentRow {
                id,
                order: order.number,
                number,
                amendment,
            }));
        }
        fills.extend(summary.fill_rows.iter().map(|fill| FillOf { id, fill }));
    }
    let named = |table: usize, bytes: Result<Vec<u8>, TableError>| {
        let path = dir.join(file_name(TABLES[table]));
        bytes.map_err(|source| Error::Table { path, source })
    };
    Ok([
        named(0, parquet::file(TABLES[0], &columns::runs(), &runs, more))?,
        named(1, parquet::file(TABLES[1], &columns::orders(), &orders, more))?,
        named(2, parquet::file(TABLES[2], &columns::amendments(), &amendments, more))?,
        named(3, parquet::file(TABLES[3], &columns::fills(), &fills, more))?,
    ])
}
