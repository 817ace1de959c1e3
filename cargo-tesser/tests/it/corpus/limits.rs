//! Counts and sizes, around the limits that engines have.

use super::{Case, beside, with_end, with_start};

/// `count` times a text, with `%` as the number.
fn times(count: usize, text: &str) -> String {
    (0..count).fold(String::new(), |all, number| all + &text.replace('%', &number.to_string()))
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for count in [999, 1_000, 1_001, 2_000] {
        cases.extend(types(count));
    }
    for count in [131_071, 131_072, 131_073, 131_200] {
        let text =
            format!("(func (param i32) (block (br_table {} (local.get 0))))", "0 ".repeat(count));
        cases.push(beside(format!("limits/br-table-{count}"), &text));
    }
    for (name, text) in modules() {
        cases.push(beside(format!("limits/{name}"), &text));
    }
    for (name, text) in components() {
        cases.push(with_end(format!("limits/{name}"), &text));
    }
    cases.push(with_start("limits/imports-1000", &times(1_000, r#"(import "n%" (instance))"#)));
    cases.push(with_start(
        "limits/type-imports-2000",
        &times(2_000, r#"(import "n%" (type (eq $tick)))"#),
    ));
    cases
}

fn types(count: usize) -> Vec<Case> {
    let end = |what: &str, text: String| with_end(format!("limits/{what}-{count}"), &text);
    vec![
        end("record-fields", format!("(type (record {}))", times(count, r#"(field "f%" u8)"#))),
        end("variant-cases", format!("(type (variant {}))", times(count, r#"(case "c%")"#))),
        end("enum-cases", format!("(type (enum {}))", times(count, r#""c%" "#))),
        end("flags", format!("(type (flags {}))", times(count, r#""f%" "#))),
        end("tuple", format!("(type (tuple {}))", times(count, "u8 "))),
        end("function-parameters", format!("(type (func {}))", times(count, r#"(param "p%" u8)"#))),
        end("core-parameters", format!("(core module (func (param {})))", times(count, "i32 "))),
        end(
            "core-results",
            format!("(core module (func (result {}) unreachable))", times(count, "i32 ")),
        ),
        end("modules", times(count - 1, "(core module)")),
        end("components", times(count, "(component)")),
        end(
            "core-instances",
            format!("(core module $e) {}", times(count - 1, "(core instance (instantiate $e))")),
        ),
        end("instances", times(count - 1, "(instance)")),
    ]
}

fn modules() -> Vec<(&'static str, String)> {
    let nops = |count: usize| format!("(func {})", "nop ".repeat(count));
    vec![
        ("function-127-kib", nops(130_000)),
        ("function-at-128-kib", nops(128 * 1024 - 2)),
        ("function-above-128-kib", nops(128 * 1024)),
        ("function-200-kib", nops(200 * 1024)),
        ("locals-49999", format!("(func (local {}))", "i32 ".repeat(49_999))),
        ("locals-50000", format!("(func (local {}))", "i32 ".repeat(50_000))),
        ("locals-50001", format!("(func (local {}))", "i32 ".repeat(50_001))),
        (
            "parameters-and-locals-50001",
            format!("(func (param {}) (local {}))", "i32 ".repeat(900), "i32 ".repeat(49_101)),
        ),
        ("memories-100", "(memory 0)".repeat(100)),
        ("memories-101", "(memory 0)".repeat(101)),
        ("tables-100", "(table 0 funcref)".repeat(100)),
        ("tables-101", "(table 0 funcref)".repeat(101)),
        ("globals-10000", "(global i32 (i32.const 0))".repeat(10_000)),
        ("functions-20000", "(func)".repeat(20_000)),
        ("types-20000", "(type (func))".repeat(20_000)),
        ("exports-100000", format!("(func) {}", times(100_000, r#"(export "%" (func 0))"#))),
        ("exports-100001", format!("(func) {}", times(100_001, r#"(export "%" (func 0))"#))),
        ("elements-100000", format!("(table 1 funcref) {}", "(elem funcref)".repeat(100_000))),
        ("elements-100001", format!("(table 1 funcref) {}", "(elem funcref)".repeat(100_001))),
        ("data-100000", format!("(memory 1) {}", r#"(data "")"#.repeat(100_000))),
        ("data-100001", format!("(memory 1) {}", r#"(data "")"#.repeat(100_001))),
        ("string-100000", format!(r#"(func (export "{}"))"#, "a".repeat(100_000))),
        ("string-100001", format!(r#"(func (export "{}"))"#, "a".repeat(100_001))),
        ("blocks-1000", format!("(func {} {})", "block ".repeat(1_000), "end ".repeat(1_000))),
        ("blocks-30000", format!("(func {} {})", "block ".repeat(30_000), "end ".repeat(30_000))),
        (
            "operands-20000",
            format!("(func {} {})", "i32.const 1 ".repeat(20_000), "drop ".repeat(20_000)),
        ),
        (
            "select-types-2",
            "(func (select (result i32 i32) (i32.const 0) (i32.const 0) (i32.const 0)) drop)"
                .into(),
        ),
        (
            "element-items-100000",
            format!(
                "(table 100000 funcref) (func $f) (elem (i32.const 0) {})",
                "$f ".repeat(100_000)
            ),
        ),
        ("data-1-mib", format!("(memory 17) (data (i32.const 0) \"{}\")", "a".repeat(1 << 20))),
        ("calls-30000", format!("(func $f) (func {})", "call $f ".repeat(30_000))),
        (
            "start-of-large-function",
            format!("(func $f {}) (start $f)", "i32.const 1 drop ".repeat(20_000)),
        ),
    ]
}

fn components() -> Vec<(&'static str, String)> {
    let doubled = |count: usize| {
        let first = String::from("(type $d0 (tuple u8 u8))");
        (1..count).fold(first, |text, n| text + &format!("(type $d{n} (tuple $d{0} $d{0}))", n - 1))
    };
    vec![
        ("nested-lists-20", format!("(type $l0 (list u8)) {}", list_chain(20))),
        ("nested-lists-99", format!("(type $l0 (list u8)) {}", list_chain(99))),
        ("nested-lists-101", format!("(type $l0 (list u8)) {}", list_chain(101))),
        ("nested-lists-500", format!("(type $l0 (list u8)) {}", list_chain(500))),
        ("doubled-tuples-10", doubled(10)),
        ("doubled-tuples-18", doubled(18)),
        ("doubled-tuples-19", doubled(19)),
        ("doubled-tuples-20", doubled(20)),
        ("doubled-tuples-25", doubled(25)),
        ("doubled-tuples-28", doubled(28)),
        ("doubled-tuples-40", doubled(40)),
        ("component-types-20000", "(type (list u8))".repeat(20_000)),
        ("component-exports-3000", times(3_000, r#"(export "e%" (func $on-timer))"#)),
        (
            "instance-exports-5000",
            format!("(instance {})", times(5_000, r#"(export "e%" (func $on-timer))"#)),
        ),
        (
            "instance-type-declarations-5000",
            format!("(type (instance {}))", times(5_000, r#"(type u8)"#)),
        ),
        ("aliases-20000", r#"(alias core export $i "memory" (core memory))"#.repeat(20_000)),
        ("long-name", format!(r#"(export "{}" (func $on-timer))"#, "a".repeat(90_000))),
        ("too-long-name", format!(r#"(export "{}" (func $on-timer))"#, "a".repeat(100_001))),
        ("flags-32", format!("(type (flags {}))", times(32, r#""f%" "#))),
        ("flags-33", format!("(type (flags {}))", times(33, r#""f%" "#))),
        ("flags-65", format!("(type (flags {}))", times(65, r#""f%" "#))),
    ]
}

fn list_chain(depth: usize) -> String {
    (1..=depth).fold(String::new(), |text, n| text + &format!("(type $l{n} (list $l{}))", n - 1))
}
