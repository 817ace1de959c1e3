//! A recorded session beside what is ordered now. In: both. Out: differences, a table, a document.

use std::fmt::Write as _;

use rust_decimal::Decimal;
use serde_json::json;
use tesser_wasm::PluginSide;

use super::recording::{RecordedOrder, number_of};
use crate::report::{counted, visible};
use crate::simulator::RunSummary;
use crate::simulator::order_records::Order;

/// What came of a recorded session.
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

/// The number in the client id that the host gave an order.
pub(super) fn client_number(order: &Order) -> Option<u64> {
    number_of(order.request.client_order_id.as_deref()?).map(|(_, number)| number)
}

/// Order by order: what was ordered then, and what is ordered now.
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
                "ledger": super::super::show::document(&signal.summary),
            })
        };
        let signals: Vec<_> = self.signals.iter().map(signal).collect();
        format!("{:#}\n", json!({ "schema": 1, "ok": self.ok(), "signals": signals }))
    }
}
