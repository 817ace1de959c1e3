//! The table of diagnostics, what raises each code, the page of documentation and the rules of SARIF: four
//! lists that must be one.

use std::collections::BTreeSet;

use cargo_tesser::report::Code;

use crate::support::{Sandbox, chase, root};
use crate::validate::plugin;

/// A component of this text.
fn component(text: &str) -> Vec<u8> {
    wat::parse_str(format!("(component {text})")).unwrap()
}

/// The good plugin with this core module instantiated beside its own.
fn beside(module: &str) -> Vec<u8> {
    let inner = format!(
        "(component $c (core module $m {module}) (core instance (instantiate $m))) (instance (instantiate $c))"
    );
    [&good()[..], &component(&inner)[8..]].concat()
}

fn good() -> Vec<u8> {
    std::fs::read(chase()).unwrap()
}

/// For each code the name and bytes of a file that raises it.
fn fixtures() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let named = |code, bytes| (code, "file.wasm", bytes);
    vec![
        named("not-read", vec![0; (64 << 20) + 1]),
        named("empty-file", Vec::new()),
        named("not-wasm", b"(component)".to_vec()),
        named("core-module", wat::parse_str("(module)").unwrap()),
        named("host-limit", plugin(&format!("(core module {})", "(table 0 funcref)".repeat(101)))),
        named("not-implemented", plugin(r#"(component $c) (export "c" (component $c))"#)),
        named("import-type", plugin(&import("clocks/monotonic-clock", r#"(export "now" (func))"#))),
        named("truncated", good()[..1000].to_vec()),
        named("invalid-wasm", component("(core module (func (result i32)))")),
        named("proposal-off", component("(core module (func $f return_call $f))")),
        named("missing-export", component("")),
        named("export-type", component(r#"(import "f" (func $f)) (export "init" (func $f))"#)),
        named(
            "wasi-version",
            component(
                r#"(import "wasi:clocks/wall-clock@0.2.9" (instance (export "now" (func))))"#,
            ),
        ),
        named("unknown-import", component(r#"(import "f" (func))"#)),
        named("load-trap", beside("(func $f unreachable) (start $f)")),
        named("slow-start", beside("(func $f (loop br 0)) (start $f)")),
        named(
            "untried-start",
            beside("(memory 1) (func $f i32.const 8192 memory.grow unreachable) (start $f)"),
        ),
        named("not-loaded", beside("(memory 8192)")),
        ("unreachable-name", "my.chase.wasm", good()),
    ]
}

/// An interface of the host's WASI, with one item.
fn import(name: &str, item: &str) -> String {
    format!(r#"(import "wasi:{name}@0.2.0" (instance {item}))"#)
}

/// The same for what the host takes, but a desk may not want.
fn policy_fixtures() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let named = |code, fragment: &str| (code, "file.wasm", plugin(fragment));
    let number = |name: &str| format!(r#"(export "{name}" (func (result u64)))"#);
    let resource = |name: &str| format!(r#"(export "{name}" (type (sub resource)))"#);
    let foreign = component(r#"(@custom "tesser:plugin" "x")"#);
    let utf_16 = r#"(core module $u (memory (export "m") 1) (func (export "f") (result i32) i32.const 0))
        (core instance $u (instantiate $u)) (alias core export $u "m" (core memory $m))
        (func (result string) (canon lift (core func $u "f") (memory $m) string-encoding=utf16))"#;
    vec![
        named("uses-cli", &import("cli/terminal-input", &resource("terminal-input"))),
        named("uses-clocks", &import("clocks/monotonic-clock", &number("now"))),
        named("uses-filesystem", &import("filesystem/types", &resource("descriptor"))),
        named("uses-io", &import("io/poll", &resource("pollable"))),
        named("uses-random", &import("random/random", &number("get-random-u64"))),
        named("uses-sockets", &import("sockets/network", &resource("network"))),
        named("simd", "(core module (func (param v128) local.get 0 v128.not drop))"),
        named(
            "relaxed-simd",
            "(core module (func (param v128) local.get 0 local.get 0 i8x16.relaxed_swizzle drop))",
        ),
        named("threads", r#"(core module (import "a" "b" (memory 1 1 shared)))"#),
        named("nested-components", "(component)"),
        named("string-encoding", utf_16),
        named("several-memories", "(core module (memory 1))"),
        named("large-memory", "(core module (memory 513))"),
        named("large-table", "(core module (table 70000 funcref))"),
        named("many-functions", &format!("(core module {})", "(func)".repeat(20_001))),
        named(
            "many-params",
            &format!("(core module (type (func (param {}))))", "i32 ".repeat(101)),
        ),
        named("large-file", &format!(r#"(core module (@custom "x" "{}"))"#, "x".repeat(4_194_304))),
        named("no-metadata", ""),
        ("foreign-metadata", "file.wasm", [&plugin("")[..], &foreign[8..]].concat()),
        named("build-path", r#"(core module (@custom "x" "/home/ann/desk"))"#),
    ]
}

/// The same for parameters: the file, which has a schema or has none.
fn params_fixtures() -> Vec<(&'static str, Vec<u8>)> {
    let schema = r#"(@custom "tesser:params" "{\"format\":1,\"params\":[]}")"#;
    vec![("invalid-params", plugin(schema)), ("no-param-schema", plugin(""))]
}

/// The same for comparisons: the older plugin, and the newer one.
fn changes() -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
    let clock = import("clocks/monotonic-clock", r#"(export "now" (func (result u64)))"#);
    let function = |ty: &str| {
        plugin(&format!(
            r#"(core module $x (func (export "x") (param i32))) (core instance $x (instantiate $x))
               (func $x (param "a" {ty}) (canon lift (core func $x "x"))) (export "extra" (func $x))"#
        ))
    };
    let plain = || plugin("");
    // By the name that `cargo tesser build` wrote into it.
    let mut other = good();
    let name = b"{\"name\":\"it-chase\"";
    let at = other.windows(name.len()).position(|bytes| bytes == name).unwrap();
    other[at + name.len() - 2] = b'r';
    vec![
        ("other-plugin", other, good()),
        ("export-removed", function("u32"), plain()),
        ("export-changed", function("u32"), function("s32")),
        ("export-added", plain(), function("u32")),
        ("import-added", plain(), plugin(&clock)),
        ("import-removed", plugin(&clock), plain()),
        ("capability-added", plain(), plugin(&clock)),
        ("abi-changed", plain(), good()),
        ("size-grown", plain(), good()),
    ]
}

#[test]
fn every_code_has_a_fixture_a_section_in_the_docs_and_a_rule() {
    let table: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();

    let sandbox = Sandbox::new();
    let mut raised = BTreeSet::new();
    let mut rules = Vec::new();
    let mut reports = Vec::new();
    let alone = fixtures().into_iter().chain(policy_fixtures());
    let alone = alone.map(|(code, name, bytes)| (code, name, None, bytes));
    let changes = changes().into_iter();
    let changes = changes.map(|(code, old, new)| (code, "file.wasm", Some(old), new));
    let with_params = params_fixtures().into_iter();
    let with_params = with_params.map(|(code, bytes)| (code, "params.wasm", None, bytes));
    for (code, name, old, bytes) in alone.chain(changes).chain(with_params) {
        sandbox.write(name, bytes);
        let mut words = vec!["validate", "--format", "sarif", name];
        if name == "params.wasm" {
            words.extend(["--params", r#"{"clip": 1}"#]);
        }
        if let Some(old) = old {
            sandbox.write("old.wasm", old);
            words.extend(["--against", "old.wasm"]);
        }
        let run = sandbox.tesser("", &words);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        words[2] = "github";
        let annotations = sandbox.tesser("", &words).stdout;
        let of_code =
            |line: &str| line.starts_with("::") && line.contains(&format!("title={code}::"));
        assert!(annotations.lines().any(of_code), "{code}: {annotations}");
        let run = &report["runs"][0];
        let results = run["results"].as_array().unwrap();
        assert!(results.iter().any(|result| result["ruleId"] == code), "{code}: {results:#?}");
        raised.insert(code);
        let ids = run["tool"]["driver"]["rules"].as_array().unwrap().iter();
        rules = ids.map(|rule| rule["id"].as_str().unwrap().to_owned()).collect();
        reports.push(run.clone());
    }
    // One document may hold many runs.
    let all = serde_json::json!({ "version": "2.1.0", "runs": reports });
    assert_eq!(crate::report::sarif_errors(&all), [""; 0]);
    assert_eq!(raised, table.iter().copied().collect(), "fixtures");
    assert_eq!(rules, table, "rules of SARIF");

    let page = std::fs::read_to_string(root().join("docs/diagnostics.md")).unwrap();
    let sections: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(sections, table, "docs/diagnostics.md; `cargo xtask codegen` writes it");

    let list = sandbox.tesser("", &["explain"]).expect(0).stdout;
    let listed: Vec<_> = list.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!(listed, table, "`explain` without a code");
}

#[test]
fn a_code_with_a_slip_is_answered_with_those_that_are_near() {
    let sandbox = Sandbox::new();
    let run = sandbox.tesser("", &["explain", "mising-export"]).expect(2);
    snapbox::assert_data_eq!(
        run.stderr,
        snapbox::str![[r#"
error: there is no diagnostic `mising-export`
hint: did you mean `missing-export`?

"#]]
    );
}
