//! What the commands tell of a trap, and of what a plugin writes to stdout and stderr.

use cargo_tesser::plugin::TestSettings as Settings;
use cargo_tesser::test;
use serde_json::{Value, json};
use wasi_preview1_component_adapter_provider::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER as ADAPTER;

use super::test::mine;
use crate::support::{Run, Sandbox, plugin_target};

/// A script with two timers, for a plugin of `tests/it/test.rs` in one of its modes.
fn replayed(sandbox: &Sandbox, plugin: &str, mode: &str, format: &str, code: i32) -> Run {
    sandbox.write("timers.jsonl", "\"timer\"\n\"timer\"\n");
    let params = json!({ "mode": mode }).to_string();
    let words = ["replay", plugin, "--tape", "timers.jsonl", "--quantity", "1"];
    let options = ["--params", &params, "--format", format];
    sandbox.tesser("", &[&words[..], &options].concat()).expect(code)
}

const STACK: &str = "`on-timer` trapped: call stack exhausted (endless recursion?)";

#[test]
fn a_trap_is_one_sentence_and_the_plugins_own_frames() {
    let sandbox = Sandbox::new();
    let plugin = mine().to_str().unwrap();
    let run = replayed(&sandbox, plugin, "recurses", "json", 1);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["ending"], json!({ "state": "lost", "reason": STACK }));
    assert_eq!(document["errors"], json!([STACK]));
    let frames: Vec<_> = document["frames"]
        .as_array()
        .unwrap()
        .iter()
        .map(|frame| frame.as_str().unwrap())
        .collect();
    assert!(
        frames[0].starts_with("at it_wrong::deep (") && frames[0].ends_with(" times)"),
        "{frames:?}"
    );
    assert!(frames[1].contains("it_wrong::Mine") && frames.len() <= 10, "{frames:?}");
    let table = replayed(&sandbox, plugin, "recurses", "table", 1).stdout;
    assert!(
        table.contains(&format!(
            "ending  the instance is lost: {STACK}\n              at it_wrong::deep ("
        )),
        "{table}"
    );
    assert!(table.lines().all(|line| line.len() < 200), "{table}");
    for (mode, said) in [
        ("multiplies", "panicked at src/lib.rs:"),
        ("multiplies", ": one; two"),
        ("aborts", "`on-timer` trapped: it aborted without a panic message"),
        ("cancels", "`on-timer` returned an error: no timers, please"),
        ("endless", "`on-timer` did not return within a billion instructions (endless loop?)"),
    ] {
        let run = replayed(&sandbox, plugin, mode, "json", 1);
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let reason = document["ending"]["reason"].as_str().unwrap();
        assert!(reason.contains(said), "{mode}: {reason}");
    }
}

#[test]
fn test_and_check_hint_tell_a_trap_in_the_same_sentence() {
    let sandbox = Sandbox::new();
    let settings = Settings { params: json!({ "mode": "recurses" }), ..Settings::default() };
    let names = ["live/no-ticks".to_owned()];
    let report = test::check(mine(), &settings, &sandbox.path(""), &names).unwrap();
    let told = test::human(&report);
    let expected =
        format!("test live/no-ticks ... FAILED\n    call 1: {STACK}\n        at it_wrong::deep (");
    assert!(told.contains(&expected), "{told}");
    sandbox.write("plugins/it_wrong.wasm", std::fs::read(mine()).unwrap());
    sandbox
        .write("hint.json", r#"{"Plugin": {"name": "it_wrong", "params": {"mode": "recurses"}}}"#);
    let words = ["check-hint", "hint.json", "plugins", "--symbol", "bybit_linear:BTCUSDT"];
    let run = sandbox.tesser("", &words).expect(1);
    let told = run.stdout + &run.stderr;
    assert!(told.contains(&format!("  error: {STACK}\n    at it_wrong::deep (")), "{told}");
    assert_eq!(told.matches(STACK).count(), 1, "{told}");
    assert!(told.contains("1 hint: 0 ok, 1 lost"), "{told}");
}

#[test]
fn a_start_that_traps_is_told_in_a_sentence() {
    let sandbox = Sandbox::new();
    let nested = "(component
        (component $c (core module $m (func $f (call $f)) (start $f)) (core instance (instantiate $m)))
        (instance (instantiate $c)))";
    let nested = wat::parse_str(nested).unwrap();
    let bytes = [&std::fs::read(mine()).unwrap()[..], &nested[8..]].concat();
    sandbox.write("file.wasm", bytes);
    let run = sandbox.tesser("", &["validate", "file.wasm"]).expect(1);
    let told = "error[load-trap]: cannot create an instance: the start trapped: call stack exhausted (endless recursion?)\n";
    assert!(run.stderr.contains(told), "{}", run.stderr);
}

/// The same module, sealed and with the adapter that hands all on to the host.
#[test]
fn what_a_plugin_writes_is_shown_by_test_and_replay() {
    let sandbox = Sandbox::new();
    mine();
    let core = plugin_target().join("tesser/cargo/wasm32-wasip1/release/it_wrong.wasm");
    let core = std::fs::read(core).unwrap();
    let adapted = wit_component::ComponentEncoder::default()
        .module(&core)
        .and_then(|encoder| encoder.adapter("wasi_snapshot_preview1", ADAPTER))
        .and_then(wit_component::ComponentEncoder::encode)
        .unwrap();
    let adapted = sandbox.write("adapted.wasm", adapted);
    let lines = ["out of a plugin (2 times)", "err of \\u{202e}a plugin (2 times)"];
    let thrown_away = "the host discards what a plugin writes to stdout and stderr";
    for plugin in [mine(), &adapted] {
        let plugin = plugin.to_str().unwrap();
        let run = replayed(&sandbox, plugin, "prints", "json", 0);
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(document["output"], json!(lines), "{plugin}");
        assert_eq!(document["notes"], json!([thrown_away]));
        let run = replayed(&sandbox, plugin, "multiplies", "json", 1);
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let reason = document["ending"]["reason"].as_str().unwrap();
        assert!(reason.starts_with("`on-timer` trapped: panicked at src/lib.rs:"), "{reason}");
        assert_eq!(document["output"], json!([]), "{plugin}");
    }
    let settings = Settings { params: json!({ "mode": "prints" }), ..Settings::default() };
    let names = ["live/no-ticks".to_owned(), "rejects".to_owned()];
    let report = test::check(mine(), &settings, &sandbox.path(""), &names).unwrap();
    let told = test::human(&report);
    let shown = "    | out of a plugin\n    | err of \\u{202e}a plugin\n";
    assert_eq!(told.matches(shown).count(), 1, "{told}");
    assert!(told.contains(&format!("note: {thrown_away} (`|`)")), "{told}");
    let output = &test::json(&report)["plugins"][0]["cases"][1]["output"];
    assert_eq!(output[0], "out of a plugin");
    assert!(test::junit(&report).contains("\nout of a plugin\n"));
}
