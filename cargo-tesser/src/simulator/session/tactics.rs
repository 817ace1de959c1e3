//! The cost of order types on markets with a known spread: a sweep of parameters must rank them correctly.

use std::cell::Cell;
use std::rc::Rc;

use serde_json::json;

use super::tests::{SYMBOL, signalled, world};
use super::*;
use crate::simulator::exchange_model::Spread;
use crate::simulator::fake::{Fake, Seen};
use crate::simulator::guest::Export;

/// Half a spread, in basis points of a price of 100.
const HALF_BPS: Decimal = Decimal::TWO;

/// The order that each timer sends.
#[derive(Clone, Copy, Debug)]
enum Tactic {
    Market,
    /// An `ioc` 20 bps through the mid price.
    Ioc,
    /// A plain limit 20 bps through the mid price.
    Crossing,
    /// A limit at the best price of its own side.
    Passive,
}

fn cents(cents: i64) -> Decimal {
    Decimal::new(cents, 2)
}

/// Trades on both sides of a random-walk mid price, 20 a second. The number is the seed.
fn tape(number: u64) -> Vec<(Decimal, Trade)> {
    let mut random = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    let mut middle = 10_000;
    let trade = |at: i64| {
        middle += match next(40) {
            0 => 1,
            1 => -1,
            _ => 0,
        };
        let (side, price) = match next(2) {
            0 => (PluginSide::Buy, middle + 2),
            _ => (PluginSide::Sell, middle - 2),
        };
        let (price, quantity) = (cents(price), Decimal::ONE);
        let trade = Trade { symbol: None, price, quantity, time_ms: at * 50, side };
        (cents(middle), trade)
    };
    (0..1_200).map(trade).collect()
}

/// Mean cost of the fills in basis points of the mid price when their orders were sent.
fn cost(tactic: Tactic, side: PluginSide, spread: Spread, number: u64) -> Decimal {
    let middle = Rc::new(Cell::new(cents(10_000)));
    let seen = Rc::clone(&middle);
    let plugin = Fake::program(move |export, _| {
        let sign = Decimal::from(side.as_multiplier());
        let (kind, force, offset) = match tactic {
            Tactic::Market => ("market", None, None),
            Tactic::Ioc => ("limit", Some("ioc"), Some(cents(20))),
            Tactic::Crossing => ("limit", None, Some(cents(20))),
            Tactic::Passive => ("limit", None, Some(cents(-2))),
        };
        let price = offset.map(|offset| (seen.get() + sign * offset).to_string());
        let order = json!({ "action": { "Place": {
            "symbol": SYMBOL, "side": side, "order_type": kind, "time_in_force": force,
            "quantity": "0.01", "price": price,
        } } });
        Ok(match export {
            Export::OnTimer => json!({ "orders": [order] }).to_string(),
            Export::Snapshot => "null".into(),
            _ => "{}".into(),
        })
    });
    let model = ExchangeModel { spread, ..ExchangeModel::default() };
    let mut session: Session<Seen> = signalled(world(), model, plugin, Some(Decimal::ONE));
    let tape = tape(number);
    for (_, trade) in &tape {
        session.look_ahead(trade);
    }
    let mut middles = Vec::new();
    for (now, trade) in &tape {
        // Known when the timers before this trade come.
        middles.push((trade.time_ms, middle.get()));
        session.trade(trade);
        middle.set(*now);
    }
    let orders = session.host.exchange.orders();
    let fills = session.host.exchange.fills();
    assert!(fills.len() > 20, "{tactic:?}: {} fills", fills.len());
    let sum: Decimal = fills
        .iter()
        .map(|fill| {
            let order = &orders[usize::try_from(fill.order - 1).unwrap()];
            let (_, sent_at) =
                middles.iter().find(|(time_ms, _)| *time_ms >= order.time_ms).unwrap();
            let more = (fill.price - sent_at) * Decimal::from(side.as_multiplier());
            more * fill.quantity / sent_at
        })
        .sum();
    let filled: Decimal = fills.iter().map(|fill| fill.quantity).sum();
    sum / filled * Decimal::from(10_000)
}

/// Mean cost over tapes and both sides.
fn mean(tactic: Tactic, spread: Spread) -> Decimal {
    let runs = (1..=5).flat_map(|number| {
        [PluginSide::Buy, PluginSide::Sell].map(|side| cost(tactic, side, spread, number))
    });
    runs.sum::<Decimal>() / Decimal::TEN
}

#[test]
fn order_types_are_ranked_by_their_true_cost() {
    for spread in [Spread::Estimated, Spread::Half(HALF_BPS)] {
        let [market, ioc, crossing, passive] =
            [Tactic::Market, Tactic::Ioc, Tactic::Crossing, Tactic::Passive]
                .map(|tactic| mean(tactic, spread));
        assert!((market - HALF_BPS).abs() < Decimal::new(2, 1), "market orders cost {market} bps");
        // However far the limit is through the market, the order gets the better price.
        assert!(ioc <= market + Decimal::new(1, 2), "{ioc} bps by ioc, {market} bps by market");
        assert!((crossing - market).abs() < Decimal::new(2, 1), "{crossing} bps by crossing");
        assert!(passive < -Decimal::ONE, "who waits at the best price earns: {passive} bps");
    }
}
