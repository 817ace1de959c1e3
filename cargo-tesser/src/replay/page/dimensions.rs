//! The dimensions of a sweep: the tape and the parameters that differ between runs. In: runs. Out: names, and values by run.

use std::collections::BTreeSet;
use std::path::Path;

use rust_decimal::Decimal;
use serde_json::Value;

use super::sweep::Row;
use crate::report::{line, path as shown};

/// The tape or a parameter that differs between runs.
pub(super) struct Dimension {
    pub(super) name: String,
    /// Whether it is the tape, not a parameter.
    pub(super) is_tape: bool,
    /// Its values, sorted.
    pub(super) values: Vec<String>,
    /// For each run, the index of its value.
    pub(super) of_runs: Vec<usize>,
}

/// Returns the dimensions: the tape first, then the parameters by name.
pub(super) fn dimensions(rows: &[Row<'_>]) -> Vec<Dimension> {
    let params: BTreeSet<&String> = rows
        .iter()
        .filter_map(|row| row.settings.params.as_object())
        .flat_map(|params| params.keys())
        .collect();
    let paths: BTreeSet<_> = rows.iter().map(|row| tape(row)).collect();
    let names: BTreeSet<_> = paths.iter().filter_map(|path| path.file_name()).collect();
    let is_short = paths.len() == names.len();
    let mut dimensions =
        vec![dimension("tape".to_owned(), rows, |row| match tape(row).file_name() {
            Some(name) if is_short => shown(Path::new(name)),
            _ => shown(tape(row)),
        })];
    dimensions[0].is_tape = true;
    dimensions.extend(params.into_iter().map(|name| {
        dimension(line(name), rows, |row| match row.settings.params.get(name) {
            None => String::new(),
            Some(Value::String(text)) => line(text),
            Some(value) => line(&value.to_string()),
        })
    }));
    dimensions.retain(|dimension| dimension.values.len() > 1);
    dimensions
}

fn dimension(name: String, rows: &[Row<'_>], of: impl Fn(&Row<'_>) -> String) -> Dimension {
    let of_rows: Vec<_> = rows.iter().map(of).collect();
    let mut values: Vec<_> = of_rows.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
    // `9` comes before `10`.
    values.sort_by_key(|value| (value.parse::<Decimal>().is_err(), value.parse::<Decimal>().ok()));
    let place = |value: &String| values.iter().position(|other| other == value).unwrap_or(0);
    let of_runs = of_rows.iter().map(place).collect();
    Dimension { name, is_tape: false, values, of_runs }
}

fn tape<'a>(row: &Row<'a>) -> &'a Path {
    Path::new(&row.settings.tape.path)
}

/// Describes a run by its values: `tape monday.csv, clip_size 0.5`.
pub(super) fn words(dimensions: &[&Dimension], index: usize) -> String {
    let words = dimensions.iter().map(|dimension| {
        format!("{} {}", dimension.name, dimension.values[dimension.of_runs[index]])
    });
    words.collect::<Vec<_>>().join(", ")
}
