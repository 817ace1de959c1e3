//! What every algorithm that counts its orders in `orders.rs` promises, with the worst of hosts.

use rust_decimal::Decimal;
use serde_json::{Value, json};
use tesser_wasm::guest::PluginRuntime;
use tesser_wasm::{PluginFill, PluginResult, PluginSide};

use super::host::{Host, context_with};
use super::{DECIMALS, Plugin, WORK, context, init_error, placed_text, refuses};

#[test]
fn init_places_nothing() {
    let answer = PluginRuntime::<Plugin>::new()
        .call_init(context().to_string())
        .unwrap();
    assert_eq!(
        serde_json::from_str::<PluginResult>(&answer).unwrap(),
        PluginResult::new()
    );
}

#[test]
fn prices_follow_the_ticks_of_the_symbol_alone() {
    let mut host = Host::start();
    let answers = [
        host.tick("ETHUSDT", "3000"),
        host.tick("BTCUSDT", "40100"),
        host.tick("ETHUSDT", "3000"),
        host.timer(),
    ];
    let orders: Vec<_> = answers.iter().flat_map(placed_text).collect();
    assert_eq!(orders, ["0.25 @ 40100"]);
}

#[test]
fn fills_of_another_symbol_or_side_are_ignored_and_logged_once() {
    let mut host = Host::start();
    host.timer();
    let quantity = Decimal::new(1, 1);
    let fill = |symbol, side, quantity| PluginFill::new("a", symbol, side, 40_000.into(), quantity);
    let foreign = [
        fill("ETHUSDT", PluginSide::Buy, quantity),
        fill("BTCUSDT", PluginSide::Sell, quantity),
        fill("BTCUSDT", PluginSide::Buy, Decimal::ZERO),
        fill("BTCUSDT", PluginSide::Buy, -quantity),
    ];
    let before = host.snapshot.clone();
    let logs: Vec<_> = foreign
        .iter()
        .map(|fill| host.send_fill(fill).logs.len())
        .collect();
    assert_eq!(logs, [1, 0, 0, 0]);
    assert_eq!(host.snapshot, before);
}

#[test]
fn a_target_that_cannot_be_worked_is_refused() {
    for target in ["0", "-1", "0.0000000000001", "0.000001", "1000000000000001"] {
        let error = init_error(&context_with("/signal/target_quantity", json!(target)));
        assert!(error.starts_with("signal: `target_quantity`: "), "{error}");
    }
}

#[test]
fn a_price_step_that_is_not_of_this_symbol_is_refused() {
    let error = init_error(&context_with("/risk/last_price", json!("0.05")));
    assert_eq!(
        error,
        "params: `price_step`: 0.01 is more than a tenth of the price 0.05"
    );
}

#[test]
fn steps_and_the_smallest_order_have_ranges() {
    for name in ["lot_step", "price_step"] {
        for value in [
            "0",
            "-1",
            "0.0000000000001",
            "0.1000000000001",
            "1000000000000001",
            "x",
        ] {
            refuses(name, &json!(value));
        }
    }
    for value in [
        json!("-0.1"),
        json!("1000000000000001"),
        json!(null),
        json!(true),
    ] {
        refuses("min_clip", &value);
    }
    let error = init_error(&context_with("/params", json!({ "clip": "1" })));
    assert!(error.starts_with("params: unknown field `clip`"), "{error}");
}

#[test]
fn a_state_that_is_malformed_or_of_other_work_is_refused() {
    let mut host = Host::start();
    host.timer();
    let state: Value = serde_json::from_str(&host.snapshot).unwrap();
    let open = |price, rest| json!([{ "price": price, "rest": rest }]);
    let cases = [
        ("/signal", json!("signal-2")),
        ("/symbol", json!("ETHUSDT")),
        ("/side", json!("sell")),
        ("/orders/target", json!("2")),
        ("/orders/filled", json!("-1")),
        ("/orders/placed", json!("0")),
        ("/orders/placed", json!("1.5")),
        ("/orders/open", open("40000", "-0.25")),
        ("/orders/open", open("0", "0.25")),
        ("", json!({})),
    ];
    assert_eq!(host.restart_from(Some(state.to_string())), Ok(()));
    for (path, value) in cases {
        let mut state = state.clone();
        *state.pointer_mut(&format!("{WORK}{path}")).unwrap() = value.clone();
        assert!(
            host.restart_from(Some(state.to_string())).is_err(),
            "{path} {value}"
        );
    }
    assert!(host.restart_from(Some("null".to_owned())).is_err());
}

const ABSURD: [&str; 5] = [
    "79228162514264337593543950335",
    "-79228162514264337593543950335",
    "0.0000000000000000000000000001",
    "1000000000000000",
    "999999999999999.9999999999999",
];

/// Everything that the market and other people can say. A panic fails the test.
fn survive_absurd_events(mut host: Host) {
    for price in ABSURD {
        host.tick("BTCUSDT", price);
        host.timer();
        host.timer();
        for quantity in ABSURD {
            host.fill(&format!("{price} {quantity}"), price, quantity);
            host.timer();
        }
    }
}

#[test]
fn absurd_numbers_do_not_panic() {
    survive_absurd_events(Host::start());
    for number in ABSURD {
        for path in ["/signal/target_quantity", "/risk/last_price"] {
            let context = context_with(path, json!(number));
            if PluginRuntime::<Plugin>::new()
                .call_init(context.to_string())
                .is_ok()
            {
                survive_absurd_events(Host::start_with(context));
            }
        }
        for name in DECIMALS {
            let mut context = context_with("/signal/target_quantity", json!("1000000000000000"));
            context["params"][name] = json!(number);
            if PluginRuntime::<Plugin>::new()
                .call_init(context.to_string())
                .is_ok()
            {
                survive_absurd_events(Host::start_with(context));
            }
        }
    }
}
