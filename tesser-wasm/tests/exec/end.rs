//! The end: what happens to the rest of the target.

use rust_decimal::Decimal;
use serde_json::json;
use tesser_wasm::exec::testing::{Drift, Market};
use tesser_wasm::{PluginOrderType, PluginTimeInForce};

use crate::algorithms::{Greedy, decimal, setup};

#[test]
fn rule_16_market_takes_the_rest_at_the_end() {
    let params = json!({ "end_secs": 60, "when_blind": "wait" });
    let mut host = setup("1", &params).start::<Greedy>();
    host.timer();
    host.fill(0, "0.4");
    host.timers(300);
    let last = host.placed().last().unwrap();
    assert_eq!((last.order_type, last.quantity), (PluginOrderType::Market, decimal("0.3")));
}

#[test]
fn rule_16_ioc_takes_what_is_near_the_last_price() {
    let params = json!({ "end_secs": 60, "at_end": "ioc", "when_blind": "wait" });
    let mut host = setup("1", &params).start::<Greedy>();
    host.timers(92);
    let last = host.placed().last().unwrap();
    assert_eq!(last.time_in_force, Some(PluginTimeInForce::Ioc));
    assert!(last.price.unwrap() > decimal("40000"));
}

#[test]
fn rule_16_leave_gives_the_rest_up_and_completes_when_nothing_works() {
    let params = json!({ "end_secs": 60, "at_end": "leave" });
    let mut host = setup("1", &params).start::<Greedy>();
    host.timers(62);
    assert!(host.has_logged("its time is over, and `at_end` is `leave`"));
    assert!(!host.is_completed(), "its order may still be filled");
    host.timers(30);
    assert!(host.is_completed() && host.has_logged("filled 0 of 1"));
}

#[test]
fn a_market_order_with_a_limit_price_is_an_ioc_at_it() {
    let params = json!({ "end_secs": 10, "limit_price": "40500" });
    let mut host = setup("1", &params).start::<Greedy>();
    host.timers(100);
    let last = host.placed().last().unwrap();
    assert_eq!(
        (last.price, last.time_in_force),
        (Some(decimal("40500")), Some(PluginTimeInForce::Ioc))
    );
}

#[test]
fn orders_that_the_host_refuses_become_smaller() {
    let params = json!({ "order_type": "market", "clip_size": "10", "end_secs": 3_000 });
    let mut host = setup("3", &params).start::<Greedy>();
    let market = Market { drift: Drift::Up, max_quantity: Decimal::ONE, ..Market::default() };
    assert_eq!(host.run(3_600, &market), decimal("3"), "{:?}", host.logs());
    assert!(host.is_completed());
}
