//! Modules beside the plugin's own, what a start calls, and pieces of the good plugin exchanged for others.

use super::{Case, beside, changed, with_module, with_start};

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> =
        BESIDE.iter().map(|(name, text)| beside(format!("linked/{name}"), text)).collect();
    cases.extend(at_start());
    cases.extend(starts());
    cases.extend(changes());
    cases.extend(ticks());
    cases
}

const BESIDE: &[(&str, &str)] = &[
    ("import-of-nothing", r#"(import "" "" (func))"#),
    ("module-name-section", r#"(@custom "name" "\00\05\04abcd")"#),
    ("custom-between", r#"(@custom "x" (after type) "y") (func)"#),
    ("custom-webidl", r#"(@custom "webidl-bindings" "")"#),
    (
        "passive-data",
        r#"(memory 1) (data "abc") (func (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 1)) (data.drop 0))"#,
    ),
    ("declared-elements", "(func $f) (elem declare func $f) (func (drop (ref.func $f)))"),
    ("undeclared-function-reference", "(func $f) (func (drop (ref.func $f)))"),
    (
        "elements-of-expressions",
        "(func $f) (table 1 funcref) (elem (i32.const 0) funcref (ref.func $f))",
    ),
    ("elements-of-null", "(table 1 funcref) (elem (i32.const 0) funcref (ref.null func))"),
    (
        "elements-of-externref",
        "(table 1 externref) (elem (i32.const 0) externref (ref.null extern))",
    ),
    (
        "table-second",
        "(table 1 funcref) (table $t 1 funcref) (func $f) (elem (table $t) (i32.const 0) func $f)",
    ),
    (
        "table-copy-and-fill",
        "(table 2 funcref) (func (table.fill 0 (i32.const 0) (ref.null func) (i32.const 1)) (table.copy 0 0 (i32.const 0) (i32.const 1) (i32.const 1)))",
    ),
    (
        "select-typed",
        "(func (param externref externref) (result externref) (select (result externref) (local.get 0) (local.get 1) (i32.const 1)))",
    ),
    ("global-of-externref", "(global (mut externref) (ref.null extern))"),
    ("global-of-function", "(func $f) (global funcref (ref.func $f)) (elem declare func $f)"),
    ("loop-with-parameters", "(func (i32.const 1) (loop (param i32) (drop)))"),
    (
        "block-of-type-index",
        "(type $t (func (param i32) (result i32))) (func (drop (block (type $t) (i32.const 1))))",
    ),
    ("unreachable-code", "(func (result i32) unreachable (i64.add) drop)"),
    ("memory-max-65536", "(memory 1 65536)"),
    ("memory-exported-twice", r#"(memory (export "a") (export "b") 1)"#),
    ("float-nan-payload", "(func (result f64) (f64.const nan:0x4000000000000))"),
    (
        "function-of-1000-parameters",
        "(func (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32))",
    ),
    (
        "simd-splat-and-store-lane",
        "(memory 1) (func (v128.store8_lane 0 (i32.const 0) (i8x16.splat (i32.const 1))))",
    ),
    (
        "relaxed-simd-dot",
        "(func (param v128 v128) (result v128) (i16x8.relaxed_dot_i8x16_i7x16_s (local.get 0) (local.get 1)))",
    ),
    ("atomic-fence-no-memory", "(func atomic.fence)"),
    (
        "memory-copy-between-shared",
        "(memory 1) (memory 1 1 shared) (func (memory.copy 0 1 (i32.const 0) (i32.const 0) (i32.const 0)))",
    ),
    ("tail-call-in-unused", "(func $f (result i32) (return_call $f))"),
    (
        "extended-const-in-element",
        "(table 3 funcref) (func $f) (elem (i32.add (i32.const 0) (i32.const 1)) func $f)",
    ),
    ("global-imported-in-const", r#"(import "a" "b" (global i32)) (global i32 (global.get 0))"#),
    ("branch-on-null", "(func (param funcref) (br_on_null 0 (local.get 0)) drop)"),
    ("ref-as-non-null", "(func (param funcref) (drop (ref.as_non_null (local.get 0))))"),
    ("memory64-data", r#"(memory i64 1) (data (i64.const 0) "a")"#),
    ("table-size-zero", "(table 0 0 funcref)"),
    ("type-unused-huge-result", "(type (func (result i32 i64 f32 f64 v128 funcref externref)))"),
];

/// What runs when an instance is made, and the imports of the host that it may call.
fn at_start() -> Vec<Case> {
    let call = |name: &str, interface: &str, function: &str, ty: &str, core: &str, call: &str| {
        with_start(
            format!("start-calls/{name}"),
            &format!(
                r#"(import "{interface}" (instance $e (export "{function}" {ty}))) (alias export $e "{function}" (func $x)) (core func $low (canon lower (func $x)))
                   (core module $t (import "a" "b" (func $f {core})) (func $s {call}) (start $s)) (core instance (instantiate $t (with "a" (instance (export "b" (func $low))))))"#
            ),
        )
    };
    let exit = r#"(func (param "status" (result)))"#;
    let number = "(func (result u64))";
    let clock = "wasi:clocks/monotonic-clock@0.2.0";
    vec![
        call("exit", "wasi:cli/exit@0.2.0", "exit", exit, "(param i32)", "i32.const 0 call $f"),
        call("exit-1", "wasi:cli/exit@0.2.0", "exit", exit, "(param i32)", "i32.const 1 call $f"),
        call(
            "exit-if-never",
            "wasi:cli/exit@0.2.0",
            "exit",
            exit,
            "(param i32)",
            "i32.const 0 if i32.const 1 call $f end",
        ),
        call("now", clock, "now", number, "(result i64)", "call $f drop"),
        call(
            "resolution",
            clock,
            "resolution",
            number,
            "(result i64)",
            "call $f i64.eqz if unreachable end",
        ),
        call(
            "random",
            "wasi:random/random@0.2.0",
            "get-random-u64",
            number,
            "(result i64)",
            "call $f drop",
        ),
        call(
            "random-then-trap",
            "wasi:random/random@0.2.0",
            "get-random-u64",
            number,
            "(result i64)",
            "call $f unreachable",
        ),
        call(
            "insecure",
            "wasi:random/insecure@0.2.0",
            "get-insecure-random-u64",
            number,
            "(result i64)",
            "call $f drop",
        ),
        call(
            "random-until-different",
            "wasi:random/random@0.2.0",
            "get-random-u64",
            number,
            "(result i64)",
            "(loop (br_if 0 (i64.eq (call $f) (call $f))))",
        ),
    ]
}

/// What a start does by itself.
fn starts() -> Vec<Case> {
    vec![
        with_module(
            "start-calls/grow-little",
            "(func $s (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable))) (start $s)",
        ),
        with_module(
            "start-calls/grow-and-trap",
            "(func $s (drop (memory.grow (i32.const 8192))) unreachable) (start $s)",
        ),
        with_module(
            "start-calls/trap-if-it-grew",
            "(func $s (if (i32.ne (memory.grow (i32.const 8192)) (i32.const -1)) (then unreachable))) (start $s)",
        ),
        with_module(
            "start-calls/grow-beyond-everything",
            "(func $s (if (i32.ne (memory.grow (i32.const 65536)) (i32.const -1)) (then unreachable))) (start $s)",
        ),
        with_module(
            "start-calls/deep-recursion",
            "(func $d (param i32) (if (local.get 0) (then (call $d (i32.sub (local.get 0) (i32.const 1)))))) (func $s (call $d (i32.const 2000))) (start $s)",
        ),
        with_module(
            "start-calls/a-million-steps",
            "(func $s (local i32) (loop (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br_if 0 (i32.lt_u (local.get 0) (i32.const 1000000))))) (start $s)",
        ),
        with_module(
            "start-calls/memory-fill",
            "(func $s (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536))) (start $s)",
        ),
        with_module(
            "start-calls/memory-fill-beyond",
            "(func $s (memory.fill (i32.const 1) (i32.const 1) (i32.const 65536))) (start $s)",
        ),
        with_module(
            "start-calls/remainder-overflow",
            "(func $s (drop (i32.rem_s (i32.const 0x80000000) (i32.const -1)))) (start $s)",
        ),
        with_module(
            "start-calls/division-overflow",
            "(func $s (drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))) (start $s)",
        ),
    ]
}

/// Pieces of the good plugin exchanged for others.
fn changes() -> Vec<Case> {
    let lift = r#"(canon lift (core func $i "on-timer") (memory $memory) (realloc $realloc))"#;
    let options = |name: &str, options: &str| {
        let to = format!(r#"(canon lift (core func $i "on-timer") {options})"#);
        changed(format!("canonical/on-timer-{name}"), &[(lift, &to)])
    };
    let memory = r#"(memory (export "memory") 1)"#;
    let realloc = "(param $old i32) (param $old-size i32) (param $align i32) (param $size i32)";
    vec![
        options("async", "(memory $memory) (realloc $realloc) async"),
        options("encoding-first", "string-encoding=utf8 (realloc $realloc) (memory $memory)"),
        options(
            "encoding-twice-the-same",
            "(memory $memory) string-encoding=utf8 string-encoding=utf8",
        ),
        options("realloc-twice", "(memory $memory) (realloc $realloc) (realloc $realloc)"),
        options("post-return-realloc", "(memory $memory) (post-return $realloc)"),
        changed(
            "canonical/realloc-3-parameters",
            &[(realloc, "(param $old i32) (param $align i32) (param $size i32)")],
        ),
        changed(
            "canonical/memory-of-another-instance",
            &[
                (memory, r#"(memory 1)"#),
                (
                    r#"(alias core export $i "memory" (core memory $memory))"#,
                    r#"(core module $mm (memory (export "memory") 1)) (core instance $mi (instantiate $mm)) (alias core export $mi "memory" (core memory $memory))"#,
                ),
            ],
        ),
        changed(
            "canonical/realloc-of-another-instance",
            &[(
                r#"(alias core export $i "cabi_realloc" (core func $realloc))"#,
                r#"(core instance $other (instantiate $m)) (alias core export $other "cabi_realloc" (core func $realloc))"#,
            )],
        ),
        changed(
            "canonical/memory-shared-lift",
            &[(memory, r#"(memory (export "memory") 1 2 shared)"#)],
        ),
        changed(
            "canonical/memory-64-lift",
            &[
                (memory, r#"(memory (export "memory") i64 1)"#),
                (r#"(data (i32.const 16)"#, r#"(data (i64.const 16)"#),
                (r#"(data (i32.const 32)"#, r#"(data (i64.const 32)"#),
                (r#"(data (i32.const 64)"#, r#"(data (i64.const 64)"#),
            ],
        ),
        changed(
            "canonical/exports-before-types",
            &[("  (type $primitives", "  (component $early)\n  (type $primitives")],
        ),
    ]
}

/// Where the types of `tick` come from.
fn ticks() -> Vec<Case> {
    vec![
        changed(
            "tick/types-not-imported",
            &[(
                r#"(import "tesser:execution/primitives" (instance $types (type $primitives)))"#,
                r#"(component $p (type $d' (record (field "value" string))) (export $d "decimal-value" (type $d')) (type $s' (enum "buy" "sell")) (export $s "side" (type $s')) (type $t' (record (field "symbol" string) (field "price" $d) (field "size" $d) (field "side" $s) (field "timestamp-ms" s64))) (export "tick" (type $t'))) (instance $types (instantiate $p))"#,
            )],
        ),
        changed(
            "tick/interface-of-another-name",
            &[(r#"(import "tesser:execution/primitives" "#, r#"(import "my:desk/types@9.9.9" "#)],
        ),
        changed(
            "tick/interface-without-package",
            &[(r#"(import "tesser:execution/primitives" "#, r#"(import "types" "#)],
        ),
        changed(
            "tick/interface-with-a-function",
            &[(
                r#"    (export "tick" (type (eq $tick')))"#,
                r#"    (export "tick" (type (eq $tick'))) (export "now" (func (result s64)))"#,
            )],
        ),
        changed(
            "tick/interface-with-a-resource",
            &[(
                r#"    (export "tick" (type (eq $tick')))"#,
                r#"    (export "tick" (type (eq $tick'))) (export "thing" (type (sub resource)))"#,
            )],
        ),
        changed(
            "tick/interface-in-a-host-name",
            &[(
                r#"(import "tesser:execution/primitives" "#,
                r#"(import "wasi:cli/environment@0.2.0" "#,
            )],
        ),
        changed(
            "tick/interface-in-a-host-name-of-other-version",
            &[(
                r#"(import "tesser:execution/primitives" "#,
                r#"(import "wasi:cli/environment@0.2.6" "#,
            )],
        ),
        changed(
            "tick/more-types-in-the-interface",
            &[(
                r#"    (export "tick" (type (eq $tick')))"#,
                r#"    (type $u (list string)) (export "unused" (type (eq $u))) (export "tick" (type (eq $tick')))"#,
            )],
        ),
    ]
}
