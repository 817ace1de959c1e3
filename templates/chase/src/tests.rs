//! Tests of the algorithm's idea; `safety_tests!` adds those that every algorithm should pass.

use rust_decimal::Decimal;
use serde_json::json;
use tesser_wasm::exec::testing::Setup;
use tesser_wasm::{PluginOrderType, safety_tests};

use super::Chase;

safety_tests!(
    Chase,
    json!({ "venue": "bybit_linear" }),
    states = [include_str!("tests/state-1.json")],
    readme
);

fn setup() -> Setup {
    Setup::new(json!({ "venue": "bybit_linear", "clip_size": "0.25" }))
}

#[test]
fn a_clip_is_placed_per_timer_at_the_last_price() {
    let mut host = setup().start::<Chase>();
    for (index, price) in ["40000", "40010", "39990", "40005"].into_iter().enumerate() {
        host.tick(price);
        host.timer();
        let order = &host.placed()[index];
        assert_eq!(order.quantity, Decimal::new(25, 2));
        assert_eq!(order.price, Some(price.parse().unwrap()));
    }
    host.timers(10);
    assert_eq!(host.placed().len(), 4);
}

#[test]
fn a_partly_filled_order_follows_the_price_with_price_and_total_quantity() {
    let mut host = setup().start::<Chase>();
    host.timer();
    host.fill(0, "0.1");
    host.tick("40010");
    host.timer();
    assert!(host.amended().is_empty(), "less than 5 bps");
    host.tick("40100");
    host.timer();
    let amended = &host.amended()[0];
    assert_eq!(amended.order_id, "order-0");
    assert_eq!(amended.new_price, Some(Decimal::from(40_100)));
    assert_eq!(amended.new_quantity, Some(Decimal::new(25, 2)));
}

#[test]
fn when_the_market_ran_away_unseen_one_order_takes_what_is_there() {
    let mut host = setup().start::<Chase>();
    host.timers(91);
    assert_eq!(host.placed().len(), 5);
    assert_eq!(host.placed()[4].order_type, PluginOrderType::Market);
    // Its fill tells the price, so the next orders are passive again.
    host.fill_at(4, Decimal::from(41_000), Decimal::new(25, 2));
    host.timer();
    assert_eq!(host.placed()[5].price, Some(Decimal::from(41_000)));
}

#[test]
fn the_default_clip_is_a_tenth_of_the_target() {
    let mut host = Setup::new(json!({ "venue": "v" }))
        .quantity("7")
        .start::<Chase>();
    host.timer();
    assert_eq!(host.placed()[0].quantity, Decimal::new(7, 1));
}
