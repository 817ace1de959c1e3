//! Drives the plugin natively, with the JSON that the host sends and stores.

mod host;
mod properties;
mod safety;
mod sending;
mod words;

use proptest::prelude::*;
use serde_json::{Value, json};
use tesser_wasm::PluginResult;

use crate::Sniper as Plugin;
use host::{Host, context_with};
use words::{init_error, open_orders, placed_text, refuses, timers};

/// Where the orders are in the state.
const WORK: &str = "/state/work";

const ORDER_TYPES: &[&str] = &["limit", "ioc"];

const DECIMALS: [&str; 6] = [
    "trigger_price",
    "offset_bps",
    "clip_size",
    "min_clip",
    "lot_step",
    "price_step",
];

/// Buys 1 BTCUSDT in orders of 0.25 at 40100 or less; the last price is 40000, so it is there.
fn context() -> Value {
    json!({
        "plugin": "sniper",
        "params": { "trigger_price": "40100", "clip_size": "0.25" },
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

fn with_params(own: Value) -> Host {
    Host::start_with(with(own))
}

/// The context with some parameters replaced.
fn with(own: Value) -> Value {
    let mut context = context();
    for (name, value) in own.as_object().unwrap() {
        context["params"][name] = value.clone();
    }
    context
}

/// `lot_step` is added by the properties.
fn any_params() -> impl Strategy<Value = Value> {
    let clip = prop::sample::select([json!(null), json!("0.9")].to_vec());
    let own = (31_u32..50, clip, -100_i32..100);
    sending::any_sending(own.prop_map(|(trigger, clip, offset)| {
        json!({ "trigger_price": trigger, "clip_size": clip, "offset_bps": offset })
    }))
}

#[test]
fn the_tick_with_the_price_brings_the_order_and_no_other_symbol_does() {
    for (side, symbol, price, orders) in [
        ("buy", "BTCUSDT", "39000.01", 0),
        ("buy", "ETHUSDT", "38000", 0),
        ("buy", "BTCUSDT", "39000", 1),
        ("buy", "BTCUSDT", "1", 1),
        ("sell", "BTCUSDT", "38999.99", 0),
        ("sell", "ETHUSDT", "39001", 0),
        ("sell", "BTCUSDT", "39000", 1),
    ] {
        let mut context = with(json!({ "trigger_price": "39000" }));
        context["signal"]["side"] = json!(side);
        context["risk"]["last_price"] = json!("0");
        let mut host = Host::start_with(context);
        assert_eq!(timers(&mut host, 50), Vec::<String>::new());
        let result = host.tick(symbol, price);
        assert_eq!(
            placed_text(&result),
            vec!["0.25 @ 39000"; orders],
            "{side} {symbol} {price}"
        );
        assert_eq!(timers(&mut host, 5), Vec::<String>::new());
    }
}

#[test]
fn the_offset_is_what_may_be_paid_beyond_the_trigger() {
    for (side, offset, price) in [("buy", 10, "40140.1"), ("sell", 10, "40059.9")] {
        let mut context = with(json!({ "offset_bps": offset }));
        context["signal"]["side"] = json!(side);
        let mut host = Host::start_with(context);
        assert_eq!(
            placed_text(&host.tick("BTCUSDT", "40100")),
            [format!("0.25 @ {price}")]
        );
    }
}

#[test]
fn what_is_not_there_is_tried_again_while_the_price_is() {
    let mut host = with_params(json!({ "settle_secs": 2 }));
    assert_eq!(timers(&mut host, 4), ["1: 0.25 @ 40100", "4: 0.25 @ 40100"]);
    // Where ticks come, one has to say that the time has passed.
    host.tick("BTCUSDT", "40100.01");
    assert_eq!(timers(&mut host, 9), Vec::<String>::new());
    host.tick("BTCUSDT", "40100.01");
    assert_eq!(timers(&mut host, 9), Vec::<String>::new());
    assert_eq!(
        placed_text(&host.tick("BTCUSDT", "40099")),
        ["0.25 @ 40100"]
    );
}

#[test]
fn a_limit_order_waits_in_the_book_and_needs_no_ticks() {
    let mut context = with(json!({ "order_type": "limit", "trigger_price": "39000" }));
    context["risk"]["last_price"] = json!("0");
    let mut host = Host::start_with(context);
    assert_eq!(timers(&mut host, 50), ["1: 0.25 @ 39000"]);
    host.tick("BTCUSDT", "38000");
    assert_eq!(timers(&mut host, 50), Vec::<String>::new(), "one at a time");
    host.fill("a", "39000", "0.25");
    assert_eq!(timers(&mut host, 50), ["1: 0.25 @ 39000"]);
}

#[test]
fn fills_decide_when_it_completes() {
    let mut host = with_params(json!({ "clip_size": null }));
    assert_eq!(timers(&mut host, 5), ["1: 1 @ 40100"]);
    assert!(!host.fill("a", "40000", "0.999").completed);
    assert_eq!(open_orders(&host), "0.001/a");
    let last = host.fill("a", "40000", "0.001");
    assert_eq!(last.logs, ["filled 1.000 of 1, 0 still in open orders"]);
    assert_eq!(host.timer(), PluginResult::new().completed());
}

#[test]
fn left_out_params_have_the_documented_defaults() {
    let params = json!({ "trigger_price": "40000" });
    let mut host = Host::start_with(context_with("/params", params));
    let orders = serde_json::to_value(&host.timer().orders).unwrap();
    let order = &orders[0]["action"]["Place"];
    assert_eq!(order["quantity"], json!("1"));
    assert_eq!(order["price"], json!("40000"));
    assert_eq!(order["time_in_force"], json!("ioc"));
    assert_eq!(timers(&mut host, 11), ["11: 1 @ 40000"]);
}

#[test]
fn a_bad_param_is_refused_with_its_name() {
    for (name, value) in [
        ("trigger_price", json!(null)),
        ("trigger_price", json!("0")),
        ("trigger_price", json!("0.05")),
        ("trigger_price", json!("1000000000000001")),
        ("clip_size", json!("0")),
        ("order_type", json!("market")),
    ] {
        if value == json!("0.05") {
            assert!(init_error(&with(json!({ name: value }))).contains("`price_step`"));
        } else {
            refuses(name, &value);
        }
    }
    assert!(
        init_error(&with(json!({ "clip_size": "0.3", "min_clip": "0.2" }))).contains("`clip_size`")
    );
}
