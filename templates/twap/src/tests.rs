//! Tests of the algorithm's idea; `safety_tests!` adds those that every algorithm should pass.

use rust_decimal::Decimal;
use serde_json::json;
use tesser_wasm::exec::testing::Setup;
use tesser_wasm::{PluginOrderType, safety_tests};

use super::Twap;

safety_tests!(
    Twap,
    json!({ "venue": "bybit_linear", "duration_secs": 300 }),
    states = [include_str!("tests/state-1.json")],
    readme
);

/// Ten slices of ten seconds, without randomness.
fn setup() -> Setup {
    Setup::new(json!({
        "venue": "bybit_linear", "duration_secs": 100, "interval_secs": 10, "randomize_percent": 0,
    }))
}

#[test]
fn equal_slices_are_placed_on_time() {
    let mut host = setup().start::<Twap>();
    for slice in 0..9_usize {
        host.timer();
        assert_eq!(host.placed().len(), slice + 1);
        assert_eq!(host.placed()[slice].quantity, Decimal::new(1, 1));
        host.fill(slice, "0.1");
        host.timers(9);
        assert_eq!(host.placed().len(), slice + 1);
    }
    host.timer();
    host.fill(9, "0.1");
    assert!(host.is_completed());
}

#[test]
fn what_is_too_far_behind_takes_what_is_there() {
    let mut host = setup().start::<Twap>();
    // The first orders count as cancelled after 90 s without a fill; slice 10 is the first after that.
    host.timers(91);
    let crossing = host.placed().last().unwrap();
    assert_eq!(crossing.order_type, PluginOrderType::Market);
    assert_eq!(crossing.quantity, Decimal::new(2, 1));
}

#[test]
fn the_rest_is_taken_at_the_end() {
    let mut host = setup().start::<Twap>();
    host.timers(200);
    let last = host.placed().last().unwrap();
    assert_eq!(last.order_type, PluginOrderType::Market);
    assert!(last.quantity >= Decimal::new(5, 1), "{}", last.quantity);
}

#[test]
fn sizes_and_times_are_random_but_the_same_again() {
    let orders = |id: &str| {
        let params = json!({ "venue": "v", "interval_secs": 20, "randomize_percent": 50 });
        let mut host = Setup::new(params).id(id).start::<Twap>();
        let mut times = Vec::new();
        for second in 0..300 {
            if !host.timer().orders.is_empty() {
                let index = host.placed().len() - 1;
                let quantity = host.placed()[index].quantity;
                times.push((second, quantity));
                host.fill(index, &quantity.to_string());
            }
        }
        times
    };
    assert_eq!(orders("a"), orders("a"));
    assert_ne!(orders("a"), orders("b"));
    assert!(orders("a").len() > 10);
}

#[test]
fn an_interval_longer_than_the_duration_is_refused() {
    let params = json!({ "venue": "v", "duration_secs": 10, "interval_secs": 11 });
    let error = Setup::new(params).try_start::<Twap>().err().unwrap();
    assert_eq!(
        error,
        "params: `interval_secs`: must not exceed `duration_secs`"
    );
}
