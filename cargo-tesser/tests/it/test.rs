//! `cargo tesser test`: verdicts on a plugin that is right, and on one that is wrong in each way that is looked for.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cargo_tesser::plugin::TestSettings as Settings;
use cargo_tesser::test::{self, Report};
use serde_json::json;
use tesser_wasm::PluginSide;

use crate::support::{Sandbox, chase};

/// A plugin whose params say what is wrong with it. Without a mode it works one order at a time, counts each execution once,
/// and works an order again that had no fill for 90 timers.
const SOURCE: &str = r#"
use tesser_wasm::*;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

#[derive(Clone, Default, Serialize, Deserialize)]
struct State {
    mode: String,
    symbol: String,
    sells: bool,
    #[serde(with = "tesser_wasm::decimal")]
    target: Decimal,
    #[serde(with = "tesser_wasm::decimal")]
    filled: Decimal,
    /// What the order at work may still fill, and how many timers ago it had its last fill.
    #[serde(with = "tesser_wasm::decimal")]
    working: Decimal,
    age: u32,
    has_fill: bool,
    /// Executions that were counted.
    seen: Vec<(String, i64)>,
}

#[inline(never)]
fn deep(level: u64) -> u64 {
    if level == 0 { 1 } else { std::hint::black_box(deep(std::hint::black_box(level + 1))) + 1 }
}

#[derive(Default)]
struct Mine { state: State, hog: Vec<u8> }

impl Mine {
    fn is(&self, mode: &str) -> bool { self.state.mode == mode }

    fn next(&mut self) -> PluginResult {
        let most = if self.is("greedy") { self.state.target * Decimal::TWO } else { self.state.target };
        let never_again = self.is("stuck");
        let is_huge = self.is("huge");
        let trigger = self.is("trigger").then(|| Decimal::from(50_000));
        let buys = self.is("buys") || !self.state.sells;
        let state = &mut self.state;
        state.age += 1;
        // The host has cancelled it, and does not say so.
        if state.age > 90 && !state.has_fill && !never_again { state.working = Decimal::ZERO; }
        if !state.working.is_zero() { return PluginResult::new(); }
        let step = (most - state.filled).min(Decimal::new(1, 1));
        if step <= Decimal::ZERO { return PluginResult::new(); }
        (state.working, state.age, state.has_fill) = (step, 0, false);
        let step = if is_huge { Decimal::MAX } else { step };
        let side = if buys { PluginSide::Buy } else { PluginSide::Sell };
        let mut order = PluginOrderRequest::limit(&state.symbol, side, step, Decimal::from(39_000));
        order.trigger_price = trigger;
        order.into()
    }
}

impl ExecutionPlugin for Mine {
    fn init(&mut self, ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        let mode = ctx.params["mode"].as_str().unwrap_or_default().to_owned();
        let PluginSignal { symbol, side, target_quantity: target, .. } = ctx.signal;
        if mode != "huge" && target >= Decimal::from(1_000_000) { return Err("too much".into()); }
        let bare = matches!(mode.as_str(), "bare" | "bare-in-init");
        let symbol = if bare { symbol } else { order_symbol("bybit_linear", &symbol) };
        self.state = State { mode, symbol, target, sells: side == PluginSide::Sell, ..State::default() };
        if self.is("bare-in-init") { return Ok(self.next()); }
        if self.is("forgets") {
            self.state.working = Decimal::new(2, 1);
            return Ok(PluginOrderRequest::limit(&self.state.symbol, side, self.state.working, Decimal::from(39_000)).into());
        }
        Ok(PluginResult::new())
    }

    fn on_tick(&mut self, tick: PluginTick) -> Result<PluginResult, PluginError> {
        if self.is("foreign") && !self.state.symbol.ends_with(&format!(":{}", tick.symbol)) { return Ok(self.next()); }
        if self.is("random") {
            let map = std::collections::HashMap::<u8, u8>::new();
            use std::hash::BuildHasher;
            return Ok(PluginResult::new().with_log(format!("{}", map.hasher().hash_one(1))));
        }
        Ok(PluginResult::new())
    }

