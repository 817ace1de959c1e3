//! The session that is simulated: what a live host does, and the flags and files that change it.

use serde_json::Value;

use super::{VENUE, replay, synthetic};
use crate::support::{Sandbox, chase, root};
use crate::test::mine;

/// Clips of a half.
const CLIPS: &str = r#"{"venue":"bybit_linear","clip_size":"0.5"}"#;

fn document(more: &[&str], code: i32) -> Value {
    let tape = synthetic();
    let words = ["replay", chase().to_str().unwrap(), "--tape", &tape, "--quantity", "2"];
    let run = Sandbox::new().tesser("", &[&words[..], more, &["--format", "json"]].concat());
    serde_json::from_str(&run.expect(code).stdout).unwrap()
}

/// The line of the table that says what is simulated.
fn host(more: &[&str]) -> String {
    let document = document(&[&["--params", CLIPS], more].concat(), 0);
    document["host"].as_str().unwrap().to_owned()
}

fn first_error(document: &Value) -> &str {
    document["errors"][0].as_str().unwrap_or("nothing")
}

#[test]
fn no_trade_reaches_the_plugin_unless_ticks_are_asked_for() {
    // All orders rest below the tape, which does not come near.
    let params = r#"{"venue":"bybit_linear","clip_size":"0.5","offset_bps":"-500"}"#;
    let live = document(&["--params", params], 1);
    let ticks = document(&["--params", params, "--ticks"], 1);
    let number = |document: &Value, name: &str| document[name].as_u64().unwrap();
    // 80 seconds, of which each has a timer and a snapshot.
    assert!(number(&live, "calls") < 180, "{:#}", live["calls"]);
    // 200 trades, of which each has a tick and a snapshot.
    assert!(number(&ticks, "calls") >= number(&live, "calls") + 400, "{:#}", ticks["calls"]);
}

#[test]
fn the_host_line_says_what_is_simulated() {
    let usual = "bybit_linear:BTCUSDT (LinearPerpetual), no ticks, as live, at most 1 an order and 2 in all";
    assert_eq!(host(&[]), format!("tesser@0.9, {usual}"));
    assert_eq!(
        host(&["--ticks"]),
        format!("tesser@0.9, {}", usual.replace("no ticks, as live", "ticks forwarded"))
    );
    assert_eq!(
        host(&["--max-order", "0.75", "--max-position", "0"]),
        format!("tesser@0.9, {}", usual.replace("1 an order and 2", "0.75 an order and any"))
    );
    let tape = synthetic();
    let table = replay(&["--tape", &tape, "--quantity", "1"], 0);
    assert!(table.starts_with(&format!("        host  tesser@0.9, {usual}\n")), "{table}");
}

#[test]
fn a_venue_is_of_the_session_the_symbol_or_the_profile() {
    let binance = r#"{"venue":"binance_spot"}"#;
    for words in [["--venue", "binance_spot"], ["--symbol", "binance_spot:BTCUSDT"]] {
        let document = document(&[&words[..], &["--params", binance]].concat(), 0);
        assert_eq!(document["symbol"], "binance_spot:BTCUSDT");
        assert_eq!(document["orders"][0]["symbol"], "binance_spot:BTCUSDT");
        assert!(document["host"].as_str().unwrap().contains("binance_spot:BTCUSDT (Spot)"));
    }
    // The plugin sends to another venue than the session has.
    let other = document(&["--venue", "binance_spot", "--params", VENUE], 1);
    let expected = "missing risk context for symbol bybit_linear:BTCUSDT: the host knows only the symbols of its session";
    assert!(first_error(&other).starts_with(expected), "{}", first_error(&other));
}

#[test]
fn a_venue_without_rules_or_beside_another_one_is_an_error() {
    let sandbox = Sandbox::new();
    let words = ["replay", "x.wasm", "--tape", "x.csv", "--quantity", "1"];
    let said = |more: &[&str]| {
        let run = sandbox.tesser("", &[&words[..], more].concat());
        (run.code, run.error().to_owned())
    };
    let unknown = "error: the host profile does not know the venue `okx`, only `binance…`, `bybit…`\n\
                   hint: spell it as in the host's `markets.toml`, such as `bybit_linear`; for another venue, set its rules \
                   with `--exchange`";
    assert_eq!(said(&["--venue", "okx"]), (Some(101), unknown.to_owned()));
    let two = "error: the symbol `bybit_linear:BTCUSDT` is not of the venue `binance_spot`\nhint: name the venue once";
    let words = ["--venue", "binance_spot", "--symbol", "bybit_linear:BTCUSDT"];
    assert_eq!(said(&words), (Some(101), two.to_owned()));
    // Its rules are said, so only the plugin is missing.
    let (_, error) = said(&["--venue", "okx", "--exchange", "any"]);
    assert!(error.starts_with("error: cannot read `x.wasm`"), "{error}");
}

