//! Tests of the idea; `safety_tests!` adds those that every algorithm should pass; `trail.rs` has those of the stop.

use rust_decimal::Decimal;
use serde_json::json;
use tesser_wasm::exec::testing::Setup;
use tesser_wasm::{PluginOrderType, safety_tests};

use super::TrailingStop;

safety_tests!(
    TrailingStop,
    json!({ "venue": "bybit_linear", "trail_bps": 5, "expire_secs": 3_600 }),
    states = [include_str!("tests/state-1.json")],
    readme
);

fn setup() -> Setup {
    Setup::new(json!({ "venue": "v", "expire_secs": 600 })).sell()
}

#[test]
fn the_tick_that_fires_places_the_order_and_the_state_remembers() {
    let mut host = setup().start::<TrailingStop>();
    for price in ["40000", "40000", "40100", "40100", "39690"] {
        host.tick(price);
        host.timer();
        assert!(host.placed().is_empty());
    }
    host.tick("39690");
    assert_eq!(host.placed()[0].order_type, PluginOrderType::Market);
    assert_eq!(host.placed()[0].quantity, Decimal::ONE);
    host.restart();
    host.timers(2);
    assert_eq!(host.placed().len(), 1);
}

#[test]
fn an_old_price_at_the_start_fires_nothing() {
    let params = json!({ "venue": "v", "stop_price": "41000", "confirm_ticks": 1 });
    let mut host = Setup::new(params)
        .sell()
        .last_price("40000")
        .start::<TrailingStop>();
    host.timers(50);
    assert!(host.placed().is_empty());
}

#[test]
fn one_bad_print_fires_nothing() {
    let params = json!({ "venue": "v", "confirm_ticks": 1 });
    let mut host = Setup::new(params).sell().start::<TrailingStop>();
    for price in ["40000", "4000", "40000", "400000", "40010"] {
        host.tick(price);
    }
    assert!(host.placed().is_empty());
}

#[test]
fn without_ticks_it_says_so_and_gives_up_at_the_end() {
    let mut host = setup().start::<TrailingStop>();
    host.timers(100);
    assert!(host.has_logged("no price so far"));
    host.timers(600);
    assert!(
        host.is_completed() && host.has_logged("gave up 1 of 1"),
        "{:?}",
        host.logs()
    );
}

#[test]
fn a_stop_that_is_refused_is_tried_again() {
    let params = json!({ "venue": "v", "stop_price": "39990", "confirm_ticks": 1 });
    let mut host = Setup::new(params).sell().start::<TrailingStop>();
    for _ in 0..300 {
        host.tick("39980");
        host.timer();
    }
    assert!(host.placed().len() >= 3, "{}", host.placed().len());
}
