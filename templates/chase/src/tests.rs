//! Drives the plugin natively, with the JSON that the host sends and stores.

mod host;
mod properties;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use tesser_wasm::guest::PluginRuntime;
use tesser_wasm::{
    PluginChildOrderAction, PluginFill, PluginOrderRequest, PluginResult, PluginSide,
};

use crate::Chase as Plugin;
use crate::orders::MAX_OPEN;
use host::{Host, context_with, placed};

/// Buys 1 BTCUSDT, last price 40000, in clips of 0.25, repricing from 5 basis points on.
fn context() -> Value {
    json!({
        "plugin": "chase",
        "params": { "clip_size": "0.25", "reprice_bps": 5 },
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

fn init_error(context: &Value) -> String {
    PluginRuntime::<Plugin>::new()
        .call_init(context.to_string())
        .unwrap_err()
}

/// Quantities and prices of the orders that a callback placed.
fn placed_text(result: &PluginResult) -> Vec<String> {
    let text =
        |order: &&PluginOrderRequest| format!("{} @ {}", order.quantity, order.price.unwrap());
    placed(result).iter().map(text).collect()
}

/// Ids and new prices of the orders that a callback amended.
fn amended_text(result: &PluginResult) -> Vec<String> {
    let amend = |action: &PluginChildOrderAction| match action {
        PluginChildOrderAction::Place(_) => None,
        PluginChildOrderAction::Amend(order) => {
            assert_eq!(order.new_quantity, None);
            Some(format!("{} @ {}", order.order_id, order.new_price.unwrap()))
        }
    };
    result
        .orders
        .iter()
        .filter_map(|order| amend(&order.action))
        .collect()
}

#[test]
fn each_timer_places_one_clip_until_the_target_is_placed() {
    let mut host = Host::start_with(context_with("/params/clip_size", json!("0.4")));
    let orders: Vec<_> = (0..10).flat_map(|_| placed_text(&host.timer())).collect();
    assert_eq!(orders, ["0.4 @ 40000", "0.4 @ 40000", "0.2 @ 40000"]);
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
    host.tick("BTCUSDT", "40100");
    host.tick("ETHUSDT", "3000");
    assert_eq!(placed_text(&host.timer()), ["0.25 @ 40100"]);
}

#[test]
fn nothing_is_placed_while_there_is_no_usable_price() {
    let mut host = Host::start_with(context_with("/risk/last_price", json!("0")));
    assert_eq!(host.timer(), PluginResult::new());
    for price in ["-1", "0", "79228162514264337593543950335"] {
        host.tick("BTCUSDT", price);
        assert_eq!(host.timer(), PluginResult::new(), "{price}");
    }
    host.tick("BTCUSDT", "40000");
    assert_eq!(placed_text(&host.timer()), ["0.25 @ 40000"]);
}

#[test]
fn no_more_orders_are_placed_while_too_many_are_open() {
    let mut host = Host::start_with(context_with("/params/clip_size", json!("0.001")));
    let orders = (0..2 * MAX_OPEN)
        .map(|_| host.timer().orders.len())
        .sum::<usize>();
    assert_eq!(orders, MAX_OPEN);
    host.fill("a", "40000", "0.001");
    assert_eq!(placed_text(&host.timer()), ["0.001 @ 40000"]);
}

#[test]
fn the_rest_of_an_order_follows_the_price_once_a_fill_revealed_its_id() {
    let mut host = Host::start();
    host.timer();
    host.tick("BTCUSDT", "40100");
    assert!(amended_text(&host.timer()).is_empty(), "no id is known yet");

    host.fill("a", "40000", "0.1");
    assert_eq!(amended_text(&host.timer()), ["a @ 40100"]);
    assert!(
        amended_text(&host.timer()).is_empty(),
        "it is at the last price now"
    );

    host.fill("a", "40100", "0.15");
    host.tick("BTCUSDT", "50000");
    assert!(amended_text(&host.timer()).is_empty(), "it is filled");
}

#[test]
fn a_price_exactly_at_the_threshold_amends_nothing() {
    let mut host = Host::start();
    host.timer();
    host.fill("a", "40000", "0.1");
    for (price, amended) in [
        ("40020", vec![]),
        ("39980", vec![]),
        ("39979.9", vec!["a @ 39979.9"]),
    ] {
        host.tick("BTCUSDT", price);
        assert_eq!(amended_text(&host.timer()), amended, "{price}");
    }
}

#[test]
fn it_completes_when_the_target_is_filled() {
    let mut host = Host::start();
    for id in ["a", "b", "c"] {
        host.timer();
        assert!(!host.fill(id, "40000", "0.25").completed);
    }
    host.timer();
    assert!(!host.fill("d", "40000", "0.2").completed);
    let last = host.fill("d", "40000", "0.05");
    assert!(last.completed);
    assert_eq!(last.logs, ["filled 1.00 of 1, 0 still in open orders"]);
    assert_eq!(host.timer(), PluginResult::new().completed());
}

#[test]
fn overfills_and_repeated_fills_leave_less_to_place() {
    let mut host = Host::start();
    host.timer();
    host.fill("a", "40000", "0.35");
    host.fill("a", "40000", "0.25");
    let orders: Vec<_> = (0..10).flat_map(|_| placed_text(&host.timer())).collect();
    assert_eq!(orders, ["0.25 @ 40000", "0.15 @ 40000"]);
}

#[test]
fn a_fill_of_too_many_decimals_does_not_pass_them_on() {
    let mut host = Host::start();
    host.timer();
    host.fill("a", "40000", "0.3333333333333333333333333333");
    let orders: Vec<_> = (0..10).flat_map(|_| placed_text(&host.timer())).collect();
    assert_eq!(orders, ["0.25 @ 40000", "0.25 @ 40000", "0.16666 @ 40000"]);
}

#[test]
fn fills_of_others_are_ignored_and_logged_once() {
    let mut host = Host::start();
    host.timer();
    let ours = PluginFill::new(
        "a",
        "BTCUSDT",
        PluginSide::Buy,
        40_000.into(),
        Decimal::new(1, 1),
    );
    let foreign = [
        PluginFill {
            symbol: "ETHUSDT".into(),
            ..ours.clone()
        },
        PluginFill {
            side: PluginSide::Sell,
            ..ours.clone()
        },
        PluginFill {
            fill_quantity: Decimal::ZERO,
            ..ours.clone()
        },
        PluginFill {
            fill_quantity: Decimal::NEGATIVE_ONE,
            ..ours.clone()
        },
    ];
    let before = host.snapshot.clone();
    let logs: Vec<_> = foreign
        .iter()
        .map(|fill| host.send_fill(fill).logs.len())
        .collect();
    assert_eq!(logs, [1, 0, 0, 0]);
    assert_eq!(host.snapshot, before);

    host.send_fill(&ours);
    let before = host.snapshot.clone();
    host.fill("b", "40000", "0.1");
    assert_eq!(
        host.snapshot, before,
        "every order has its id, so `b` is not ours"
    );
}

/// `price/rest/id` of the open orders.
fn open_orders(host: &Host) -> String {
    let state: Value = serde_json::from_str(&host.snapshot).unwrap();
    let text = |order: &Value| {
        let field = |name| order[name].as_str().unwrap_or("-");
        format!("{}/{}/{}", field("price"), field("rest"), field("id"))
    };
    state["work"]["orders"]["open"]
        .as_array()
        .unwrap()
        .iter()
        .map(text)
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn a_first_fill_goes_to_the_oldest_order_it_fits_best() {
    let mut host = Host::start();
    for price in ["100", "101", "101", "102"] {
        host.tick("BTCUSDT", price);
        host.timer();
    }
    host.fill("a", "101", "0.1");
    assert_eq!(
        open_orders(&host),
        "100/0.25/- 101/0.15/a 101/0.25/- 102/0.25/-"
    );
    host.fill("b", "100.5", "0.1");
    assert_eq!(
        open_orders(&host),
        "100/0.25/- 101/0.15/a 101/0.15/b 102/0.25/-",
        "limit allows it"
    );
    host.fill("c", "103", "0.1");
    assert_eq!(
        open_orders(&host),
        "100/0.15/- 101/0.15/a 101/0.15/b 102/0.25/-",
        "the oldest; but beyond its limit, so the id may be of somebody else's order"
    );
    host.fill("a", "101", "0.15");
    host.fill("a", "102", "0.15");
    assert_eq!(
        open_orders(&host),
        "100/0.15/- 101/0.15/b 102/0.25/-",
        "`a` is done, so not the last"
    );
}

#[test]
fn a_restart_places_nothing_twice() {
    let mut host = Host::start();
    host.timer();
    host.timer();
    host.fill("a", "40000", "0.1");
    host.restart_from(host.stored.clone()).unwrap();
    assert_eq!(open_orders(&host), "40000/0.15/a 40000/0.25/-");
    let orders: Vec<_> = (0..10).flat_map(|_| placed_text(&host.timer())).collect();
    assert_eq!(orders, ["0.25 @ 40000", "0.25 @ 40000"]);
}

#[test]
fn a_state_that_is_malformed_or_of_other_work_is_refused() {
    let mut host = Host::start();
    host.timer();
    let state: Value = serde_json::from_str(&host.snapshot).unwrap();
    let cases = [
        ("", json!(null)),
        ("", json!({})),
        ("/signal", json!("signal-2")),
        ("/symbol", json!("ETHUSDT")),
        ("/side", json!("sell")),
        ("/last_price", json!(null)),
        ("/orders/target", json!("2")),
        ("/orders/filled", json!("-1")),
        ("/orders/placed", json!("0")),
        ("/orders/placed", json!("1.5")),
        (
            "/orders/open",
            json!([{ "price": "40000", "rest": "-0.25" }]),
        ),
        ("/orders/open", json!([{ "price": "0", "rest": "0.25" }])),
        (
            "/orders/open",
            json!([{ "price": "40000", "rest": "0.25", "state": "new" }]),
        ),
    ];
    assert_eq!(host.restart_from(Some(state.to_string())), Ok(()));
    for (path, value) in cases {
        let mut state = state.clone();
        let part = match path {
            "" | "/last_price" => &mut state,
            _ => &mut state["work"],
        };
        *part.pointer_mut(path).unwrap() = value.clone();
        assert!(
            host.restart_from(Some(state.to_string())).is_err(),
            "{path} {value}"
        );
    }
}

#[test]
fn quantities_are_whole_lots_and_prices_whole_steps_on_our_side_of_the_market() {
    for (side, price, later) in [
        ("buy", "40000.0", "40040.5"),
        ("sell", "40000.5", "40041.0"),
    ] {
        let mut context = context_with("/signal/side", json!(side));
        context["signal"]["target_quantity"] = json!("1.0009");
        context["params"] =
            json!({ "clip_size": "0.4004", "lot_step": "0.001", "price_step": "0.5" });
        let mut host = Host::start_with(context);
        host.tick("BTCUSDT", "40000.3");
        let orders: Vec<_> = (0..10).flat_map(|_| placed_text(&host.timer())).collect();
        let expected = ["0.400", "0.400", "0.200"].map(|lots| format!("{lots} @ {price}"));
        assert_eq!(orders, expected);

        host.send_fill(&PluginFill::new(
            "a",
            "BTCUSDT",
            serde_json::from_value(json!(side)).unwrap(),
            price.parse().unwrap(),
            Decimal::new(1, 1),
        ));
        host.tick("BTCUSDT", "40040.7");
        assert_eq!(amended_text(&host.timer()), [format!("a @ {later}")]);
    }
}

#[test]
fn it_completes_when_what_remains_is_less_than_a_lot() {
    let mut host = Host::start_with(context_with("/params/lot_step", json!("0.25")));
    for (id, quantity) in [("a", "0.25"), ("b", "0.25")] {
        host.timer();
        assert!(!host.fill(id, "40000", quantity).completed);
    }
    host.timer();
    let last = host.fill("c", "40000", "0.3");
    assert!(last.completed, "0.2 remain, which no order can ask for");
    assert_eq!(last.logs, ["filled 0.80 of 1, 0 still in open orders"]);
}

#[test]
fn left_out_params_have_the_documented_defaults() {
    for params in [json!(null), json!({})] {
        let mut host = Host::start_with(context_with("/params", params));
        assert_eq!(placed_text(&host.timer()), ["0.1 @ 40000"]);
        host.fill("a", "40000", "0.01");
        host.tick("BTCUSDT", "40020");
        assert!(amended_text(&host.timer()).is_empty());
        host.tick("BTCUSDT", "40020.01");
        assert_eq!(amended_text(&host.timer()), ["a @ 40020.01"]);
    }
}

#[test]
fn a_bad_param_is_refused_with_its_name_and_range() {
    let cases = [
        ("clip_size", json!("0")),
        ("clip_size", json!("-0.1")),
        ("clip_size", json!("0.0000000000001")),
        ("clip_size", json!("1000000000000001")),
        ("clip_size", json!("much")),
        ("clip_size", json!(null)),
        ("reprice_bps", json!(-1)),
        ("reprice_bps", json!("10000.1")),
        ("reprice_bps", json!(true)),
        ("clip_size", json!("0.000009")),
        ("lot_step", json!("0")),
        ("lot_step", json!("0.0000000000009")),
        ("price_step", json!("-0.01")),
        ("price_step", json!("1000000000000001")),
        ("price_step", json!("4000.01")),
    ];
    for (name, value) in cases {
        let mut context = context();
        context["params"][name] = value;
        let error = init_error(&context);
        assert!(error.starts_with(&format!("params: `{name}`: ")), "{error}");
    }
    let error = init_error(&context_with("/params", json!({ "lot_step": "0.3" })));
    assert_eq!(
        error,
        "params: `clip_size`: 0.1 is out of range; allowed: from 0.3 to 1000000000000000"
    );
    let error = init_error(&context_with("/params", json!({ "clip": "1" })));
    assert!(error.starts_with("params: unknown field `clip`"), "{error}");
}

#[test]
fn a_target_that_cannot_be_worked_is_refused() {
    for target in ["0", "-1", "0.0000000000001", "0.000009", "1000000000000001"] {
        let error = init_error(&context_with("/signal/target_quantity", json!(target)));
        assert!(error.starts_with("signal: `target_quantity`: "), "{error}");
    }
}

#[test]
fn absurd_numbers_do_not_panic() {
    const MAX: &str = "79228162514264337593543950335";
    const TINY: &str = "0.0000000000000000000000000001";
    for number in [
        MAX,
        "-79228162514264337593543950335",
        TINY,
        "1000000000000000",
    ] {
        for path in [
            "/signal/target_quantity",
            "/params/clip_size",
            "/params/reprice_bps",
            "/params/lot_step",
            "/params/price_step",
            "/risk/last_price",
        ] {
            let mut context = context();
            let (parent, name) = path.rsplit_once('/').unwrap();
            context.pointer_mut(parent).unwrap()[name] = json!(number);
            // An error is fine; a panic would fail the test.
            let _ = PluginRuntime::<Plugin>::new().call_init(context.to_string());
        }
    }
    let mut context = context_with("/signal/target_quantity", json!("1000000000000000"));
    context["params"] = json!({ "clip_size": "999999999999.999999999999", "reprice_bps": "10000" });
    let mut host = Host::start_with(context);
    for price in [
        "1000000000000000",
        TINY,
        "999999999999999.9999999999999",
        MAX,
    ] {
        host.tick("BTCUSDT", price);
        host.timer();
        host.timer();
        for quantity in [TINY, "0.3333333333333333333333333333", "1000000000000000.1"] {
            host.fill(&format!("{price} {quantity}"), price, quantity);
        }
    }
    for _ in 0..3 {
        host.fill("a", MAX, MAX);
        host.fill("a", "-1", MAX);
    }
    host.timer();
}
