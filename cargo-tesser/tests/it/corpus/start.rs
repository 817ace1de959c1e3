//! What happens when an instance is made: start functions, segments, memories, tables.

use super::{Case, beside, changed, with_end, with_module};

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> =
        MODULES.iter().map(|(name, text)| beside(format!("start/{name}"), text)).collect();
    cases.extend(
        INSIDE.iter().map(|(name, text)| with_module(format!("start/inside-{name}"), text)),
    );
    cases.extend(MEMORIES.iter().map(|(name, memory)| {
        let text = format!(r#"(memory (export "memory") {memory})"#);
        changed(format!("memory/{name}"), &[(r#"(memory (export "memory") 1)"#, &text)])
    }));
    cases.push(with_end(
        "start/trap-not-instantiated",
        "(core module (func $f unreachable) (start $f))",
    ));
    cases.push(with_end(
        "start/trap-in-nested-component",
        "(component $c (core module $x (func $f unreachable) (start $f)) (core instance (instantiate $x))) (instance (instantiate $c))",
    ));
    cases.push(with_end(
        "start/trap-in-component-not-instantiated",
        "(component $c (core module $x (func $f unreachable) (start $f)) (core instance (instantiate $x)))",
    ));
    cases.push(changed(
        "start/realloc-calls-itself",
        &[(
            "(i32.sub (global.get $next) (local.get $size)))",
            "(call 0 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))",
        )],
    ));
    cases
}

const MODULES: &[(&str, &str)] = &[
    ("nothing", "(func $f) (start $f)"),
    ("unreachable", "(func $f unreachable) (start $f)"),
    ("divide-by-zero", "(func $f (drop (i32.div_u (i32.const 1) (i32.const 0)))) (start $f)"),
    ("recursion", "(func $f (call $f)) (start $f)"),
    ("load-out-of-bounds", "(memory 1) (func $f (drop (i32.load (i32.const 65536)))) (start $f)"),
    ("indirect-call-null", "(table 1 funcref) (func $f (call_indirect (i32.const 0))) (start $f)"),
    ("float-conversion", "(func $f (drop (i32.trunc_f64_u (f64.const 1e30)))) (start $f)"),
    ("endless", "(func $f (loop br 0)) (start $f)"),
    (
        "long",
        "(func $f (local i32) (loop (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if 0 (i32.lt_u (local.get 0) (i32.const 10000000))))) (start $f)",
    ),
    (
        "very-long",
        "(func $f (local i64) (loop (local.set 0 (i64.add (local.get 0) (i64.const 1))) (br_if 0 (i64.lt_u (local.get 0) (i64.const 400000000))))) (start $f)",
    ),
    ("grow-1-mib", "(memory 1) (func $f (drop (memory.grow (i32.const 16)))) (start $f)"),
    ("grow-1-gib", "(memory 1) (func $f (drop (memory.grow (i32.const 16384)))) (start $f)"),
    (
        "grow-in-a-loop",
        "(memory 1) (func $f (loop (br_if 0 (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))) (start $f)",
    ),
    (
        "grow-must-succeed",
        "(memory 1) (func $f (if (i32.eq (memory.grow (i32.const 8192)) (i32.const -1)) (then unreachable))) (start $f)",
    ),
    (
        "table-grow",
        "(table 1 funcref) (func $f (drop (table.grow (ref.null func) (i32.const 100000)))) (start $f)",
    ),
    (
        "table-grow-much",
        "(table 1 funcref) (func $f (drop (table.grow (ref.null func) (i32.const 8000000)))) (start $f)",
    ),
    ("start-with-parameter", "(func $f (param i32)) (start $f)"),
    ("start-with-result", "(func $f (result i32) (i32.const 0)) (start $f)"),
    ("start-unknown", "(start 7)"),
    ("start-imported", r#"(import "a" "b" (func $f)) (start $f)"#),
    (
        "wait-unshared",
        "(memory 1) (func $f (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0)))) (start $f)",
    ),
    (
        "wait-for-ever",
        "(memory 1 1 shared) (func $f (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))) (start $f)",
    ),
    (
        "atomic-misaligned",
        "(memory 1 1 shared) (func $f (drop (i32.atomic.load (i32.const 1)))) (start $f)",
    ),
    ("data-out-of-bounds", r#"(memory 1) (data (i32.const 65536) "a")"#),
    ("data-at-the-end", r#"(memory 1) (data (i32.const 65535) "a")"#),
    ("data-empty-at-the-end", r#"(memory 1) (data (i32.const 65536) "")"#),
    ("data-empty-past-the-end", r#"(memory 1) (data (i32.const 65537) "")"#),
    ("data-negative", r#"(memory 1) (data (i32.const -1) "a")"#),
    ("data-without-memory", r#"(data (i32.const 0) "a")"#),
    ("elem-out-of-bounds", "(table 1 funcref) (func $f) (elem (i32.const 1) $f)"),
    ("elem-at-the-end", "(table 1 funcref) (func $f) (elem (i32.const 0) $f)"),
    ("elem-empty-past-the-end", "(table 1 funcref) (elem (i32.const 2))"),
    (
        "memory-init-out-of-bounds",
        r#"(memory 1) (data $d "a") (func $f (memory.init $d (i32.const 0) (i32.const 0) (i32.const 2))) (start $f)"#,
    ),
    ("initialize", r#"(func (export "_initialize") unreachable)"#),
    ("start-export", r#"(func (export "_start") unreachable)"#),
    ("memory-0", "(memory 0)"),
    ("memory-256-mib", "(memory 4096)"),
    ("memory-257-mib", "(memory 4112)"),
    ("memory-1-gib", "(memory 16384)"),
    ("memory-4-gib", "(memory 65536)"),
    ("memory-too-large", "(memory 65537)"),
    ("memory-min-above-max", "(memory 2 1)"),
    ("memory-max-too-large", "(memory 1 65537)"),
    ("memory-shared-large", "(memory 16384 16384 shared)"),
    ("memories-of-1-gib", "(memory 16384) (memory 16384) (memory 16384) (memory 16384)"),
    ("table-10-million", "(table 10000000 funcref)"),
    ("table-above-10-million", "(table 10000001 funcref)"),
    ("table-2-million", "(table 2000000 funcref)"),
    ("table-min-above-max", "(table 2 1 funcref)"),
    ("table-huge", "(table 0xffffffff funcref)"),
];

const INSIDE: &[(&str, &str)] = &[
    ("initialize", r#"(func (export "_initialize") unreachable)"#),
    ("start", "(func $x unreachable) (start $x)"),
    ("start-endless", "(func $x (loop br 0)) (start $x)"),
    ("data-out-of-bounds", r#"(data (i32.const 65535) "ab")"#),
    ("post-return-unused", r#"(func (export "cabi_post_snapshot") (param i32))"#),
    ("more-functions", r#"(func (export "more") (result i32) (i32.const 1))"#),
];

const MEMORIES: &[(&str, &str)] = &[
    ("none", "0"),
    ("16-mib", "256"),
    ("with-maximum", "1 16"),
    ("1-gib", "16384"),
    ("4-gib", "65536"),
    ("shared", "1 1 shared"),
    ("memory64", "i64 1"),
    ("min-above-max", "2 1"),
];
