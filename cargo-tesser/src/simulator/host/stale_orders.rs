//! The stale-order monitor: cancels orders without a fill for too long, without notifying the plugin.
//!
//! In: orders and amendments that were sent, fills, and the time. Out: cancels at the exchange.

use super::Host;
use crate::simulator::order::OrderStatus;
use crate::simulator::step::{Observer, Step};
use crate::simulator::symbol::Symbol;

/// An order that the stale-order monitor watches.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) order_id: String,
    pub(super) symbol: Symbol,
    pub(super) since_ms: i64,
}

impl<O: Observer> Host<O> {
    /// Whether there is an order that may become stale.
    pub(crate) fn watches_orders(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Checks for stale orders, and cancels them.
    pub(crate) fn poll_stale(&mut self) {
        if self.down() {
            return;
        }
        let due = self.now_ms.saturating_sub(self.settings.stale_after_ms);
        let stale: Vec<_> =
            self.pending.extract_if(.., |pending| pending.since_ms <= due).collect();
        for Pending { order_id, symbol, .. } in stale {
            let external = self.external_id(&order_id);
            let venue = self.router.is_some().then(|| symbol.venue()).flatten();
            let is_open = self.exchange.has_open(&external, symbol.code(), venue);
            let status = if is_open {
                self.observer.step(&Step::Cancel { order_id: &external, symbol: &symbol, venue });
                // The host ignores whether that worked.
                self.exchange.cancel(&external, self.now_ms).ok();
                OrderStatus::Canceled
            } else {
                OrderStatus::Rejected
            };
            self.mapping.remove(&order_id);
            self.observer.step(&Step::Stale { order_id: &order_id, status });
        }
    }

    /// Watches an order, or restarts its timeout.
    pub(super) fn watch(&mut self, order_id: &str, symbol: &Symbol) {
        let since_ms = self.now_ms;
        match self.pending.iter_mut().find(|pending| pending.order_id == order_id) {
            Some(pending) => pending.since_ms = since_ms,
            None => self.pending.push(Pending {
                order_id: order_id.to_owned(),
                symbol: symbol.clone(),
                since_ms,
            }),
        }
    }
}
