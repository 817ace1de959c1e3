//! The table of diagnostics, what raises each code, the page of documentation and the rules of SARIF: four
//! lists that must be one.

use std::collections::BTreeSet;

use cargo_tesser::report::Code;

use crate::support::{Sandbox, chase, root};

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
        named("not-loaded", beside("(memory 8192)")),
        ("unreachable-name", "my.chase.wasm", good()),
    ]
}

#[test]
fn every_code_has_a_fixture_a_section_in_the_docs_and_a_rule() {
    let table: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();

    let sandbox = Sandbox::new();
    let mut raised = BTreeSet::new();
    let mut rules = Vec::new();
    for (code, name, bytes) in fixtures() {
        sandbox.write(name, bytes);
        let run = sandbox.tesser("", &["validate", "--format", "sarif", name]);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let run = &report["runs"][0];
        let results = run["results"].as_array().unwrap();
        assert!(results.iter().any(|result| result["ruleId"] == code), "{code}: {results:#?}");
        raised.insert(code);
        let ids = run["tool"]["driver"]["rules"].as_array().unwrap().iter();
        rules = ids.map(|rule| rule["id"].as_str().unwrap().to_owned()).collect();
    }
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
