//! Tests of the algorithm's idea; `safety_tests!` adds those that every algorithm should pass.

use rust_decimal::Decimal;
use serde_json::json;
use tesser_wasm::exec::testing::Setup;
use tesser_wasm::{PluginTimeInForce, safety_tests};

use super::Sniper;

safety_tests!(
    Sniper,
    json!({ "venue": "bybit_linear", "trigger_price": "39990" }),
    states = [include_str!("tests/state-1.json")],
    readme
);

fn ioc() -> Setup {
    Setup::new(json!({ "venue": "v", "trigger_price": "39990", "order_type": "ioc" }))
}

#[test]
fn a_limit_order_waits_at_the_price_and_is_renewed_when_the_host_cancelled_it() {
    let params = json!({ "venue": "v", "trigger_price": "39990" });
    let mut host = Setup::new(params).start::<Sniper>();
    host.timers(80);
    assert_eq!(host.placed().len(), 1);
    host.timers(20);
    assert_eq!(host.placed().len(), 2);
    assert_eq!(host.placed()[1].price, Some(Decimal::from(39_990)));
    host.fill(1, "1");
    assert!(host.is_completed());
}

#[test]
fn an_ioc_order_is_sent_with_the_tick_that_reaches_the_price() {
    let mut host = ioc().start::<Sniper>();
    host.tick("40000");
    host.timers(5);
    assert!(host.placed().is_empty());
    host.tick("39990");
    let order = &host.placed()[0];
    assert_eq!(order.time_in_force, Some(PluginTimeInForce::Ioc));
    assert_eq!(
        (order.price, order.quantity),
        (Some(Decimal::from(39_990)), Decimal::new(2, 1))
    );
}

#[test]
fn orders_that_found_nothing_cost_no_budget_in_the_end() {
    let mut host = ioc().start::<Sniper>();
    for _ in 0..600 {
        host.tick("39980");
        host.timer();
    }
    assert!(host.placed().len() >= 6, "{}", host.placed().len());
    assert!(!host.is_completed());
}

#[test]
fn the_price_at_the_start_is_no_trigger() {
    let mut host = ioc().last_price("39000").start::<Sniper>();
    host.timers(30);
    assert!(host.placed().is_empty());
}

#[test]
fn without_a_price_it_gives_up_at_the_end_and_says_so() {
    let mut host = ioc().last_price("0").start::<Sniper>();
    host.timers(3_700);
    assert!(
        host.is_completed() && host.has_logged("no price was ever seen"),
        "{:?}",
        host.logs()
    );
}

#[test]
fn the_trigger_price_has_no_default() {
    let error = Setup::new(json!({ "venue": "v" }))
        .try_start::<Sniper>()
        .err()
        .unwrap();
    assert_eq!(error, "params: `trigger_price`: missing; it has no default");
}
