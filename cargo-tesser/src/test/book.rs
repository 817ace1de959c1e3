//! The orders of a run, as an exchange would know them. In: the calls. Out: sums, and what must never be: more at work
//! than the target, an order of another symbol or side, a quantity that is none.

use rust_decimal::Decimal;
use tesser_wasm::{PluginChildOrderAction, PluginSide, PluginTimeInForce};

use super::settings::Settings;
use crate::replay::{Call, Step};

/// An order with something left to fill.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) number: u64,
    pub(super) price: Option<Decimal>,
    pub(super) rest: Decimal,
    pub(super) quantity: Decimal,
    expires: bool,
}

/// Sums of one run, in base currency.
#[derive(Clone, Debug)]
pub(super) struct Book {
    symbol: String,
    side: PluginSide,
    target: Decimal,
    pub(super) open: Vec<Open>,
    pub(super) orders: u64,
    pub(super) placed: Decimal,
    pub(super) filled: Decimal,
    expired: Decimal,
    seen: usize,
    /// What must never be.
    pub(super) wrong: Vec<String>,
}

impl Book {
    pub(super) fn new(settings: &Settings, target: Decimal) -> Self {
        Self {
            symbol: settings.symbol.clone(),
            side: settings.side,
            target,
            open: Vec::new(),
            orders: 0,
            placed: Decimal::ZERO,
            filled: Decimal::ZERO,
            expired: Decimal::ZERO,
            seen: 0,
            wrong: Vec::new(),
        }
    }

    /// What happened on the exchange, before the plugin hears of it.
    pub(super) fn before(&mut self, step: &Step) {
        match step {
            Step::Fill { order, quantity, .. } => {
                self.filled = self.filled.saturating_add(*quantity);
                for open in self.open.iter_mut().filter(|open| open.number == *order) {
                    open.rest = open.rest.saturating_sub(*quantity).max(Decimal::ZERO);
                }
                self.open.retain(|open| !open.rest.is_zero());
            }
            Step::Expiry => {
                for open in self.open.extract_if(.., |open| open.expires) {
                    self.expired = self.expired.saturating_add(open.rest);
                }
            }
            Step::Tick { .. } | Step::Timer => {}
        }
    }

    /// What the plugin ordered in the calls that are new.
    pub(super) fn after(&mut self, calls: &[Call]) {
        for (index, call) in calls.iter().enumerate().skip(self.seen) {
            for action in &call.orders {
                self.take(action, index, call.name);
            }
        }
        self.seen = calls.len();
    }

    fn take(&mut self, action: &PluginChildOrderAction, index: usize, name: &str) {
        let (symbol, side, quantity) = match action {
            PluginChildOrderAction::Place(order) => {
                (&order.symbol, order.side, Some(order.quantity))
            }
            PluginChildOrderAction::Amend(update) => {
                (&update.symbol, update.side, update.new_quantity)
            }
        };
        if *symbol != self.symbol || side != self.side {
            self.wrong.push(format!("call {index}, {name}: an order to {side} {symbol}"));
        }
        if let Some(quantity) = quantity.filter(|quantity| *quantity <= Decimal::ZERO) {
            self.wrong.push(format!("call {index}, {name}: an order of {quantity}"));
            return;
        }
        match action {
            PluginChildOrderAction::Place(order) => {
                self.orders += 1;
                let tif = order.time_in_force;
                self.open.push(Open {
                    number: self.orders,
                    price: order.price,
                    rest: order.quantity,
                    quantity: order.quantity,
                    expires: matches!(tif, Some(PluginTimeInForce::Ioc | PluginTimeInForce::Fok)),
                });
                self.add(order.quantity, index, name);
            }
            PluginChildOrderAction::Amend(update) => {
                let is_meant =
                    |open: &&mut Open| update.order_id == format!("order-{}", open.number);
                let Some(open) = self.open.iter_mut().find(is_meant) else { return };
                open.price = update.new_price.or(open.price);
                let Some(quantity) = update.new_quantity else { return };
                let more = quantity.saturating_sub(open.quantity);
                open.quantity = quantity;
                open.rest = open.rest.saturating_add(more).max(Decimal::ZERO);
                self.add(more, index, name);
            }
        }
    }

    fn add(&mut self, quantity: Decimal, index: usize, name: &str) {
        self.placed = self.placed.saturating_add(quantity);
        let at_work = self.placed.saturating_sub(self.expired);
        if at_work > self.target {
            let target = self.target;
            self.wrong.push(format!(
                "call {index}, {name}: {at_work} placed, more than the target of {target}"
            ));
        }
    }

    /// One line: what came of the target.
    pub(super) fn line(&self) -> String {
        let Self { target, orders, placed, filled, expired, .. } = self;
        let expired =
            if expired.is_zero() { String::new() } else { format!(", {expired} expired") };
        let verdict = if self.wrong.is_empty() { "conserved" } else { "not conserved" };
        format!(
            "target {target}, placed {placed} in {orders} orders, filled {filled}{expired}: {verdict}"
        )
    }
}
