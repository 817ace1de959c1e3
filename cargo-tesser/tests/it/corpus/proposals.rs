//! WebAssembly proposals, one at a time: those that the host has on, and those that it has off.

use super::{Case, beside, with_end, with_start};

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> =
        CORE.iter().map(|(name, module)| beside(format!("proposals/{name}"), module)).collect();
    cases.extend(COMPONENT.iter().map(|(name, text)| with_end(format!("proposals/{name}"), text)));
    cases.push(with_start(
        "proposals/cm-async-import",
        r#"(import "f" (func async (param "a" string)))"#,
    ));
    cases
}

const CORE: &[(&str, &str)] = &[
    ("empty-module", ""),
    ("tail-call", "(func $f return_call $f)"),
    ("tail-call-indirect", "(table 1 funcref) (func (return_call_indirect (i32.const 0)))"),
    ("extended-const", "(global i32 (i32.add (i32.const 1) (i32.const 2)))"),
    ("extended-const-offset", r#"(memory 1) (data (i32.mul (i32.const 2) (i32.const 3)) "a")"#),
    ("memory64", "(memory i64 1)"),
    ("table64", "(table i64 1 funcref)"),
    ("exceptions-tag", "(tag)"),
    ("exceptions-throw", "(tag) (func throw 0)"),
    ("exceptions-try-table", "(func (try_table))"),
    ("exceptions-exnref", "(func (param exnref))"),
    ("legacy-exceptions", "(func try catch_all end)"),
    ("gc-struct", "(type (struct (field i32)))"),
    ("gc-array", "(type (array (mut i8)))"),
    ("gc-i31", "(func (param i31ref))"),
    ("gc-anyref", "(func (param anyref))"),
    ("gc-rec-group", "(rec (type (func)) (type (func)))"),
    ("gc-subtype", "(type (sub (func)))"),
    ("gc-final-type", "(type (sub final (func)))"),
    ("gc-global-earlier", "(global i32 (i32.const 1)) (global i32 (global.get 0))"),
    ("gc-table-initial", "(func $f) (elem declare func $f) (table 1 funcref (ref.func $f))"),
    ("gc-ref-eq", "(func (drop (ref.eq (ref.null eq) (ref.null eq))))"),
    ("function-references-type", "(type $t (func)) (func (param (ref $t)))"),
    ("function-references-null-type", "(type $t (func)) (func (param (ref null $t)))"),
    ("function-references-call", "(type $t (func)) (func (call_ref $t (ref.null $t)))"),
    ("function-references-non-null", "(func (param (ref func)))"),
    ("function-references-null-func", "(func (param (ref null func)))"),
    ("function-references-elem-non-null", "(func $f) (elem (ref func) (ref.func $f))"),
    (
        "wide-arithmetic",
        "(func (param i64 i64 i64 i64) (result i64 i64) (i64.add128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))",
    ),
    ("stack-switching", "(type $f (func)) (type (cont $f))"),
    ("custom-page-sizes", "(memory 1 (pagesize 1))"),
    ("custom-page-size-default", "(memory 1 (pagesize 65536))"),
    ("shared-everything-function", "(type (shared (func)))"),
    ("shared-everything-global", "(global (shared mut i32) (i32.const 0))"),
    ("shared-everything-table", "(table shared 1 1 (ref null (shared func)))"),
    ("thread-spawn-pause", "(func pause)"),
    ("memory-control", "(memory 1) (func (memory.discard (i32.const 0) (i32.const 0)))"),
    ("compact-imports-free", r#"(global i32 (i32.const 0))"#),
    ("simd", "(func (result v128) (v128.const i32x4 1 2 3 4))"),
    (
        "simd-arithmetic",
        "(func (param v128 v128) (result v128) (i16x8.q15mulr_sat_s (local.get 0) (local.get 1)))",
    ),
    (
        "simd-shuffle",
        "(func (param v128 v128) (result v128) (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (local.get 0) (local.get 1)))",
    ),
    (
        "relaxed-simd",
        "(func (param v128 v128 v128) (result v128) (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2)))",
    ),
    (
        "relaxed-simd-dot",
        "(func (param v128 v128 v128) (result v128) (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get 0) (local.get 1) (local.get 2)))",
    ),
    (
        "relaxed-simd-swizzle",
        "(func (param v128 v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 1)))",
    ),
    (
        "relaxed-simd-laneselect",
        "(func (param v128 v128 v128) (result v128) (i8x16.relaxed_laneselect (local.get 0) (local.get 1) (local.get 2)))",
    ),
    (
        "relaxed-simd-min",
        "(func (param v128 v128) (result v128) (f64x2.relaxed_min (local.get 0) (local.get 1)))",
    ),
    (
        "relaxed-simd-trunc",
        "(func (param v128) (result v128) (i32x4.relaxed_trunc_f32x4_s (local.get 0)))",
    ),
    (
        "relaxed-simd-q15",
        "(func (param v128 v128) (result v128) (i16x8.relaxed_q15mulr_s (local.get 0) (local.get 1)))",
    ),
    ("simd-global", "(global v128 (v128.const i64x2 1 2))"),
    ("threads-shared-memory", "(memory 1 1 shared)"),
    ("threads-shared-no-maximum", "(memory 1 65536 shared)"),
    (
        "threads-atomics",
        "(memory 1 1 shared) (func (result i32) (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))",
    ),
    ("threads-atomics-unshared", "(memory 1) (func (result i32) (i32.atomic.load (i32.const 0)))"),
    (
        "threads-wait",
        "(memory 1 1 shared) (func (result i32) (memory.atomic.wait32 (i32.const 0) (i32.const 1) (i64.const 0)))",
    ),
    (
        "threads-notify",
        "(memory 1 1 shared) (func (result i32) (memory.atomic.notify (i32.const 0) (i32.const 1)))",
    ),
    ("threads-fence", "(func atomic.fence)"),
    ("multi-memory", "(memory 1) (memory 1)"),
    (
        "multi-memory-copy",
        "(memory 1) (memory 1) (func (memory.copy 0 1 (i32.const 0) (i32.const 0) (i32.const 0)))",
    ),
    ("multi-memory-data", r#"(memory 1) (memory $n 1) (data (memory $n) (i32.const 0) "a")"#),
    ("multi-value", "(func (result i32 i32) (i32.const 1) (i32.const 2))"),
    (
        "multi-value-block",
        "(func (i32.const 1) (block (param i32) (result i32 i32) (i32.const 2)) drop drop)",
    ),
    ("bulk-memory", "(memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 1)))"),
    (
        "bulk-memory-passive",
        r#"(memory 1) (data $d "abc") (func (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)) (data.drop $d))"#,
    ),
    (
        "bulk-memory-table-copy",
        "(table 1 funcref) (func (table.copy (i32.const 0) (i32.const 0) (i32.const 0)))",
    ),
    ("reference-types-externref", "(table 1 externref)"),
    ("reference-types-param", "(func (param externref) (result externref) (local.get 0))"),
    ("reference-types-tables", "(table 1 funcref) (table 2 funcref) (func (drop (table.size 1)))"),
    (
        "reference-types-global",
        "(global funcref (ref.null func)) (global externref (ref.null extern))",
    ),
    (
        "reference-types-select",
        "(func (param externref) (drop (select (result externref) (local.get 0) (local.get 0) (i32.const 1))))",
    ),
    ("reference-types-is-null", "(func (result i32) (ref.is_null (ref.null extern)))"),
    ("sign-extension", "(func (result i32) (i32.extend8_s (i32.const 255)))"),
    ("saturating-float", "(func (result i32) (i32.trunc_sat_f64_u (f64.const 1)))"),
    ("mutable-global", r#"(global (export "g") (mut i32) (i32.const 0))"#),
    ("floats", "(func (result f64) (f64.sqrt (f64.const 2)))"),
    ("float-nan", "(func (result f64) (f64.const nan:0x4000000000001))"),
    ("branch-hints", r#"(func (@metadata.code.branch_hint "\00") (if (i32.const 0) (then)))"#),
    (
        "custom-descriptors",
        "(rec (type $a (descriptor $b) (struct)) (type $b (describes $a) (struct)))",
    ),
];

const COMPONENT: &[(&str, &str)] = &[
    ("cm-async-function-type", r#"(type (func async (param "a" string)))"#),
    (
        "cm-async-lift",
        r#"(func $a async (result string) (canon lift (core func $i "on-timer") (memory $memory) (realloc $realloc) async))"#,
    ),
    ("cm-stream-type", "(type (stream u8))"),
    ("cm-future-type", "(type (future string))"),
    ("cm-error-context-type", "(type error-context)"),
    ("cm-fixed-length-list", "(type (list u8 4))"),
    ("cm-map", "(type (map string u8))"),
    ("cm-backpressure", "(core func (canon backpressure.inc))"),
    ("cm-task-return", "(core func (canon task.return (result u8)))"),
    ("cm-task-cancel", "(core func (canon task.cancel))"),
    ("cm-subtask-drop", "(core func (canon subtask.drop))"),
    ("cm-stream-new", "(type $s (stream u8)) (core func (canon stream.new $s))"),
    ("cm-waitable-set-new", "(core func (canon waitable-set.new))"),
    ("cm-thread-yield", "(core func (canon thread.yield))"),
    ("cm-context-get", "(core func (canon context.get i32 0))"),
    ("cm-error-context-drop", "(core func (canon error-context.drop))"),
    ("cm-thread-available-parallelism", "(core func (canon thread.available_parallelism))"),
    (
        "cm-start",
        r#"(func $f (param "a" string) (canon lift (core func $i "restore") (memory $memory) (realloc $realloc))) (start $f)"#,
    ),
    (
        "cm-gc-lift",
        r#"(func $g (result string) (canon lift (core func $i "on-timer") (memory $memory) (realloc $realloc) gc))"#,
    ),
    ("cm-nested-names", r#"(export "a:b/c/d" (func $on-timer))"#),
];
