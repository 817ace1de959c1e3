//! `cargo tesser test`: verdicts on a plugin that is right, and on one that is wrong in each way that is looked for.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cargo_tesser::test::{self, Report, Settings};
use serde_json::json;

use crate::support::Sandbox;

/// A plugin whose params say what is wrong with it.
const SOURCE: &str = r#"
use tesser_wasm::*;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

#[derive(Clone, Default, Serialize, Deserialize)]
struct State {
    mode: String,
    symbol: String,
    #[serde(with = "tesser_wasm::decimal")]
    target: Decimal,
    #[serde(with = "tesser_wasm::decimal")]
    placed: Decimal,
    calls: u64,
}

#[derive(Default)]
struct Mine { state: State, hog: Vec<u8> }

impl Mine {
    fn next(&mut self) -> PluginResult {
        let state = &mut self.state;
        state.calls += 1;
        let step = Decimal::new(1, 1);
        let most = if matches!(state.mode.as_str(), "greedy" | "huge") { state.target * Decimal::TWO } else { state.target };
        if state.placed + step > most || state.target.is_zero() { return PluginResult::new(); }
        state.placed += step;
        let side = if state.mode == "side" { PluginSide::Sell } else { PluginSide::Buy };
        PluginOrderRequest::limit(&state.symbol, side, step, Decimal::from(39_000)).into()
    }
}

impl ExecutionPlugin for Mine {
    fn init(&mut self, ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        let mode = ctx.params["mode"].as_str().unwrap_or_default().to_owned();
        if mode == "huge" || ctx.signal.target_quantity < Decimal::from(1_000_000) {
            self.state = State { mode, symbol: ctx.signal.symbol, target: ctx.signal.target_quantity, ..State::default() };
            return Ok(PluginResult::new());
        }
        Err("too much".into())
    }

    fn on_tick(&mut self, tick: PluginTick) -> Result<PluginResult, PluginError> {
        if self.state.mode == "foreign" && tick.symbol != self.state.symbol { return Ok(self.next()); }
        if self.state.mode == "random" {
            let map = std::collections::HashMap::<u8, u8>::new();
            use std::hash::BuildHasher;
            return Ok(PluginResult::new().with_log(format!("{}", map.hasher().hash_one(1))));
        }
        Ok(PluginResult::new())
    }

    fn on_fill(&mut self, _: PluginFill) -> Result<PluginResult, PluginError> {
        if self.state.mode == "panics" { panic!("no fills, please"); }
        Ok(PluginResult::new())
    }

    fn on_timer(&mut self) -> Result<PluginResult, PluginError> {
        match self.state.mode.as_str() {
            "endless" => loop { std::hint::black_box(&self.hog); },
            "hog" => loop { self.hog.extend(vec![1; 1 << 20]); },
            "cancels" => return Err("no timers, please".into()),
            _ => {}
        }
        Ok(self.next())
    }

    fn snapshot(&mut self) -> Result<serde_json::Value, PluginError> {
        Ok(serde_json::to_value(&self.state).map_err(|error| error.to_string())?)
    }

    fn restore(&mut self, state: serde_json::Value) -> Result<(), PluginError> {
        if self.state.mode == "forgets" { return Ok(()); }
        self.state = serde_json::from_value(state).map_err(|error| error.to_string())?;
        Ok(())
    }
}

export_plugin!(Mine);
"#;

/// The component, built once.
fn mine() -> &'static Path {
    static MINE: OnceLock<PathBuf> = OnceLock::new();
    MINE.get_or_init(|| {
        let sandbox = Sandbox::new();
        super::build::plugin(&sandbox, "it-wrong", SOURCE);
        let manifest = std::fs::read_to_string(sandbox.path("it-wrong/Cargo.toml")).unwrap();
        let more = "rust_decimal = { version = \"1\", default-features = false, features = [\"std\"] }\n\
             serde = { version = \"1\", features = [\"derive\"] }\nserde_json = \"1\"\n\n\
             [profile.release]\nopt-level = 1\npanic = \"abort\"\noverflow-checks = true\nstrip = true\n\n\
             [package.metadata.tesser]\ncapabilities = [\"random\"]\n";
        sandbox.write("it-wrong/Cargo.toml", manifest + more);
        sandbox.tesser("it-wrong", &["build", "--release", "--no-opt"]).expect(0);
        super::build::installed("release", "it_wrong.wasm")
    })
}

fn tested(mode: &str, names: &[&str]) -> Report {
    let settings = Settings { params: json!({ "mode": mode }), ..Settings::default() };
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    test::check(mine(), &settings, Sandbox::new().path("").as_path(), &names).unwrap()
}

