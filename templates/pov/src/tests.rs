//! Tests of the algorithm's idea; `safety_tests!` adds those that every algorithm should pass.

use rust_decimal::Decimal;
use serde_json::json;
use tesser_wasm::exec::testing::{Host, Setup};
use tesser_wasm::{PluginSide, safety_tests};

use super::Pov;

safety_tests!(
    Pov,
    json!({ "venue": "bybit_linear", "expire_secs": 3_600 }),
    states = [include_str!("tests/state-1.json")],
    readme
);

fn host(params: &str) -> Host<Pov> {
    let mut params: serde_json::Value = serde_json::from_str(params).unwrap();
    params["venue"] = json!("v");
    Setup::new(params).quantity("100").start()
}

/// Trades of one unit a second; all orders are filled at once.
fn trade(host: &mut Host<Pov>, secs: u32, price: i64) {
    for _ in 0..secs {
        let before = host.placed().len();
        host.trade(Decimal::from(price), Decimal::ONE, PluginSide::Buy);
        host.timer();
        for index in before..host.placed().len() {
            let quantity = host.placed()[index].quantity;
            host.fill_at(index, Decimal::from(price), quantity);
        }
    }
}

#[test]
fn it_trades_its_share_of_the_volume() {
    let mut host = host(r#"{ "participation_percent": "20" }"#);
    trade(&mut host, 101, 40_000);
    assert_eq!(host.placed_quantity(), Decimal::new(202, 1));
}

#[test]
fn after_a_pause_participation_stays_a_rate() {
    let mut host = host(r#"{ "limit_price": "40000", "clip_size": "1" }"#);
    trade(&mut host, 100, 40_000);
    let before = host.placed_quantity();
    trade(&mut host, 500, 40_100);
    trade(&mut host, 60, 40_000);
    let after = host.placed_quantity() - before;
    assert!(after <= Decimal::from(7), "{after} of 60");
}

#[test]
fn without_ticks_it_works_the_target_over_the_fallback_duration() {
    let mut host = host(r#"{ "fallback_duration_secs": 600, "order_type": "market" }"#);
    for _ in 0..360 {
        let before = host.placed().len();
        host.timer();
        for index in before..host.placed().len() {
            let quantity = host.placed()[index].quantity.to_string();
            host.fill(index, &quantity);
        }
    }
    let half = host.placed_quantity();
    assert!((half - Decimal::from(50)).abs() < Decimal::ONE, "{half}");
}

#[test]
fn without_a_fallback_it_says_that_it_waits() {
    let mut host = host(r#"{ "fallback_duration_secs": 0 }"#);
    host.timers(100);
    assert!(host.placed().is_empty() && host.has_logged("no ticks"));
}
