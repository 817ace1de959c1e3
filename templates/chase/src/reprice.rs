//! The rule for amending: which open orders follow the price.
//!
//! In: the open orders and the last price. Out: the ids of orders to amend. It counts nothing.

use rust_decimal::Decimal;

use crate::orders::{Order, plus};

/// Gives `price` to all orders whose price is more than `bps` basis points away from it, and
/// answers their ids. Only an order whose id is known can be amended.
pub fn reprice(orders: &mut [Order], price: Decimal, bps: Decimal) -> Vec<String> {
    let mut ids = Vec::new();
    for order in orders {
        let away = plus(price, -order.price).abs() * Decimal::from(10_000) > order.price * bps;
        if let (Some(id), true) = (&order.id, away) {
            ids.push(id.clone());
            order.price = price;
        }
    }
    ids
}
