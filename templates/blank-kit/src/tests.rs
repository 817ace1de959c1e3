//! Tests of the algorithm's idea; `safety_tests!` adds those that every algorithm should pass.

use rust_decimal::Decimal;
use serde_json::json;
use tesser_wasm::exec::testing::Setup;
use tesser_wasm::safety_tests;

use super::MyAlgorithm;

safety_tests!(
    MyAlgorithm,
    json!({ "venue": "bybit_linear" }),
    states = [include_str!("tests/state-1.json")],
    readme
);

#[test]
fn a_clip_is_placed_every_interval() {
    let params = json!({ "venue": "bybit_linear", "interval_secs": 5, "clip_percent": 20 });
    let mut host = Setup::new(params).start::<MyAlgorithm>();
    host.timers(11);
    assert_eq!(host.placed().len(), 3);
    assert_eq!(host.placed()[0].quantity, Decimal::new(2, 1));
}
