//! Drives the plugin natively, with the JSON that the host sends and stores.

mod host;
mod properties;
mod safety;
mod sending;
mod words;

use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tesser_wasm::{PluginFill, PluginResult};

use crate::Twap as Plugin;
use crate::orders::MAX_OPEN;
use host::{Host, context_with};
use words::{init_error, open_orders, placed_text, refuses, timers};

/// Where the orders are in the state.
const WORK: &str = "/ticket/state/work";

const ORDER_TYPES: &[&str] = &["limit", "ioc", "market"];

const DECIMALS: [&str; 5] = [
    "offset_bps",
    "limit_price",
    "min_clip",
    "lot_step",
    "price_step",
];

/// Buys 1 BTCUSDT, last price 40000, in 4 slices of 0.25, one every 3 seconds.
fn context() -> Value {
    json!({
        "plugin": "twap",
        "params": { "duration_secs": 12, "interval_secs": 3 },
        "signal": {
            "id": "signal-1", "symbol": "BTCUSDT", "side": "buy", "kind": "enter_long",
            "confidence": 0.8, "target_quantity": "1",
        },
        "risk": {
            "last_price": "40000", "portfolio_equity": "1000", "exchange_equity": "1000",
            "signed_position_qty": "0", "base_available": "0", "quote_available": "1000",
            "settlement_available": "1000",
        },
    })
}

/// `lot_step` is added by the properties.
fn any_params() -> impl Strategy<Value = Value> {
    let own = (1_u32..60, 1_u32..60, -100_i32..100, 1_u32..4);
    sending::any_sending(own.prop_map(|(duration, interval, offset, catch_up)| {
        json!({
            "duration_secs": duration, "interval_secs": interval.min(duration),
            "offset_bps": offset, "catch_up_slices": catch_up,
        })
    }))
}

#[test]
fn equal_slices_are_placed_at_equal_times_until_the_target_is_placed() {
    let orders = timers(&mut Host::start(), 30);
    assert_eq!(
        orders,
        [
            "1: 0.25 @ 40000",
            "4: 0.25 @ 40000",
            "7: 0.25 @ 40000",
            "10: 0.25 @ 40000"
        ]
    );
}

#[test]
fn a_last_interval_that_is_cut_short_is_a_slice_as_well() {
    let mut host = Host::start_with(context_with("/params/duration_secs", json!(7)));
    assert_eq!(
        timers(&mut host, 30),
        [
            "1: 0.33333 @ 40000",
            "4: 0.33333 @ 40000",
            "7: 0.33334 @ 40000"
        ]
    );
}

#[test]
fn orders_are_plain_orders_without_an_id_of_their_own() {
    for (order_type, price) in [("limit", json!("40000")), ("market", json!(null))] {
        let mut context = context_with("/signal/side", json!("sell"));
        context["params"]["order_type"] = json!(order_type);
        let answer = Host::start_with(context).timer();
        let order = json!({
            "symbol": "BTCUSDT", "side": "sell", "order_type": order_type, "quantity": "0.25",
            "price": price, "trigger_price": null, "time_in_force": null, "client_order_id": null,
            "take_profit": null, "stop_loss": null, "display_quantity": null,
        });
        assert_eq!(
            serde_json::to_value(&answer.orders).unwrap(),
            json!([{ "action": { "Place": order } }])
        );
    }
}

#[test]
fn the_offset_moves_the_limit_towards_the_other_side_and_rounding_never_beyond_it() {
    for (side, offset, price) in [
        ("buy", "1.23", "40004.92"),
        ("buy", "1.2345", "40004.93"),
        ("buy", "-10", "39960"),
        ("sell", "1.2345", "39995.07"),
        ("sell", "-10", "40040"),
    ] {
        let mut context = context_with("/signal/side", json!(side));
        context["params"]["offset_bps"] = json!(offset);
        let mut host = Host::start_with(context);
        assert_eq!(
            placed_text(&host.timer()),
            [format!("0.25 @ {price}")],
            "{side} {offset}"
        );
    }
}

#[test]
fn market_orders_need_no_price_and_take_fills_at_any() {
    for (side, price) in [("buy", "99999"), ("sell", "0.01")] {
        let mut context = context_with("/params/order_type", json!("market"));
        context["risk"]["last_price"] = json!("0");
        context["signal"]["side"] = json!(side);
        let mut host = Host::start_with(context);
        assert_eq!(placed_text(&host.timer()), ["0.25 @ market"]);
        host.restart_from(host.stored.clone()).unwrap();
        host.send_fill(&PluginFill::new(
            "a",
            "BTCUSDT",
            serde_json::from_value(json!(side)).unwrap(),
            price.parse().unwrap(),
            Decimal::new(2, 1),
        ));
        assert_eq!(open_orders(&host), "0.05/a");
    }
}

#[test]
fn no_more_orders_are_placed_while_too_many_are_open() {
    let params = json!({ "duration_secs": 1_000, "interval_secs": 1 });
    let mut host = Host::start_with(context_with("/params", params));
    assert_eq!(timers(&mut host, 500).len(), MAX_OPEN);
    host.fill("a", "40000", "0.001");
    assert_eq!(timers(&mut host, 9), ["1: 0.002 @ 40000"]);
}

