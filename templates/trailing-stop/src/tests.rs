//! Drives the plugin natively, with the JSON that the host sends and stores.

mod host;
mod properties;
mod safety;
mod sending;
mod words;

use proptest::prelude::*;
use serde_json::{Value, json};
use tesser_wasm::{PluginFill, PluginResult, PluginSide};

use crate::TrailingStop as Plugin;
use host::{Host, context_with};
use words::{init_error, open_orders, placed_text, refuses, timers};

/// Where the orders are in the state.
const WORK: &str = "/ticket/state/work";

const ORDER_TYPES: &[&str] = &["limit", "ioc", "market"];

const DECIMALS: [&str; 9] = [
    "trail_bps",
    "activation_price",
    "stop_price",
    "offset_bps",
    "limit_price",
    "clip_size",
    "min_clip",
    "lot_step",
    "price_step",
];

/// Buys 1 BTCUSDT in orders of 0.25 at the last price, 40000, and fires at the first timer.
fn context() -> Value {
    json!({
        "plugin": "trailing-stop",
        "params": { "max_secs": 1, "clip_size": "0.25", "order_type": "limit" },
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
    let price = |price| prop::sample::select([json!(null), json!(price)].to_vec());
    let own = (
        1_u32..3_000,
        price("31"),
        price("33"),
        1_u32..=2,
        1_u32..50,
        -100_i32..100,
    );
    sending::any_sending(own.prop_map(|(trail, activation, stop, confirm, max_secs, offset)| {
        json!({
            "trail_bps": trail, "activation_price": activation, "stop_price": stop,
            "confirm_ticks": confirm, "max_secs": max_secs, "offset_bps": offset, "clip_size": "0.9",
        })
    }))
}

/// Sells 1 BTCUSDT at the market, 1 percent below the best price.
fn sell(own: Value) -> Host {
    let mut context = context_with("/params", own);
    context["signal"]["side"] = json!("sell");
    Host::start_with(context)
}

/// The first of these prices whose tick brings an order.
fn fires_at(host: &mut Host, prices: &[&'static str]) -> Option<&'static str> {
    let mut prices = prices.iter().copied();
    prices.find(|price| !host.tick("BTCUSDT", price).orders.is_empty())
}

#[test]
fn a_sell_follows_the_rise_and_fires_when_two_prices_have_fallen_far_enough() {
    let mut host = sell(json!({}));
    let prices = ["40500", "41000", "41000", "40590.01", "40590", "40590"];
    assert_eq!(fires_at(&mut host, &prices), Some("40590"));
    assert!(
        host.stored.is_some(),
        "the tick that fires is stored with its order"
    );
    let mut host = sell(json!({}));
    assert_eq!(
        fires_at(&mut host, &prices[..5]),
        None,
        "one price is not enough"
    );
    assert_eq!(placed_text(&host.tick("BTCUSDT", "40589")), ["1 @ market"]);
    assert_eq!(timers(&mut host, 50), Vec::<String>::new());
}

#[test]
fn a_buy_follows_the_fall_and_fires_on_the_rise() {
    let mut host = Host::start_with(context_with("/params", json!({ "confirm_ticks": 1 })));
    let prices = ["39000", "39389.99", "39000.5", "39390", "39391"];
    assert_eq!(fires_at(&mut host, &prices), Some("39390"));
}

#[test]
fn a_single_odd_price_neither_fires_nor_moves_the_stop() {
    let mut host = sell(json!({}));
    assert_eq!(
        fires_at(
            &mut host,
            &["40000", "1", "40000", "99999", "40000", "39700"]
        ),
        None
    );
    let mut host = sell(json!({ "confirm_ticks": 1 }));
    assert_eq!(fires_at(&mut host, &["40000", "1"]), Some("1"));
    let mut host = sell(json!({ "confirm_ticks": 1 }));
    assert_eq!(fires_at(&mut host, &["99999", "40000"]), Some("40000"));
}

#[test]
fn a_price_gap_fires_at_the_second_price_or_after_a_silent_second() {
    let mut host = sell(json!({}));
    assert_eq!(fires_at(&mut host, &["30000", "30100"]), Some("30100"));
    let mut host = sell(json!({}));
    assert_eq!(fires_at(&mut host, &["30000"]), None);
    assert_eq!(timers(&mut host, 9), ["2: 1 @ market"]);
}

#[test]
fn the_trail_begins_at_the_activation_price() {
    let mut host = sell(json!({ "activation_price": "42000" }));
    assert_eq!(
        fires_at(&mut host, &["41900", "39000", "39000", "42000", "41999"]),
        None
    );
    assert_eq!(
        fires_at(&mut host, &["42000", "42100", "41000", "41000"]),
        Some("41000")
    );
}

#[test]
fn the_stop_price_fires_before_the_activation_and_whatever_the_best_was() {
    let own = json!({ "activation_price": "42000", "stop_price": "39500", "confirm_ticks": 1 });
    assert_eq!(
        fires_at(&mut sell(own), &["39500.01", "39500"]),
        Some("39500")
    );
}

#[test]
fn the_time_limit_needs_no_ticks() {
    let mut host = sell(json!({ "max_secs": 20 }));
    assert_eq!(timers(&mut host, 50), ["20: 1 @ market"]);
    let mut host = sell(json!({}));
    assert_eq!(timers(&mut host, 5_000), Vec::<String>::new());
}

#[test]
fn once_fired_it_stays_so_across_a_restart_and_works_in_clips() {
    let own = json!({ "order_type": "limit", "clip_size": "0.4", "confirm_ticks": 1 });
    let mut host = sell(own);
    assert_eq!(placed_text(&host.tick("BTCUSDT", "39000")), ["0.4 @ 39000"]);
    host.restart_from(host.stored.clone()).unwrap();
    host.tick("BTCUSDT", "50000");
    assert_eq!(timers(&mut host, 9), ["1: 0.4 @ 50000", "2: 0.2 @ 50000"]);
    for (id, quantity, price) in [
        ("a", "0.4", 39_000),
        ("b", "0.4", 50_000),
        ("c", "0.2", 50_000),
    ] {
        let fill = PluginFill::new(
            id,
            "BTCUSDT",
            PluginSide::Sell,
            price.into(),
            quantity.parse().unwrap(),
        );
        assert_eq!(host.send_fill(&fill).completed, id == "c");
    }
    assert_eq!(host.timer(), PluginResult::new().completed());
    assert_eq!(open_orders(&host), "");
}

#[test]
fn a_state_that_cannot_be_is_refused() {
    let host = Host::start();
    for (name, value) in [("best", json!("-1")), ("before", json!("1000000000000001"))] {
        let mut state: Value = serde_json::from_str(&host.snapshot).unwrap();
        state["trail"][name] = value;
        assert!(
            Host::start().restart_from(Some(state.to_string())).is_err(),
            "{name}"
        );
    }
}

#[test]
fn a_bad_param_is_refused_with_its_name() {
    for (name, value) in [
        ("trail_bps", json!("0.9")),
        ("trail_bps", json!(5_001)),
        ("activation_price", json!("0")),
        ("stop_price", json!("1000000000000001")),
        ("confirm_ticks", json!(0)),
        ("confirm_ticks", json!(3)),
        ("max_secs", json!(-1)),
        ("max_secs", json!(31_536_001)),
        ("clip_size", json!("0")),
    ] {
        refuses(name, &value);
    }
    let market = with(json!({ "order_type": "market", "limit_price": "39000" }));
    assert_eq!(
        init_error(&market),
        "params: `limit_price`: a market order has none"
    );
}
