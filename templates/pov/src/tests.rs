//! Drives the plugin natively, with the JSON that the host sends and stores.

mod host;
mod properties;
mod safety;
mod sending;
mod words;

use proptest::prelude::*;
use serde_json::{Value, json};
use tesser_wasm::PluginResult;

use crate::Pov as Plugin;
use host::{Host, context_with};
use words::{init_error, open_orders, placed_text, refuses, timers};

/// Where the orders are in the state.
const WORK: &str = "/ticket/state/work";

const ORDER_TYPES: &[&str] = &["limit", "ioc", "market"];

const DECIMALS: [&str; 7] = [
    "participation_percent",
    "offset_bps",
    "limit_price",
    "clip_size",
    "min_clip",
    "lot_step",
    "price_step",
];

/// Buys 1 BTCUSDT, last price 40000: a quarter for each trade of 1, and for each silent second.
fn context() -> Value {
    json!({
        "plugin": "pov",
        "params": {
            "participation_percent": 25, "interval_secs": 1, "silence_secs": 1, "fallback_secs": 4,
            "clip_size": "0.25",
        },
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
    let own = (1_u32..100, 1_u32..20, 1_u32..20, 1_u32..90, -100_i32..100);
    sending::any_sending(own.prop_map(|(percent, interval, silence, fallback, offset)| {
        json!({
            "participation_percent": percent, "interval_secs": interval, "silence_secs": silence,
            "fallback_secs": fallback, "offset_bps": offset,
        })
    }))
}

/// Trades of one each.
fn trades(host: &mut Host, count: usize) {
    for _ in 0..count {
        assert_eq!(host.tick("BTCUSDT", "40000"), PluginResult::new());
        host.tick("ETHUSDT", "3000");
    }
}

#[test]
fn the_share_of_the_volume_is_placed_once_per_interval() {
    let mut host =
        with_params(json!({ "participation_percent": 5, "interval_secs": 3, "fallback_secs": 0 }));
    trades(&mut host, 2);
    assert_eq!(timers(&mut host, 3), ["1: 0.1 @ 40000"]);
    trades(&mut host, 4);
    assert_eq!(timers(&mut host, 6), ["1: 0.2 @ 40000"]);
    trades(&mut host, 1);
    assert_eq!(timers(&mut host, 9), ["1: 0.05 @ 40000"]);
}

#[test]
fn a_burst_of_volume_is_caught_up_in_clips_and_never_beyond_the_target() {
    let mut host = with_params(json!({ "clip_size": "0.3" }));
    trades(&mut host, 100);
    assert_eq!(
        timers(&mut host, 30),
        [
            "1: 0.3 @ 40000",
            "2: 0.3 @ 40000",
            "3: 0.3 @ 40000",
            "4: 0.1 @ 40000"
        ]
    );
}

#[test]
fn without_ticks_the_target_is_worked_over_the_fallback_time() {
    let mut host =
        with_params(json!({ "silence_secs": 3, "fallback_secs": 10, "interval_secs": 5 }));
    assert_eq!(
        timers(&mut host, 60),
        [
            "3: 0.1 @ 40000",
            "6: 0.25 @ 40000",
            "11: 0.25 @ 40000",
            "16: 0.25 @ 40000",
            "21: 0.15 @ 40000"
        ]
    );
    // A tick ends the silence.
    let mut host = with_params(
        json!({ "silence_secs": 3, "fallback_secs": 1_000, "participation_percent": "0.01" }),
    );
    for _ in 0..50 {
        trades(&mut host, 1);
        host.timer();
        host.timer();
    }
    assert_eq!(open_orders(&host).split(' ').count(), 50);
    let mut waits = with_params(json!({ "fallback_secs": 0 }));
    assert_eq!(timers(&mut waits, 900), Vec::<String>::new());
}

#[test]
fn orders_below_the_smallest_wait_until_they_are_large_enough() {
    let mut host =
        with_params(json!({ "participation_percent": 1, "min_clip": "0.05", "fallback_secs": 0 }));
    trades(&mut host, 4);
    assert_eq!(timers(&mut host, 5), Vec::<String>::new());
    trades(&mut host, 1);
    assert_eq!(timers(&mut host, 5), ["1: 0.05 @ 40000"]);
}

#[test]
fn fills_decide_when_it_completes() {
    let mut host = Host::start();
    timers(&mut host, 4);
    for id in ["a", "b", "c"] {
        assert!(!host.fill(id, "40000", "0.25").completed);
    }
    let last = host.fill("d", "40000", "0.25");
    assert_eq!(last.logs, ["filled 1.00 of 1, 0 still in open orders"]);
    assert_eq!(host.timer(), PluginResult::new().completed());
}

#[test]
fn a_state_that_cannot_be_is_refused() {
    let mut host = Host::start();
    host.timer();
    for (path, value) in [
        ("/volume/traded", json!("-1")),
        ("/volume/blind", json!("-1")),
    ] {
        let mut state: Value = serde_json::from_str(&host.snapshot).unwrap();
        *state.pointer_mut(path).unwrap() = value;
        assert!(
            host.restart_from(Some(state.to_string())).is_err(),
            "{path}"
        );
    }
}

#[test]
fn left_out_params_have_the_documented_defaults() {
    let mut host = Host::start_with(context_with("/params", json!({})));
    trades(&mut host, 1);
    // A tenth of the target at most, a tenth of the volume, every five seconds.
    assert_eq!(timers(&mut host, 30), ["1: 0.1 @ 40000"]);
    trades(&mut host, 20);
    assert_eq!(timers(&mut host, 10), ["1: 0.1 @ 40000", "6: 0.1 @ 40000"]);
}

#[test]
fn a_bad_param_is_refused_with_its_name() {
    for (name, value) in [
        ("participation_percent", json!("0.009")),
        ("participation_percent", json!(101)),
        ("interval_secs", json!(0)),
        ("interval_secs", json!(604_801)),
        ("silence_secs", json!(0)),
        ("fallback_secs", json!(-1)),
        ("fallback_secs", json!(604_801)),
        ("clip_size", json!("0")),
        ("clip_size", json!("0.000001")),
    ] {
        refuses(name, &value);
    }
    assert!(
        init_error(&with(json!({ "clip_size": "0.3", "min_clip": "0.2" }))).contains("`clip_size`")
    );
}
