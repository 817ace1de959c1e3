//! Imports: of what no host offers, of plain types, of everything that can be imported.

use super::{Case, changed, with_start};

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> =
        IMPORTS.iter().map(|(name, text)| with_start(format!("imports/{name}"), text)).collect();
    cases.extend(VERSIONS.iter().map(|(name, import)| {
        let text = format!(r#"(import "{import}" (instance (export "now" (func (result u64)))))"#);
        with_start(format!("imports/version-{name}"), &text)
    }));
    cases.extend(VERSIONS.iter().map(|(name, import)| {
        let text = format!(r#"(import "{import}" (instance))"#);
        with_start(format!("imports/empty-version-{name}"), &text)
    }));
    cases.push(called("imports/function-called", r#"(import "connect" (func $f))"#, "func $f"));
    cases.push(called(
        "imports/interface-function-called",
        r#"(import "my:own/net" (instance $n (export "connect" (func))))"#,
        r#"func $n "connect""#,
    ));
    cases.push(changed(
        "imports/core-import-not-given",
        &[("    ;; module types\n", "    (import \"env\" \"f\" (func))\n")],
    ));
    cases.push(changed(
        "imports/core-memory-not-given",
        &[(
            "(memory (export \"memory\") 1)",
            "(import \"env\" \"memory\" (memory 1)) (export \"memory\" (memory 0))",
        )],
    ));
    cases
}

/// An imported function that the module is given, and calls in `on-timer`.
fn called(name: &str, import: &str, function: &str) -> Case {
    let arguments = r#"(with "env" (instance (export "f" (func $lowered))))"#;
    changed(
        name,
        &[
            (
                "  ;; imports\n",
                &format!("  {import}\n  (core func $lowered (canon lower ({function})))\n"),
            ),
            ("    ;; module types\n", "    (import \"env\" \"f\" (func $f))\n"),
            (
                "(func (export \"on-timer\") (result i32) ",
                "(func (export \"on-timer\") (result i32) (call $f) ",
            ),
            ("(; arguments ;)", arguments),
        ],
    )
}

const VERSIONS: &[(&str, &str)] = &[
    ("right", "wasi:clocks/monotonic-clock@0.2.0"),
    ("0.2.1", "wasi:clocks/monotonic-clock@0.2.1"),
    ("0.2.3", "wasi:clocks/monotonic-clock@0.2.3"),
    ("0.2.6", "wasi:clocks/monotonic-clock@0.2.6"),
    ("0.2.12", "wasi:clocks/monotonic-clock@0.2.12"),
    ("0.3.0", "wasi:clocks/monotonic-clock@0.3.0"),
    ("0.1.0", "wasi:clocks/monotonic-clock@0.1.0"),
    ("candidate", "wasi:clocks/monotonic-clock@0.2.0-rc-2023-11-10"),
    ("build", "wasi:clocks/monotonic-clock@0.2.0+build"),
    ("none", "wasi:clocks/monotonic-clock"),
    ("leading-zero", "wasi:clocks/monotonic-clock@0.02.0"),
    ("two-parts", "wasi:clocks/monotonic-clock@0.2"),
    ("empty", "wasi:clocks/monotonic-clock@"),
    ("word", "wasi:clocks/monotonic-clock@latest"),
    ("large", "wasi:clocks/monotonic-clock@0.2.99999999999999999999"),
];

const IMPORTS: &[(&str, &str)] = &[
    ("function", r#"(import "connect" (func))"#),
    ("function-with-strings", r#"(import "log" (func (param "text" string) (result string)))"#),
    ("function-named-as-an-export", r#"(import "on-timer" (func (result string)))"#),
    ("preview1-name", r#"(import "wasi-snapshot-preview1" (instance (export "fd-write" (func))))"#),
    ("unknown-interface", r#"(import "my:own/net" (instance (export "connect" (func))))"#),
    ("unknown-interface-empty", r#"(import "my:own/net" (instance))"#),
    (
        "unknown-wasi-interface",
        r#"(import "wasi:nn/graph@0.2.0" (instance (export "load" (func))))"#,
    ),
    ("http", r#"(import "wasi:http/outgoing-handler@0.2.0" (instance (export "handle" (func))))"#),
    (
        "cli-run",
        r#"(import "wasi:cli/run@0.2.0" (instance (export "run" (func (result (result))))))"#,
    ),
    ("plain-instance", r#"(import "env" (instance (export "f" (func))))"#),
    ("plain-instance-empty", r#"(import "env" (instance))"#),
    (
        "types-only",
        r#"(import "my:own/types" (instance (type $e (enum "a")) (export "e" (type (eq $e)))))"#,
    ),
    (
        "two-types-interfaces",
        r#"(import "my:own/types" (instance (type $e (enum "a")) (export "e" (type (eq $e))))) (import "my:own/more" (instance (type $e (flags "a")) (export "e" (type (eq $e)))))"#,
    ),
    (
        "resource-in-interface",
        r#"(import "my:own/types" (instance (export "res" (type (sub resource)))))"#,
    ),
    ("nested-instance", r#"(import "my:own/outer" (instance (export "inner" (instance))))"#),
    (
        "nested-instance-with-types",
        r#"(import "my:own/outer" (instance (export "inner" (instance (type $e (enum "a")) (export "e" (type (eq $e)))))))"#,
    ),
    (
        "nested-instance-with-function",
        r#"(import "my:own/outer" (instance (export "inner" (instance (export "f" (func))))))"#,
    ),
    ("component-in-interface", r#"(import "my:own/outer" (instance (export "c" (component))))"#),
    ("module-in-interface", r#"(import "my:own/outer" (instance (export "m" (core module))))"#),
    ("type", r#"(import "t" (type (eq $tick)))"#),
    ("type-string", r#"(type $s string) (import "t" (type (eq $s)))"#),
    ("type-list", r#"(type $l (list u8)) (import "t" (type (eq $l)))"#),
    ("type-resource", r#"(import "r" (type (sub resource)))"#),
    ("type-interface-name", r#"(type $l (list u8)) (import "my:own/t" (type (eq $l)))"#),
    ("core-module", r#"(import "m" (core module))"#),
    ("core-module-with-exports", r#"(import "m" (core module (export "f" (func))))"#),
    ("component", r#"(import "c" (component))"#),
    ("component-with-exports", r#"(import "c" (component (export "f" (func))))"#),
    ("value", r#"(import "v" (value string))"#),
    ("component-type-only", r#"(type $c (component (import "x" (func)) (export "f" (func))))"#),
    (
        "function-in-component-type-only",
        r#"(type $i (instance (export "f" (func (param "a" string)))))"#,
    ),
    (
        "monotonic-clock",
        r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "now" (func (result u64)))))"#,
    ),
    (
        "monotonic-clock-all",
        r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "now" (func (result u64))) (export "resolution" (func (result u64)))))"#,
    ),
    (
        "monotonic-clock-as-s64",
        r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "now" (func (result s64)))))"#,
    ),
    (
        "monotonic-clock-no-result",
        r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "now" (func))))"#,
    ),
    (
        "monotonic-clock-parameter",
        r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "now" (func (param "a" u64) (result u64)))))"#,
    ),
    (
        "monotonic-clock-now-is-type",
        r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance (type $t u64) (export "now" (type (eq $t)))))"#,
    ),
    (
        "monotonic-clock-now-is-resource",
        r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "now" (type (sub resource)))))"#,
    ),
    (
        "monotonic-clock-now-is-instance",
        r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "now" (instance))))"#,
    ),
    (
        "monotonic-clock-unknown-function",
        r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "sleep" (func (param "a" u64)))))"#,
    ),
    (
        "monotonic-clock-unknown-type",
        r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance (type $t u64) (export "moment" (type (eq $t)))))"#,
    ),
    (
        "monotonic-clock-instant",
        r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance (type $t u64) (export "instant" (type (eq $t)))))"#,
    ),
    (
        "monotonic-clock-instant-wrong",
        r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance (type $t string) (export "instant" (type (eq $t)))))"#,
    ),
    (
        "monotonic-clock-unknown-instance",
        r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "more" (instance))))"#,
    ),
    ("monotonic-clock-as-function", r#"(import "wasi:clocks/monotonic-clock@0.2.0" (func))"#),
    ("monotonic-clock-as-component", r#"(import "wasi:clocks/monotonic-clock@0.2.0" (component))"#),
    ("monotonic-clock-empty", r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance))"#),
    (
        "wall-clock-record",
        r#"(import "wasi:clocks/wall-clock@0.2.0" (instance (type $d (record (field "seconds" u64) (field "nanoseconds" u32))) (export "datetime" (type $n (eq $d))) (export "now" (func (result $n)))))"#,
    ),
    (
        "wall-clock-record-named-otherwise",
        r#"(import "wasi:clocks/wall-clock@0.2.0" (instance (type $d (record (field "seconds" u64) (field "nanoseconds" u32))) (export "time" (type $n (eq $d))) (export "now" (func (result $n)))))"#,
    ),
    (
        "wall-clock-record-swapped",
        r#"(import "wasi:clocks/wall-clock@0.2.0" (instance (type $d (record (field "nanoseconds" u32) (field "seconds" u64))) (export "datetime" (type $n (eq $d))) (export "now" (func (result $n)))))"#,
    ),
    (
        "wall-clock-record-renamed",
        r#"(import "wasi:clocks/wall-clock@0.2.0" (instance (type $d (record (field "secs" u64) (field "nanos" u32))) (export "datetime" (type $n (eq $d))) (export "now" (func (result $n)))))"#,
    ),
    (
        "wall-clock-tuple",
        r#"(import "wasi:clocks/wall-clock@0.2.0" (instance (export "now" (func (result (tuple u64 u32))))))"#,
    ),
    (
        "random",
        r#"(import "wasi:random/random@0.2.0" (instance (export "get-random-u64" (func (result u64)))))"#,
    ),
    (
        "random-bytes",
        r#"(import "wasi:random/random@0.2.0" (instance (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))"#,
    ),
    (
        "random-bytes-parameter-name",
        r#"(import "wasi:random/random@0.2.0" (instance (export "get-random-bytes" (func (param "length" u64) (result (list u8))))))"#,
    ),
    (
        "random-bytes-wrong",
        r#"(import "wasi:random/random@0.2.0" (instance (export "get-random-bytes" (func (param "len" u32) (result (list u8))))))"#,
    ),
    (
        "random-bytes-string",
        r#"(import "wasi:random/random@0.2.0" (instance (export "get-random-bytes" (func (param "len" u64) (result string)))))"#,
    ),
    (
        "environment",
        r#"(import "wasi:cli/environment@0.2.0" (instance (export "get-arguments" (func (result (list string))))))"#,
    ),
    (
        "environment-cwd",
        r#"(import "wasi:cli/environment@0.2.0" (instance (export "initial-cwd" (func (result (option string))))))"#,
    ),
    (
        "exit",
        r#"(import "wasi:cli/exit@0.2.0" (instance (export "exit" (func (param "status" (result))))))"#,
    ),
    (
        "exit-number",
        r#"(import "wasi:cli/exit@0.2.0" (instance (export "exit" (func (param "status" u8)))))"#,
    ),
    (
        "exit-with-code",
        r#"(import "wasi:cli/exit@0.2.0" (instance (export "exit-with-code" (func (param "status-code" u8)))))"#,
    ),
    (
        "error-resource",
        r#"(import "wasi:io/error@0.2.0" (instance (export "error" (type (sub resource)))))"#,
    ),
    (
        "error-resource-wrong",
        r#"(import "wasi:io/error@0.2.0" (instance (export "failure" (type (sub resource)))))"#,
    ),
    (
        "error-as-record",
        r#"(import "wasi:io/error@0.2.0" (instance (type $r (record (field "a" u8))) (export "error" (type (eq $r)))))"#,
    ),
    (
        "error-method",
        r#"(import "wasi:io/error@0.2.0" (instance (export "error" (type $e (sub resource))) (export "[method]error.to-debug-string" (func (param "self" (borrow $e)) (result string)))))"#,
    ),
    (
        "error-method-owned",
        r#"(import "wasi:io/error@0.2.0" (instance (export "error" (type $e (sub resource))) (export "[method]error.to-debug-string" (func (param "self" (own $e)) (result string)))))"#,
    ),
    (
        "error-method-unknown",
        r#"(import "wasi:io/error@0.2.0" (instance (export "error" (type $e (sub resource))) (export "[method]error.code" (func (param "self" (borrow $e)) (result u32)))))"#,
    ),
    (
        "error-constructor",
        r#"(import "wasi:io/error@0.2.0" (instance (export "error" (type $e (sub resource))) (export "[constructor]error" (func (result (own $e))))))"#,
    ),
    (
        "streams-error-of-another",
        r#"(import "wasi:io/streams@0.2.0" (instance (export "input-stream" (type (sub resource))) (export "error" (type (sub resource)))))"#,
    ),
    (
        "streams-error-shared",
        r#"(import "wasi:io/error@0.2.0" (instance $io (export "error" (type (sub resource))))) (alias export $io "error" (type $err)) (import "wasi:io/streams@0.2.0" (instance (alias outer 1 $err (type $e')) (export "error" (type (eq $e')))))"#,
    ),
    (
        "two-resources-one",
        r#"(import "wasi:io/streams@0.2.0" (instance (export "input-stream" (type $i (sub resource))) (export "output-stream" (type (eq $i)))))"#,
    ),
    (
        "resources-mixed-up",
        r#"(import "wasi:io/poll@0.2.0" (instance $p (export "pollable" (type (sub resource))))) (alias export $p "pollable" (type $poll)) (import "wasi:io/error@0.2.0" (instance (alias outer 1 $poll (type $e')) (export "error" (type (eq $e')))))"#,
    ),
    (
        "stdout",
        r#"(import "wasi:io/streams@0.2.0" (instance $s (export "output-stream" (type (sub resource))))) (alias export $s "output-stream" (type $out)) (import "wasi:cli/stdout@0.2.0" (instance (alias outer 1 $out (type $o')) (export "output-stream" (type $o (eq $o'))) (export "get-stdout" (func (result (own $o))))))"#,
    ),
    (
        "stdout-own-resource",
        r#"(import "wasi:cli/stdout@0.2.0" (instance (export "output-stream" (type $o (sub resource))) (export "get-stdout" (func (result (own $o))))))"#,
    ),
    (
        "stdout-wrong-resource",
        r#"(import "wasi:io/streams@0.2.0" (instance $s (export "input-stream" (type (sub resource))))) (alias export $s "input-stream" (type $out)) (import "wasi:cli/stdout@0.2.0" (instance (alias outer 1 $out (type $o')) (export "output-stream" (type $o (eq $o'))) (export "get-stdout" (func (result (own $o))))))"#,
    ),
    (
        "terminal-input",
        r#"(import "wasi:cli/terminal-input@0.2.0" (instance (export "terminal-input" (type (sub resource)))))"#,
    ),
    (
        "terminal-input-method",
        r#"(import "wasi:cli/terminal-input@0.2.0" (instance (export "terminal-input" (type $t (sub resource))) (export "[method]terminal-input.read" (func (param "self" (borrow $t))))))"#,
    ),
    (
        "same-interface-twice",
        r#"(import "wasi:random/random@0.2.0" (instance)) (import "wasi:random/random@0.2.0" (instance))"#,
    ),
    ("names-differ-in-case", r#"(import "abc" (instance)) (import "ABC" (instance))"#),
    ("import-named-as-an-export", r#"(import "snapshot" (instance))"#),
];
