//! Drives the plugin natively, with the JSON that the host sends and stores.

mod host;
mod properties;
mod safety;
mod sending;
mod words;

use proptest::prelude::*;
use serde_json::{Value, json};
use tesser_wasm::{PluginChildOrderAction, PluginResult, PluginSide};

use crate::Pegged as Plugin;
use crate::peg::{Reference, Takers};
use host::{Host, context_with, placed};
use words::{init_error, open_orders, placed_text, refuses, timers};

/// Where the orders are in the state.
const WORK: &str = "/ticket/state/work";

const ORDER_TYPES: &[&str] = &["limit", "ioc"];

const DECIMALS: [&str; 7] = [
    "requote_bps",
    "offset_bps",
    "limit_price",
    "clip_size",
    "min_clip",
    "lot_step",
    "price_step",
];

/// Buys 1 BTCUSDT in orders of 0.25 at the last price, 40000; requotes beyond 10 basis points.
fn context() -> Value {
    json!({
        "plugin": "pegged",
        "params": { "clip_size": "0.25", "requote_bps": 10 },
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
    let reference = prop::sample::select(&["last", "near", "far"][..]);
    let limit = prop::sample::select([json!(null), json!("35.005")].to_vec());
    let own = (
        reference,
        limit,
        0_u32..500,
        any::<bool>(),
        1_u32..20,
        -100_i32..100,
    );
    sending::any_sending(own.prop_map(|(reference, limit, requote, amend, max_open, offset)| {
        json!({
            "reference": reference, "limit_price": limit, "requote_bps": requote, "amend": amend,
            "max_open": max_open, "offset_bps": offset,
        })
    }))
}

/// Ids and new prices of what a callback amended.
fn amended(result: &PluginResult) -> Vec<String> {
    let orders = result.orders.iter().map(|order| &order.action);
    orders
        .filter_map(|action| match action {
            PluginChildOrderAction::Amend(update) => {
                assert_eq!(update.new_quantity, None);
                Some(format!(
                    "{} @ {}",
                    update.order_id,
                    update.new_price.unwrap()
                ))
            }
            PluginChildOrderAction::Place(_) => None,
        })
        .collect()
}

#[test]
fn one_order_is_at_the_pegged_price_and_the_next_one_comes_when_it_is_filled() {
    let mut host = Host::start();
    assert_eq!(timers(&mut host, 9), ["1: 0.25 @ 40000"]);
    host.fill("a", "40000", "0.2");
    assert_eq!(timers(&mut host, 9), Vec::<String>::new());
    host.fill("a", "40000", "0.05");
    assert_eq!(timers(&mut host, 9), ["1: 0.25 @ 40000"]);
}

#[test]
fn an_order_whose_id_is_known_follows_the_price_once_it_is_too_far_away() {
    let mut host = Host::start();
    host.timer();
    host.fill("a", "40000", "0.1");
    host.tick("BTCUSDT", "40040");
    assert_eq!(
        host.timer(),
        PluginResult::new(),
        "10 basis points are near"
    );
    host.tick("BTCUSDT", "40040.01");
    let result = host.timer();
    assert_eq!(amended(&result), ["a @ 40040.01"]);
    assert!(
        placed(&result).is_empty(),
        "the amended order is the one at the price"
    );
    assert_eq!(host.timer(), PluginResult::new(), "once");
    host.restart_from(host.stored.clone()).unwrap();
    assert_eq!(host.timer(), PluginResult::new());
}

#[test]
fn an_order_that_cannot_follow_stays_and_another_one_is_placed_at_the_new_price() {
    let mut host = Host::start();
    host.timer();
    for (price, order) in [("40100", "0.25 @ 40100"), ("40200", "0.25 @ 40200")] {
        host.tick("BTCUSDT", price);
        assert_eq!(timers(&mut host, 9), [format!("1: {order}")]);
    }
    host.tick("BTCUSDT", "40300");
    assert_eq!(
        timers(&mut host, 9),
        Vec::<String>::new(),
        "`max_open` is 3"
    );
    host.tick("BTCUSDT", "40000");
    assert_eq!(timers(&mut host, 9), Vec::<String>::new(), "one is there");
    let mut host = with_params(json!({ "amend": false }));
    host.timer();
    host.fill("a", "40000", "0.1");
    host.tick("BTCUSDT", "40100");
    let result = host.timer();
    assert!(amended(&result).is_empty());
    assert_eq!(placed_text(&result), ["0.25 @ 40100"]);
}

#[test]
fn ioc_orders_are_sent_again_at_the_price_of_the_time() {
    let mut host = with_params(json!({ "order_type": "ioc", "settle_secs": 2 }));
    assert_eq!(timers(&mut host, 3), ["1: 0.25 @ 40000"]);
    let mut host = with_params(json!({ "order_type": "ioc", "settle_secs": 2 }));
    let mut orders = Vec::new();
    for price in [
        "40000", "40010", "40020", "40030", "40040", "40050", "40060",
    ] {
        host.tick("BTCUSDT", price);
        orders.extend(placed_text(&host.timer()));
    }
    assert_eq!(orders, ["0.25 @ 40000", "0.25 @ 40030", "0.25 @ 40060"]);
}

#[test]
fn the_reference_is_the_last_price_or_what_takers_of_one_side_traded_at() {
    for (side, reference, price) in [
        ("buy", "last", "40000"),
        ("buy", "near", "39990"),
        ("buy", "far", "40000"),
        ("sell", "near", "40000"),
        ("sell", "far", "39990"),
    ] {
        let mut context = with(json!({ "reference": reference }));
        context["signal"]["side"] = json!(side);
        let mut host = Host::start_with(context);
        // Ticks of the tests are sales; until a taker buys, the last price stands in.
        host.tick("BTCUSDT", "39990");
        let expected = if reference == "last" || price == "40000" {
            "39990"
        } else {
            price
        };
        assert_eq!(
            placed_text(&host.timer()),
            [format!("0.25 @ {expected}")],
            "{side} {reference}"
        );
    }
    let mut takers = Takers::default();
    takers.take(PluginSide::Buy, 40_000.into());
    takers.take(PluginSide::Sell, 39_990.into());
    for (reference, side, price) in [
        (Reference::Near, PluginSide::Buy, 39_990),
        (Reference::Far, PluginSide::Buy, 40_000),
        (Reference::Near, PluginSide::Sell, 40_000),
        (Reference::Far, PluginSide::Sell, 39_990),
    ] {
        assert_eq!(takers.price(reference, side), Some(price.into()));
    }
    assert_eq!(takers.price(Reference::Last, PluginSide::Buy), None);
}

#[test]
fn the_pegged_price_is_moved_by_the_offset_and_never_beyond_the_limit_price() {
    for (offset, limit, price) in [
        ("-10", json!(null), "39960"),
        ("10", json!("40010"), "40010"),
    ] {
        let mut host = with_params(json!({ "offset_bps": offset, "limit_price": limit }));
        assert_eq!(placed_text(&host.timer()), [format!("0.25 @ {price}")]);
    }
}

#[test]
fn a_state_that_cannot_be_is_refused() {
    let host = Host::start();
    for name in ["bought", "sold"] {
        let mut state: Value = serde_json::from_str(&host.snapshot).unwrap();
        state["takers"][name] = json!("-1");
        let error = Host::start().restart_from(Some(state.to_string()));
        assert!(error.is_err(), "{name}");
    }
    assert_eq!(open_orders(&host), "");
}

#[test]
fn left_out_params_have_the_documented_defaults() {
    let mut host = Host::start_with(context_with("/params", json!({})));
    assert_eq!(timers(&mut host, 9), ["1: 0.1 @ 40000"]);
    host.fill("a", "40000", "0.01");
    host.tick("BTCUSDT", "40020");
    assert_eq!(host.timer(), PluginResult::new());
    host.tick("BTCUSDT", "40021");
    assert_eq!(amended(&host.timer()), ["a @ 40021"]);
}

#[test]
fn a_bad_param_is_refused_with_its_name() {
    for (name, value) in [
        ("reference", json!("mid")),
        ("requote_bps", json!(-1)),
        ("requote_bps", json!(10_001)),
        ("amend", json!("yes")),
        ("max_open", json!(0)),
        ("max_open", json!(21)),
        ("clip_size", json!("0")),
        ("order_type", json!("market")),
    ] {
        refuses(name, &value);
    }
    assert!(
        init_error(&with(json!({ "clip_size": "0.3", "min_clip": "0.2" }))).contains("`clip_size`")
    );
}
