//! Tests of the algorithm's idea; `safety_tests!` adds those that every algorithm should pass.

use rust_decimal::Decimal;
use serde_json::json;
use tesser_wasm::exec::testing::{Host, Setup};
use tesser_wasm::{PluginOrderType, safety_tests};

use super::Arrival;

safety_tests!(
    Arrival,
    json!({ "venue": "bybit_linear", "duration_secs": 300 }),
    states = [include_str!("tests/state-1.json")],
    readme
);

fn host(urgency: &str) -> Host<Arrival> {
    let params = json!({
        "venue": "v", "urgency": urgency, "duration_secs": 100, "randomize_percent": 0,
    });
    Setup::new(params).start()
}

/// Share of the target that is placed in the first half when everything is filled at once.
fn placed_in_the_first_half(urgency: &str) -> Decimal {
    let mut host = host(urgency);
    for _ in 0..50 {
        let before = host.placed().len();
        host.timer();
        for index in before..host.placed().len() {
            let quantity = host.placed()[index].quantity.to_string();
            host.fill(index, &quantity);
        }
    }
    host.placed_quantity()
}

#[test]
fn urgency_puts_more_at_the_front() {
    assert_eq!(placed_in_the_first_half("low"), Decimal::new(5, 1));
    assert_eq!(placed_in_the_first_half("medium"), Decimal::new(75, 2));
    assert_eq!(placed_in_the_first_half("high"), Decimal::new(875, 3));
}

#[test]
fn orders_are_passive_until_they_fall_behind() {
    let mut host = host("medium");
    host.timers(80);
    assert!(
        host.placed()
            .iter()
            .all(|order| order.order_type == PluginOrderType::Limit)
    );
    // The host has cancelled the first ones.
    host.timers(19);
    assert_eq!(
        host.placed().last().unwrap().order_type,
        PluginOrderType::Market
    );
}

#[test]
fn a_partly_filled_order_crosses_when_filling_is_behind() {
    let mut host = host("high");
    host.timer();
    host.fill(0, "0.01");
    for _ in 0..70 {
        host.tick("40010");
        host.timer();
    }
    let amended = &host.amended()[0];
    assert_eq!(amended.order_id, "order-0");
    assert!(amended.new_price > host.placed()[0].price);
}

#[test]
fn the_rest_is_taken_at_the_end() {
    let mut host = host("low");
    host.timers(300);
    assert_eq!(
        host.placed().last().unwrap().order_type,
        PluginOrderType::Market
    );
}
