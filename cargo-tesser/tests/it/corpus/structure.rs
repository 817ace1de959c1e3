//! How a component is put together: canonical options, nested components, aliases, instances.

use super::{Case, assemble, case, changed, with_end, with_start};

pub(super) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> =
        ENDS.iter().map(|(name, text)| with_end(format!("structure/{name}"), text)).collect();
    cases.extend(options());
    cases.extend(wholes());
    cases
}

/// Canonical options of `on-timer`, which returns a string, and of `init`, which takes one, too.
fn options() -> Vec<Case> {
    let memory = "(memory $memory)";
    let realloc = "(realloc $realloc)";
    let lift = |export: &str, name: &str, options: &str| {
        let from = format!(r#"(canon lift (core func $i "{export}") {memory} {realloc})"#);
        let to = format!(r#"(canon lift (core func $i "{export}") {options})"#);
        changed(format!("canonical/{export}-{name}"), &[(&from, &to)])
    };
    let mut cases = Vec::new();
    for export in ["init", "on-tick", "on-timer", "restore"] {
        cases.extend([
            lift(export, "utf8", &format!("{memory} {realloc} string-encoding=utf8")),
            lift(export, "utf16", &format!("{memory} {realloc} string-encoding=utf16")),
            lift(
                export,
                "latin1-utf16",
                &format!("{memory} {realloc} string-encoding=latin1+utf16"),
            ),
            lift(export, "no-realloc", memory),
            lift(export, "no-memory", realloc),
            lift(export, "no-options", ""),
            lift(export, "memory-twice", &format!("{memory} {memory} {realloc}")),
            lift(
                export,
                "two-encodings",
                &format!("{memory} {realloc} string-encoding=utf8 string-encoding=utf16"),
            ),
            lift(
                export,
                "realloc-of-wrong-type",
                &format!(r#"{memory} (realloc (core func $i "restore"))"#),
            ),
            lift(
                export,
                "post-return-of-wrong-type",
                &format!(r#"{memory} {realloc} (post-return (core func $i "on-timer"))"#),
            ),
        ]);
    }
    let post = r#"(func (export "cabi_post_on-timer") (param i32))"#;
    cases.push(changed("canonical/on-timer-post-return", &[
        ("    ;; module\n", &format!("    {post}\n")),
        (
            &format!(r#"(canon lift (core func $i "on-timer") {memory} {realloc})"#),
            &format!(r#"(canon lift (core func $i "on-timer") {memory} {realloc} (post-return (core func $i "cabi_post_on-timer")))"#),
        ),
    ]));
    cases.push(changed(
        "canonical/memory-not-exported",
        &[(r#"(memory (export "memory") 1)"#, "(memory 1)")],
    ));
    cases.push(changed(
        "canonical/realloc-not-exported",
        &[(r#"(func (export "cabi_realloc")"#, "(func")],
    ));
    cases.push(changed(
        "canonical/function-not-exported",
        &[(r#"(func (export "on-fill")"#, "(func")],
    ));
    cases.push(changed(
        "canonical/memory-is-function",
        &[(r#"(memory (export "memory") 1)"#, r#"(memory 1) (func (export "memory"))"#)],
    ));
    cases.push(changed(
        "canonical/core-type-other",
        &[(
            r#"(func (export "on-timer") (result i32) (i32.const 32))"#,
            r#"(func (export "on-timer") (result i64) (i64.const 32))"#,
        )],
    ));
    cases.push(changed(
        "canonical/core-result-less",
        &[(
            r#"(func (export "on-timer") (result i32) (i32.const 32))"#,
            r#"(func (export "on-timer"))"#,
        )],
    ));
    cases.push(changed(
        "canonical/core-parameter-more",
        &[(
            r#"(func (export "restore") (param i32 i32))"#,
            r#"(func (export "restore") (param i32 i32 i32))"#,
        )],
    ));
    cases
}

const ENDS: &[(&str, &str)] = &[
    ("nested-component", "(component)"),
    ("nested-component-instantiated", "(component $c) (instance (instantiate $c))"),
    ("nested-components", "(component (component (component (component))))"),
    (
        "nested-with-import-given",
        r#"(component $c (import "f" (func (result string)))) (instance (instantiate $c (with "f" (func $on-timer))))"#,
    ),
    (
        "nested-with-import-missing",
        r#"(component $c (import "f" (func (result string)))) (instance (instantiate $c))"#,
    ),
    (
        "nested-with-import-of-other-type",
        r#"(component $c (import "f" (func (result u8)))) (instance (instantiate $c (with "f" (func $on-timer))))"#,
    ),
    (
        "nested-with-argument-more",
        r#"(component $c) (instance (instantiate $c (with "f" (func $on-timer))))"#,
    ),
    ("instance-twice", "(core instance (instantiate $m))"),
    ("instance-of-exports", r#"(instance (export "a" (func $on-timer)))"#),
    (
        "instance-of-instances",
        r#"(instance $a (export "a" (func $on-timer))) (instance $b (export "b" (instance $a))) (alias export $b "b" (instance $c)) (alias export $c "a" (func $d)) (export "deep" (func $d))"#,
    ),
    ("core-instance-of-exports", r#"(core instance (export "a" (func $i "on-timer")))"#),
    ("alias-unknown-export", r#"(alias export $types "none" (type))"#),
    ("alias-core-unknown-export", r#"(alias core export $i "none" (core func))"#),
    ("alias-wrong-kind", r#"(alias export $types "tick" (func))"#),
    ("alias-outer-type", r#"(component (alias outer 1 $tick (type)))"#),
    ("alias-outer-module", "(component (alias outer 1 $m (core module)))"),
    ("alias-outer-too-far", "(component (alias outer 3 0 (type)))"),
    (
        "core-types",
        "(core type (func (param i32))) (core type (module (import \"a\" \"b\" (func)) (export \"c\" (memory 1))))",
    ),
    (
        "resource",
        r#"(type $r (resource (rep i32))) (core func (canon resource.new $r)) (core func (canon resource.drop $r)) (core func (canon resource.rep $r))"#,
    ),
    (
        "resource-destructor",
        r#"(core module $d (func (export "d") (param i32))) (core instance $di (instantiate $d)) (type $r (resource (rep i32) (dtor (core func $di "d"))))"#,
    ),
    (
        "resource-destructor-of-wrong-type",
        r#"(type $r (resource (rep i32) (dtor (core func $i "on-timer"))))"#,
    ),
    ("resource-rep-i64", "(type $r (resource (rep i64)))"),
    (
        "lowered-again",
        r#"(core func (canon lower (func $on-timer) (memory $memory) (realloc $realloc)))"#,
    ),
    ("lowered-without-memory", "(core func (canon lower (func $on-timer)))"),
    ("types-empty-record", "(type (record))"),
    ("types-empty-variant", "(type (variant))"),
    ("types-empty-enum", "(type (enum))"),
    ("types-empty-flags", "(type (flags))"),
    ("types-empty-tuple", "(type (tuple))"),
    ("types-variant-refines", r#"(type (variant (case "a") (case "b" u8)))"#),
    ("types-unused", "(type (list (option (tuple u8 char f32 f64 s8 s16))))"),
    ("types-unknown-index", "(type (list 999))"),
    ("types-function-as-value", "(type $f (func)) (type (list $f))"),
    (
        "types-borrow-in-result",
        r#"(type $r (resource (rep i32))) (type (func (result (borrow $r))))"#,
    ),
    (
        "types-borrow-in-record",
        r#"(type $r (resource (rep i32))) (type (record (field "a" (borrow $r))))"#,
    ),
    ("export-of-import", r#"(export "my:own/types" (instance $types))"#),
    (
        "core-function-import-of-same-instance",
        r#"(core module $n (import "x" "on-timer" (func (result i32)))) (core instance (instantiate $n (with "x" (instance $i))))"#,
    ),
    (
        "core-import-of-other-type",
        r#"(core module $n (import "x" "on-timer" (func (result i64)))) (core instance (instantiate $n (with "x" (instance $i))))"#,
    ),
    (
        "core-import-missing",
        r#"(core module $n (import "x" "none" (func))) (core instance (instantiate $n (with "x" (instance $i))))"#,
    ),
    (
        "core-memory-shared-between",
        r#"(core module $n (import "x" "memory" (memory 1))) (core instance (instantiate $n (with "x" (instance $i))))"#,
    ),
    (
        "core-memory-too-small",
        r#"(core module $n (import "x" "memory" (memory 2))) (core instance (instantiate $n (with "x" (instance $i))))"#,
    ),
    ("core-global-mutable-import", r#"(core module $n (import "x" "g" (global (mut i32))))"#),
    ("invalid-body", "(core module (func (result i32)))"),
    ("invalid-body-unused-component", "(component (core module (func (result i32))))"),
    ("unknown-local", "(core module (func (drop (local.get 3))))"),
    ("module-exports-unknown", r#"(core module (export "a" (func 3)))"#),
    ("data-count-with-none", "(core module (memory 1) (func (data.drop 0)))"),
];

fn wholes() -> Vec<Case> {
    let whole = |name: &str, text: &str| case(name, assemble(name, text));
    let inner = super::GOOD.replacen("(component\n", "(component $plugin\n", 1);
    let names = ["init", "on-tick", "on-fill", "on-timer", "snapshot", "restore"];
    let exports = |from: &str| {
        names.iter().fold(String::new(), |text, name| {
            text + &format!(r#"(export "{name}" (func {from} "{name}"))"#)
        })
    };
    let wrapped = |import: &str, with: &str| {
        format!(
            "(component {import} {inner} (instance $p (instantiate $plugin {with})) {})",
            exports("$p")
        )
    };
    let types = super::GOOD;
    let types = &types
        [types.find("  (type $primitives").unwrap()..types.find("  (alias export $types").unwrap()];
    vec![
        whole("structure/empty-component", "(component)"),
        whole(
            "structure/wrapped",
            &wrapped(types, r#"(with "tesser:execution/primitives" (instance $types))"#),
        ),
        whole("structure/wrapped-without-import", &wrapped("", "")),
        whole("structure/two-plugins", &format!("(component {inner} (component $other))")),
        with_start("structure/module-before", "(core module (func))"),
    ]
}
