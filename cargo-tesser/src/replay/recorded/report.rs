//! Compares a recorded session with its replay. In: both. Out: differences, a table, a JSON document.

use std::fmt::Write as _;

use rust_decimal::Decimal;
use serde_json::json;
use tesser_wasm::PluginSide;

use super::recording::{RecordedOrder, number_of};
use crate::report::{counted, visible};
use crate::simulator::RunSummary;
use crate::simulator::order_records::Order;

/// The result of replaying a recorded session.
pub struct SessionReport {
    pub(super) signals: Vec<SignalReport>,
}

/// One signal of it.
pub(super) struct SignalReport {
    pub(super) id: String,
    pub(super) symbol: String,
    pub(super) target: Decimal,
    pub(super) recorded: usize,
    pub(super) summary: RunSummary,
    pub(super) differences: Vec<String>,
}

/// The order number in a client id of the host.
pub(super) fn client_number(order: &Order) -> Option<u64> {
    number_of(order.request.client_order_id.as_deref()?).map(|(_, number)| number)
}

/// Compares recorded orders with those of the replay; returns a line for each difference.
pub(super) fn compare(then: &[RecordedOrder], now: &[Order]) -> Vec<String> {
    let mut differences = Vec::new();
    let shown = |side: PluginSide, kind: &str, quantity: Decimal, price: Option<Decimal>| {
        let price = price.map_or(String::new(), |price| format!(" at {}", price.normalize()));
        format!("{kind} {side} {}{price}", quantity.normalize())
    };
    for order in then {
        let was = shown(order.side, &order.kind, order.quantity, order.price);
        let found = now.iter().find(|now| client_number(now) == Some(order.number));
        let Some(found) = found else {
            differences.push(format!("order {}: recorded {was}, now none", order.number));
            continue;
        };
        let request = &found.request;
        let is =
            shown(found.side, &request.order_type.to_string(), request.quantity, request.price);
        if was != is {
            differences.push(format!("order {}: recorded {was}, now {is}", order.number));
        }
        if order.created_ms / 1_000 != found.time_ms / 1_000
            && (order.created_ms - found.time_ms).abs() > 1_000
        {
            differences.push(format!(
                "order {}: recorded at {} ms, now at {} ms",
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
            differences.push(format!("order {number}: none recorded, now {is}"));
        }
    }
    differences
}

impl SessionReport {
    /// Whether the orders of all signals are the recorded ones, without errors.
    pub fn ok(&self) -> bool {
        self.signals
            .iter()
            .all(|signal| signal.differences.is_empty() && signal.summary.violations().is_empty())
    }

    /// The result as a table for people.
    pub fn table(&self) -> String {
        let mut text = String::new();
        for signal in &self.signals {
            let placed = signal.summary.rows.len();
            let _ = writeln!(
                text,
                "signal {} over {} {}: {} recorded, {placed} now, {}",
                visible(&signal.id),
                signal.target.normalize(),
                visible(&signal.symbol),
                counted(signal.recorded, "order"),
                super::super::show::ending(&signal.summary.ending),
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
        let _ = writeln!(text, "signals with the same orders as recorded: {same} of {all}");
        text
    }

    /// The result as a JSON document.
    pub fn json(&self) -> String {
        let signal = |signal: &SignalReport| {
            json!({
                "id": signal.id,
                "symbol": signal.symbol,
                "orders_then": signal.recorded,
                "differences": signal.differences,
                "ledger": super::super::show::document(&signal.summary),
            })
        };
        let signals: Vec<_> = self.signals.iter().map(signal).collect();
        format!("{:#}\n", json!({ "schema": 1, "ok": self.ok(), "signals": signals }))
    }
}
