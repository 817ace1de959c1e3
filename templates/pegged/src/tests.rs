//! Tests of the algorithm's idea; `safety_tests!` adds those that every algorithm should pass.

use rust_decimal::Decimal;
use serde_json::json;
use tesser_wasm::exec::testing::Setup;
use tesser_wasm::{PluginSide, safety_tests};

use super::Pegged;

safety_tests!(
    Pegged,
    json!({ "venue": "bybit_linear" }),
    states = [include_str!("tests/state-1.json")],
    readme
);

#[test]
fn one_order_is_near_the_market_and_a_new_one_follows_it() {
    let mut host = Setup::new(json!({ "venue": "v" })).start::<Pegged>();
    host.timers(5);
    assert_eq!(host.placed().len(), 1);
    host.tick("40100");
    host.timers(5);
    assert_eq!(host.placed().len(), 2);
    assert_eq!(host.placed()[1].price, Some(Decimal::from(40_100)));
    for price in ["40200", "40300", "40400"] {
        host.tick(price);
        host.timers(5);
    }
    assert_eq!(host.placed().len(), 3, "no more than `max_orders`");
}

#[test]
fn an_order_whose_id_is_known_is_requoted() {
    let mut host = Setup::new(json!({ "venue": "v" })).start::<Pegged>();
    host.timer();
    host.fill(0, "0.05");
    host.tick("40100");
    host.timer();
    assert_eq!(host.amended()[0].new_price, Some(Decimal::from(40_100)));
    assert_eq!(host.placed().len(), 1);
}

#[test]
fn a_pegged_price_never_crosses_the_last_price() {
    let params = json!({ "venue": "v", "reference": "near", "offset_bps": 50 });
    for (setup, near, last) in [
        (Setup::new(params.clone()), "40100", "40000"),
        (Setup::new(params).sell(), "39900", "40000"),
    ] {
        let mut host = setup.start::<Pegged>();
        host.trade(near.parse().unwrap(), Decimal::ONE, PluginSide::Sell);
        host.trade(near.parse().unwrap(), Decimal::ONE, PluginSide::Buy);
        let taker = host
            .placed()
            .first()
            .map_or(PluginSide::Buy, |order| order.side);
        host.trade(last.parse().unwrap(), Decimal::ONE, taker);
        host.timer();
        assert_eq!(host.placed()[0].price, Some(Decimal::from(40_000)));
    }
}
