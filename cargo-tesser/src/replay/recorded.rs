//! `replay --session DIR`: a session that the host recorded, with another build of the plugin in its place.
//!
//! In: a component and the recorder's folder. Out: for each signal of the plugin whether it orders what was ordered then.
//! Signals, fills and restarts are the recording's; timers come each second in the phase of the recorded orders. An order
//! of the run stands for the recorded one with the same number in its client id, so the recorded fills of that reach it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use tesser_wasm::PluginSide;

use super::{Error, Options, RunSummary, load};
use crate::report::{counted, visible};
use crate::shell::Shell;
use crate::simulator::exchange::{OrderRef, ScriptedFill};
use crate::simulator::exchange_model::ExchangeModel;
use crate::simulator::guest::Program;
use crate::simulator::order_records::Order;
use crate::simulator::session::Session;
use crate::simulator::signal::{Signal, SignalKind};
use crate::simulator::symbol::Symbol;
use crate::simulator::tape::recorder::{Record, files, records, starts};

/// Time after the last recorded thing in which the run may still order something.
const TAIL_MS: i64 = 5_000;

/// What came of a recorded session.
pub struct SessionReport {
    signals: Vec<SignalReport>,
}

/// One signal of it.
struct SignalReport {
    id: String,
    symbol: String,
    target: Decimal,
    recorded: usize,
    summary: RunSummary,
    differences: Vec<String>,
}

/// A recorded order of an algorithm.
#[derive(Clone, Debug)]
struct RecordedOrder {
    id: String,
    /// Of its client id.
    number: u64,
    side: PluginSide,
    kind: String,
    quantity: Decimal,
    price: Option<Decimal>,
    created_ms: i64,
}

struct RecordedFill {
    order_id: String,
    price: Decimal,
    quantity: Decimal,
    fee: Option<Decimal>,
    time_ms: i64,
}

/// All that was recorded.
struct Recording {
    signals: Vec<(i64, Signal)>,
    /// By algorithm, in the order of their first orders.
    orders: Vec<Vec<RecordedOrder>>,
    fills: Vec<RecordedFill>,
    restarts: Vec<i64>,
}

/// Runs the plugin over each recorded signal that names it.
///
/// # Errors
/// The plugin does not load, or the recording cannot be read.
pub fn replay_session(options: &Options, dir: &Path, shell: Shell) -> Result<SessionReport, Error> {
    let _progress = shell.progress("Replaying", dir.display());
    let loaded = load(&options.plugin)?;
    let name = options.plugin.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let recording = Recording::read(dir, &options.world.symbol)?;
    let own: Vec<_> =
        recording.signals.iter().filter(|(_, signal)| is_called(&signal.plugin, &name)).collect();
    if own.is_empty() {
        let mut names: Vec<_> =
            recording.signals.iter().map(|(_, signal)| format!("`{}`", signal.plugin)).collect();
        names.sort();
        names.dedup();
        let names = if names.is_empty() { "no plugin".into() } else { names.join(", ") };
        return Err(Error::NoSignal { dir: dir.to_owned(), name, names });
    }
    let mut signals = Vec::new();
    for (at, (time_ms, signal)) in own.iter().enumerate() {
        let orders = recording.orders.get(at).cloned().unwrap_or_default();
        let program: Rc<dyn Program> = Rc::new(Arc::clone(&loaded.compiled));
        let mut report = recording.run(options, *time_ms, signal, &orders, program);
        report.summary.sha256.clone_from(&loaded.sha256);
        signals.push(report);
    }
    Ok(SessionReport { signals })
}

/// The host appends `.wasm` only to a name without an ending.
fn is_called(hint: &str, file: &str) -> bool {
    hint == file || hint.strip_suffix(".wasm") == Some(file)
}

