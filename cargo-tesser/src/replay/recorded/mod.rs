//! `replay --session DIR`: replays a session that the host recorded, with another build of the plugin.
//!
//! In: a component and the recorder's folder. Out: for each signal of the plugin, whether its orders are the recorded ones.
//! Signals, fills and restarts come from the recording; timers come every second, in phase with the recorded orders. Orders
//! are matched by the number in their client id: a recorded fill goes to the order with the same number.

mod recording;
mod report;

use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use rust_decimal::Decimal;

use recording::{RecordedFill, RecordedOrder, Recording};
pub use report::SessionReport;
use report::{SignalReport, client_number, compare};

use super::{Error, Options, RunSummary, load};
use crate::shell::Shell;
use crate::simulator::ExchangeModel;
use crate::simulator::exchange::{OrderRef, ScriptedFill};
use crate::simulator::guest::Program;
use crate::simulator::session::Session;
use crate::simulator::signal::Signal;
use crate::simulator::tape::Event;

/// How long a run continues after the last recorded event.
const TAIL_MS: i64 = 5_000;

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
        recording.signals.iter().filter(|(_, signal)| is_named(&signal.plugin, &name)).collect();
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

/// Whether a hint names a file. The host appends `.wasm` only to a name without an extension.
fn is_named(hint: &str, file: &str) -> bool {
    hint == file || hint.strip_suffix(".wasm") == Some(file)
}

impl Recording {
    /// Replays one signal, from its emission to its last fill.
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
                None => session.restart_on_request(),
                Some(fill) => {
                    if !deliver(&mut session, fill, orders) {
                        differences.push(format!(
                            "{time_ms} ms: order `{}` was filled in the recording and is not placed now",
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

/// Delivers a recorded fill to the order with the same number; returns whether there is one.
fn deliver(
    session: &mut Session<RunSummary>,
    fill: &RecordedFill,
    orders: &[RecordedOrder],
) -> bool {
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
    session.event(&Event::Fill(Box::new(script)));
    true
}
