//! The rows of `runs.parquet`: as records, and as JSON. In: a file. Out: the runs of a row group at a time.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::super::Error;
use super::super::record::{Costs, Figures, Record};
use super::super::show::{ending, ending_of};
use super::columns::RUN_ID;
use super::read::{Column, RowReader};
use crate::fs;

/// The runs of a file.
pub(in super::super) struct RunRows {
    path: PathBuf,
    reader: RowReader,
}

impl RunRows {
    /// Opens a file.
    ///
    /// # Errors
    /// It is not a table.
    pub(in super::super) fn open(path: &Path) -> Result<Self, Error> {
        let reader = RowReader::open(fs::open(path)?)
            .map_err(|source| Error::Unread { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), reader })
    }

    fn next(&mut self) -> Result<Option<HashMap<String, Column>>, Error> {
        let names = self.reader.names();
        let columns = self.reader.next(|_| true);
        let columns =
            columns.map_err(|source| Error::Unread { path: self.path.clone(), source })?;
        Ok(columns.map(|columns| names.into_iter().zip(columns).collect()))
    }

    /// The next runs.
    ///
    /// # Errors
    /// They cannot be read.
    pub(in super::super) fn next_records(&mut self) -> Result<Option<Vec<Record>>, Error> {
        Ok(self.next()?.map(|columns| records(&columns)))
    }

    /// The next runs, with all of their columns. Moments are milliseconds, and their names say so.
    ///
    /// # Errors
    /// They cannot be read.
    pub(in super::super) fn next_json(&mut self) -> Result<Option<Vec<Map<String, Value>>>, Error> {
        let names = self.reader.names();
        let Some(mut columns) = self.next()? else { return Ok(None) };
        let mut rows: Vec<Map<String, Value>> = Vec::new();
        for name in names {
            let Some(column) = columns.remove(&name) else { continue };
            let key = if name == "start" { "start_ms".to_owned() } else { name };
            for (row, value) in values(&column, &key).into_iter().enumerate() {
                if rows.len() <= row {
                    rows.push(Map::new());
                }
                rows[row].insert(key.clone(), value);
            }
        }
        Ok(Some(rows))
    }

    /// What was run, of the first run that was made, or of the first one.
    ///
    /// # Errors
    /// It cannot be read.
    pub(in super::super) fn first_settings(mut self) -> Result<Option<Value>, Error> {
        let Some(columns) = self.next()? else { return Ok(None) };
        let settings = columns.get("settings").map(Column::texts).unwrap_or_default();
        Ok(settings.into_iter().flatten().find_map(|text| serde_json::from_str(&text).ok()))
    }
}

fn values(column: &Column, name: &str) -> Vec<Value> {
    let is_document = ["params", "settings"].contains(&name);
    match column {
        Column::Text(_) => {
            let value = |text: String| {
                let parsed = is_document.then(|| serde_json::from_str(&text).ok()).flatten();
                parsed.unwrap_or(Value::String(text))
            };
            column.texts().into_iter().map(|text| text.map_or(Value::Null, value)).collect()
        }
        Column::Bool(_) => column.flags().into_iter().map(|flag| json!(flag)).collect(),
        Column::Whole(_) => column.wholes().into_iter().map(|number| json!(number)).collect(),
        Column::Fixed(_) => {
            let text = |number: rust_decimal::Decimal| json!(number.to_string());
            column.decimals().into_iter().map(|number| number.map_or(Value::Null, text)).collect()
        }
    }
}

/// Columns by name.
struct Columns<'a>(&'a HashMap<String, Column>);

impl Columns<'_> {
    /// The values of a column, without end: one that the file lacks has none.
    fn of<T>(
        &self,
        name: &str,
        values: impl Fn(&Column) -> Vec<Option<T>>,
    ) -> impl Iterator<Item = Option<T>> {
        let values = self.0.get(name).map(values).unwrap_or_default();
        values.into_iter().chain(std::iter::repeat_with(|| None))
    }

    fn texts(&self, name: &str) -> impl Iterator<Item = Option<String>> {
        self.of(name, Column::texts)
    }

    fn wholes(&self, name: &str) -> impl Iterator<Item = Option<i64>> {
        self.of(name, Column::wholes)
    }

    fn decimals(&self, name: &str) -> impl Iterator<Item = Option<rust_decimal::Decimal>> {
        self.of(name, Column::decimals)
    }
}

fn records(columns: &HashMap<String, Column>) -> Vec<Record> {
    let rows = columns.get(RUN_ID).map_or(0, Column::rows);
    let all = Columns(columns);
    let mut texts: Vec<_> = [
        RUN_ID,
        "tape",
        "tape_sha256",
        "params",
        "side",
        "symbol",
        "settings",
        "ending",
        "ending_reason",
        "errors",
    ]
    .into_iter()
    .map(|name| all.texts(name))
    .collect();
    let mut numbers: Vec<_> = [
        "target",
        "filled",
        "mean_price",
        "cost_to_arrival_bps",
        "cost_to_vwap_bps",
        "shortfall_total_bps",
        "shortfall_total_crossing_bps",
        "participation",
        "maker_share",
    ]
    .into_iter()
    .map(|name| all.decimals(name))
    .collect();
    let mut orders = all.wholes("orders");
    let flags = columns.get("ok").map(Column::flags).unwrap_or_default();
    let mut flags = flags.into_iter();
    let mut records = Vec::new();
    for _ in 0..rows {
        let texts = texts.iter_mut().map(|texts| texts.next().flatten());
        let numbers = numbers.iter_mut().map(|numbers| numbers.next().flatten());
        let row = Cells {
            texts: texts.collect(),
            numbers: numbers.collect(),
            orders: orders.next().flatten(),
            is_ok: flags.next().flatten().unwrap_or_default(),
        };
        records.extend(row.record());
    }
    records
}

/// What a record is made of.
struct Cells {
    texts: Vec<Option<String>>,
    numbers: Vec<Option<rust_decimal::Decimal>>,
    orders: Option<i64>,
    is_ok: bool,
}

impl Cells {
    fn record(self) -> Option<Record> {
        let [id, tape, tape_sha256, params, side, symbol, settings, state, reason, errors] =
            <[_; 10]>::try_from(self.texts).ok()?;
        let [
            target,
            filled,
            mean_price,
            to_arrival_bps,
            to_vwap_bps,
            total,
            crossing,
            share,
            maker_share,
        ] = <[_; 9]>::try_from(self.numbers).ok()?;
        let parsed = |text: &Option<String>| -> Value {
            text.as_ref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
        };
        let costs = || {
            Some(Costs {
                to_arrival_bps,
                to_vwap_bps,
                total_bps: total?,
                total_crossing_bps: crossing?,
                participation: share?,
                maker_share,
            })
        };
        let errors = errors.unwrap_or_default();
        let result = match state {
            None => Err(errors),
            Some(state) => {
                let lines: Vec<_> = errors.lines().map(str::to_owned).collect();
                Ok(Figures {
                    is_ok: self.is_ok,
                    orders: self.orders.and_then(|orders| u64::try_from(orders).ok())?,
                    filled: filled?,
                    mean_price,
                    ending: ending_of(&state, reason).map_or(state, |how| ending(&how)),
                    error_count: lines.len() as u64,
                    errors: lines,
                    costs: costs(),
                })
            }
        };
        Some(Record {
            id: id?,
            tape: tape?,
            tape_sha256,
            params: parsed(&params),
            side: side?,
            from_ms: parsed(&settings)["interval"]["from_ms"].as_i64(),
            symbol: symbol?,
            target: target?,
            result,
        })
    }
}