    fn on_fill(&mut self, fill: PluginFill) -> Result<PluginResult, PluginError> {
        if self.is("panics") { panic!("no fills, please"); }
        let once = !self.is("twice");
        let most = if self.is("greedy") { self.state.target * Decimal::TWO } else { self.state.target };
        let state = &mut self.state;
        let execution = (fill.order_id, fill.timestamp_ms);
        if once && state.seen.contains(&execution) { return Ok(PluginResult::new()); }
        state.seen.push(execution);
        state.filled += fill.fill_quantity;
        state.working = (state.working - fill.fill_quantity).max(Decimal::ZERO);
        state.has_fill = true;
        if state.mode == "price-only" && !state.working.is_zero() {
            let (id, _) = state.seen.last().cloned().unwrap_or_default();
            return Ok(PluginOrderUpdateRequest::price(id, &state.symbol, fill.side, fill.fill_price).into());
        }
        let done = state.filled >= most;
        Ok(if done { PluginResult::new().completed() } else { PluginResult::new() })
    }

    fn on_timer(&mut self) -> Result<PluginResult, PluginError> {
        match self.state.mode.as_str() {
            "endless" => loop { std::hint::black_box(&self.hog); },
            "hog" => loop { self.hog.extend(vec![1; 1 << 20]); },
            "cancels" => return Err("no timers, please".into()),
            "recurses" if deep(1) == 0 => return Err("never".into()),
            "multiplies" => panic!("one\n  two"),
            "aborts" => std::process::abort(),
            "prints" => {
                println!("out of a plugin");
                eprintln!("err of \u{202e}a plugin");
            }
            _ => {}
        }
        Ok(self.next())
    }

    fn snapshot(&mut self) -> Result<serde_json::Value, PluginError> {
        if self.is("stateless") { return Err("no state".into()); }
        let mut state = serde_json::to_value(&self.state).map_err(|error| error.to_string())?;
        if self.is("deep") {
            let deep = (0..125).fold(serde_json::Value::Null, |deep, _| serde_json::Value::Array(vec![deep]));
            state["deep"] = deep;
        }
        Ok(state)
    }

    fn restore(&mut self, state: serde_json::Value) -> Result<(), PluginError> {
        // What 'init' has placed was filled, and is worked again.
        if self.is("forgets") { self.state.working = Decimal::ZERO; return Ok(()); }
        self.state = serde_json::from_value(state).map_err(|error| error.to_string())?;
        Ok(())
    }
}

export_plugin!(Mine);
"#;

