//! Tests of the algorithm's idea; `safety_tests!` adds those that every algorithm should pass.

use rust_decimal::Decimal;
use serde_json::json;
use tesser_wasm::exec::testing::Setup;
use tesser_wasm::safety_tests;

use super::Iceberg;

safety_tests!(
    Iceberg,
    json!({ "venue": "bybit_linear" }),
    states = [include_str!("tests/state-1.json")],
    readme
);

#[test]
fn one_clip_is_open_at_a_time_and_the_next_follows_its_fill() {
    let params = json!({ "venue": "v", "clip_size": "0.25", "randomize_percent": 0 });
    let mut host = Setup::new(params).start::<Iceberg>();
    host.timers(5);
    assert_eq!(host.placed().len(), 1);
    host.fill(0, "0.1");
    assert_eq!(host.placed().len(), 1);
    host.fill(0, "0.15");
    assert_eq!(host.placed().len(), 2);
    assert_eq!(host.placed()[1].quantity, Decimal::new(25, 2));
}

#[test]
fn with_a_limit_price_it_rests_there_whatever_the_market_does() {
    let params = json!({ "venue": "v", "limit_price": "39000" });
    let mut host = Setup::new(params).start::<Iceberg>();
    for _ in 0..100 {
        host.tick("40100");
        host.timer();
    }
    for order in host.placed() {
        assert_eq!(order.price, Some(Decimal::from(39_000)));
    }
    assert_eq!(
        host.placed().len(),
        2,
        "the first one was cancelled by the host"
    );
}

#[test]
fn sizes_are_random() {
    let mut host = Setup::new(json!({ "venue": "v", "clip_size": "0.1" })).start::<Iceberg>();
    host.timer();
    for index in 0..4 {
        let size = host.placed()[index].quantity;
        assert!(
            size >= Decimal::new(8, 2) && size <= Decimal::new(12, 2),
            "{size}"
        );
        host.fill(index, &size.to_string());
    }
    assert!(host.placed()[0].quantity != host.placed()[1].quantity);
}