/// What is wrong, of the cases with these names.
#[track_caller]
fn wrong(mode: &str, name: &str) -> String {
    let report = tested(mode, &[name]);
    let wrong: Vec<_> = report.failed().flat_map(|case| case.wrong.clone()).collect();
    assert!(!wrong.is_empty(), "{mode}: {}", test::human(&report));
    wrong.join("\n")
}

#[test]
fn a_plugin_that_does_as_it_should_passes() {
    let report = tested("", &[]);
    assert_eq!(report.failed().count(), 0, "{}", test::human(&report));
    assert_eq!(report.plugins[0].cases.len(), 16);
}

#[test]
fn each_kind_of_wrong_is_found_and_told_with_its_place() {
    for (mode, name, expected) in [
        ("greedy", "rejects", "1.1 placed, more than the target of 1"),
        ("side", "rejects", "an order to sell BTCUSDT"),
        ("forgets", "restart/no-ticks", "more than the target"),
        ("foreign", "foreign-symbols", "trades of another symbol change its orders: order 1"),
        (
            "panics",
            "whole-fills",
            "a fill of 0.1 at 39000 for order 1: `on-fill` trapped: panicked at ",
        ),
        ("panics", "whole-fills", "no fills, please"),
        ("cancels", "rejects", "no timers, please"),
        ("huge", "huge-quantity", "a timer: `on-timer` trapped"),
    ] {
        let said = wrong(mode, name);
        assert!(said.contains(expected), "{mode}: {said}");
    }
}

#[test]
fn what_does_not_end_or_takes_all_memory_is_a_finding() {
    assert!(wrong("endless", "rejects").contains("`on-timer` ran for more than"));
    assert!(wrong("hog", "rejects").contains("`on-timer` trapped"));
}

#[test]
fn what_is_not_repeated_is_found() {
    let said = wrong("random", "determinism");
    assert!(said.contains("call ") && said.contains("on-tick"), "{said}");
    assert!(said.contains("it imports wasi:random/random@0.2.0, which a tape"), "{said}");
    assert_eq!(tested("", &["determinism"]).failed().count(), 0);
}

#[test]
fn a_refused_signal_passes_no_case_but_those_that_it_is_right_for() {
    let settings = Settings { quantity: 2_000_000.into(), ..Settings::default() };
    let report = test::check(mine(), &settings, &Sandbox::new().path(""), &[]).unwrap();
    let passed = report.plugins[0].cases.iter().filter(|case| case.passed());
    let passed: Vec<_> = passed.map(|case| case.name.as_str()).collect();
    let right = ["scenarios/zero-quantity", "scenarios/huge-quantity", "scenarios/malformed-input"];
    assert_eq!(passed, right, "{}", test::human(&report));
    let wrong = &report.failed().next().unwrap().wrong[0];
    assert!(wrong.starts_with("`init` refused the signal: too much; "), "{wrong}");
}

#[test]
fn limits_and_a_baseline_hold_the_budgets() {
    let sandbox = Sandbox::new();
    let dir = sandbox.path("");
    let names = ["budgets".to_owned()];
    let mut settings = Settings::default();
    settings.limits.fuel = Some(10);
    settings.limits.snapshot_bytes = Some(10);
    let report = test::check(mine(), &settings, &dir, &names).unwrap();
    let case = report.failed().next().unwrap();
    assert!(case.wrong[0].starts_with("fuel: "), "{:?}", case.wrong);
    assert!(case.wrong[1].ends_with("is more than the limit of 10"), "{:?}", case.wrong);
    let settings = Settings::default();
    let numbers = "memory-pages = 9\nresult-bytes = 9999\nsnapshot-bytes = 9999\n";
    sandbox.write("tesser-budgets.toml", format!("fuel = 100\n{numbers}"));
    let report = test::check(mine(), &settings, &dir, &names).unwrap();
    let case = report.failed().next().unwrap();
    assert!(
        case.wrong[0].contains("is more than 100 in `tesser-budgets.toml`"),
        "{:?}",
        case.wrong
    );
    sandbox.write("tesser-budgets.toml", format!("fuel = 99999999\n{numbers}"));
    let report = test::check(mine(), &settings, &dir, &names).unwrap();
    assert_eq!(report.failed().count(), 0, "{}", test::human(&report));
    let gained = "; fuel was 99999999, memory-pages was 9, result-bytes was 9999, snapshot-bytes was 9999: `--bless` keeps";
    assert!(test::human(&report).contains(gained), "{}", test::human(&report));
    sandbox.write("tesser-budgets.toml", "fuel = 1\n");
    let error = test::check(mine(), &settings, &dir, &names).unwrap_err();
    assert!(error.to_string().starts_with("the baseline in `"), "{error}");
}

