//! Verdicts against the host's. What is expected here is what wasmtime 18.0.4 with the WASI of Tesser 0.9 did
//! with the same file.

use super::{Sandbox, plugin};

/// Codes of the errors for plugins that have these fragments in them, all of them in one run.
#[track_caller]
fn expect(cases: &[(&str, String, &[&str])]) {
    expect_with(&[], cases);
}

#[track_caller]
fn expect_with(words: &[&str], cases: &[(&str, String, &[&str])]) {
    let sandbox = Sandbox::new();
    for (name, fragment, _) in cases {
        sandbox.write(&format!("cases/{name}.wasm"), plugin(fragment));
    }
    let words = [&["validate", "--format", "json", "cases"], words].concat();
    let run = sandbox.tesser("", &words);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    for (name, _, expected) in cases {
        let path = std::path::Path::new("cases").join(format!("{name}.wasm"));
        let files = report["files"].as_array().unwrap();
        let file = files.iter().find(|file| file["path"] == path.to_str().unwrap()).unwrap();
        let findings = file["findings"].as_array().unwrap().iter();
        let errors = findings.filter(|finding| finding["severity"] == "error");
        let codes: Vec<_> = errors.map(|finding| finding["code"].as_str().unwrap()).collect();
        assert_eq!(codes, *expected, "{name}: {file:#}");
    }
}

fn repeat(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().join(" ")
}

