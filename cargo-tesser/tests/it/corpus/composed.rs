//! Components made of parts that call one another: adapters between them, resources, outer aliases, imports that
//! are handed on. The engine compiles such calls by itself, which no validator knows of.

use std::fmt::Write as _;

use super::{Case, beside, changed, with_end, with_module, with_start};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = handed_over();
    cases.extend(recoded());
    cases.extend(ENDS.iter().map(|(name, text)| with_end(format!("composed/{name}"), text)));
    cases.extend(STARTS.iter().map(|(name, text)| with_start(format!("handed-on/{name}"), text)));
    cases.extend(BESIDE.iter().map(|(name, text)| beside(format!("linked/{name}"), text)));
    cases.extend(at_start());
    cases.extend(changes());
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

/// A memory and an allocator that answers a fixed place; `size` bytes of it are used.
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

const ENDS: &[(&str, &str)] = &[
    (
        "resource-between",
        r#"(component $a (type $r (resource (rep i32))) (export $e "r" (type $r))
             (core func $new (canon resource.new $r)) (func (export "make") (param "x" u32) (result (own $e)) (canon lift (core func $new))))
           (instance $a (instantiate $a)) (alias export $a "r" (type $ar))
           (component $b (import "r" (type $r (sub resource))) (import "make" (func $make (param "x" u32) (result (own $r))))
             (core func $low (canon lower (func $make))) (core func $drop (canon resource.drop $r))
             (core module $c (import "a" "f" (func (param i32) (result i32))) (import "a" "d" (func (param i32))))
             (core instance (instantiate $c (with "a" (instance (export "f" (func $low)) (export "d" (func $drop)))))))
           (instance (instantiate $b (with "r" (type $ar)) (with "make" (func $a "make"))))"#,
    ),
    (
        "resource-borrowed",
        r#"(component $a (type $r (resource (rep i32))) (export $e "r" (type $r))
             (core module $c (func (export "f") (param i32))) (core instance $c (instantiate $c))
             (func (export "f") (param "x" (borrow $e)) (canon lift (core func $c "f"))))
           (instance $a (instantiate $a)) (alias export $a "r" (type $ar))
           (component $b (import "r" (type $r (sub resource))) (import "f" (func $f (param "x" (borrow $r))))
             (core func $low (canon lower (func $f)))
             (core module $c (import "a" "f" (func (param i32)))) (core instance (instantiate $c (with "a" (instance (export "f" (func $low)))))))
           (instance (instantiate $b (with "r" (type $ar)) (with "f" (func $a "f"))))"#,
    ),
    (
        "resource-of-another-given",
        r#"(component $a (type $r (resource (rep i32))) (export "r" (type $r)))
           (instance $a (instantiate $a)) (instance $a2 (instantiate $a)) (alias export $a2 "r" (type $other))
           (component $b (import "i" (instance $i (export "r" (type (sub resource))))) (alias export $i "r" (type $r)) (import "s" (type (eq $r))))
           (instance (instantiate $b (with "i" (instance $a)) (with "s" (type $other))))"#,
    ),
    (
        "resource-same-given",
        r#"(component $a (type $r (resource (rep i32))) (export "r" (type $r)))
           (instance $a (instantiate $a)) (alias export $a "r" (type $same))
           (component $b (import "i" (instance $i (export "r" (type (sub resource))))) (alias export $i "r" (type $r)) (import "s" (type (eq $r))))
           (instance (instantiate $b (with "i" (instance $a)) (with "s" (type $same))))"#,
    ),
    ("resource-exported", r#"(type $r (resource (rep i32))) (export "thing" (type $r))"#),
    (
        "resource-exported-with-method",
        r#"(type $r' (resource (rep i32))) (export $r "thing" (type $r'))
           (core module $c (func (export "f") (param i32))) (core instance $c (instantiate $c))
           (func $f (param "self" (borrow $r)) (canon lift (core func $c "f"))) (export "[method]thing.act" (func $f))"#,
    ),
    (
        "resource-method-of-nothing",
        r#"(core module $c (func (export "f") (param i32))) (core instance $c (instantiate $c))
           (func $f (param "self" u32) (canon lift (core func $c "f"))) (export "[method]thing.act" (func $f))"#,
    ),
    (
        "resource-constructor-wrong",
        r#"(type $r' (resource (rep i32))) (export $r "thing" (type $r'))
           (core module $c (func (export "f") (result i32) i32.const 0)) (core instance $c (instantiate $c))
           (func $f (result u32) (canon lift (core func $c "f"))) (export "[constructor]thing" (func $f))"#,
    ),
    (
        "resource-static",
        r#"(type $r' (resource (rep i32))) (export $r "thing" (type $r'))
           (core module $c (func (export "f") (result i32) i32.const 0)) (core instance $c (instantiate $c))
           (func $f (result u32) (canon lift (core func $c "f"))) (export "[static]thing.count" (func $f))"#,
    ),
    (
        "resource-drop-at-start",
        r#"(type $r (resource (rep i32))) (core func $new (canon resource.new $r)) (core func $drop (canon resource.drop $r))
           (core module $c (import "a" "n" (func $n (param i32) (result i32))) (import "a" "d" (func $d (param i32))) (func $s (call $d (call $n (i32.const 7)))) (start $s))
           (core instance (instantiate $c (with "a" (instance (export "n" (func $new)) (export "d" (func $drop))))))"#,
    ),
    (
        "resource-drop-unknown-at-start",
        r#"(type $r (resource (rep i32))) (core func $drop (canon resource.drop $r))
           (core module $c (import "a" "d" (func $d (param i32))) (func $s (call $d (i32.const 7))) (start $s))
           (core instance (instantiate $c (with "a" (instance (export "d" (func $drop))))))"#,
    ),
    (
        "resource-rep-at-start",
        r#"(type $r (resource (rep i32))) (core func $new (canon resource.new $r)) (core func $rep (canon resource.rep $r))
           (core module $c (import "a" "n" (func $n (param i32) (result i32))) (import "a" "r" (func $r (param i32) (result i32)))
             (func $s (if (i32.ne (call $r (call $n (i32.const 7))) (i32.const 7)) (then unreachable))) (start $s))
           (core instance (instantiate $c (with "a" (instance (export "n" (func $new)) (export "r" (func $rep))))))"#,
    ),
    (
        "resource-destructor-traps-at-start",
        r#"(core module $d (func (export "d") (param i32) unreachable)) (core instance $d (instantiate $d))
           (type $r (resource (rep i32) (dtor (core func $d "d")))) (core func $new (canon resource.new $r)) (core func $drop (canon resource.drop $r))
           (core module $c (import "a" "n" (func $n (param i32) (result i32))) (import "a" "d" (func $d (param i32))) (func $s (call $d (call $n (i32.const 7)))) (start $s))
           (core instance (instantiate $c (with "a" (instance (export "n" (func $new)) (export "d" (func $drop))))))"#,
    ),
    (
        "called-at-start-between",
        r#"(component $a (core module $c (func (export "f") (result i32) i32.const 1)) (core instance $c (instantiate $c)) (func (export "f") (result u32) (canon lift (core func $c "f"))))
           (component $b (import "f" (func $f (result u32))) (core func $low (canon lower (func $f)))
             (core module $c (import "a" "f" (func $f (result i32))) (func $s (drop (call $f))) (start $s)) (core instance (instantiate $c (with "a" (instance (export "f" (func $low)))))))
           (instance $a (instantiate $a)) (instance (instantiate $b (with "f" (func $a "f"))))"#,
    ),
    (
        "trap-at-start-between",
        r#"(component $a (core module $c (func (export "f") (result i32) unreachable)) (core instance $c (instantiate $c)) (func (export "f") (result u32) (canon lift (core func $c "f"))))
           (component $b (import "f" (func $f (result u32))) (core func $low (canon lower (func $f)))
             (core module $c (import "a" "f" (func $f (result i32))) (func $s (drop (call $f))) (start $s)) (core instance (instantiate $c (with "a" (instance (export "f" (func $low)))))))
           (instance $a (instantiate $a)) (instance (instantiate $b (with "f" (func $a "f"))))"#,
    ),
    (
        "bad-boolean-at-start-between",
        r#"(component $a (core module $c (func (export "f") (result i32) i32.const 2)) (core instance $c (instantiate $c)) (func (export "f") (result bool) (canon lift (core func $c "f"))))
           (component $b (import "f" (func $f (result bool))) (core func $low (canon lower (func $f)))
             (core module $c (import "a" "f" (func $f (result i32))) (func $s (if (i32.ne (call $f) (i32.const 1)) (then unreachable))) (start $s)) (core instance (instantiate $c (with "a" (instance (export "f" (func $low)))))))
           (instance $a (instantiate $a)) (instance (instantiate $b (with "f" (func $a "f"))))"#,
    ),
    (
        "bad-char-at-start-between",
        r#"(component $a (core module $c (func (export "f") (result i32) i32.const 0xd800)) (core instance $c (instantiate $c)) (func (export "f") (result char) (canon lift (core func $c "f"))))
           (component $b (import "f" (func $f (result char))) (core func $low (canon lower (func $f)))
             (core module $c (import "a" "f" (func $f (result i32))) (func $s (drop (call $f))) (start $s)) (core instance (instantiate $c (with "a" (instance (export "f" (func $low)))))))
           (instance $a (instantiate $a)) (instance (instantiate $b (with "f" (func $a "f"))))"#,
    ),
    (
        "lowered-own-lift",
        r#"(core module $s (func (export "f") (result i32) i32.const 1)) (core instance $s (instantiate $s))
           (func $f (result u32) (canon lift (core func $s "f"))) (core func $low (canon lower (func $f)))
           (core module $c (import "a" "f" (func (result i32)))) (core instance (instantiate $c (with "a" (instance (export "f" (func $low))))))"#,
    ),
    (
        "lowered-own-lift-called-at-start",
        r#"(core module $s (func (export "f") (result i32) i32.const 1)) (core instance $s (instantiate $s))
           (func $f (result u32) (canon lift (core func $s "f"))) (core func $low (canon lower (func $f)))
           (core module $c (import "a" "f" (func $f (result i32))) (func $s (drop (call $f))) (start $s)) (core instance (instantiate $c (with "a" (instance (export "f" (func $low))))))"#,
    ),
    (
        "outer-component",
        "(component $x) (component (alias outer 1 $x (component $y)) (instance (instantiate $y)))",
    ),
    (
        "outer-component-instantiated",
        "(component $x) (component $o (alias outer 1 $x (component $y)) (instance (instantiate $y))) (instance (instantiate $o))",
    ),
    (
        "outer-module-instantiated",
        "(core module $x) (component $o (alias outer 1 $x (core module $y)) (core instance (instantiate $y))) (instance (instantiate $o))",
    ),
    ("outer-core-type", "(core type $t (func)) (component (alias outer 1 $t (core type)))"),
    ("outer-of-itself", "(alias outer 0 $tick (type)) "),
    ("outer-resource", "(type $r (resource (rep i32))) (component (alias outer 1 $r (type)))"),
    ("outer-function", "(component (alias outer 1 0 (type $x)) (type (list $x)))"),
    (
        "module-as-argument",
        r#"(core module $x) (component $o (import "m" (core module $y)) (core instance (instantiate $y))) (instance (instantiate $o (with "m" (core module $x))))"#,
    ),
    (
        "module-as-argument-lacks-export",
        r#"(core module $x) (component $o (import "m" (core module $y (export "f" (func))))) (instance (instantiate $o (with "m" (core module $x))))"#,
    ),
    (
        "module-as-argument-wants-more",
        r#"(core module $x (import "a" "b" (func))) (component $o (import "m" (core module $y))) (instance (instantiate $o (with "m" (core module $x))))"#,
    ),
    (
        "module-as-argument-exports-more",
        r#"(core module $x (func (export "f"))) (component $o (import "m" (core module $y)) (core instance (instantiate $y))) (instance (instantiate $o (with "m" (core module $x))))"#,
    ),
    (
        "component-as-argument",
        r#"(component $x) (component $o (import "c" (component $y)) (instance (instantiate $y))) (instance (instantiate $o (with "c" (component $x))))"#,
    ),
    (
        "component-as-argument-of-other-type",
        r#"(component $x (import "f" (func))) (component $o (import "c" (component $y))) (instance (instantiate $o (with "c" (component $x))))"#,
    ),
    (
        "component-exported-from-within",
        r#"(component $o (component $x) (export "x" (component $x))) (instance $i (instantiate $o)) (alias export $i "x" (component $y)) (instance (instantiate $y))"#,
    ),
    (
        "module-exported-from-within",
        r#"(component $o (core module $x) (export "x" (core module $x))) (instance $i (instantiate $o)) (alias export $i "x" (core module $y)) (core instance (instantiate $y))"#,
    ),
    (
        "instance-with-component-exported",
        r#"(component $x) (instance $i (export "c" (component $x))) (export "i" (instance $i))"#,
    ),
    (
        "instance-with-module-exported",
        r#"(core module $x) (instance $i (export "m" (core module $x))) (export "i" (instance $i))"#,
    ),
    (
        "instance-of-instance-with-module-exported",
        r#"(core module $x) (instance $i (export "m" (core module $x))) (instance $j (export "i" (instance $i))) (export "j" (instance $j))"#,
    ),
    ("instance-empty-exported", r#"(instance $i) (export "i" (instance $i))"#),
    (
        "instance-of-types-exported",
        r#"(instance $i (export "tick" (type $tick))) (export "i" (instance $i))"#,
    ),
    (
        "instance-exported-twice",
        r#"(instance $i (export "f" (func $on-timer))) (export "i" (instance $i)) (export "j" (instance $i))"#,
    ),
    (
        "interface-exported-beside",
        r#"(instance $i (export "on-timer" (func $on-timer)) (export "init" (func $init))) (export "tesser:execution/plugin" (instance $i))"#,
    ),
    (
        "export-of-an-export",
        r#"(export $e "again" (func $on-timer)) (export "and-again" (func $e))"#,
    ),
    (
        "export-ascribed-a-subtype",
        r#"(instance $i (export "f" (func $on-timer)) (export "g" (func $snapshot))) (export "i" (instance $i) (instance (export "f" (func (result string)))))"#,
    ),
    (
        "instantiated-a-hundred-times",
        "(component $x (core module $m (memory 1)) (core instance (instantiate $m))) (instance (instantiate $x)) (instance (instantiate $x)) (instance (instantiate $x)) (instance (instantiate $x))",
    ),
    ("start-section-of-component", "(start $on-timer (result (value $v)))"),
    ("value-type-defined", "(type (list (tuple (result string (error u8)) bool)))"),
    ("type-stream", "(type (stream u8))"),
    ("type-future", "(type (future u8))"),
    ("type-error-context", "(type error-context)"),
    ("type-fixed-list", "(type (list u8 4))"),
    ("type-map", "(type (map string u8))"),
    ("canon-task-return", "(core func (canon task.return (result u32)))"),
    ("canon-context-get", "(core func (canon context.get i32 0))"),
    ("canon-backpressure", "(core func (canon backpressure.inc))"),
    ("canon-yield", "(core func (canon thread.yield))"),
    ("canon-waitable-set", "(core func (canon waitable-set.new))"),
    ("canon-subtask-drop", "(core func (canon subtask.drop))"),
    ("canon-thread-index", "(core func (canon thread.available_parallelism))"),
    ("function-async-type", r#"(type (func async (result string)))"#),
];

const STARTS: &[(&str, &str)] = &[
    ("lowered-only", r#"(import "f" (func $f)) (core func (canon lower (func $f)))"#),
    (
        "given-and-not-imported",
        r#"(import "f" (func $f)) (core func $low (canon lower (func $f))) (core module $c) (core instance (instantiate $c (with "a" (instance (export "f" (func $low))))))"#,
    ),
    (
        "given-and-not-called",
        r#"(import "f" (func $f)) (core func $low (canon lower (func $f))) (core module $c (import "a" "f" (func))) (core instance (instantiate $c (with "a" (instance (export "f" (func $low))))))"#,
    ),
    (
        "given-to-a-component",
        r#"(import "f" (func $f)) (component $c (import "f" (func))) (instance (instantiate $c (with "f" (func $f))))"#,
    ),
    (
        "given-to-a-component-that-lowers",
        r#"(import "f" (func $f)) (component $c (import "f" (func $f)) (core func $low (canon lower (func $f))) (core module $c (import "a" "f" (func))) (core instance (instantiate $c (with "a" (instance (export "f" (func $low)))))))
           (instance (instantiate $c (with "f" (func $f))))"#,
    ),
    (
        "instance-given-to-a-component",
        r#"(import "my:own/net" (instance $n (export "f" (func)))) (component $c (import "i" (instance (export "f" (func))))) (instance (instantiate $c (with "i" (instance $n))))"#,
    ),
    (
        "function-exported-in-an-instance",
        r#"(import "f" (func $f)) (instance $i (export "f" (func $f))) (export "i" (instance $i))"#,
    ),
    (
        "wasi-function-exported",
        r#"(import "wasi:random/random@0.2.0" (instance $r (export "get-random-u64" (func (result u64))))) (alias export $r "get-random-u64" (func $f)) (export "dice" (func $f))"#,
    ),
    (
        "wasi-instance-exported",
        r#"(import "wasi:random/random@0.2.0" (instance $r (export "get-random-u64" (func (result u64))))) (export "dice" (instance $r))"#,
    ),
    (
        "wasi-function-through-a-component-exported",
        r#"(import "wasi:random/random@0.2.0" (instance $r (export "get-random-u64" (func (result u64))))) (alias export $r "get-random-u64" (func $f))
           (component $c (import "f" (func $f (result u64))) (export "g" (func $f))) (instance $i (instantiate $c (with "f" (func $f)))) (alias export $i "g" (func $g)) (export "dice" (func $g))"#,
    ),
    (
        "wasi-function-given-to-a-component",
        r#"(import "wasi:random/random@0.2.0" (instance $r (export "get-random-u64" (func (result u64))))) (alias export $r "get-random-u64" (func $f))
           (component $c (import "f" (func $f (result u64))) (core func (canon lower (func $f)))) (instance (instantiate $c (with "f" (func $f))))"#,
    ),
    (
        "wasi-resource-dropped",
        r#"(import "wasi:io/poll@0.2.0" (instance $p (export "pollable" (type (sub resource))))) (alias export $p "pollable" (type $r)) (core func $d (canon resource.drop $r))
           (core module $c (import "a" "d" (func (param i32)))) (core instance (instantiate $c (with "a" (instance (export "d" (func $d))))))"#,
    ),
    (
        "wasi-resource-new",
        r#"(import "wasi:io/poll@0.2.0" (instance $p (export "pollable" (type (sub resource))))) (alias export $p "pollable" (type $r)) (core func (canon resource.new $r))"#,
    ),
    (
        "wasi-resource-exported",
        r#"(import "wasi:io/poll@0.2.0" (instance $p (export "pollable" (type (sub resource))))) (alias export $p "pollable" (type $r)) (export "thing" (type $r))"#,
    ),
    (
        "wasi-version-nested-inside",
        r#"(component (import "wasi:random/random@0.2.3" (instance (export "get-random-u64" (func (result u64))))))"#,
    ),
    (
        "wasi-version-nested-and-given",
        r#"(import "wasi:random/random@0.2.0" (instance $r (export "get-random-u64" (func (result u64)))))
           (component $c (import "wasi:random/random@0.2.3" (instance (export "get-random-u64" (func (result u64)))))) (instance (instantiate $c (with "wasi:random/random@0.2.3" (instance $r))))"#,
    ),
    (
        "wasi-both-versions",
        r#"(import "wasi:random/random@0.2.0" (instance (export "get-random-u64" (func (result u64))))) (import "wasi:random/random@0.2.3" (instance (export "get-random-u64" (func (result u64)))))"#,
    ),
    (
        "wasi-types-by-an-alias",
        r#"(import "wasi:clocks/wall-clock@0.2.0" (instance (type $s u64) (type $n u32) (export "s" (type $s' (eq $s))) (type $d (record (field "seconds" $s') (field "nanoseconds" $n))) (export "datetime" (type $d' (eq $d))) (export "now" (func (result $d')))))"#,
    ),
    (
        "wasi-type-of-an-import",
        r#"(type $d (record (field "seconds" u64) (field "nanoseconds" u32))) (import "my-datetime" (type $d' (eq $d))) (import "wasi:clocks/wall-clock@0.2.0" (instance (alias outer 1 $d' (type $x)) (export "datetime" (type $y (eq $x))) (export "now" (func (result $y)))))"#,
    ),
    (
        "wasi-wrong-nested-type",
        r#"(import "wasi:cli/environment@0.2.0" (instance (export "get-environment" (func (result (list (tuple string (list u8))))))))"#,
    ),
    (
        "wasi-option-for-result",
        r#"(import "wasi:cli/environment@0.2.0" (instance (export "initial-cwd" (func (result (result string))))))"#,
    ),
    (
        "wasi-named-result",
        r#"(import "wasi:random/random@0.2.0" (instance (export "get-random-u64" (func (param "x" u8) (result u64)))))"#,
    ),
    (
        "wasi-case-of-name",
        r#"(import "wasi:random/RANDOM@0.2.0" (instance (export "get-random-u64" (func (result u64)))))"#,
    ),
    (
        "wasi-function-in-capitals",
        r#"(import "wasi:random/random@0.2.0" (instance (export "GET-random-u64" (func (result u64)))))"#,
    ),
    (
        "wasi-of-another-namespace",
        r#"(import "wasix:random/random@0.2.0" (instance (export "get-random-u64" (func (result u64)))))"#,
    ),
    (
        "wasi-draft",
        r#"(import "wasi:cli/environment@0.2.0-rc-2023-12-05" (instance (export "get-arguments" (func (result (list string))))))"#,
    ),
    (
        "type-imports-of-a-type-import",
        r#"(import "t" (type $t (eq $tick))) (import "u" (type (eq $t)))"#,
    ),
    (
        "resource-import-and-its-equal",
        r#"(import "r" (type $r (sub resource))) (import "s" (type (eq $r)))"#,
    ),
    (
        "unused-type-import-with-functions",
        r#"(type $i (instance (export "f" (func)))) (import "x" (instance $x (export "i" (instance (type $f u8) (export "u" (type (eq $f)))))))"#,
    ),
    ("component-type-imported", r#"(type $c (component)) (import "c" (type (eq $c)))"#),
    ("function-type-imported", r#"(type $f (func)) (import "f" (type (eq $f)))"#),
    (
        "instance-type-imported",
        r#"(type $i (instance (export "f" (func)))) (import "i" (type (eq $i)))"#,
    ),
];

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
