//! What a plugin may ask of the host when its package says so.

use snapbox::{assert_data_eq, str};

use super::{installed, manifest, plugin, source};
use crate::support::Sandbox;

const HASH_MAP: &str = "let m = std::collections::HashMap::from([(1, ctx.plugin.clone())]); if m.len() > ctx.plugin.len() { return Ok(PluginResult::new().completed()) }";
const CLOCK: &str = "if std::time::SystemTime::now() == std::time::UNIX_EPOCH { return Ok(PluginResult::new().completed()) }";

fn with_settings(sandbox: &Sandbox, name: &str, settings: &str) {
    let settings = format!("\n[package.metadata.tesser]\n{settings}\n");
    sandbox.write(&format!("{name}/Cargo.toml"), manifest(name) + &settings);
}

/// The interfaces that the host must offer.
fn needs(sandbox: &Sandbox, name: &str) -> Vec<String> {
    sandbox.tesser(name, &["build", "--no-opt"]).expect(0);
    let file = installed("debug", &format!("{}.wasm", name.replace('-', "_")));
    let run = sandbox.tesser("", &["validate", "--format", "json", file.to_str().unwrap()]);
    let report: serde_json::Value = serde_json::from_str(&run.expect(0).stdout).unwrap();
    let imports = report["files"][0]["imports"].as_array().unwrap().iter();
    let names = imports.map(|import| import.as_str().unwrap().to_owned());
    names.filter(|name| name.starts_with("wasi:")).collect()
}

#[test]
fn capabilities_yield_just_the_interfaces_that_they_need() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-capable", &source(&format!("{HASH_MAP}\n{CLOCK}")));
    with_settings(&sandbox, "it-capable", "capabilities = [\"clock\", \"random\"]");
    let mut found = needs(&sandbox, "it-capable");
    found.sort();
    assert_eq!(
        found,
        [
            "wasi:clocks/monotonic-clock@0.2.0",
            "wasi:clocks/wall-clock@0.2.0",
            "wasi:random/random@0.2.0"
        ]
    );
    // One of them does not open the door to the other.
    with_settings(&sandbox, "it-capable", "capabilities = [\"clock\"]");
    let run = sandbox.tesser("it-capable", &["build", "--no-opt"]).expect(1);
    assert!(run.error().contains("`random_get` (random numbers)\n"), "{}", run.stderr);
    // What is not used is not asked for.
    sandbox.write("it-capable/src/lib.rs", source(""));
    assert!(needs(&sandbox, "it-capable").is_empty());
}

#[test]
fn an_unknown_setting_is_an_error_with_the_list() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-settings", &source(""));
    let mut said = String::new();
    for settings in ["capabilities = [\"network\"]", "capability = [\"clock\"]"] {
        with_settings(&sandbox, "it-settings", settings);
        let run = sandbox.tesser("it-settings", &["build"]).expect(101);
        said.push_str(run.error());
        said.push_str("\n\n");
    }
    assert_data_eq!(
        said,
        str![[r#"
error: `[package.metadata.tesser]` in `[DIR]/it-settings/Cargo.toml`: unknown variant `network`, expected `clock` or `random`
hint: the keys are `capabilities`, a list of "clock" and "random"; `max-size`, a number of bytes; `test`, the settings of tests; and `validate`, the rules of the check

error: `[package.metadata.tesser]` in `[DIR]/it-settings/Cargo.toml`: unknown field `capability`, expected one of `capabilities`, `max-size`, `test`, `validate`
hint: the keys are `capabilities`, a list of "clock" and "random"; `max-size`, a number of bytes; `test`, the settings of tests; and `validate`, the rules of the check


"#]]
    );
}

#[test]
fn a_plugin_larger_than_its_package_allows_is_not_installed() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-large", &source(""));
    // Of an earlier run of this test.
    std::fs::remove_file(installed("debug", "it_large.wasm")).ok();
    with_settings(&sandbox, "it-large", "max-size = 1000");
    let run = sandbox.tesser("it-large", &["build", "--no-opt"]).expect(1);
    assert!(run.error().contains("and its `max-size` is 1000"), "{}", run.stderr);
    assert!(!installed("debug", "it_large.wasm").exists());
    with_settings(&sandbox, "it-large", "max-size = 100000000");
    sandbox.tesser("it-large", &["build", "--no-opt"]).expect(0);
    // The same module, and a limit that it does not keep any more.
    with_settings(&sandbox, "it-large", "max-size = 1000");
    sandbox.tesser("it-large", &["build", "--no-opt"]).expect(1);
    assert!(installed("debug", "it_large.wasm").exists());
}

#[test]
fn the_crate_that_asks_for_random_numbers_is_named() {
    let sandbox = Sandbox::new();
    plugin(
        &sandbox,
        "it-guilty",
        &source("if rand::seed() == 7 { return Ok(PluginResult::new().completed()) }"),
    );
    // A crate of a well-known name; what it does is what the real one does in the end.
    sandbox.edit(
        "it-guilty/Cargo.toml",
        "[dependencies]\n",
        "[dependencies]\nrand = { path = \"rand\" }\n",
    );
    sandbox.write(
        "it-guilty/rand/Cargo.toml",
        "[package]\nname = \"rand\"\nversion = \"0.0.1\"\nedition = \"2024\"\n",
    );
    let seed = "pub fn seed() -> u64 { use std::hash::*; std::collections::hash_map::RandomState::new().build_hasher().finish() }\n";
    sandbox.write("it-guilty/rand/src/lib.rs", seed);
    let run = sandbox.tesser("it-guilty", &["build", "--no-opt"]).expect(1);
    assert!(
        run.error().contains("of the crates that it depends on, look at `rand`"),
        "{}",
        run.stderr
    );
}
