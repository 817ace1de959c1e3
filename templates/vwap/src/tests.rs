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

use crate::Vwap as Plugin;
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

/// Buys 1 BTCUSDT, last price 40000, in 4 slices, one every 3 seconds.
fn context() -> Value {
    json!({
        "plugin": "vwap",
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
    let curve = prop::option::of(prop::collection::vec(0_u32..9, 1..9));
    let own = (
        1_u32..60,
        1_u32..60,
        curve,
        0_u32..=100,
        -100_i32..100,
        1_u32..4,
    );
    sending::any_sending(
        own.prop_map(|(duration, interval, curve, band, offset, catch_up)| {
            let curve = curve.filter(|weights| weights.iter().any(|weight| *weight > 0));
            json!({
                "duration_secs": duration, "interval_secs": interval.min(duration), "curve": curve,
                "band_percent": band, "offset_bps": offset, "catch_up_slices": catch_up,
            })
        }),
    )
}

fn with_param(name: &str, value: &Value) -> Host {
    Host::start_with(context_with(&format!("/params/{name}"), value.clone()))
}

#[test]
fn slices_follow_the_given_curve() {
    let curve = json!(["1", 2, "4", 1]);
    assert_eq!(
        timers(&mut with_param("curve", &curve), 30),
        [
            "1: 0.125 @ 40000",
            "4: 0.25 @ 40000",
            "7: 0.5 @ 40000",
            "10: 0.125 @ 40000"
        ]
    );
    // Two slices for each part, and two parts for each slice.
    assert_eq!(
        timers(&mut with_param("curve", &json!([1, 3])), 30),
        [
            "1: 0.125 @ 40000",
            "4: 0.125 @ 40000",
            "7: 0.375 @ 40000",
            "10: 0.375 @ 40000"
        ]
    );
    assert_eq!(
        timers(
            &mut with_param("curve", &json!([1, 1, 0, 0, 0, 0, 3, 5])),
            30
        ),
        ["1: 0.2 @ 40000", "10: 0.8 @ 40000"]
    );
}

#[test]
fn without_ticks_and_without_a_curve_the_slices_are_equal() {
    assert_eq!(
        timers(&mut Host::start(), 30),
        [
            "1: 0.25 @ 40000",
            "4: 0.25 @ 40000",
            "7: 0.25 @ 40000",
            "10: 0.25 @ 40000"
        ]
    );
}

/// What is placed in four slices of three seconds, with so many trades of 1 before each timer.
fn learned(band: u32, trades: [u32; 12]) -> Vec<String> {
    let mut host = with_param("band_percent", &json!(band));
    let mut orders = Vec::new();
    for count in trades {
        for _ in 0..count {
            host.tick("ETHUSDT", "40000");
            host.tick("BTCUSDT", "40000");
        }
        orders.extend(placed_text(&host.timer()));
    }
    orders
}

#[test]
fn the_curve_is_learned_from_the_volume_of_the_symbol() {
    // The fourth timer begins the second slice. Even volume is an even curve.
    assert_eq!(
        learned(50, [1, 1, 1, 1, 2, 1, 1, 2, 1, 1, 0, 0]),
        ["0.25 @ 40000"; 4]
    );
    // After slices of 4 and 1, two of 3.25 are expected: 8.25 of 11.5 are due when the third begins.
    assert_eq!(
        learned(50, [4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0])[1..3],
        ["0.25 @ 40000", "0.21739 @ 40000"]
    );
    // A slice without a tick says nothing.
    assert_eq!(
        learned(50, [4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])[1..],
        ["0.25 @ 40000", "0.25 @ 40000", "0.25 @ 40000"]
    );
}

#[test]
fn the_learned_curve_stays_within_the_band() {
    let trades = [90, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0];
    assert_eq!(learned(0, trades), ["0.25 @ 40000"; 4]);
    assert_ne!(learned(50, trades)[2], "0.25 @ 40000");
}

#[test]
fn the_last_slice_is_all_that_is_left() {
    for band in [0, 50, 100] {
        let orders = learned(band, [1, 0, 0, 90, 0, 0, 2, 0, 0, 9, 0, 0]);
        let sum: Decimal = orders
            .iter()
            .map(|order| order.split(' ').next().unwrap().parse::<Decimal>().unwrap())
            .sum();
        assert_eq!(sum, Decimal::ONE, "{orders:?}");
    }
}

#[test]
fn no_order_has_a_price_beyond_the_limit_price() {
    for (side, market, price) in [
        ("buy", "39000", "39000"),
        ("buy", "40000", "39500"),
        ("sell", "40000", "40000"),
        ("sell", "39000", "39500"),
    ] {
        let mut context = context_with("/signal/side", json!(side));
        context["params"]["limit_price"] = json!("39500");
        let mut host = Host::start_with(context.clone());
        host.tick("BTCUSDT", market);
        assert_eq!(placed_text(&host.timer()), [format!("0.25 @ {price}")]);
        // An `ioc` order waits until the market is within the limit.
        context["params"]["order_type"] = json!("ioc");
        let mut host = Host::start_with(context);
        host.tick("BTCUSDT", market);
        assert_eq!(host.timer().orders.len(), usize::from(market == price));
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
fn a_state_that_cannot_be_is_refused() {
    let mut host = Host::start();
    host.timer();
    for (path, value) in [
        ("/clock/ordered", json!(9)),
        ("/clock/timers", json!(-1)),
        ("/volume/past", json!("-1")),
        ("/volume/expected", json!("1000000000000001")),
        ("/ticket/settle/expired", json!("-1")),
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
        ("interval_secs", json!(0)),
        ("interval_secs", json!(13)),
        ("catch_up_slices", json!(0)),
        ("catch_up_slices", json!(1_001)),
        ("band_percent", json!(101)),
        ("curve", json!([])),
        ("curve", json!([1, -1])),
        ("curve", json!([0, 0])),
        ("curve", json!(["1000001"])),
        ("curve", json!(vec![1; 1_441])),
        ("curve", json!("flat")),
    ] {
        refuses(name, &value);
    }
}
