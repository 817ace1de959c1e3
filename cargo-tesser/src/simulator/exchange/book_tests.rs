//! Orders against an order book.

use rust_decimal::Decimal;
use tesser_wasm::{PluginSide, PluginTimeInForce};

use super::tests::{amendment, exchange, happens, immediate, instant, order, rows, sale, sold};
use super::*;
use crate::simulator::order_book::{BookChange, Level, Levels};

fn levels(text: &str) -> Vec<Level> {
    let level = |level: &str| {
        let (price, quantity) = level.split_once('x').unwrap();
        (price.parse().unwrap(), quantity.parse().unwrap())
    };
    text.split_whitespace().map(level).collect()
}

fn snapshot(bids: &str, asks: &str) -> BookChange {
    BookChange::Snapshot(Levels { bids: levels(bids), asks: levels(asks) })
}

fn update(bids: &str, asks: &str) -> BookChange {
    BookChange::Update(Levels { bids: levels(bids), asks: levels(asks) })
}

/// Processes the requests that arrive before a change of the order book, then the change.
fn changes(exchange: &mut Exchange, time_ms: i64, change: &BookChange) {
    while exchange.next_arrival_ms() < time_ms {
        exchange.arrive(exchange.next_arrival_ms());
    }
    exchange.book("S", change, time_ms);
}

/// 5 and 7 are bid at 99 and 98, 4 and 6 asked at 101 and 102; then these orders are sent at 1 ms.
fn with(model: ExchangeModel, orders: impl IntoIterator<Item = OrderRequest>) -> Exchange {
    let mut exchange = exchange(model);
    changes(&mut exchange, 0, &snapshot("99x5 98x7", "101x4 102x6"));
    for order in orders {
        exchange.place(order, 1).unwrap();
    }
    exchange
}

#[test]
fn takers_walk_the_order_book_and_share_its_quantity() {
    let ioc = immediate(PluginTimeInForce::Ioc, order(9, Some(101)));
    let fok = |limit| immediate(PluginTimeInForce::Fok, order(5, Some(limit)));
    let mut exchange =
        with(instant(), [order(3, None), ioc, fok(102), fok(102), sale(order(6, None))]);
    changes(&mut exchange, 2, &update("", ""));
    let expected = ["1 101 3 @1 t", "2 101 1 @1 t", "3 102 5 @1 t", "5 99 5 @1 t", "5 98 1 @1 t"];
    assert_eq!(rows(&exchange), expected);
    assert_eq!(exchange.orders()[3].state, OrderStatus::Expired, "1 is left, and it wants 5");
    assert_eq!(exchange.expired(), (8 + 5).into());
}

#[test]
fn a_marketable_limit_takes_up_to_its_price_and_rests_with_the_remaining_quantity() {
    let mut exchange = with(instant(), [order(6, Some(101))]);
    // The order book of the tape still has what was taken.
    changes(&mut exchange, 2, &update("99x6", ""));
    assert_eq!(rows(&exchange), ["1 101 4 @1 t"]);
    happens(&mut exchange, &sold(3, "101", "1"));
    assert_eq!(rows(&exchange)[1..], ["1 101 1 @3 m"], "it is the first there");
}

#[test]
fn a_market_order_larger_than_the_order_book_takes_later_levels() {
    let mut exchange = with(instant(), [order(12, None)]);
    changes(&mut exchange, 2, &update("", ""));
    assert_eq!(rows(&exchange), ["1 101 4 @1 t", "1 102 6 @1 t"]);
    changes(&mut exchange, 9, &update("", "103x1"));
    assert_eq!(rows(&exchange)[2..], ["1 103 1 @9 t"]);
}

#[test]
fn an_order_queues_behind_the_quantity_of_its_level() {
    let mut exchange = with(instant(), [order(2, Some(99))]);
    changes(&mut exchange, 2, &update("", ""));
    happens(&mut exchange, &sold(3, "99", "4"));
    assert!(rows(&exchange).is_empty());
    // The level shrinks by the trade, and new orders join it.
    changes(&mut exchange, 3, &update("99x8", ""));
    happens(&mut exchange, &sold(4, "99", "2"));
    assert_eq!(rows(&exchange), ["1 99 1 @4 m"]);
}

#[test]
fn the_queue_model_decides_which_part_of_a_cancelled_quantity_was_ahead() {
    let ahead = |queue_model: &str| {
        let model = ExchangeModel { queue_model: queue_model.parse().unwrap(), ..instant() };
        let mut exchange = with(model, [order(2, Some(98))]);
        // 3 come behind the 7 that were there, and then 5 are cancelled.
        changes(&mut exchange, 2, &update("98x10", ""));
        changes(&mut exchange, 3, &update("98x5", ""));
        exchange.working[0].queue.ahead().to_string()
    };
    assert_eq!(ahead("risk-averse"), "5");
    assert_eq!(ahead("power-prob:1"), "3.5");
}

#[test]
fn an_order_fills_completely_when_the_other_side_reaches_its_price() {
    let mut exchange = with(instant(), [order(2, Some(98)), sale(order(2, Some(102)))]);
    changes(&mut exchange, 2, &update("", "99x1"));
    assert!(rows(&exchange).is_empty());
    changes(&mut exchange, 5, &update("99x0", "98x1"));
    assert_eq!(rows(&exchange), ["1 98 2 @5 m"]);
}

#[test]
fn an_amended_order_queues_behind_its_new_level() {
    let mut exchange = with(instant(), [order(1, Some(99))]);
    changes(&mut exchange, 2, &update("", ""));
    exchange.amend(&amendment("order-1", Some(98), None), 2).unwrap();
    happens(&mut exchange, &sold(4, "98", "7"));
    assert!(rows(&exchange).is_empty());
    happens(&mut exchange, &sold(5, "98", "1"));
    assert_eq!(rows(&exchange), ["1 98 1 @5 m"]);
}

#[test]
fn without_a_known_order_book_the_market_is_derived_from_trades() {
    let mut exchange = with(instant(), []);
    changes(&mut exchange, 2, &BookChange::Clear);
    happens(&mut exchange, &sold(3, "90", "1"));
    exchange.place(order(20, None), 4).unwrap();
    happens(&mut exchange, &sold(5, "90", "1"));
    assert_eq!(rows(&exchange), ["1 90 20 @4 t"]);
    assert_eq!(exchange.quote("S", PluginSide::Buy), Some(Decimal::from(90)));
}

#[test]
fn orders_get_their_share_of_the_order_book() {
    let participation = Some(Decimal::new(5, 1));
    let mut exchange = with(ExchangeModel { participation, ..instant() }, [order(9, Some(102))]);
    changes(&mut exchange, 2, &update("", ""));
    assert_eq!(rows(&exchange), ["1 101 4 @1 t", "1 102 1 @1 t"]);
}
