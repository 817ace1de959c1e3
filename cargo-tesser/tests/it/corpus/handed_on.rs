//! Imports that are handed on: to a module, to a component, to the outside.

use super::{Case, with_start};

pub(super) fn cases() -> Vec<Case> {
    STARTS.iter().map(|(name, text)| with_start(format!("handed-on/{name}"), text)).collect()
}

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