#[test]
fn missed_slices_are_caught_up_in_orders_of_two_slices_one_per_interval() {
    let mut host = Host::start_with(context_with("/risk/last_price", json!("0")));
    assert_eq!(timers(&mut host, 8), Vec::<String>::new());
    host.tick("BTCUSDT", "40000");
    // Three of four slices are due in the third; the rest comes with the fourth.
    assert_eq!(timers(&mut host, 30), ["1: 0.5 @ 40000", "2: 0.5 @ 40000"]);
}

#[test]
fn after_the_duration_it_goes_on_at_the_same_pace() {
    let mut context = context_with("/risk/last_price", json!("0"));
    context["params"]["catch_up_slices"] = json!(1);
    let mut host = Host::start_with(context);
    timers(&mut host, 60);
    host.tick("BTCUSDT", "40000");
    assert_eq!(
        timers(&mut host, 30),
        [
            "1: 0.25 @ 40000",
            "4: 0.25 @ 40000",
            "7: 0.25 @ 40000",
            "10: 0.25 @ 40000"
        ]
    );
}

#[test]
fn slices_below_the_smallest_order_wait_and_no_rest_is_below_it() {
    let mut host = Host::start_with(context_with(
        "/params",
        json!({ "duration_secs": 10, "interval_secs": 1, "min_clip": "0.23" }),
    ));
    assert_eq!(
        timers(&mut host, 30),
        ["3: 0.3 @ 40000", "6: 0.3 @ 40000", "9: 0.4 @ 40000"]
    );
}

#[test]
fn what_is_less_than_a_lot_is_not_worked() {
    let mut context = context_with("/signal/target_quantity", json!("1.0999"));
    context["params"]["lot_step"] = json!("0.1");
    let mut host = Host::start_with(context);
    let orders = timers(&mut host, 30);
    assert_eq!(
        orders,
        [
            "1: 0.2 @ 40000",
            "4: 0.3 @ 40000",
            "7: 0.2 @ 40000",
            "10: 0.3 @ 40000"
        ]
    );
}

#[test]
fn fills_decide_when_it_completes() {
    let mut host = Host::start();
    timers(&mut host, 30);
    for id in ["a", "b", "c"] {
        assert!(!host.fill(id, "40000", "0.25").completed);
    }
    assert!(!host.timer().completed);
    let last = host.fill("d", "40000", "0.25");
    assert!(last.completed);
    assert_eq!(last.logs, ["filled 1.00 of 1, 0 still in open orders"]);
    assert_eq!(host.timer(), PluginResult::new().completed());
}

#[test]
fn an_overfill_leaves_less_to_place_and_a_rest_below_a_lot_completes() {
    let mut context = context_with("/params/lot_step", json!("0.01"));
    context["params"]["order_type"] = json!("market");
    let mut host = Host::start_with(context);
    timers(&mut host, 1);
    host.fill("a", "40000", "0.745");
    let orders = timers(&mut host, 30);
    assert_eq!(orders, ["9: 0.25 @ market"]);
    assert!(host.fill("b", "40000", "0.25").completed, "0.005 is left");
}

#[test]
fn a_restart_forgets_timers_since_the_last_order_or_fill_and_no_more() {
    let mut host = Host::start();
    timers(&mut host, 6);
    host.restart_from(host.stored.clone()).unwrap();
    // The last order was at timer 4, so timers 5 and 6 come again.
    assert_eq!(
        timers(&mut host, 30),
        ["3: 0.25 @ 40000", "6: 0.25 @ 40000"]
    );
}

#[test]
fn a_clock_that_cannot_be_is_refused() {
    let mut host = Host::start();
    host.timer();
    for (name, value) in [
        ("ordered", json!(9)),
        ("timers", json!(-1)),
        ("timers", json!(null)),
    ] {
        let mut state: Value = serde_json::from_str(&host.snapshot).unwrap();
        state["clock"][name] = value;
        assert!(
            host.restart_from(Some(state.to_string())).is_err(),
            "{name}"
        );
    }
}

#[test]
fn left_out_params_have_the_documented_defaults() {
    for params in [json!(null), json!({})] {
        let mut host = Host::start_with(context_with("/params", params));
        assert_eq!(
            timers(&mut host, 61),
            ["1: 0.05 @ 40000", "31: 0.05 @ 40000", "61: 0.05 @ 40000"]
        );
    }
}

#[test]
fn a_bad_param_is_refused_with_its_name() {
    for (name, value) in [
        ("duration_secs", json!(0)),
        ("duration_secs", json!(604_801)),
        ("duration_secs", json!(1.5)),
        ("duration_secs", json!("60")),
        ("interval_secs", json!(0)),
        ("interval_secs", json!(13)),
        ("catch_up_slices", json!(0)),
        ("catch_up_slices", json!(1_001)),
    ] {
        refuses(name, &value);
    }
}