/// The component, built once.
pub fn mine() -> &'static Path {
    static MINE: OnceLock<PathBuf> = OnceLock::new();
    MINE.get_or_init(|| {
        let sandbox = Sandbox::new();
        super::build::plugin(&sandbox, "it-wrong", SOURCE);
        let manifest = std::fs::read_to_string(sandbox.path("it-wrong/Cargo.toml")).unwrap();
        let more = "rust_decimal = { version = \"1\", default-features = false, features = [\"std\"] }\n\
             serde = { version = \"1\", features = [\"derive\"] }\nserde_json = \"1\"\n\n\
             [profile.release]\nopt-level = 1\npanic = \"abort\"\noverflow-checks = true\nstrip = \"debuginfo\"\n\n\
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
    assert_eq!(report.plugins[0].cases.len(), 25);
}

#[test]
fn each_kind_of_wrong_is_found_and_told_with_its_place() {
    for (mode, name, expected) in [
        ("greedy", "whole-fills", "at one time 2 was filled or working, more than the target of 1"),
        (
            "buys",
            "partial-fills",
            "sell: order 1 is to buy bybit_linear:BTCUSDT, the signal is to sell bybit_linear:BTCUSDT",
        ),
        (
            "forgets",
            "restart/no-ticks",
            "a restart after call 1 (on-fill): at one time 1.1 was filled or working, more than the target of 1",
        ),
        ("foreign", "foreign-symbols", "trades of another symbol change its orders: order 1"),
        ("panics", "whole-fills", "`on-fill` trapped: panicked at "),
        ("panics", "whole-fills", "no fills, please"),
        ("cancels", "rejects", "call 1: `on-timer` returned an error: no timers, please"),
        (
            "stateless",
            "rejects",
            "call 0: after `init`, `snapshot` returns what the host cannot read, `snapshot failed: no state`: ",
        ),
    ] {
        let said = wrong(mode, name);
        assert!(said.contains(expected), "{mode}: {said}");
    }
}

/// Each fact about a live session, shown by a plugin that does not know it.
#[test]
fn each_live_case_fails_on_a_plugin_that_deserves_it() {
    for (mode, name, expected) in [
        (
            "bare",
            "live/no-ticks",
            "the host does not send its orders: missing risk context for symbol unspecified:BTCUSDT: an order must name \
             its venue, as in `venue:BTCUSDT`; give the plugin its venue (parameter `venue`)",
        ),
        ("bare-in-init", "live/no-ticks", "order 1 names no venue (`unspecified:BTCUSDT`)"),
        ("buys", "live/no-ticks", "sell: order 1 is to buy bybit_linear:BTCUSDT"),
        (
            "trigger",
            "live/order-fields",
            "orders have a trigger price, which is sent to no venue: they execute at once",
        ),
        (
            "stuck",
            "live/unfilled-orders",
            "not completed after 4 hours in which each order was filled within a second: 0 of 1",
        ),
        (
            "forgets",
            "live/crash-before-store",
            "0.2 beyond the target of 1, although only 0.1 was sent before the crash, and not stored",
        ),
        (
            "greedy",
            "live/fills-while-down",
            "beyond the target of 1, although only 0.1 was filled while the host was down",
        ),
        (
            "twice",
            "scenarios/duplicate-fills",
            "it completes with 0.70000000 of 1 filled, and no log says why",
        ),
        (
            "deep",
            "live/no-ticks",
            "call 0: the state is nested 126 levels deep: above 125 the host cannot restart, for all algorithms",
        ),
        (
            "endless",
            "live/no-ticks",
            "the host waits for ever, with all algorithms: `on-timer` did not return within a billion instructions (endless \
             loop?)\n    at <it_wrong::Mine as ",
        ),
        (
            "huge",
            "scenarios/huge-quantity",
            "is beyond 96 bits (Multiplication overflowed): the host's session ends without a message",
        ),
        ("huge", "live/no-ticks", "order quantity 79228162514264337593543950335 exceeds limit 1"),
    ] {
        let said = wrong(mode, name);
        assert!(said.contains(expected), "{mode}, {name}: {said}");
    }
}

#[test]
fn what_does_not_end_or_takes_all_memory_is_a_finding() {
    assert!(wrong("endless", "scenarios/rejects").contains("`on-timer` did not return within"));
    let hog = wrong("hog", "scenarios/rejects");
    assert!(hog.contains("`on-timer` trapped: it needs more than 256 MiB of memory"), "{hog}");
}

#[test]
fn what_is_not_repeated_is_found() {
    let said = wrong("random", "determinism");
    assert!(said.contains("call ") && said.contains("on-tick"), "{said}");
    assert!(
        said.contains("it imports wasi:random/random@0.2.0, whose results are not on a tape"),
        "{said}"
    );
    assert_eq!(tested("", &["determinism"]).failed().count(), 0);
}

#[test]
fn a_refused_signal_passes_no_case_but_those_that_it_is_right_for() {
    let settings = Settings { quantity: 2_000_000.into(), ..Settings::default() };
    let report = test::check(mine(), &settings, &Sandbox::new().path(""), &[]).unwrap();
    let passed = report.plugins[0].cases.iter().filter(|case| case.passed());
    let passed: Vec<_> = passed.map(|case| case.name.as_str()).collect();
    let no_schema = ["params/edges", "params/refused"];
    let right =
        [&["scenarios/huge-quantity", "scenarios/malformed-input"], &no_schema[..]].concat();
    assert_eq!(passed, right, "{}", test::human(&report));
    let wrong = &report.failed().next().unwrap().wrong[0];
    assert!(wrong.starts_with("call 0: `init` refused the signal: too much; "), "{wrong}");
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
    assert_eq!(case.wrong.len(), 2);
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
    let gained = "; fuel was 99999999, memory-pages was 9, result-bytes was 9999, snapshot-bytes was 9999: `--bless` makes";
    assert!(test::human(&report).contains(gained), "{}", test::human(&report));
    sandbox.write("tesser-budgets.toml", "fuel = 1\n");
    let error = test::check(mine(), &settings, &dir, &names).unwrap_err();
    assert!(error.to_string().starts_with("cannot parse the baseline in `"), "{error}");
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
            "symbol": "bybit_linear:BTCUSDT", "side": "buy", "order_type": "limit", "quantity": "0.1", "price": "39000",
            "trigger_price": null, "time_in_force": null, "client_order_id": null, "take_profit": null,
            "stop_loss": null, "display_quantity": null } } })
    };
    let orders = format!("{}\n{}\n", order(1, "on-timer"), order(4, "on-timer"));
    sandbox.write("tapes/two.orders.jsonl", &orders);
    assert_eq!(check().failed().count(), 0, "{}", test::human(&check()));
    sandbox.write("tapes/two.orders.jsonl", orders.replace("\"call\":4", "\"call\":3"));
    let report = check();
    let said = &report.failed().next().unwrap().wrong[0];
    assert_eq!(said, "`tapes/two.orders.jsonl`, line 2: call: 3 -> 4; `--bless` accepts it");
    std::fs::remove_file(sandbox.path("tapes/two.jsonl")).unwrap();
    let report = check();
    let said = &report.failed().next().unwrap().wrong[0];
    assert_eq!(said, "there is no `tapes/two.jsonl` for `tapes/two.orders.jsonl`");
}

