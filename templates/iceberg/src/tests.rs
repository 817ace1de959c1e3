//! Drives the plugin natively, with the JSON that the host sends and stores.

mod host;
mod properties;
mod safety;
mod sending;
mod words;

use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tesser_wasm::PluginResult;

use crate::Iceberg as Plugin;
use host::{Host, context_with, placed};
use words::{init_error, open_orders, placed_text, refuses, timers};

/// Where the orders are in the state.
const WORK: &str = "/state/work";

const ORDER_TYPES: &[&str] = &["limit", "ioc"];

const DECIMALS: [&str; 7] = [
    "clip_size",
    "limit_price",
    "offset_bps",
    "display_quantity",
    "min_clip",
    "lot_step",
    "price_step",
];

/// Buys 1 BTCUSDT, last price 40000, in clips of 0.25.
fn context() -> Value {
    json!({
        "plugin": "iceberg",
        "params": { "clip_size": "0.25" },
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
    let limit = prop::sample::select([json!(null), json!("35.005"), json!("40")].to_vec());
    let offset = prop::sample::select([json!(null), json!("-7.7"), json!("500")].to_vec());
    let shown = prop::sample::select([json!(null), json!("0.06"), json!("0.07")].to_vec());
    let own = ("0\\.[2-9][0-9]?", limit, offset, shown).prop_map(|(clip, limit, offset, shown)| {
        json!({
            "clip_size": clip, "limit_price": limit, "offset_bps": offset,
            "display_quantity": shown,
        })
    });
    sending::any_sending(own).prop_map(|mut params| {
        // Clips have room for two of the smallest orders, and what is shown for one.
        if params["min_clip"] == json!("0.4") {
            params["clip_size"] = json!("0.85");
        }
        if params["min_clip"] != json!("0") || params["order_type"] == json!("ioc") {
            params["display_quantity"] = json!(null);
        }
        params
    })
}

fn with_params(params: Value) -> Host {
    Host::start_with(context_with("/params", params))
}

#[test]
fn one_clip_is_open_at_a_time_and_its_last_fill_places_the_next() {
    let mut host = Host::start_with(context_with("/params/clip_size", json!("0.4")));
    assert_eq!(placed_text(&host.timer()), ["0.4 @ 40000"]);
    assert!(host.timer().orders.is_empty());
    host.tick("BTCUSDT", "40100");
    assert!(host.fill("a", "40000", "0.3").orders.is_empty());
    assert_eq!(
        placed_text(&host.fill("a", "40000", "0.1")),
        ["0.4 @ 40100"]
    );
    assert_eq!(
        placed_text(&host.fill("b", "40100", "0.4")),
        ["0.2 @ 40100"]
    );
    let last = host.fill("c", "40100", "0.2");
    assert!(last.completed && last.orders.is_empty());
    assert_eq!(last.logs, ["filled 1.0 of 1, 0 still in open orders"]);
    assert_eq!(host.timer(), PluginResult::new().completed());
}

#[test]
fn orders_are_plain_limit_orders_without_an_id_of_their_own() {
    let answer = Host::start_with(context_with("/signal/side", json!("sell"))).timer();
    let order = json!({
        "symbol": "BTCUSDT", "side": "sell", "order_type": "limit", "quantity": "0.25",
        "price": "40000", "trigger_price": null, "time_in_force": null, "client_order_id": null,
        "take_profit": null, "stop_loss": null, "display_quantity": null,
    });
    assert_eq!(
        serde_json::to_value(&answer.orders).unwrap(),
        json!([{ "action": { "Place": order } }])
    );
}

#[test]
fn the_exchange_is_asked_to_show_less_only_of_orders_that_are_larger() {
    let mut host = with_params(json!({ "clip_size": "0.8", "display_quantity": "0.2000001" }));
    let shown = |result: &PluginResult| placed(result)[0].display_quantity;
    assert_eq!(shown(&host.timer()), Some(Decimal::new(2, 1)));
    assert_eq!(shown(&host.fill("a", "40000", "0.8")), None, "0.2 of 0.2");
}

#[test]
fn without_an_offset_the_limit_price_is_the_price_and_needs_no_market() {
    let mut context = context_with("/params/limit_price", json!("39000.019"));
    context["risk"]["last_price"] = json!("0");
    assert_eq!(
        placed_text(&Host::start_with(context.clone()).timer()),
        ["0.25 @ 39000.01"]
    );
    context["signal"]["side"] = json!("sell");
    assert_eq!(
        placed_text(&Host::start_with(context).timer()),
        ["0.25 @ 39000.02"]
    );
}

#[test]
fn with_an_offset_the_price_follows_the_market_but_never_beyond_the_limit_price() {
    for (side, offset, limit, price) in [
        ("buy", "-10", "39990", "39960"),
        ("buy", "10", "39990", "39990"),
        ("sell", "-10", "40010", "40040"),
        ("sell", "10", "40010", "40010"),
        ("buy", "0.00123", "50000", "40000"),
        ("sell", "-0.00123", "30000", "40000.01"),
    ] {
        let mut context = context_with("/signal/side", json!(side));
        context["params"]["offset_bps"] = json!(offset);
        context["params"]["limit_price"] = json!(limit);
        let orders = placed_text(&Host::start_with(context).timer());
        assert_eq!(
            orders,
            [format!("0.25 @ {price}")],
            "{side} {offset} {limit}"
        );
    }
}

#[test]
fn a_clip_whose_turn_came_without_a_price_is_placed_by_a_later_timer() {
    let mut host = Host::start_with(context_with("/risk/last_price", json!("0")));
    assert_eq!(host.timer(), PluginResult::new());
    for price in ["-1", "0", "0.001", "79228162514264337593543950335"] {
        host.tick("BTCUSDT", price);
        assert_eq!(host.timer(), PluginResult::new(), "{price}");
    }
    host.tick("BTCUSDT", "40000");
    assert_eq!(placed_text(&host.timer()), ["0.25 @ 40000"]);
}

#[test]
fn no_clip_is_below_the_smallest_order() {
    let mut host = with_params(json!({ "clip_size": "0.45", "min_clip": "0.2" }));
    assert_eq!(placed_text(&host.timer()), ["0.45 @ 40000"]);
    assert_eq!(
        placed_text(&host.fill("a", "40000", "0.45")),
        ["0.35 @ 40000"]
    );
    assert_eq!(
        placed_text(&host.fill("b", "40000", "0.35")),
        ["0.2 @ 40000"]
    );
    assert!(host.fill("c", "40000", "0.2").completed);
}

#[test]
fn ioc_clips_take_what_there_is_and_the_next_one_follows() {
    let mut host =
        with_params(json!({ "clip_size": "0.25", "order_type": "ioc", "settle_secs": 2 }));
    assert_eq!(timers(&mut host, 4), ["1: 0.25 @ 40000", "4: 0.25 @ 40000"]);
    assert_eq!(
        placed_text(&host.fill("a", "40000", "0.25")),
        ["0.25 @ 40000"]
    );
}

#[test]
fn overfills_and_repeated_fills_leave_less_to_place() {
    let mut host = Host::start();
    host.timer();
    assert_eq!(
        placed_text(&host.fill("a", "40000", "0.35")),
        ["0.25 @ 40000"]
    );
    assert!(host.fill("a", "40000", "0.25").orders.is_empty());
    assert_eq!(
        placed_text(&host.fill("b", "40000", "0.25")),
        ["0.15 @ 40000"]
    );
}

#[test]
fn a_restart_places_nothing_twice() {
    let mut host = Host::start();
    host.timer();
    host.fill("a", "40000", "0.1");
    host.restart_from(host.stored.clone()).unwrap();
    assert_eq!(open_orders(&host), "0.15/a");
    assert!(host.timer().orders.is_empty());
    assert_eq!(
        placed_text(&host.fill("a", "40000", "0.15")),
        ["0.25 @ 40000"]
    );
}

#[test]
fn left_out_params_have_the_documented_defaults() {
    for params in [json!(null), json!({})] {
        assert_eq!(placed_text(&with_params(params).timer()), ["0.1 @ 40000"]);
    }
}

#[test]
fn a_bad_param_is_refused_with_its_name() {
    for (name, value) in [
        ("clip_size", json!("0")),
        ("clip_size", json!("-0.1")),
        ("clip_size", json!("0.000001")),
        ("clip_size", json!("1000000000000001")),
        ("clip_size", json!("much")),
        ("clip_size", json!(null)),
        ("limit_price", json!("0")),
        ("limit_price", json!("1000000000000001")),
        ("offset_bps", json!("-1000.1")),
        ("offset_bps", json!(1_001)),
        ("display_quantity", json!("0")),
        ("display_quantity", json!("0.26")),
        ("order_type", json!("market")),
    ] {
        refuses(name, &value);
    }
    let error = init_error(&context_with(
        "/params",
        json!({ "clip_size": "0.3", "min_clip": "0.2" }),
    ));
    assert_eq!(
        error,
        "params: `clip_size`: 0.3 is less than 0.4, which is one `lot_step` or twice `min_clip` in lots"
    );
}