#[test]
fn golden_tapes_hold_the_orders() {
    let sandbox = Sandbox::new();
    let dir = sandbox.path("");
    let script = "\"timer\"\n{\"fill\": {\"order\": 1, \"price\": \"39000\", \"quantity\": \"0.1\"}}\n\"restart\"\n\"timer\"\n";
    sandbox.write("tapes/two.jsonl", script);
    let check = || test::check(mine(), &Settings::default(), &dir, &["golden".to_owned()]).unwrap();
    let report = check();
    let missing = "there is no `tapes/two.orders.jsonl`; `--bless` writes it";
    assert_eq!(report.failed().next().unwrap().wrong, [missing]);
    let order = |call: u8, export: &str| {
        json!({ "call": call, "export": export, "action": { "Place": {
            "symbol": "BTCUSDT", "side": "buy", "order_type": "limit", "quantity": "0.1", "price": "39000",
            "trigger_price": null, "time_in_force": null, "client_order_id": null, "take_profit": null,
            "stop_loss": null, "display_quantity": null } } })
    };
    let orders = format!("{}\n{}\n", order(1, "on-timer"), order(4, "on-timer"));
    sandbox.write("tapes/two.orders.jsonl", &orders);
    assert_eq!(check().failed().count(), 0, "{}", test::human(&check()));
    sandbox.write("tapes/two.orders.jsonl", orders.replace("\"call\":4", "\"call\":3"));
    let report = check();
    let said = &report.failed().next().unwrap().wrong[0];
    assert!(said.starts_with("line 2 of `tapes/two.orders.jsonl`: expected `{"), "{said}");
}

#[test]
fn a_generated_plugin_is_built_tested_and_blessed() {
    let sandbox = Sandbox::new();
    sandbox.tesser("", &["new", "it-tested", "--vcs", "none"]).expect(0);
    let run = sandbox.tesser("it-tested", &["test"]).expect(0);
    let last = run.stderr.trim_end().lines().last().unwrap();
    assert_eq!(last, "test result: ok. 17 passed; 0 failed", "{}", run.stderr);
    assert!(run.stderr.contains("test scenarios/over-fills ... ok: target 1, placed "));
    assert!(run.stdout.is_empty());
    sandbox.write("it-tested/tapes/start.jsonl", "\"timer\"\n");
    let run = sandbox.tesser("it-tested", &["test", "budgets", "golden"]).expect(1);
    assert!(run.stderr.contains("2 passed; 1 failed"), "{}", run.stderr);
    sandbox.tesser("it-tested", &["test", "budgets", "golden", "--bless"]).expect(0);
    assert!(sandbox.path("it-tested/tesser-budgets.toml").exists());
    let run =
        sandbox.tesser("it-tested", &["test", "budgets", "golden", "--format", "json"]).expect(0);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["summary"], json!({ "passed": 3, "failed": 0 }));
    assert_eq!(report["plugins"][0]["cases"][0]["name"], "budgets");
    let run = sandbox.tesser("it-tested", &["test", "golden", "--format", "junit"]).expect(0);
    assert!(run.stdout.contains("<testsuite name=\"it_tested\" tests=\"2\""), "{}", run.stdout);
    let run = sandbox.tesser("it-tested", &["test", "golden", "--junit", "out.xml"]).expect(0);
    assert!(run.stderr.contains("test golden/start ... ok"), "{}", run.stderr);
    let xml = std::fs::read_to_string(sandbox.path("it-tested/out.xml")).unwrap();
    assert!(xml.contains("<testsuite name=\"it_tested\" tests=\"2\""), "{xml}");
    let run = sandbox.tesser("it-tested", &["test", "--list"]).expect(0);
    assert_eq!(run.stdout.lines().last(), Some("golden/start"));
    let run = sandbox
        .tesser("", &["test", "--list", "--manifest-path", "it-tested/Cargo.toml", "golden"])
        .expect(0);
    assert_eq!(run.stdout, "golden/session\ngolden/start\n");
    let run = sandbox.tesser("it-tested", &["test", "gold", "silver"]).expect(2);
    assert!(run.stderr.contains("error: no test is called `silver`"), "{}", run.stderr);
}

#[test]
fn settings_that_are_not_known_are_refused() {
    let sandbox = Sandbox::new();
    super::build::plugin(&sandbox, "it-settings", &super::build::source(""));
    let manifest = std::fs::read_to_string(sandbox.path("it-settings/Cargo.toml")).unwrap();
    sandbox.write(
        "it-settings/Cargo.toml",
        manifest + "[package.metadata.tesser.test]\nquantitty = \"1\"\n",
    );
    let run = sandbox.tesser("it-settings", &["test"]).expect(1);
    assert!(
        run.stderr.contains("unknown field `quantitty`, expected one of `symbol`"),
        "{}",
        run.stderr
    );
}
