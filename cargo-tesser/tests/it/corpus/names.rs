//! Names: of imports, exports, fields, parameters; the component model has rules for each.

use super::{Case, with_end, with_start};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (what, name) in NAMES {
        let name = escaped(name);
        cases.push(with_start(
            format!("names/import-{what}"),
            &format!(r#"(import "{name}" (instance))"#),
        ));
        cases.push(with_end(
            format!("names/export-{what}"),
            &format!(r#"(export "{name}" (func $on-timer))"#),
        ));
        cases.push(with_end(
            format!("names/field-{what}"),
            &format!(r#"(type (record (field "{name}" u8)))"#),
        ));
        cases.push(with_end(
            format!("names/parameter-{what}"),
            &format!(r#"(type (func (param "{name}" u8)))"#),
        ));
        cases.push(with_end(
            format!("names/core-export-{what}"),
            &format!(r#"(core module (func (export "{name}")))"#),
        ));
    }
    cases.push(with_end(
        "names/exports-differ-in-case",
        r#"(export "aB" (func $init)) (export "Ab" (func $init))"#,
    ));
    cases.push(with_end(
        "names/exports-acronym-case",
        r#"(export "get-url" (func $init)) (export "get-URL" (func $init))"#,
    ));
    cases
        .push(with_end("names/export-differs-in-case-from-abi", r#"(export "INIT" (func $init))"#));
    cases.push(with_end("names/exports-differ-in-version", r#"(instance $x) (export "a:b/c@1.0.0" (instance $x)) (export "a:b/c@1.1.0" (instance $x))"#));
    cases.push(with_end(
        "names/fields-differ-in-case",
        r#"(type (record (field "ab" u8) (field "AB" u8)))"#,
    ));
    cases
        .push(with_end("names/parameters-twice", r#"(type (func (param "a" u8) (param "a" u8)))"#));
    cases.push(with_end("names/cases-twice", r#"(type (enum "a" "a"))"#));
    cases.push(with_end("names/flags-twice", r#"(type (flags "a" "a"))"#));
    cases.push(with_end(
        "names/core-exports-twice",
        r#"(core module (func) (export "a" (func 0)) (export "a" (func 0)))"#,
    ));
    cases
}

/// As WAT's string literals write it.
fn escaped(name: &str) -> String {
    name.bytes().fold(String::new(), |text, byte| text + &format!("\\{byte:02x}"))
}

const NAMES: &[(&str, &str)] = &[
    ("empty", ""),
    ("one-letter", "a"),
    ("digit-first", "1a"),
    ("digit-word", "a-1"),
    ("digit-inside", "a1"),
    ("two-dashes", "a--b"),
    ("dash-first", "-a"),
    ("dash-last", "a-"),
    ("underscore", "a_b"),
    ("acronym", "ABC-def"),
    ("mixed-case", "aBc"),
    ("dot", "a.b"),
    ("space", "a b"),
    ("umlaut", "\u{e4}"),
    ("emoji", "\u{1f4a3}"),
    ("nul", "a\0b"),
    ("escape", "a\x1b[31m"),
    ("bidi", "a\u{202e}b"),
    ("zero-width", "a\u{200b}b"),
    ("newline", "a\nb"),
    ("percent", "%a"),
    ("interface", "a:b/c"),
    ("interface-version", "a:b/c@1.0.0"),
    ("interface-pre-release", "a:b/c@1.0.0-alpha.1+build.5"),
    ("interface-bad-version", "a:b/c@1.0"),
    ("interface-star-version", "a:b/c@*"),
    ("interface-track", "a:b/c@1"),
    ("interface-uppercase", "A:B/C"),
    ("interface-no-package", "a/b"),
    ("interface-nested-namespace", "a:b:c/d"),
    ("interface-nested-projection", "a:b/c/d"),
    ("package-only", "a:b"),
    ("constructor", "[constructor]a"),
    ("method", "[method]a.b"),
    ("static", "[static]a.b"),
    ("async", "[async]a"),
    ("unknown-annotation", "[what]a"),
    ("implements", "[implements=<a:b/c>]d"),
    ("url", "url=<https://example.com/a.wasm>"),
    (
        "url-integrity",
        "url=<https://example.com/a>,integrity=<sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=>",
    ),
    ("url-invalid", "url=<a<b>"),
    ("relative-url", "relative-url=<a.wasm>"),
    ("unlocked-dep", "unlocked-dep=<a:b>"),
    ("unlocked-dep-range", "unlocked-dep=<a:b@{>=1.0.0}>"),
    ("locked-dep", "locked-dep=<a:b@1.0.0>"),
    ("integrity", "integrity=<sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=>"),
    (
        "locked-dep-integrity",
        "locked-dep=<a:b@1.0.0>,integrity=<sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=>",
    ),
];
