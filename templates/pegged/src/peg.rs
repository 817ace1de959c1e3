//! What orders are pegged to, and which of them have been left behind.
//!
//! In: ticks and open orders. Out: the reference price, and the ids of orders to amend. It counts nothing.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tesser_wasm::PluginSide;

use crate::orders::{LIMIT, Order};

/// There is no book; what takers traded at is the best that is known of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// The last trade.
    #[default]
    Last,
    /// The own side's best known price: for a buy, what a taker last sold at.
    Near,
    /// The other side's best known price: for a buy, what a taker last bought at.
    Far,
}

/// The last prices of both kinds of takers; zero before the first. A restart needs them.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Takers {
    #[serde(with = "tesser_wasm::decimal")]
    bought: Decimal,
    #[serde(with = "tesser_wasm::decimal")]
    sold: Decimal,
}

impl Takers {
    pub fn take(&mut self, taker: PluginSide, price: Decimal) {
        match taker {
            PluginSide::Buy => self.bought = price,
            PluginSide::Sell => self.sold = price,
        }
    }

    /// Refuses numbers that `take` cannot have left behind.
    pub fn check(&self) -> Result<(), String> {
        let limits = Decimal::ZERO..=Decimal::from(LIMIT);
        if !limits.contains(&self.bought) || !limits.contains(&self.sold) {
            return Err("malformed state: `bought` or `sold` is out of range".to_owned());
        }
        Ok(())
    }

    /// The price of the reference; `None` while nobody traded at it.
    pub fn price(&self, reference: Reference, side: PluginSide) -> Option<Decimal> {
        let price = match (reference, side) {
            (Reference::Last, _) => return None,
            (Reference::Near, PluginSide::Buy) | (Reference::Far, PluginSide::Sell) => self.sold,
            (Reference::Far, PluginSide::Buy) | (Reference::Near, PluginSide::Sell) => self.bought,
        };
        (!price.is_zero()).then_some(price)
    }
}

/// Whether `price` is further from the order's price than `bps` basis points of that.
pub fn is_left_behind(order: &Order, price: Decimal, bps: Decimal) -> bool {
    (price - order.price).abs() * Decimal::from(10_000) > order.price * bps
}

/// Gives `price` to all orders that are left behind and can be amended, and answers their ids. Only
/// an order whose id is known can.
pub fn requote(orders: &mut [Order], price: Decimal, bps: Decimal) -> Vec<String> {
    let mut ids = Vec::new();
    for order in orders {
        if let (Some(id), true) = (&order.id, is_left_behind(order, price, bps)) {
            ids.push(id.clone());
            order.price = price;
        }
    }
    ids
}
