//! Prices: which count, and what becomes of them.

use rust_decimal::Decimal;
use serde_json::json;
use tesser_wasm::PluginTimeInForce;

use crate::algorithms::{Dip, Greedy, decimal, setup};

fn first_price(params: &serde_json::Value, last: &str) -> Option<Decimal> {
    let mut host = setup("1", params).last_price(last).start::<Greedy>();
    host.timer();
    host.placed()[0].price
}

#[test]
fn rule_09_the_price_at_the_start_is_a_hint_that_triggers_nothing() {
    let mut host =
        setup("1", &json!({ "order_type": "market" })).last_price("38000").start::<Dip>();
    host.timers(30);
    assert!(host.placed().is_empty());
    // The first real price is far from it, so it takes two.
    host.tick("40000");
    host.tick("40000");
    assert!(host.placed().is_empty());
    host.tick("39000");
    assert_eq!(host.placed().len(), 1);
}

#[test]
fn rule_10_a_price_that_jumps_needs_a_second_one() {
    let mut host = setup("2", &json!({ "clip_size": "1" })).start::<Greedy>();
    host.tick("40000");
    host.tick("400000");
    host.timer();
    assert_eq!(host.placed()[0].price, Some(decimal("40000")));
    host.tick("42100");
    host.tick("42110");
    host.timer();
    assert_eq!(host.placed()[1].price, Some(decimal("42110")));
}

#[test]
fn rule_11_an_offset_that_crosses_rounds_outwards_by_at_least_a_tick() {
    let params = json!({ "offset_bps": 5, "tick_size": "0.0001" });
    assert_eq!(first_price(&params, "0.1234"), Some(decimal("0.1235")));
    let params = json!({ "offset_bps": 5, "tick_size": "0.0001", "limit_price": "0.1234" });
    assert_eq!(first_price(&params, "0.1234"), Some(decimal("0.1234")));
    let params = json!({ "offset_bps": -5, "tick_size": "0.0001" });
    assert_eq!(first_price(&params, "0.1234"), Some(decimal("0.1233")));
    // A sell the other way round.
    let params = json!({ "offset_bps": 5, "tick_size": "0.0001" });
    let mut host = setup("1", &params).sell().last_price("0.1234").start::<Greedy>();
    host.timer();
    assert_eq!(host.placed()[0].price, Some(decimal("0.1233")));
}

#[test]
fn rule_13_a_passive_limit_never_crosses_the_last_price() {
    use tesser_wasm::exec::{Algorithm, Clip, ParentOrder};

    struct Passive;

    impl Algorithm for Passive {
        type Params = ();
        type State = ();

        fn new(_params: (), _parent: &ParentOrder) -> Result<Self, tesser_wasm::ParamError> {
            Ok(Self)
        }

        fn initial_state(&self, _parent: &ParentOrder) {}

        fn on_timer(&self, _state: &mut (), parent: &mut ParentOrder) {
            parent.place(Clip::remaining().from_market(Decimal::from(40_100)).passive());
        }
    }

    let mut host = setup("1", &json!({})).start::<Passive>();
    host.timer();
    assert_eq!(host.placed()[0].price, Some(decimal("40000")));
}

#[test]
fn rule_14_without_a_price_it_says_so_once_and_again_at_the_end() {
    let mut host = setup("1", &json!({ "at_end": "leave", "end_secs": 100 }))
        .last_price("0")
        .start::<Greedy>();
    host.timers(200);
    let lines = host.logs().iter().filter(|line| line.contains("no order can be placed")).count();
    assert_eq!(lines, 1, "{:?}", host.logs());
    assert!(host.is_completed() && host.has_logged("no price was ever seen"));
}

#[test]
fn an_ioc_order_beyond_the_limit_price_is_not_sent() {
    let params = json!({ "order_type": "ioc", "limit_price": "39000" });
    let mut host = setup("1", &params).start::<Greedy>();
    host.tick("40000");
    host.timers(20);
    assert!(host.placed().is_empty());
    host.tick("38990");
    host.timer();
    let order = &host.placed()[0];
    assert_eq!(
        (order.price, order.time_in_force),
        (Some(decimal("38990")), Some(PluginTimeInForce::Ioc))
    );
}

#[test]
fn a_fill_tells_the_price() {
    let mut host = setup("2", &json!({ "clip_size": "1" })).start::<Greedy>();
    host.timer();
    host.fill_at(0, decimal("39500"), Decimal::ONE);
    host.timer();
    assert_eq!(host.placed()[1].price, Some(decimal("39500")));
}
