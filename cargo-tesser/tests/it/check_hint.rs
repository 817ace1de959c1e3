//! A strategy's hint, before the host loses its signal.

use crate::support::{Sandbox, chase};

const MARKETS: &str = "[[markets]]\nexchange = \"bybit_linear\"\nsymbol = \"BTCUSDT\"\nkind = \"linear_perpetual\"\n\
    tick_size = 0.1\nlot_size = 0.001\n";
const CONFIG: &str = "[risk_management]\nmax_order_quantity = 0.05\nmax_position_quantity = 2.0\n";

/// A plugins folder, the host's files, and a strategy with a hint.
fn sandbox(name: &str, params: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let chase = std::fs::read(chase()).unwrap();
    sandbox.write("plugins/chase.wasm", &chase);
    sandbox.write("plugins/chase.v2.wasm", &chase);
    sandbox.write("markets.toml", MARKETS);
    sandbox.write("default.toml", CONFIG);
    let hint = format!(
        "[strategy]\nhint = {{ Plugin = {{ name = \"{name}\", params = {{ {params} }} }} }}\n"
    );
    sandbox.write("strategy.toml", hint);
    sandbox
}

fn check(sandbox: &Sandbox, more: &[&str], code: i32) -> String {
    let words = ["check-hint", "strategy.toml", "plugins", "--color", "never"];
    let run = sandbox.tesser("", &[&words[..], more].concat()).expect(code);
    format!("{}{}", run.stdout, run.stderr)
}

const GOOD: &str = r#"venue = "bybit_linear", lot_size = "0.001", tick_size = "0.1""#;

#[test]
fn a_good_hint_leads_to_orders() {
    let sandbox = sandbox("chase", GOOD);
    let text = check(&sandbox, &["--markets", "markets.toml"], 0);
    assert!(text.contains("1 hint: 1 ok, 0 lost"), "{text}");
}

#[test]
fn a_lost_signal_is_an_error_with_a_way_out() {
    for (name, params, more, expected) in [
        ("chaze", GOOD, &[][..], "chaze.wasm"),
        // The host takes what follows the dot for the ending.
        ("chase.v2", GOOD, &[], "chase.v2.wasm"),
        (
            "chase",
            r#"venue = "bybit_linear", clip_sise = "1""#,
            &[],
            "`clip_sise`: unknown parameter; did you mean `clip_size`?",
        ),
        (
            "chase",
            r#"venue = "binance_perp""#,
            &[],
            "missing risk context for symbol binance_perp:BTCUSDT",
        ),
        (
            "chase",
            r#"venue = "bybit_linear""#,
            &["--markets", "markets.toml"],
            "the tick size of `bybit_linear:BTCUSDT` is 0.1",
        ),
        ("chase", GOOD, &["--config", "default.toml"], "0.05"),
    ] {
        let text = check(&sandbox(name, params), more, 1);
        assert!(text.contains(expected), "{name} {params}: {text}");
        assert!(text.contains("1 hint: 0 ok, 1 lost"), "{text}");
    }
}

#[test]
fn what_cannot_be_checked_says_why() {
    let sandbox = sandbox("chase", GOOD);
    let text = check(&sandbox, &["--markets", "none.toml"], 101);
    assert!(text.contains("cannot read `none.toml`"), "{text}");
    sandbox.write("strategy.toml", "signal = \"breakout\"\n");
    let text = check(&sandbox, &[], 101);
    assert!(text.contains("`strategy.toml` has no hint for a plugin"), "{text}");
    sandbox.write("strategy.toml", "signal = \n");
    assert!(check(&sandbox, &[], 101).contains("`strategy.toml` is not TOML"));
}

#[test]
fn json_names_the_findings() {
    let sandbox = sandbox("chase", r#"clip_size = "1""#);
    let run = sandbox
        .tesser("", &["check-hint", "strategy.toml", "plugins", "--format", "json"])
        .expect(1);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let text = document.to_string();
    assert!(text.contains("`venue`: missing"), "{text}");
}