#[test]
fn fills_of_orders_that_do_not_exist_are_counted_by_a_golden_tape() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "tapes/a.jsonl",
        "{\"fill\": {\"order\": 9, \"price\": \"1\", \"quantity\": \"1\"}}\n",
    );
    sandbox.write("tapes/a.orders.jsonl", "");
    let dir = sandbox.path("");
    let report = test::check(mine(), &Settings::default(), &dir, &["golden".to_owned()]).unwrap();
    let line = &report.plugins[0].cases[0].line;
    assert_eq!(line, "1 event, 0 orders, 1 fill of orders that do not exist");
}

#[test]
fn orders_off_the_declared_steps_are_violations() {
    let found = |settings: Settings| {
        let names = ["whole-fills".to_owned()];
        let report = test::check(mine(), &settings, &Sandbox::new().path(""), &names).unwrap();
        report.failed().flat_map(|case| case.wrong.clone()).collect::<Vec<_>>()
    };
    let step = |text: &str| Some(text.parse().unwrap());
    let fits = Settings { lot_size: step("0.1"), tick_size: step("100"), ..Settings::default() };
    assert_eq!(found(fits), [""; 0]);
    let off = Settings { lot_size: step("0.3"), tick_size: step("0.7"), ..Settings::default() };
    let off = found(off);
    let expected = "call 1: an order of bybit_linear:BTCUSDT has the quantity 0.1, which is not a multiple of the lot size 0.3";
    assert!(off[0].starts_with(expected), "{off:?}");
    assert!(
        off[0].contains("the price 39000, which is not a multiple of the tick size 0.7"),
        "{off:?}"
    );
    let params = json!({ "lot_size": "0.2" });
    let off = found(Settings { params, ..Settings::default() });
    assert!(off[0].contains("not a multiple of the lot size 0.2"), "{off:?}");
}

