//! Tests of the idea; `safety_tests!` adds those that every algorithm should pass; `curve.rs` has those of the curve.

use rust_decimal::Decimal;
use serde_json::json;
use tesser_wasm::exec::testing::Setup;
use tesser_wasm::safety_tests;

use super::Vwap;

safety_tests!(
    Vwap,
    json!({ "venue": "bybit_linear", "duration_secs": 300 }),
    states = [include_str!("tests/state-1.json")],
    readme
);

#[test]
fn slices_follow_a_given_curve() {
    let params = json!({
        "venue": "v", "duration_secs": 40, "interval_secs": 10, "randomize_percent": 0,
        "curve": [1, "2", 4, 3],
    });
    let mut host = Setup::new(params).start::<Vwap>();
    for (slice, tenths) in [1, 2, 4, 3].into_iter().enumerate() {
        host.timer();
        let quantity = host.placed()[slice].quantity;
        assert_eq!(quantity, Decimal::new(tenths, 1), "slice {slice}");
        host.fill(slice, &quantity.to_string());
        host.timers(9);
    }
    assert!(host.is_completed());
}

#[test]
fn a_curve_of_nothing_is_refused() {
    for curve in [json!([]), json!([0, 0])] {
        let error = Setup::new(json!({ "venue": "v", "curve": curve })).try_start::<Vwap>();
        assert!(
            error
                .err()
                .unwrap()
                .starts_with("params: `curve`: needs 1 to 1440 parts")
        );
    }
}
