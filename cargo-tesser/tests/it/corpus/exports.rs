//! Exports that are missing, named otherwise, or of another type.

use super::{Case, changed, with_end};

const EXPORTS: [&str; 6] = ["init", "on-tick", "on-fill", "on-timer", "snapshot", "restore"];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![changed("exports/good", &[])];
    for name in EXPORTS {
        let line = format!(r#"(export "{name}" (func ${name}))"#);
        let instead = |what: &str, text: &str| {
            changed(format!("exports/{name}-{what}"), &[(line.as_str(), text)])
        };
        cases.push(instead("missing", ""));
        cases.push(instead("renamed", &format!(r#"(export "{name}-x" (func ${name}))"#)));
        cases.push(instead(
            "uppercase",
            &format!(r#"(export "{}" (func ${name}))"#, name.to_uppercase()),
        ));
        cases.push(instead(
            "underscore",
            &format!(r#"(export "{}_" (func ${name}))"#, name.replace('-', "_")),
        ));
        cases.push(instead("is-type", &format!(r#"(type $t string) (export "{name}" (type $t))"#)));
        cases.push(instead(
            "is-instance",
            &format!(r#"(instance $x) (export "{name}" (instance $x))"#),
        ));
        cases.push(instead(
            "is-component",
            &format!(r#"(component $x) (export "{name}" (component $x))"#),
        ));
        cases.push(instead(
            "is-core-module",
            &format!(r#"(core module $x) (export "{name}" (core module $x))"#),
        ));
        cases.push(instead("twice", &format!("{line} {line}")));
        cases.push(instead(
            "also-other-name",
            &format!(r#"{line} (export "{name}-again" (func ${name}))"#),
        ));
        if name != "init" {
            cases.push(instead("of-another", &format!(r#"(export "{name}" (func $init))"#)));
        }
    }
    cases.extend(extra());
    cases.extend(types());
    cases.extend(ticks());
    cases
}

fn extra() -> Vec<Case> {
    // Another export may use types only under names that are exported before it.
    let interface = EXPORTS
        .iter()
        .filter(|name| **name != "on-tick")
        .fold(String::new(), |text, name| text + &format!(r#"(export "{name}" (func ${name}))"#));
    let mut nothing: Vec<_> = EXPORTS
        .iter()
        .map(|name| (format!(r#"(export "{name}" (func ${name}))"#), String::new()))
        .collect();
    let none = |name: &str, nothing: &[(String, String)]| {
        let changes: Vec<_> = nothing.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        changed(name, &changes)
    };
    let no_export = none("exports/none", &nothing);
    nothing[0].1 =
        format!(r#"(instance $x {interface}) (export "tesser:execution/plugin" (instance $x))"#);
    vec![
        no_export,
        none("exports/all-in-an-interface", &nothing),
        with_end("exports/extra-function", r#"(export "more" (func $on-timer))"#),
        with_end(
            "exports/extra-interface",
            &format!(r#"(instance $x {interface}) (export "my:own/thing@1.0.0" (instance $x))"#),
        ),
        with_end("exports/extra-type", r#"(type $x (list u8)) (export "bytes" (type $x))"#),
        with_end(
            "exports/extra-record",
            r#"(type $x (record (field "a" u8))) (export "rec" (type $x))"#,
        ),
        with_end(
            "exports/extra-resource",
            r#"(type $x (resource (rep i32))) (export "res" (type $x))"#,
        ),
        with_end("exports/extra-core-module", r#"(export "module" (core module $m))"#),
        with_end("exports/extra-component", r#"(component $c) (export "comp" (component $c))"#),
        with_end(
            "exports/types-interface-again",
            r#"(export "tesser:execution/primitives" (instance $types))"#,
        ),
        with_end("exports/tick-type-too", r#"(export "tick" (type $tick))"#),
        with_end("exports/ascribed", r#"(export "again" (func $on-timer) (func (result string)))"#),
        with_end(
            "exports/ascribed-otherwise",
            r#"(export "again" (func $on-timer) (func (result u8)))"#,
        ),
    ]
}

/// Function types: export, what differs, parameters and result of the component, of the core module.
const TYPES: &[(&str, &str, &str, &str, &str)] = &[
    ("init", "no-parameter", "(result (result string (error string)))", "", "i32"),
    (
        "init",
        "two-parameters",
        r#"(param "a" string) (param "b" string) (result (result string (error string)))"#,
        "i32 i32 i32 i32",
        "i32",
    ),
    (
        "init",
        "other-parameter-name",
        r#"(param "x" string) (result (result string (error string)))"#,
        "i32 i32",
        "i32",
    ),
    (
        "init",
        "bytes-parameter",
        r#"(param "a" (list u8)) (result (result string (error string)))"#,
        "i32 i32",
        "i32",
    ),
    (
        "init",
        "chars-parameter",
        r#"(param "a" (list char)) (result (result string (error string)))"#,
        "i32 i32",
        "i32",
    ),
    (
        "init",
        "option-parameter",
        r#"(param "a" (option string)) (result (result string (error string)))"#,
        "i32 i32 i32",
        "i32",
    ),
    ("init", "no-result", r#"(param "a" string)"#, "i32 i32", ""),
    ("init", "plain-string", r#"(param "a" string) (result string)"#, "i32 i32", "i32"),
    (
        "init",
        "no-error-payload",
        r#"(param "a" string) (result (result string))"#,
        "i32 i32",
        "i32",
    ),
    (
        "init",
        "no-ok-payload",
        r#"(param "a" string) (result (result (error string)))"#,
        "i32 i32",
        "i32",
    ),
    ("init", "no-payloads", r#"(param "a" string) (result (result))"#, "i32 i32", "i32"),
    (
        "init",
        "error-number",
        r#"(param "a" string) (result (result string (error u32)))"#,
        "i32 i32",
        "i32",
    ),
    (
        "init",
        "ok-bytes",
        r#"(param "a" string) (result (result (list u8) (error string)))"#,
        "i32 i32",
        "i32",
    ),
    ("init", "option-result", r#"(param "a" string) (result (option string))"#, "i32 i32", "i32"),
    (
        "init",
        "tuple-result",
        r#"(param "a" string) (result (tuple string string))"#,
        "i32 i32",
        "i32",
    ),
    (
        "init",
        "nested-result",
        r#"(param "a" string) (result (result (result string (error string)) (error string)))"#,
        "i32 i32",
        "i32",
    ),
    ("on-fill", "no-parameter", "(result string)", "", "i32"),
    (
        "on-fill",
        "two-parameters",
        r#"(param "a" string) (param "b" u8) (result string)"#,
        "i32 i32 i32",
        "i32",
    ),
    ("on-fill", "number-parameter", r#"(param "a" u64) (result string)"#, "i64", "i32"),
    (
        "on-fill",
        "other-parameter-name",
        r#"(param "json" string) (result string)"#,
        "i32 i32",
        "i32",
    ),
    ("on-fill", "no-result", r#"(param "a" string)"#, "i32 i32", ""),
    (
        "on-fill",
        "result-of-strings",
        r#"(param "a" string) (result (result string (error string)))"#,
        "i32 i32",
        "i32",
    ),
    ("on-fill", "bytes-result", r#"(param "a" string) (result (list u8))"#, "i32 i32", "i32"),
    (
        "on-fill",
        "list-of-strings",
        r#"(param "a" string) (result (list string))"#,
        "i32 i32",
        "i32",
    ),
    ("on-timer", "a-parameter", r#"(param "now" u64) (result string)"#, "i64", "i32"),
    ("on-timer", "no-result", "", "", ""),
    ("on-timer", "bool-result", "(result bool)", "", "i32"),
    ("on-timer", "char-result", "(result char)", "", "i32"),
    ("on-timer", "u8-result", "(result u8)", "", "i32"),
    ("on-timer", "f64-result", "(result f64)", "", "f64"),
    ("on-timer", "option-result", "(result (option string))", "", "i32"),
    ("on-timer", "tuple-of-one", "(result (tuple string))", "", "i32"),
    ("on-timer", "bytes-result", "(result (list u8))", "", "i32"),
    ("snapshot", "a-parameter", r#"(param "a" string) (result string)"#, "i32 i32", "i32"),
    ("snapshot", "no-result", "", "", ""),
    ("snapshot", "bytes-result", "(result (list u8))", "", "i32"),
    ("snapshot", "result-of-strings", "(result (result string (error string)))", "", "i32"),
    ("restore", "no-parameter", "", "", ""),
    ("restore", "bytes-parameter", r#"(param "a" (list u8))"#, "i32 i32", ""),
    ("restore", "other-parameter-name", r#"(param "a" string)"#, "i32 i32", ""),
    ("restore", "string-result", r#"(param "a" string) (result string)"#, "i32 i32", "i32"),
    (
        "restore",
        "result-result",
        r#"(param "a" string) (result (result (error string)))"#,
        "i32 i32",
        "i32",
    ),
    ("restore", "bool-result", r#"(param "a" string) (result bool)"#, "i32 i32", "i32"),
    (
        "restore",
        "two-parameters",
        r#"(param "a" string) (param "b" string)"#,
        "i32 i32 i32 i32",
        "",
    ),
    (
        "restore",
        "many-parameters",
        r#"(param "a" (tuple string string string string string string string string string))"#,
        "i32",
        "",
    ),
    ("on-tick", "no-parameter", "(result string)", "", "i32"),
    ("on-tick", "json-parameter", r#"(param "a" string) (result string)"#, "i32 i32", "i32"),
    (
        "on-tick",
        "two-ticks",
        r#"(param "a" $tick) (param "b" $tick) (result string)"#,
        "i32 i32 i32 i32 i32 i32 i32 i64 i32 i32 i32 i32 i32 i32 i32 i64",
        "i32",
    ),
    ("on-tick", "list-of-ticks", r#"(param "a" (list $tick)) (result string)"#, "i32 i32", "i32"),
    (
        "on-tick",
        "option-of-tick",
        r#"(param "a" (option $tick)) (result string)"#,
        "i32 i32 i32 i32 i32 i32 i32 i32 i64",
        "i32",
    ),
    (
        "on-tick",
        "other-parameter-name",
        r#"(param "trade" $tick) (result string)"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
        "i32",
    ),
    ("on-tick", "no-result", r#"(param "a" $tick)"#, "i32 i32 i32 i32 i32 i32 i32 i64", ""),
    (
        "on-tick",
        "tick-result",
        r#"(param "a" $tick) (result $tick)"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
        "i32",
    ),
    (
        "on-tick",
        "tuple-parameter",
        r#"(param "a" (tuple string string string u8 s64)) (result string)"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
        "i32",
    ),
];

fn types() -> Vec<Case> {
    let changed = |(export, what, ty, params, result): &(&str, &str, &str, &str, &str)| {
        let (component, core) = signature(export);
        let core_type = format!("(param {params}) (result {result}) unreachable)");
        changed(
            format!("export-type/{export}-{what}"),
            &[
                (component, &format!("(func ${export} {ty}")),
                (core, &format!("(func (export \"{export}\") {core_type}")),
            ],
        )
    };
    TYPES.iter().map(changed).collect()
}

/// An export's line in the component, and in its module.
fn signature(export: &str) -> (&'static str, &'static str) {
    let line = |start: String| {
        super::GOOD.lines().map(str::trim_start).find(|line| line.starts_with(&start)).unwrap()
    };
    (line(format!("(func ${export}")), line(format!("(func (export \"{export}\")")))
}

/// What differs, text of the types, its replacement, and the core parameters of `on-tick`.
const TICKS: &[(&str, &str, &str, &str)] = &[
    ("field-missing", r#"(field "symbol" string) "#, "", "i32 i32 i32 i32 i32 i64"),
    (
        "field-more",
        r#"(field "timestamp-ms" s64)"#,
        r#"(field "timestamp-ms" s64) (field "id" u64)"#,
        "i32 i32 i32 i32 i32 i32 i32 i64 i64",
    ),
    (
        "field-renamed",
        r#"(field "symbol" string)"#,
        r#"(field "pair" string)"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "field-underscore",
        r#"(field "timestamp-ms" s64)"#,
        r#"(field "timestamp_ms" s64)"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "field-uppercase",
        r#"(field "symbol" string)"#,
        r#"(field "SYMBOL" string)"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "fields-swapped",
        r#"(field "price" $decimal) (field "size" $decimal)"#,
        r#"(field "size" $decimal) (field "price" $decimal)"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "field-twice",
        r#"(field "size" $decimal)"#,
        r#"(field "price" $decimal)"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "symbol-bytes",
        r#"(field "symbol" string)"#,
        r#"(field "symbol" (list u8))"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "price-string",
        r#"(field "price" $decimal)"#,
        r#"(field "price" string)"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "price-f64",
        r#"(field "price" $decimal)"#,
        r#"(field "price" f64)"#,
        "i32 i32 f64 i32 i32 i32 i64",
    ),
    (
        "time-u64",
        r#"(field "timestamp-ms" s64)"#,
        r#"(field "timestamp-ms" u64)"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "time-s32",
        r#"(field "timestamp-ms" s64)"#,
        r#"(field "timestamp-ms" s32)"#,
        "i32 i32 i32 i32 i32 i32 i32 i32",
    ),
    (
        "side-string",
        r#"(field "side" $side)"#,
        r#"(field "side" string)"#,
        "i32 i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "side-option",
        r#"(field "side" $side)"#,
        r#"(field "side" (option $side))"#,
        "i32 i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "side-bool",
        r#"(field "side" $side)"#,
        r#"(field "side" bool)"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "side-swapped",
        r#"(enum "buy" "sell")"#,
        r#"(enum "sell" "buy")"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "side-renamed",
        r#"(enum "buy" "sell")"#,
        r#"(enum "bid" "ask")"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "side-uppercase",
        r#"(enum "buy" "sell")"#,
        r#"(enum "BUY" "SELL")"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "side-more",
        r#"(enum "buy" "sell")"#,
        r#"(enum "buy" "sell" "none")"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    ("side-one", r#"(enum "buy" "sell")"#, r#"(enum "buy")"#, "i32 i32 i32 i32 i32 i32 i32 i64"),
    (
        "side-variant",
        r#"(enum "buy" "sell")"#,
        r#"(variant (case "buy") (case "sell"))"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "side-flags",
        r#"(enum "buy" "sell")"#,
        r#"(flags "buy" "sell")"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "decimal-renamed",
        r#"(field "value" string)"#,
        r#"(field "text" string)"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "decimal-number",
        r#"(field "value" string)"#,
        r#"(field "value" f64)"#,
        "i32 i32 f64 f64 i32 i64",
    ),
    (
        "decimal-more",
        r#"(field "value" string)"#,
        r#"(field "value" string) (field "scale" u8)"#,
        "i32 i32 i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "decimal-tuple",
        r#"(record (field "value" string))"#,
        "(tuple string)",
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "type-name-decimal",
        r#"(export "decimal-value""#,
        r#"(export "price""#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "type-name-side",
        r#"(export "side""#,
        r#"(export "direction""#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "interface-name",
        r#""tesser:execution/primitives""#,
        r#""my:own/types""#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "interface-version",
        r#""tesser:execution/primitives""#,
        r#""tesser:execution/primitives@0.9.0""#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "interface-plain-name",
        r#""tesser:execution/primitives""#,
        r#""primitives""#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "interface-with-function",
        r#"(export "tick" (type (eq $tick')))"#,
        r#"(export "tick" (type (eq $tick'))) (export "now" (func (result u64)))"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "interface-with-resource",
        r#"(export "tick" (type (eq $tick')))"#,
        r#"(export "tick" (type (eq $tick'))) (export "res" (type (sub resource)))"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
    (
        "interface-with-instance",
        r#"(export "tick" (type (eq $tick')))"#,
        r#"(export "tick" (type (eq $tick'))) (export "more" (instance))"#,
        "i32 i32 i32 i32 i32 i32 i32 i64",
    ),
];

fn ticks() -> Vec<Case> {
    let (_, core) = signature("on-tick");
    let mut cases: Vec<_> = TICKS
        .iter()
        .map(|(what, from, to, params)| {
            let name = format!("tick/{what}");
            let core_type =
                format!("(func (export \"on-tick\") (param {params}) (result i32) unreachable)");
            changed(name, &[(from, to), (core, &core_type)])
        })
        .collect();
    cases.push(inline("tick/inline-exported", r#"(export $NAME "NAME" (type $NAME'))"#));
    cases.push(inline("tick/inline-imported", r#"(import "NAME" (type $NAME (eq $NAME')))"#));
    cases.push(inline("tick/inline-unnamed", r#"(alias outer 0 $NAME' (type $NAME))"#));
    cases
}

/// The types written into the component itself, each named by `line`.
fn inline(name: &str, line: &str) -> Case {
    let start = super::GOOD.find("  ;; types").unwrap();
    let end = super::GOOD.find("  ;; imports").unwrap();
    let named = |name: &str| line.replace("NAME", name);
    let types = format!(
        r#"(type $decimal' (record (field "value" string))) {}
        (type $side' (enum "buy" "sell")) {}
        (type $tick' (record (field "symbol" string) (field "price" $decimal) (field "size" $decimal)
          (field "side" $side) (field "timestamp-ms" s64))) {}
        "#,
        named("decimal"),
        named("side"),
        named("tick")
    );
    changed(name, &[(&super::GOOD[start..end], &types)])
}