#[test]
fn wasi_imports_are_compared_by_type() {
    let clock = |ty: &str| {
        format!(
            r#"(import "wasi:clocks/wall-clock@0.2.0" (instance (type $d {ty})
               (export "datetime" (type $dd (eq $d))) (export "now" (func (result $dd)))))"#
        )
    };
    let exit =
        |ty: &str| format!(r#"(import "wasi:cli/exit@0.2.0" (instance (export "exit" {ty})))"#);
    let types = |name: &str| {
        format!(
            r#"(import "{name}" (instance (type $t (enum "a")) (export "exit" (type (eq $t)))))"#
        )
    };
    expect(&[
        ("now", clock(r#"(record (field "seconds" u64) (field "nanoseconds" u32))"#), &[]),
        ("now-field", clock(r#"(record (field "seconds" u64) (field "nanos" u32))"#), &["import-type"]),
        ("now-type", clock(r#"(record (field "seconds" u64) (field "nanoseconds" u64))"#), &["import-type"]),
        ("exit", exit(r#"(func (param "s" (result)))"#), &[]),
        ("exit-param", exit(r#"(func (param "s" (result u8)))"#), &["import-type"]),
        ("exit-resource", exit("(type (sub resource))"), &["import-type"]),
        ("exit-as-type", types("wasi:cli/exit@0.2.0"), &[]),
        ("types-of-other-version", types("wasi:cli/exit@0.2.3"), &[]),
        ("types-of-nobody", types("my:own/types"), &[]),
        ("nested-types", r#"(import "a:b/c" (instance (export "i" (instance (type $t (enum "a")) (export "t" (type (eq $t)))))))"#.into(), &[]),
        ("nested-function", r#"(import "a:b/c" (instance (export "i" (instance (export "f" (func))))))"#.into(), &["unknown-import"]),
        ("not-an-interface", r#"(import "wasi:cli/exit@0.2.0" (func))"#.into(), &["unknown-import"]),
        ("empty", r#"(import "a:b/c" (instance))"#.into(), &[]),
        ("component", r#"(import "a" (component))"#.into(), &["unknown-import"]),
        ("module", r#"(import "a" (core module))"#.into(), &["unknown-import"]),
        ("function-type", r#"(type $t (func)) (import "a" (type (eq $t)))"#.into(), &["unknown-import"]),
    ]);
}

#[test]
fn resources_are_compared_by_identity() {
    let with_error = |rest: &str| {
        format!(
            r#"(import "wasi:io/error@0.2.0" (instance $e (export "error" (type (sub resource)))))
               (alias export $e "error" (type $er)) {rest}"#
        )
    };
    let streams = |inner: &str| {
        with_error(&format!(
            r#"(import "wasi:io/streams@0.2.0" (instance (alias outer 1 $er (type $er)) {inner}))"#
        ))
    };
    let check_write = |of: &str| {
        streams(&format!(
            r#"(export "error" (type $error (eq $er)))
            (export "output-stream" (type $o (sub resource)))
            (type $se (variant (case "last-operation-failed" (own {of})) (case "closed")))
            (export "stream-error" (type $sse (eq $se)))
            (export "[method]output-stream.check-write" (func (param "self" (borrow $o)) (result (result u64 (error $sse)))))"#
        ))
    };
    let fresh = |interface: &str, name: &str| {
        format!(r#"(import "{interface}" (instance (export "{name}" (type (sub resource)))))"#)
    };
    expect(&[
        ("right", check_write("$error"), &[]),
        ("wrong-payload", check_write("$o"), &["import-type"]),
        ("swapped", streams(r#"(export "input-stream" (type (eq $er)))"#), &["import-type"]),
        ("named-again", with_error(r#"(import "r" (type (eq $er)))"#), &[]),
        ("from-elsewhere", fresh("wasi:io/streams@0.2.0", "error"), &["unknown-import"]),
        ("of-a-user", fresh("wasi:filesystem/types@0.2.0", "input-stream"), &["unknown-import"]),
        ("of-nobody", r#"(import "r" (type (sub resource)))"#.into(), &["unknown-import"]),
    ]);
}

#[test]
fn limits_are_those_of_the_hosts_engine() {
    let flags = |count| format!("(type (flags {}))", repeat(count, |i| format!("\"f{i}\"")));
    let record =
        |count| format!("(type (record {}))", repeat(count, |i| format!("(field \"f{i}\" u8)")));
    let cases = |count| format!("(type (enum {}))", repeat(count, |i| format!("\"f{i}\"")));
    let exports = |count| {
        format!(
            "(core module (func $f) {})",
            repeat(count, |i| format!("(export \"e{i}\" (func $f))"))
        )
    };
    let instances = |count| {
        format!("(core module $z) {}", repeat(count, |_| "(core instance (instantiate $z))".into()))
    };
    let deep = |levels: usize| {
        format!(
            r#"(type $t0 (list u8)) {}
            (core module $q (memory (export "m") 1) (func (export "r") (param i32 i32 i32 i32) (result i32) i32.const 0)
              (func (export "g") (param i32 i32)))
            (core instance $q (instantiate $q))
            (alias core export $q "m" (core memory $m)) (alias core export $q "r" (core func $r))
            (func $g (param "a" $t{}) (canon lift (core func $q "g") (memory $m) (realloc $r)))
            (export "g" (func $g))"#,
            repeat(levels - 2, |i| format!("(type $t{} (list $t{i}))", i + 1)),
            levels - 2,
        )
    };
    let named = |levels: usize| {
        format!(
            r#"(type $t0 (list u8)) {} (export "t" (type $t{}))"#,
            repeat(levels - 2, |i| format!("(type $t{} (list $t{i}))", i + 1)),
            levels - 2,
        )
    };
    expect(&[
        ("flags-33", flags(33), &[]),
        ("fields-1000", record(1000), &[]),
        ("fields-1001", record(1001), &["host-limit"]),
        ("cases-1001", cases(1001), &["host-limit"]),
        ("exports-100000", exports(100_000), &[]),
        ("exports-100001", exports(100_001), &["host-limit"]),
        ("instances-998", instances(998), &[]),
        ("instances-1000", instances(1000), &["host-limit"]),
        (
            "tables-101",
            format!("(core module {})", "(table 0 funcref)".repeat(101)),
            &["host-limit"],
        ),
        ("table-huge", "(core module (table 0xffffffff funcref))".into(), &["host-limit"]),
        ("depth-100", deep(100), &[]),
        ("depth-101", deep(101), &["not-implemented"]),
        ("named-100", named(100), &[]),
        ("named-101", named(101), &["not-implemented"]),
    ]);
}

#[test]
fn what_the_engine_does_not_implement_is_refused_though_valid() {
    let clock = |rest: &str| {
        format!(
            r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance $c (export "now" (func (result u64)))))
               (alias export $c "now" (func $n)) {rest}"#
        )
    };
    let element = |items: &str| {
        format!(
            r#"(core module (global $g (import "a" "b") funcref) (table 1 funcref) (func $f)
                   (elem (i32.const 0) funcref {items}))"#
        )
    };
    let doubling = |levels: usize| {
        format!(
            "(component $c0 (core module $z) (core instance (instantiate $z))) {} (instance (instantiate $c{levels}))",
            repeat(levels, |i| format!(
                "(component $c{} (alias outer 1 $c{i} (component $p)) (instance (instantiate $p)) (instance (instantiate $p)))",
                i + 1
            ))
        )
    };
    expect(&[
        ("component", r#"(component $c) (export "c" (component $c))"#.into(), &["not-implemented"]),
        ("module", r#"(core module $c) (export "c" (core module $c))"#.into(), &[]),
        ("passed-on", clock(r#"(export "now" (func $n))"#), &["not-implemented"]),
        ("passed-on-interface", clock(r#"(export "now" (instance $c))"#), &["not-implemented"]),
        (
            "passed-on-bag",
            clock(r#"(instance $b (export "now" (func $n))) (export "b" (instance $b))"#),
            &["not-implemented"],
        ),
        ("element-global", element("(global.get $g)"), &["not-implemented"]),
        ("element-function", element("(ref.func $f)"), &[]),
        (
            "dropped-section",
            r#"(core module (@custom "webidl-bindings" "x"))"#.into(),
            &["not-implemented"],
        ),
        ("instances-256", doubling(8), &[]),
        ("instances-16384", doubling(14), &["not-implemented"]),
    ]);
}

#[test]
fn functions_of_the_host_are_followed_through_components_without_a_trial() {
    let through = |component: &str, rest: &str| {
        format!(
            r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance $c (export "now" (func (result u64)))))
               (alias export $c "now" (func $n)) {component} {rest}"#
        )
    };
    let interface = r#"(component $p (import "c" (instance $c (export "now" (func (result u64))))) (instance $b (export "c" (instance $c))) (export "b" (instance $b)))
           (component $q (alias outer 1 $p (component $p)) (import "d" (instance $c (export "now" (func (result u64)))))
             (instance $i (instantiate $p (with "c" (instance $c)))) (export "i" (instance $i)))"#;
    let deep = "(instance $i (instantiate $q (with \"d\" (instance $c))))";
    let function = r#"(component $p (import "f" (func $f (result u64))) (export "g" (func $f)))"#;
    let lifted = r#"(component $p (import "f" (func (result u64)))
           (core module $m (func (export "g") (result i64) i64.const 1)) (core instance $m (instantiate $m))
           (func (export "g") (result u64) (canon lift (core func $m "g"))))"#;
    let given = "(instance $i (instantiate $p (with \"f\" (func $n))))";
    expect_with(
        &["--no-load"],
        &[
            (
                "function",
                through(function, &format!(r#"{given} (export "g" (func $i "g"))"#)),
                &["not-implemented"],
            ),
            (
                "instance",
                through(function, &format!(r#"{given} (export "i" (instance $i))"#)),
                &["not-implemented"],
            ),
            (
                "interface",
                through(interface, &format!(r#"{deep} (export "i" (instance $i))"#)),
                &["not-implemented"],
            ),
            (
                "deep-function",
                through(
                    interface,
                    &format!(
                        r#"{deep} (alias export $i "i" (instance $j)) (alias export $j "b" (instance $b))
                             (alias export $b "c" (instance $k)) (export "now" (func $k "now"))"#
                    ),
                ),
                &["not-implemented"],
            ),
            ("lifted", through(lifted, &format!(r#"{given} (export "g" (func $i "g"))"#)), &[]),
        ],
    );
}

#[test]
fn proposals_are_those_of_the_host() {
    let module = |fields: &str| format!("(core module {fields})");
    let started =
        |fields: &str| format!("(core module $s {fields}) (core instance (instantiate $s))");
    expect(&[
        ("tail-call", module("(func $f return_call $f)"), &["proposal-off"]),
        (
            "extended-const",
            module("(global i32 (i32.add (i32.const 1) (i32.const 2)))"),
            &["proposal-off"],
        ),
        ("memory64", module("(memory i64 1)"), &["proposal-off"]),
        ("exceptions", module("(tag)"), &["proposal-off"]),
        ("typed-table", module("(func $f) (table 1 1 funcref (ref.func $f))"), &["proposal-off"]),
        ("future", "(type (future u8))".into(), &["proposal-off"]),
        (
            "relaxed-simd",
            module(
                "(func (param v128 v128) (result v128) local.get 0 local.get 1 i8x16.relaxed_swizzle)",
            ),
            &[],
        ),
        ("shared", started("(memory 1 1 shared)"), &[]),
        ("two-memories", started("(memory 1) (memory 1)"), &[]),
        ("invalid", module("(func (result i32))"), &["invalid-wasm"]),
        ("start", started("(func $f unreachable) (start $f)"), &["load-trap"]),
        ("endless", started("(func $f (loop br 0)) (start $f)"), &["slow-start"]),
        ("data", started(r#"(memory 1) (data (i32.const 65536) "x")"#), &["load-trap"]),
        ("element", started("(table 1 funcref) (func $f) (elem (i32.const 1) $f)"), &["load-trap"]),
    ]);
}

/// The plugin with a start that calls an import: its interface, its name, its types.
fn calling(interface: &str, function: &str, ty: &str, core: &str, call: &str) -> String {
    format!(
        r#"(import "wasi:{interface}@0.2.0" (instance $e {ty}))
           (alias export $e "{function}" (func $x)) (core func $low (canon lower (func $x)))
           (core module $t (import "a" "b" (func $f {core})) (func $s {call}) (start $s))
           (core instance (instantiate $t (with "a" (instance (export "b" (func $low))))))"#
    )
}

#[test]
fn a_start_gets_the_answers_of_the_hosts_empty_wasi() {
    let exit = |code: u8| {
        let ty = r#"(export "exit" (func (param "s" (result))))"#;
        calling("cli/exit", "exit", ty, "(param i32)", &format!("i32.const {code} call $f"))
    };
    let number = |interface, function, call| {
        let ty = format!(r#"(export "{function}" (func (result u64)))"#);
        calling(interface, function, &ty, "(result i64)", call)
    };
    let positive = "call $f i64.const 0 i64.gt_s if else unreachable end";
    let input = r#"(export "terminal-input" (type (sub resource)))"#;
    expect(&[
        ("exit", exit(0), &["load-trap"]),
        ("exit-1", exit(1), &["load-trap"]),
        ("random", number("random/random", "get-random-u64", positive), &[]),
        ("insecure", number("random/insecure", "get-insecure-random-u64", positive), &[]),
        ("clock", number("clocks/monotonic-clock", "now", positive), &[]),
        ("resolution", number("clocks/monotonic-clock", "resolution", positive), &[]),
        ("trap", number("random/random", "get-random-u64", "call $f unreachable"), &["load-trap"]),
        (
            "not-called",
            format!(r#"(import "wasi:cli/terminal-input@0.2.0" (instance {input}))"#),
            &[],
        ),
    ]);
}

#[test]
fn a_start_that_a_trial_cannot_follow_does_not_pass() {
    let poll = r#"(import "wasi:io/poll@0.2.0" (instance $p (export "pollable" (type (sub resource))))) (alias export $p "pollable" (type $poll))"#;
    let ty = r#"(alias outer 1 $poll (type $q')) (export "pollable" (type $q (eq $q'))) (export "subscribe-duration" (func (param "when" u64) (result (own $q))))"#;
    let call = "i64.const 1 call $f drop";
    let subscribe = calling(
        "clocks/monotonic-clock",
        "subscribe-duration",
        ty,
        "(param i64) (result i32)",
        call,
    );
    let grows = |then: &str| {
        format!(
            "(core module $t (memory 1) (func $s i32.const 8192 memory.grow {then}) (start $s)) (core instance (instantiate $t))"
        )
    };
    let large = |segments: &str| {
        format!("(core module $t (memory 8192) {segments}) (core instance (instantiate $t))")
    };
    expect(&[
        ("subscribe", format!("{poll} {subscribe}"), &["untried-start"]),
        ("grow-and-trap", grows("unreachable"), &["untried-start"]),
        ("grow-and-go-on", grows("drop"), &["untried-start"]),
        ("trap-if-it-grew", grows("i32.const -1 i32.ne if unreachable end"), &["untried-start"]),
        ("large-at-rest", large("(data (i32.const 0x1ffffff0) \"0123456789abcdef\")"), &[]),
        (
            "segment-outside",
            large("(data (i32.const 0x1ffffff1) \"0123456789abcdef\")"),
            &["untried-start"],
        ),
        ("segment-below-zero", large("(data (i32.const -1) \"0\")"), &["untried-start"]),
        (
            "element-outside",
            large("(table 1 funcref) (elem (i32.const 1) func $f) (func $f)"),
            &["untried-start"],
        ),
        ("element-inside", large("(table 2 funcref) (elem (i32.const 1) func $f) (func $f)"), &[]),
    ]);
}

#[test]
fn what_was_made_to_keep_us_busy_gets_no_verdict() {
    let sandbox = Sandbox::new();
    let component = b"\0asm\x0d\0\x01\0".to_vec();
    let sections = b"\0\x02\x01a".repeat(2_000_001);
    sandbox.write("sections.wasm", [component.clone(), sections].concat());
    let section = |id: u8, contents: &[u8]| {
        let mut size = contents.len();
        let mut section = vec![id];
        while size > 0x7f {
            section.push(u8::try_from(size & 0x7f).unwrap() | 0x80);
            size >>= 7;
        }
        section.push(u8::try_from(size).unwrap());
        [section, contents.to_vec()].concat()
    };
    // A component section with an empty component in it, five thousand times at two levels.
    let nested =
        |inside: &[u8], count: usize| section(4, &[&component, inside].concat()).repeat(count);
    let nested = nested(&nested(b"", 900), 10);
    sandbox.write("nested.wasm", [component.clone(), nested].concat());
    // A type in a type in a type, each of which the host's reader follows by recursion.
    let deep = |form: u8, levels: usize| {
        let types = [&[1][..], &[form, 1, 1].repeat(levels), &[form, 0]].concat();
        [&component[..], &section(7, &types)].concat()
    };
    sandbox.write("components.wasm", deep(0x41, 1_000_000));
    sandbox.write("instances.wasm", deep(0x42, 1_000_000));
    for file in ["sections.wasm", "nested.wasm", "components.wasm", "instances.wasm"] {
        let run = sandbox.tesser("", &["validate", "--format", "json", file]).expect(101);
        assert_eq!(super::codes(&run), ["not-read"], "{file}");
    }
}