#[test]
fn a_side_in_the_settings_is_the_only_one_that_is_tested() {
    for (side, failed) in [(Some(PluginSide::Buy), 0), (Some(PluginSide::Sell), 1), (None, 1)] {
        let settings = Settings { side, params: json!({ "mode": "buys" }), ..Settings::default() };
        let names = ["whole-fills".to_owned()];
        let report = test::check(mine(), &settings, &Sandbox::new().path(""), &names).unwrap();
        assert_eq!(report.failed().count(), failed, "{side:?}");
    }
}

/// What was wrong in a run is not what a plugin should do from now on.
#[test]
fn orders_of_a_run_that_did_not_end_well_are_never_blessed() {
    let sandbox = Sandbox::new();
    sandbox.tesser("", &["new", "it-blessed", "--template", "blank", "--vcs", "none"]).expect(0);
    sandbox.edit("it-blessed/Cargo.toml", "panic = \"trap\"", "panic = \"text\"");
    let place = "return Ok(tesser_wasm::PluginOrderRequest::limit(&self.symbol, self.side, Decimal::new(2, 1), Decimal::ONE).into());";
    let line = "        Ok(PluginResult::new())\n    }\n\n    fn on_fill";
    sandbox.edit(
        "it-blessed/src/lib.rs",
        line,
        &format!("        {place}\n    }}\n\n    fn on_fill"),
    );
    sandbox.write("it-blessed/tapes/t.jsonl", "\"timer\"\n");
    let bless = |code| {
        let run = sandbox.tesser("it-blessed", &["test", "golden/t", "--bless"]).expect(code);
        let start = run.stderr.find("test golden/t").unwrap();
        let (said, _) = run.stderr[start..].split_once("\n\n").unwrap();
        said.to_owned()
    };
    let orders =
        || std::fs::read_to_string(sandbox.path("it-blessed/tapes/t.orders.jsonl")).unwrap();
    let ok = "test golden/t ... ok: 1 event, 1 order";
    let first = bless(0);
    assert!(
        first.starts_with(&format!(
            "{ok}\n    wrote the new `tapes/t.orders.jsonl`\n    line 1 is new: "
        )),
        "{first}"
    );
    assert_eq!(bless(0), format!("{ok}\n    `tapes/t.orders.jsonl` is unchanged"));
    sandbox.edit("it-blessed/src/lib.rs", "Decimal::new(2, 1)", "Decimal::new(25, 2)");
    let changed = "    wrote `tapes/t.orders.jsonl`\n    line 1: quantity: 0.2 -> 0.25";
    assert_eq!(bless(0), format!("{ok}\n{changed}"));
    let good = orders();
    for (wrong, said) in [
        ("panic!(\"boom\");", "`on-timer` trapped: panicked at src/lib.rs:"),
        ("return Err(\"stop\".into());", "call 1: "),
    ] {
        let before = std::fs::read_to_string(sandbox.path("it-blessed/src/lib.rs")).unwrap();
        sandbox.edit(
            "it-blessed/src/lib.rs",
            "return Ok(tesser_wasm::",
            &format!("{wrong}\nreturn Ok(tesser_wasm::"),
        );
        let failed = bless(1);
        assert!(
            failed.starts_with("test golden/t ... FAILED\n") && failed.contains(said),
            "{failed}"
        );
        assert!(failed.contains("`tapes/t.orders.jsonl` was not written"), "{failed}");
        assert_eq!(orders(), good);
        sandbox.write("it-blessed/src/lib.rs", before);
    }
}

