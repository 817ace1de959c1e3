//! The dimensions of a sweep: tape, start, side and parameters, as far as they differ between runs. In: runs. Out: names, and values by run.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use rust_decimal::Decimal;
use serde_json::Value;

use super::html;
use super::sweep::Row;
use crate::report::{line, path as shown};

/// Something that differs between runs.
pub(super) struct Dimension {
    pub(super) name: String,
    /// Whether it is the tape, the start or the side, not a parameter.
    pub(super) is_market: bool,
    /// Its values, sorted.
    pub(super) values: Vec<String>,
    /// For each run, the index of its value.
    pub(super) of_runs: Vec<usize>,
}

/// Returns the dimensions: the tape, the start and the side first, then the parameters by name.
pub(super) fn dimensions(rows: &[Row]) -> Vec<Dimension> {
    let params: BTreeSet<&String> = rows
        .iter()
        .filter_map(|row| row.record.params.as_object())
        .flat_map(|params| params.keys())
        .collect();
    let paths: BTreeSet<_> = rows.iter().map(tape).collect();
    let names: BTreeSet<_> = paths.iter().filter_map(|path| path.file_name()).collect();
    let is_short = paths.len() == names.len();
    let mut dimensions =
        vec![dimension("tape".to_owned(), rows, |row| match tape(row).file_name() {
            Some(name) if is_short => shown(Path::new(name)),
            _ => shown(tape(row)),
        })];
    dimensions.push(dimension("start".to_owned(), rows, |row| {
        row.record.from_ms.map_or_else(String::new, |ms| format!("{} UTC", html::utc(ms)))
    }));
    dimensions.push(dimension("side".to_owned(), rows, |row| row.record.side.clone()));
    for dimension in &mut dimensions {
        dimension.is_market = true;
    }
    dimensions.extend(params.into_iter().map(|name| {
        dimension(line(name), rows, |row| match row.record.params.get(name) {
            None => String::new(),
            Some(Value::String(text)) => line(text),
            Some(value) => line(&value.to_string()),
        })
    }));
    dimensions.retain(|dimension| dimension.values.len() > 1);
    dimensions
}

fn dimension(name: String, rows: &[Row], of: impl Fn(&Row) -> String) -> Dimension {
    let of_rows: Vec<_> = rows.iter().map(of).collect();
    let mut values: Vec<_> = of_rows.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
    // `9` comes before `10`.
    values.sort_by_key(|value| (value.parse::<Decimal>().is_err(), value.parse::<Decimal>().ok()));
    let places: HashMap<_, _> = values.iter().enumerate().map(|(at, value)| (value, at)).collect();
    let of_runs = of_rows.iter().map(|value| places.get(value).copied().unwrap_or(0)).collect();
    Dimension { name, is_market: false, values, of_runs }
}

fn tape(row: &Row) -> &Path {
    Path::new(&row.record.tape)
}

/// Describes a run by its values: `tape monday.csv, clip_size 0.5`.
pub(super) fn words(dimensions: &[&Dimension], index: usize) -> String {
    let words = dimensions.iter().map(|dimension| {
        format!("{} {}", dimension.name, dimension.values[dimension.of_runs[index]])
    });
    words.collect::<Vec<_>>().join(", ")
}
