//! Components made of parts: resources that go from one to another, outer aliases, modules and components as
//! arguments, what newer component models have.

use super::{Case, with_end};

pub(super) fn cases() -> Vec<Case> {
    ENDS.iter().map(|(name, text)| with_end(format!("composed/{name}"), text)).collect()
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
