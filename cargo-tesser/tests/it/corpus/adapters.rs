//! Components that call one another: the engine compiles the adapters in between by itself, which no validator
//! knows of.

use std::fmt::Write as _;

use super::{Case, with_end};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = handed_over();
    cases.extend(recoded());
    cases
}

/// Types that a component takes and gives, with the core types they are lowered to.
const VALUES: &[(&str, &str)] = &[
    ("bool", "bool"),
    ("char", "char"),
    ("float", "f64"),
    ("string", "string"),
    ("bytes", "(list u8)"),
    ("list-of-strings", "(list string)"),
    ("list-of-lists", "(list (list (list u16)))"),
    ("tuple", "(tuple u8 string f32)"),
    ("option", "(option string)"),
    ("result", "(result u64 (error string))"),
    ("result-empty", "(result)"),
    ("options-nested", "(option (option (option u8)))"),
    ("many", "(tuple u64 u64 u64 u64 u64 u64 u64 u64 u64 u64 u64 u64 u64 u64 u64 u64 u64)"),
    ("tuple-of-lists", "(tuple (list u8) (list u16) (list f64) (list char))"),
];

/// Named types, which stand outside of the component that uses them.
const NAMED: &[(&str, &str)] = &[
    ("record", r#"(record (field "a" u8) (field "b" string))"#),
    ("variant", r#"(variant (case "a" u8) (case "b" string) (case "c" f64) (case "d"))"#),
    ("enum", r#"(enum "a" "b")"#),
    ("flags", r#"(flags "a" "b" "c")"#),
    ("flags-33", FLAGS_33),
];

const FLAGS_33: &str = r#"(flags "f0" "f1" "f2" "f3" "f4" "f5" "f6" "f7" "f8" "f9" "f10" "f11" "f12" "f13" "f14" "f15" "f16" "f17" "f18" "f19" "f20" "f21" "f22" "f23" "f24" "f25" "f26" "f27" "f28" "f29" "f30" "f31" "f32")"#;

/// A memory and an allocator that returns a fixed place; `size` bytes of it are used.
const LIBC: &str = r#"(core module $libc (memory (export "m") 1)
    (func (export "r") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "m" (core memory $m)) (alias core export $libc "r" (core func $r))"#;

/// The core type of a function that takes, and one that gives, a value of that type.
fn flat(ty: &str) -> (&'static str, &'static str) {
    match ty {
        "f64" => ("f64", "f64"),
        "string" | "(list u8)" | "(list string)" | "(list (list (list u16)))" => ("i32 i32", "i32"),
        "(tuple u8 string f32)" => ("i32 i32 i32 f32", "i32"),
        "(option string)" => ("i32 i32 i32", "i32"),
        "(result u64 (error string))" => ("i32 i64 i32", "i32"),
        "(option (option (option u8)))" => ("i32 i32 i32 i32", "i32"),
        "(tuple (list u8) (list u16) (list f64) (list char))" => {
            ("i32 i32 i32 i32 i32 i32 i32 i32", "i32")
        }
        _ => ("i32", "i32"),
    }
}

/// One component gives a function of the type to another, which calls it: an adapter between two memories.
fn handed_over() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, ty) in VALUES {
        let (param, result) = flat(ty);
        for (way, signature, core) in [
            ("taken", format!(r#"(param "x" {ty})"#), format!("(param {param})")),
            ("given", format!("(result {ty})"), format!("(result {result})")),
        ] {
            // A result that does not fit one value is written to a place that the caller names.
            let fits = matches!(*ty, "bool" | "char" | "f64" | "(result)");
            let called = match way {
                "given" if !fits => "(param i32)".to_owned(),
                _ => core.clone(),
            };
            let text = format!(
                r#"(component $callee {LIBC}
                     (core module $c (func (export "f") {core} unreachable))
                     (core instance $c (instantiate $c))
                     (func (export "f") {signature} (canon lift (core func $c "f") (memory $m) (realloc $r))))
                   (component $caller (import "f" (func $f {signature})) {LIBC}
                     (core func $low (canon lower (func $f) (memory $m) (realloc $r)))
                     (core module $c (import "a" "f" (func {called})))
                     (core instance (instantiate $c (with "a" (instance (export "f" (func $low)))))))
                   (instance $callee (instantiate $callee))
                   (instance (instantiate $caller (with "f" (func $callee "f"))))"#
            );
            cases.push(with_end(format!("adapter/{name}-{way}"), &text));
        }
    }
    for (name, ty) in NAMED {
        let text = format!(
            r#"(component $callee {LIBC} (type $t {ty}) (export $n "t" (type $t))
                 (core module $c (func (export "f") (result i32) unreachable))
                 (core instance $c (instantiate $c))
                 (func (export "f") (result $n) (canon lift (core func $c "f") (memory $m) (realloc $r))))
               (instance $callee (instantiate $callee))"#
        );
        cases.push(with_end(format!("adapter/{name}-named"), &text));
    }
    cases
}

/// Strings that are recoded between two components, in all pairs of encodings, with and without what that needs.
fn recoded() -> Vec<Case> {
    let mut cases = Vec::new();
    let encodings = ["utf8", "utf16", "latin1+utf16"];
    for callee in encodings {
        for caller in encodings {
            for (name, realloc) in [("", "(realloc $r)"), ("-no-realloc", "")] {
                let mut text = String::new();
                let signature = r#"(param "x" string) (result string)"#;
                write!(
                    text,
                    r#"(component $callee {LIBC}
                         (core module $c (func (export "f") (param i32 i32) (result i32) unreachable))
                         (core instance $c (instantiate $c))
                         (func (export "f") {signature} (canon lift (core func $c "f") (memory $m) {realloc} string-encoding={callee})))
                       (component $caller (import "f" (func $f {signature})) {LIBC}
                         (core func $low (canon lower (func $f) (memory $m) (realloc $r) string-encoding={caller}))
                         (core module $c (import "a" "f" (func $f (param i32 i32 i32))))
                         (core instance (instantiate $c (with "a" (instance (export "f" (func $low)))))))
                       (instance $callee (instantiate $callee))
                       (instance (instantiate $caller (with "f" (func $callee "f"))))"#
                )
                .unwrap();
                let name = format!("recoded/{caller}-to-{callee}{name}").replace('+', "-");
                cases.push(with_end(name, &text));
            }
        }
    }
    cases
}
