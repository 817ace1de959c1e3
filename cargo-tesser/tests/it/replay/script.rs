//! Scripts of events: what happens to the host, one thing after the other, and nothing else.

use serde_json::Value;
use snapbox::{assert_data_eq, str};

use super::VENUE;
use crate::support::{Sandbox, chase};

/// The chase plugin over events, with orders of a half each.
fn run(events: &str, code: i32) -> Value {
    let sandbox = Sandbox::new();
    sandbox.write("script.jsonl", events);
    let params = r#"{"venue":"bybit_linear","clip_size":"0.5"}"#;
    let words = ["replay", chase().to_str().unwrap(), "--tape", "script.jsonl", "--quantity", "1"];
    let more = ["--params", params, "--format", "json"];
    let run = sandbox.tesser("", &[&words[..], &more].concat()).expect(code);
    serde_json::from_str(&run.stdout).unwrap()
}

/// Calls of the plugin without those of `init` and its snapshot.
fn calls(events: &str) -> u64 {
    run(events, 0)["calls"].as_u64().unwrap() - 2
}

#[test]
fn a_script_says_call_by_call_what_the_host_does() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "script.jsonl",
        r#""timer"
{"fill": {"order": 1, "price": "100", "quantity": "0.05"}}
"restart"
{"tick": {"price": "100", "size": "1", "side": "sell", "timestamp_ms": 7}}
"timer"
{"fill": {"order": 9, "price": "1", "quantity": "7"}}
"#,
    );
    let params = r#"{"venue":"bybit_linear","clip_size":"0.1"}"#;
    let plugin = chase().to_str().unwrap();
    let words =
        ["replay", plugin, "--tape", "script.jsonl", "--quantity", "0.2", "--params", params];
    let run = sandbox.tesser("", &words).expect(0);
    let text: String = run.stdout.split_inclusive('\n').skip(1).collect();
    assert_data_eq!(
        text,
        str![[r#"
        host  tesser@0.9, bybit_linear:BTCUSDT (LinearPerpetual), no ticks, as live, at most 1 an order and 2 in all
        tape  6 rows, 12 calls of the plugin, 1 restart
      target  0.2
      placed  0.2 in 2 orders, 0 amendments
      filled  0.05 in 1 fill at a mean price of 100
  still open  0.15
        note  the script fills `order-9`, but only `order-1` to `order-2` were placed by then: the fill is ignored
      ending  not completed when the tape ended

  number  time ms  side   type  price  quantity  filled  mean price  state
       1        0   buy  limit      1       0.1    0.05         100   open
       2        7   buy  limit    100       0.1       0               open

"#]]
    );
}

#[test]
fn a_script_has_no_exchange_to_be_asked_for_something() {
    let sandbox = Sandbox::new();
    sandbox.write("script.jsonl", "\"timer\"\n");
    let plugin = chase().to_str().unwrap();
    let words = ["replay", plugin, "--tape", "script.jsonl", "--quantity", "1", "--params", VENUE];
    let words = [&words[..], &["--reject", "1"]].concat();
    let run = sandbox.tesser("", &words).expect(2);
    let error = "`script.jsonl` is a script, which defines all events itself";
    assert!(run.error().contains(error), "{}", run.stderr);
    sandbox.tesser("", &words[..8]).expect(0);
}

#[test]
fn a_fill_that_nobody_saw_is_told_at_the_next_connection() {
    let fill = r#"{"order": 1, "price": "100", "quantity": "0.5"}"#;
    let unseen = format!("\"timer\"\n{{\"fill_unseen\": {fill}}}\n");
    // The timer and its snapshot; then the fill and its snapshot.
    assert_eq!(calls(&unseen), 2);
    assert_eq!(run(&unseen, 0)["filled"], "0.5");
    let told = format!("{unseen}\"reconnect\"\n");
    assert_eq!(calls(&told), 4);
    assert_eq!(run(&told, 0)["filled"], "0.5");
    // A repeated one is told again, and counted once.
    let again = format!("\"timer\"\n{{\"fill\": {fill}}}\n\"reconnect\"\n\"timer\"\n\"timer\"\n");
    assert_eq!(calls(&again), 10);
    assert_eq!(run(&again, 0)["placed"], "1.0");
}

#[test]
fn an_order_without_a_fill_for_a_minute_is_cancelled_at_the_next_poll() {
    let state = |events: &str| run(events, 0)["orders"][0]["state"].as_str().unwrap().to_owned();
    assert_eq!(state("\"timer\"\n{\"advance_ms\": 59999}\n\"poll\"\n"), "open");
    let expired = "\"timer\"\n{\"advance_ms\": 60000}\n\"poll\"\n";
    assert_eq!(state(expired), "cancelled");
    assert_eq!(run(expired, 0)["stale_orders"], 1);
    // The plugin is not told, and a late fill does not reach it.
    let late = format!(
        "{expired}{{\"fill\": {{\"order\": 1, \"price\": \"100\", \"quantity\": \"0.5\"}}}}\n"
    );
    assert_eq!(calls(&late), 2);
}

#[test]
fn the_exchange_can_end_an_order_and_tell_the_host() {
    let events = "\"timer\"\n{\"order_update\": {\"order\": 1, \"status\": \"Rejected\"}}\n{\"advance_ms\": 90000}\n\"poll\"\n";
    let document = run(events, 0);
    assert_eq!(document["orders"][0]["state"], "refused");
    // It is off the list of the monitor.
    assert_eq!(document["stale_orders"], 0);
}

#[test]
fn cancel_all_drops_the_algorithm_without_a_call_and_leaves_its_orders() {
    let document = run("\"timer\"\n\"cancel_all\"\n\"timer\"\n", 0);
    assert_eq!(document["calls"], 4);
    assert_eq!(document["orders"][0]["state"], "open");
}

#[test]
fn a_restart_adopts_the_orders_that_the_exchange_lists() {
    let events = |restart: &str| {
        format!(
            "\"timer\"\n\"{restart}\"\n{{\"fill\": {{\"order\": 1, \"price\": \"100\", \"quantity\": \"0.5\"}}}}\n"
        )
    };
    // `init` and `restore` without snapshots, then the fill with one.
    assert_eq!(calls(&events("restart")), 6);
    assert_eq!(calls(&events("restart without orders")), 4);
    assert_eq!(run(&events("restart"), 0)["restarts"], 1);
}

#[test]
fn a_script_may_begin_with_any_event() {
    for event in [
        "\"timer\"",
        "\"poll\"",
        "\"restart\"",
        "\"restart without orders\"",
        "\"reconnect\"",
        "\"cancel_all\"",
        "{\"advance_ms\": 5}",
    ] {
        assert_eq!(run(&format!("{event}\n"), 0)["tape_rows"], 1, "{event}");
    }
}

#[test]
fn a_fill_of_an_order_that_does_not_exist_is_named_and_does_not_count() {
    let fill = |order: u8| {
        format!("{{\"fill\": {{\"order\": {order}, \"price\": \"100\", \"quantity\": \"0.5\"}}}}\n")
    };
    let document = run(&format!("{}\"timer\"\n{}", fill(1), fill(9)), 0);
    assert_eq!(document["filled"], "0");
    let notes = [
        "the script fills `order-1`, but no order was placed by then: the fill is ignored",
        "the script fills `order-9`, but only `order-1` was placed by then: the fill is ignored",
    ];
    assert_eq!(document["notes"], serde_json::json!(notes));
}