impl Recording {
    fn read(dir: &Path, symbol: &str) -> Result<Self, Error> {
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

    /// One signal from its emission to its last fill.
    fn run(
        &self,
        options: &Options,
        start_ms: i64,
        signal: &Signal,
        orders: &[RecordedOrder],
        program: Rc<dyn Program>,
    ) -> SignalReport {
        let target = signal.quantity.unwrap_or(options.quantity);
        let mut world = options.world.clone();
        world.symbol = signal.symbol.to_string();
        let first_ms = orders.first().map_or(start_ms, |order| order.created_ms);
        let period = world.rules.timer_ms.max(1);
        world.timer_phase_ms = (first_ms - start_ms).rem_euclid(period);
        let price = orders.iter().find_map(|order| order.price).unwrap_or(Decimal::ONE);
        let summary = RunSummary::new(&signal.symbol, signal.kind.side(), target).in_world(&world);
        let model = ExchangeModel::instant();
        let mut session = Session::new(world, model, summary, start_ms, price);
        session.host.plugins.install(&signal.plugin, Ok(program), false);
        session.signal(signal);
        let ids: Vec<_> = orders.iter().map(|order| order.id.as_str()).collect();
        let fills = self.fills.iter().filter(|fill| ids.contains(&fill.order_id.as_str()));
        let mut events: Vec<_> = fills.map(|fill| (fill.time_ms, Some(fill))).collect();
        events.extend(self.restarts.iter().map(|time_ms| (*time_ms, None)));
        events.retain(|(time_ms, _)| *time_ms >= start_ms);
        events.sort_by_key(|(time_ms, _)| *time_ms);
        let mut differences = Vec::new();
        let last_ms = events.last().map_or(first_ms, |(time_ms, _)| *time_ms);
        let last_ms = orders.last().map_or(last_ms, |order| last_ms.max(order.created_ms));
        for (time_ms, fill) in events {
            session.advance(time_ms);
            match fill {
                None => session.restarts(),
                Some(fill) => {
                    if !told(&mut session, fill, orders) {
                        differences.push(format!(
                            "{time_ms} ms: order `{}` was filled then, and is not placed now",
                            fill.order_id
                        ));
                    }
                }
            }
        }
        session.advance(last_ms.saturating_add(TAIL_MS));
        let summary = session.finish(false);
        differences.extend(compare(orders, &summary.rows));
        SignalReport {
            id: signal.id.clone(),
            symbol: signal.symbol.to_string(),
            target,
            recorded: orders.len(),
            summary,
            differences,
        }
    }
}

/// Tells a recorded fill, as one of the order with the same number.
fn told(session: &mut Session<RunSummary>, fill: &RecordedFill, orders: &[RecordedOrder]) -> bool {
    let recorded = orders.iter().find(|order| order.id == fill.order_id);
    let number = recorded.map(|order| order.number);
    let mut now = session.host.exchange.orders().iter();
    let Some(order) = now.find(|order| number.is_some() && client_number(order) == number) else {
        return false;
    };
    let script = ScriptedFill {
        order: OrderRef::Number(order.number),
        price: fill.price,
        quantity: fill.quantity,
        fee: fill.fee,
        fee_asset: None,
        time_ms: fill.time_ms,
    };
    session.event(&crate::simulator::tape::Event::Fill(Box::new(script)));
    true
}

/// The number in the client id that the host gave an order.
fn client_number(order: &Order) -> Option<u64> {
    number_of(order.request.client_order_id.as_deref()?).map(|(_, number)| number)
}

fn number_of(client_id: &str) -> Option<(&str, u64)> {
    let (algorithm, number) = client_id.strip_prefix("plugin-")?.rsplit_once('-')?;
    Some((algorithm, number.parse().ok()?))
}

/// Order by order: what was ordered then, and what is ordered now.
fn compare(then: &[RecordedOrder], now: &[Order]) -> Vec<String> {
    let mut differences = Vec::new();
    let shown = |side: PluginSide, kind: &str, quantity: Decimal, price: Option<Decimal>| {
        let price = price.map_or(String::new(), |price| format!(" at {}", price.normalize()));
        format!("{kind} {side} {}{price}", quantity.normalize())
    };
    for order in then {
        let was = shown(order.side, &order.kind, order.quantity, order.price);
        let found = now.iter().find(|now| client_number(now) == Some(order.number));
        let Some(found) = found else {
            differences.push(format!("order {}: {was} then, nothing now", order.number));
            continue;
        };
        let request = &found.request;
        let is =
            shown(found.side, &request.order_type.to_string(), request.quantity, request.price);
        if was != is {
            differences.push(format!("order {}: {was} then, {is} now", order.number));
        }
        if order.created_ms / 1_000 != found.time_ms / 1_000
            && (order.created_ms - found.time_ms).abs() > 1_000
        {
            differences.push(format!(
                "order {}: at {} ms then, at {} ms now",
                order.number, order.created_ms, found.time_ms
            ));
        }
    }
    for order in now {
        let number = client_number(order);
        if !then.iter().any(|then| Some(then.number) == number) {
            let is = shown(
                order.side,
                &order.kind.to_string(),
                order.request.quantity,
                order.request.price,
            );
            let number = number.map_or_else(|| order.id(), |number| number.to_string());
            differences.push(format!("order {number}: nothing then, {is} now"));
        }
    }
    differences
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

/// A signal with a plugin's hint; others are nobody's business here.
fn signal(row: &Record, session_symbol: &str) -> Result<Option<(i64, Signal)>, Error> {
    let Some(metadata) = row.text("metadata")? else { return Ok(None) };
    let metadata: Value = serde_json::from_str(&metadata)
        .map_err(|error| row.bad(format!("`metadata` is not JSON: {error}")))?;
    let hint = &metadata["execution_hint"];
    let Some(plugin) = hint["name"].as_str().filter(|_| hint["type"] == "plugin") else {
        return Ok(None);
    };
    let kind = row.needed("kind")?;
    let kind =
        SignalKind::of(&kind).ok_or_else(|| row.bad(format!("no kind of signal: `{kind}`")))?;
    // The recorder leaves the venue out.
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

/// Plugins' orders by algorithm, and the times of all. An order has a row for each of its changes; the first is as it was sent.
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

/// When the host restarted: after the last thing that was recorded before the first file of the new start.
fn restart(start: &str, times: &[i64]) -> Option<i64> {
    let start_ms = civil_ms(start)?;
    times.iter().copied().filter(|time_ms| *time_ms < start_ms).max().map(|last| last + 1)
}

/// `YYYYMMDDTHHMMSS` in milliseconds since the Unix epoch.
fn civil_ms(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(9, 11)?, number(11, 13)?, number(13, 15)?);
    // Days from the civil calendar, years beginning in March.
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000)
}

impl SessionReport {
    /// Whether each signal is worked as it was then, and nothing went wrong.
    pub fn ok(&self) -> bool {
        self.signals
            .iter()
            .all(|signal| signal.differences.is_empty() && signal.summary.violations().is_empty())
    }

