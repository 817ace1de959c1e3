//! Reads a recorded session. In: the recorder's folder. Out: signals, orders by algorithm, fills and restarts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tesser_wasm::PluginSide;

use super::Error;
use crate::simulator::signal::{Signal, SignalKind};
use crate::simulator::symbol::Symbol;
use crate::simulator::tape::recorder::{Record, files, records, starts};

/// A recorded order of an algorithm.
#[derive(Clone, Debug)]
pub(super) struct RecordedOrder {
    pub(super) id: String,
    /// The number in its client id.
    pub(super) number: u64,
    pub(super) side: PluginSide,
    pub(super) kind: String,
    pub(super) quantity: Decimal,
    pub(super) price: Option<Decimal>,
    pub(super) created_ms: i64,
}

pub(super) struct RecordedFill {
    pub(super) order_id: String,
    pub(super) price: Decimal,
    pub(super) quantity: Decimal,
    pub(super) fee: Option<Decimal>,
    pub(super) time_ms: i64,
}

/// A recorded session.
pub(super) struct Recording {
    pub(super) signals: Vec<(i64, Signal)>,
    /// By algorithm, in the order of their first orders.
    pub(super) orders: Vec<Vec<RecordedOrder>>,
    pub(super) fills: Vec<RecordedFill>,
    pub(super) restarts: Vec<i64>,
}

impl Recording {
    pub(super) fn read(dir: &Path, symbol: &str) -> Result<Self, Error> {
        let kind = |kind: &str| -> Result<(Vec<PathBuf>, Vec<Record>), Error> {
            let files = files(dir, kind)?;
            let records = records(&files)?;
            Ok((files, records))
        };
        let (signal_files, signals) = kind("signals")?;
        let (order_files, orders) = kind("orders")?;
        let (fill_files, fills) = kind("fills")?;
        let signals = signals.iter().filter_map(|row| signal(row, symbol).transpose());
        let mut signals = signals.collect::<Result<Vec<_>, _>>()?;
        signals.sort_by_key(|(time_ms, _)| *time_ms);
        let mut fills = fills.iter().map(fill).collect::<Result<Vec<_>, _>>()?;
        fills.sort_by_key(|fill| fill.time_ms);
        let all: Vec<_> = [signal_files, order_files, fill_files].concat();
        let (orders, times) = by_algorithm(&orders)?;
        let mut times: Vec<_> =
            times.into_iter().chain(fills.iter().map(|fill| fill.time_ms)).collect();
        times.extend(signals.iter().map(|(time_ms, _)| *time_ms));
        let restarts = starts(&all).into_iter().skip(1).filter_map(|start| restart(&start, &times));
        Ok(Self { signals, orders, fills, restarts: restarts.collect() })
    }
}

/// Algorithm and order number in a client id of the host.
pub(super) fn number_of(client_id: &str) -> Option<(&str, u64)> {
    let (algorithm, number) = client_id.strip_prefix("plugin-")?.rsplit_once('-')?;
    Some((algorithm, number.parse().ok()?))
}

fn side(row: &Record) -> Result<PluginSide, Error> {
    match row.byte("side")? {
        1 => Ok(PluginSide::Buy),
        -1 => Ok(PluginSide::Sell),
        other => Err(row.bad(format!("the side is neither 1 nor -1: `{other}`")).into()),
    }
}

fn fill(row: &Record) -> Result<RecordedFill, Error> {
    Ok(RecordedFill {
        order_id: row.needed("order_id")?,
        price: row.number("fill_price")?,
        quantity: row.number("fill_quantity")?,
        fee: row.decimal("fee")?,
        time_ms: row.time_ms("timestamp")?,
    })
}

/// A signal for a plugin; other signals are ignored.
fn signal(row: &Record, session_symbol: &str) -> Result<Option<(i64, Signal)>, Error> {
    let Some(metadata) = row.text("metadata")? else { return Ok(None) };
    let metadata: Value = serde_json::from_str(&metadata)
        .map_err(|error| row.bad(format!("`metadata` is not JSON: {error}")))?;
    let hint = &metadata["execution_hint"];
    let Some(plugin) = hint["name"].as_str().filter(|_| hint["type"] == "plugin") else {
        return Ok(None);
    };
    let kind = row.needed("kind")?;
    let kind = SignalKind::of(&kind)
        .ok_or_else(|| row.bad(format!("unknown kind of signal: `{kind}`")))?;
    // The recorder does not store the venue.
    let code = Symbol::parse(&row.needed("symbol")?);
    let session = Symbol::parse(session_symbol);
    let venue = code.venue().or(session.venue()).unwrap_or("unspecified").to_owned();
    let text = |value: Option<Decimal>| value.map_or(Value::Null, |value| value.to_string().into());
    let signal = Signal {
        id: row.needed("id")?,
        symbol: Symbol::parse(&format!("{venue}:{}", code.code())),
        kind,
        confidence: row.float("confidence")?,
        quantity: row.decimal("quantity")?,
        note: metadata["note"].as_str().map(str::to_owned),
        group_id: row.text("group_id")?,
        metadata: json!({
            "panic_behavior": null,
            "stop_loss": text(row.decimal("stop_loss")?),
            "take_profit": text(row.decimal("take_profit")?),
        }),
        plugin: plugin.to_owned(),
        params: hint["params"].clone(),
    };
    Ok(Some((row.time_ms("generated_at")?, signal)))
}

/// Plugins' orders by algorithm, and the times of all. An order has a row for each of its changes; the
/// first row is the order as sent.
type ByAlgorithm = (Vec<Vec<RecordedOrder>>, Vec<i64>);

fn by_algorithm(rows: &[Record]) -> Result<ByAlgorithm, Error> {
    let mut algorithms: BTreeMap<String, BTreeMap<u64, RecordedOrder>> = BTreeMap::new();
    let mut times = Vec::new();
    for row in rows {
        let created_ms = row.time_ms("created_at")?;
        times.push(created_ms);
        let client_id = row.text("client_order_id")?.unwrap_or_default();
        let Some((algorithm, number)) = number_of(&client_id) else { continue };
        let order = RecordedOrder {
            id: row.needed("id")?,
            number,
            side: side(row)?,
            kind: row.needed("order_type")?,
            quantity: row.number("quantity")?,
            price: row.decimal("price")?,
            created_ms,
        };
        let orders = algorithms.entry(algorithm.to_owned()).or_default();
        orders.entry(number).or_insert(order);
    }
    let mut orders: Vec<Vec<_>> =
        algorithms.into_values().map(|orders| orders.into_values().collect()).collect();
    orders.sort_by_key(|orders| orders.first().map(|order| order.created_ms));
    Ok((orders, times))
}

/// Time of a restart of the host: after the last event that was recorded before the first file of the new process.
fn restart(start: &str, times: &[i64]) -> Option<i64> {
    let start_ms = civil_ms(start)?;
    times.iter().copied().filter(|time_ms| *time_ms < start_ms).max().map(|last| last + 1)
}

/// `YYYYMMDDTHHMMSS` in milliseconds since the Unix epoch.
fn civil_ms(text: &str) -> Option<i64> {
    let time = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok()?;
    Some(time.and_utc().timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_file_names_are_times_of_the_calendar() {
        assert_eq!(civil_ms("19700101T000000"), Some(0));
        assert_eq!(civil_ms("20240229T123456"), Some(1_709_210_096_000));
        assert_eq!(civil_ms("nonsense"), None);
    }
}