#[test]
fn an_empty_symbol_or_venue_is_a_usage_error() {
    let sandbox = Sandbox::new();
    for flag in ["--symbol", "--venue"] {
        let words = ["replay", "x.wasm", "--tape", "x.csv", "--quantity", "1", flag, ""];
        let run = sandbox.tesser("", &words).expect(2);
        assert!(run.error().contains(&format!("invalid value '' for '{flag} ")), "{}", run.stderr);
    }
}

#[test]
fn a_plugin_that_sends_the_bare_symbol_never_trades_and_is_told_the_way_out() {
    let sandbox = Sandbox::new();
    let (tape, plugin) = (synthetic(), mine().to_str().unwrap());
    let words =
        ["replay", plugin, "--tape", &tape, "--quantity", "1", "--params", r#"{"mode":"bare"}"#];
    let run = sandbox.tesser("", &words).expect(1);
    let expected = "error  missing risk context for symbol unspecified:BTCUSDT: an order must name its venue, as in \
                    `venue:BTCUSDT`; give the plugin its venue (parameter `venue`)";
    assert!(run.stdout.contains(expected), "{}", run.stdout);
    assert!(run.stdout.contains("placed  0 in 0 orders"), "{}", run.stdout);
    assert!(run.stdout.contains("not sent  "), "{}", run.stdout);
}

#[test]
fn binance_refuses_an_amendment_of_the_price_only_in_the_hosts_words() {
    let sandbox = Sandbox::new();
    let row = |second: i64| {
        let time = 1_704_067_200_000 + second * 1_000;
        format!("{second},39000,0.05,0,{time},true")
    };
    let rows: Vec<_> = (0..60).map(row).collect();
    let tape = format!("id,price,qty,quote_qty,time,is_buyer_maker\n{}\n", rows.join("\n"));
    sandbox.write("tape.csv", tape);
    let run = |more: &[&str], code: i32| {
        let words = ["replay", mine().to_str().unwrap(), "--tape", "tape.csv", "--quantity", "1"];
        let params = ["--params", r#"{"mode":"price-only"}"#];
        sandbox.tesser("", &[&words[..], &params, more].concat()).expect(code).stdout
    };
    let refused = "error  invalid request: amend requires new quantity for Binance";
    assert!(run(&["--exchange", "binance"], 1).contains(refused));
    // The venue's name says the same; Bybit takes it.
    assert!(!run(&["--exchange", "bybit"], 0).contains(" error "));
    assert!(!run(&[], 0).contains(", 0 amendments"));
    let text = run(&["--venue", "binance_perp", "--exchange", "any"], 1);
    assert!(text.contains("missing risk context for symbol bybit_linear:BTCUSDT"), "{text}");
}

#[test]
fn limits_and_the_balance_refuse_orders_in_the_hosts_words() {
    for (flag, value, words) in [
        ("--max-order", "0.3", "invalid request: order quantity 0.5 exceeds limit 0.3"),
        ("--max-position", "0.4", "invalid request: projected position 0.5 exceeds limit 0.4"),
        (
            "--balance",
            "10",
            "invalid request: insufficient bybit_linear:USDT balance: need 19996.390, have 10",
        ),
    ] {
        let document = document(&["--params", CLIPS, flag, value], 1);
        assert!(first_error(&document).starts_with(words), "{}", first_error(&document));
        assert_eq!(document["orders"], serde_json::json!([]), "{flag}");
        assert!(document["not_sent"].as_u64().unwrap() > 0);
    }
}

#[test]
fn the_hosts_own_files_give_limits_and_the_kind_of_the_instrument() {
    let sandbox = Sandbox::new();
    let config = sandbox.write("default.toml", "[risk_management]\nmax_order_quantity = 0.75\n");
    let market = "[[markets]]\nexchange = \"bybit_linear\"\nsymbol = \"BTCUSDT\"\nkind = \"inverse_perpetual\"\n";
    let markets = sandbox.write("markets.toml", market);
    let (config, markets) = (config.to_str().unwrap(), markets.to_str().unwrap());
    let both = ["--config", config, "--markets", markets];
    let line = host(&both);
    assert!(
        line.contains("(InversePerpetual)") && line.contains("at most 0.75 an order and 2"),
        "{line}"
    );
    // A flag comes before the file.
    let line = host(&[&both[..], &["--max-order", "0.8"]].concat());
    assert!(line.contains("at most 0.8 an order"), "{line}");
    let (tape, plugin) = (synthetic(), chase().to_str().unwrap());
    let words = ["replay", plugin, "--tape", &tape, "--quantity", "1", "--params", VENUE];
    let failed = |more: &[&str]| {
        let run = sandbox.tesser("", &[&words[..], more].concat()).expect(101);
        run.error().to_owned()
    };
    assert_eq!(
        failed(&["--markets", "markets.toml", "--venue", "bybit_spot"]),
        "error: `markets.toml` has no market `bybit_spot:BTCUSDT`; it has `bybit_linear:BTCUSDT`\n\
         hint: select one of them with `--symbol venue:CODE`, or add it to the file"
    );
    for flag in ["--config", "--markets"] {
        let error = failed(&[flag, "none.toml"]);
        assert!(error.starts_with("error: cannot read `none.toml`"), "{error}");
    }
    sandbox.write("bad.toml", "[risk_management]\nmax_order_quantity = \"many\"\n");
    let error = failed(&["--config", "bad.toml"]);
    assert!(
        error.starts_with(
            "error: `bad.toml` is not a configuration file of the host with `[risk_management]`"
        ),
        "{error}"
    );
}

#[test]
fn a_profile_of_ones_own_can_forward_ticks() {
    let sandbox = Sandbox::new();
    let profile =
        std::fs::read_to_string(root().join("cargo-tesser/hosts/tesser-0.9.toml")).unwrap();
    let own = profile.replace("name = \"tesser@0.9\"", "name = \"desk@1\"");
    let own = own
        .replace("ticks = false", "ticks = true")
        .replace("max-order-quantity = \"1\"", "max-order-quantity = \"0.6\"");
    assert_ne!(own, profile);
    let file = sandbox.write("desk.toml", own);
    let line = host(&["--host", file.to_str().unwrap()]);
    assert_eq!(
        line,
        "desk@1, bybit_linear:BTCUSDT (LinearPerpetual), ticks forwarded, at most 0.6 an order and 2 in all"
    );
}

#[test]
fn a_profile_says_which_fields_no_venue_gets() {
    let sandbox = Sandbox::new();
    let profile =
        std::fs::read_to_string(root().join("cargo-tesser/hosts/tesser-0.9.toml")).unwrap();
    let own = profile.replace("[\"trigger_price\", ", "[");
    assert_ne!(own, profile);
    sandbox.write("desk.toml", own.replace("name = \"tesser@0.9\"", "name = \"desk@1\""));
    let tape = synthetic();
    let run = |more: &[&str]| {
        let words = ["replay", mine().to_str().unwrap(), "--tape", &tape, "--quantity", "1"];
        let params = ["--params", r#"{"mode":"trigger"}"#, "--format", "json"];
        sandbox.tesser("", &[&words[..], &params, more].concat()).stdout
    };
    let note = "orders have `trigger_price`, which the host does not send to any venue";
    assert!(run(&[]).contains(note));
    assert!(!run(&["--host", "desk.toml"]).contains(note));
}

#[test]
fn the_first_timer_comes_in_the_phase_of_the_session() {
    let first = |phase: &str| {
        let document = document(&["--params", CLIPS, "--timer-phase", phase], 0);
        document["orders"][0]["time_ms"].as_i64().unwrap() - 1_704_067_200_201
    };
    assert_eq!(first("250"), 250);
    assert_eq!(first("1000"), 1_000);
    let words = ["replay", "x.wasm", "--tape", "x.csv", "--quantity", "1", "--timer-phase", "1001"];
    Sandbox::new().tesser("", &words).expect(2);
}

#[test]
fn while_the_host_is_down_nothing_reaches_it() {
    let document = document(&["--params", VENUE, "--restart-after", "20", "--down", "20"], 0);
    assert_eq!(document["restarts"], 1);
    let orders = document["orders"].as_array().unwrap();
    let times: Vec<_> = orders.iter().map(|order| order["time_ms"].as_i64().unwrap()).collect();
    // A clip each second, except while there is no host and until the first timer of the new session.
    let gaps: Vec<_> =
        times.windows(2).map(|pair| pair[1] - pair[0]).filter(|gap| *gap != 1_000).collect();
    assert!(matches!(gaps[..], [20_000..=22_000]), "{times:?}");
    assert_eq!(document["errors"], serde_json::json!([]));
}

#[test]
fn a_new_connection_tells_all_executions_again() {
    let words = ["--params", CLIPS, "--side", "sell"];
    let usual = document(&words, 0);
    let again = document(&[&words[..], &["--reconnect-after", "3"]].concat(), 0);
    assert!(again["calls"].as_u64() > usual["calls"].as_u64());
    // The plugin counts each once.
    assert_eq!(again["orders"], usual["orders"]);
    assert_eq!(again["filled"], usual["filled"]);
}