#[test]
fn a_generated_plugin_is_built_tested_and_blessed() {
    let sandbox = Sandbox::new();
    sandbox.tesser("", &["new", "it-tested", "--vcs", "none"]).expect(0);
    let run = sandbox.tesser("it-tested", &["test"]).expect(0);
    let last = run.stderr.trim_end().lines().last().unwrap();
    assert_eq!(last, "test result: ok. 26 passed; 0 failed", "{}", run.stderr);
    assert!(run.stderr.contains("test scenarios/over-fills ... ok: target 1, placed "));
    assert!(run.stdout.is_empty());
    sandbox.write("it-tested/tapes/start.jsonl", "\"timer\"\n");
    let run = sandbox.tesser("it-tested", &["test", "budgets", "golden"]).expect(1);
    assert!(run.stderr.contains("2 passed; 1 failed"), "{}", run.stderr);
    let run = sandbox.tesser("it-tested", &["test", "budgets", "golden", "--bless"]).expect(0);
    assert!(run.stderr.contains("\n    wrote the new `tesser-budgets.toml`\n"), "{}", run.stderr);
    assert!(sandbox.path("it-tested/tesser-budgets.toml").exists());
    let manifest = std::fs::read_to_string(sandbox.path("it-tested/Cargo.toml")).unwrap();
    let limit = "\n[package.metadata.tesser.test.limits]\nsnapshot-bytes = 10\n";
    sandbox.write("it-tested/Cargo.toml", manifest.clone() + limit);
    let run = sandbox.tesser("it-tested", &["test", "budgets", "--bless"]).expect(1);
    let told =
        "\n    `tesser-budgets.toml` was not written: a failed case cannot become the baseline\n";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    sandbox.write("it-tested/Cargo.toml", manifest);
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
    assert!(run.stderr.contains("error: there is no test case `silver`"), "{}", run.stderr);
}

#[test]
fn a_new_version_must_take_the_states_of_the_one_that_runs() {
    let sandbox = Sandbox::new();
    sandbox.tesser("", &["new", "it-swapped", "--vcs", "none"]).expect(0);
    let swap = |from: &Path, code: i32| {
        let words = ["test", "live/hot-swap", "--from", from.to_str().unwrap()];
        sandbox.tesser("it-swapped", &words).expect(code).stderr
    };
    let said = swap(chase(), 0);
    assert!(said.contains("test live/hot-swap ... ok: "), "{said}");
    assert!(said.contains(" restarts with a state of the previous version"), "{said}");
    let said = swap(mine(), 1);
    assert!(said.contains("test live/hot-swap ... FAILED"), "{said}");
    let expected =
        "a swap after event 1: call 1: the restart failed, and the host deletes the state: ";
    assert!(said.contains(expected), "{said}");
    let missing = sandbox.tesser("it-swapped", &["test", "--from", "none.wasm"]).expect(101);
    assert!(missing.error().starts_with("error: cannot read `none.wasm`"), "{}", missing.stderr);
}

#[test]
fn settings_that_are_not_known_are_refused() {
    let sandbox = Sandbox::new();
    super::build::plugin(&sandbox, "it-settings", &super::build::source(""));
    let manifest = std::fs::read_to_string(sandbox.path("it-settings/Cargo.toml")).unwrap();
    for (setting, expected) in [
        ("quantitty = \"1\"", "unknown field `quantitty`, expected one of `venue`, `symbol`"),
        ("quantity = \"0\"", "`quantity` in `test` is 0, but must be above 0"),
        ("lot-size = \"-0.1\"", "`lot-size` in `test` is -0.1, but must be above 0"),
        ("max-order = \"-1\"", "`max-order` in `test` is -1, but must be 0 or above"),
        ("symbol = \"\"", "`symbol` in `test` is ``, which does not name an instrument"),
    ] {
        let table = format!("[package.metadata.tesser.test]\n{setting}\n");
        sandbox.write("it-settings/Cargo.toml", manifest.clone() + &table);
        let run = sandbox.tesser("it-settings", &["test"]).expect(101);
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
}