    /// For people.
    pub fn table(&self) -> String {
        let mut text = String::new();
        for signal in &self.signals {
            let placed = signal.summary.rows.len();
            let _ = writeln!(
                text,
                "signal {} over {} {}: {} then, {placed} now, {}",
                visible(&signal.id),
                signal.target.normalize(),
                visible(&signal.symbol),
                counted(signal.recorded, "order"),
                super::show::ending(&signal.summary.ending),
            );
            for line in &signal.differences {
                let _ = writeln!(text, "  differs  {}", visible(line));
            }
            for line in signal.summary.violations().shown() {
                let _ = writeln!(text, "    error  {line}");
            }
            for frame in &signal.summary.frames {
                let _ = writeln!(text, "           {}", visible(frame));
            }
        }
        let same = self.signals.iter().filter(|signal| signal.differences.is_empty()).count();
        let all = self.signals.len();
        let _ = writeln!(text, "signals that are worked as they were then: {same} of {all}");
        text
    }

    /// One document.
    pub fn json(&self) -> String {
        let signal = |signal: &SignalReport| {
            json!({
                "id": signal.id,
                "symbol": signal.symbol,
                "orders_then": signal.recorded,
                "differences": signal.differences,
                "ledger": super::show::document(&signal.summary),
            })
        };
        let signals: Vec<_> = self.signals.iter().map(signal).collect();
        format!("{:#}\n", json!({ "schema": 1, "ok": self.ok(), "signals": signals }))
    }
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
