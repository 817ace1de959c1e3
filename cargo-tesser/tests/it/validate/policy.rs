//! Policy findings, the rules that change them, and profiles.

use snapbox::{assert_data_eq, str};

use super::{Sandbox, chase, codes, plugin};

fn findings(fragment: &str) -> Vec<String> {
    let sandbox = Sandbox::new();
    sandbox.write("file.wasm", plugin(fragment));
    let words =
        ["validate", "--format", "json", "--no-load", "--allow", "no-metadata", "file.wasm"];
    codes(&sandbox.tesser("", &words).expect(0))
}

#[test]
fn what_a_desk_may_not_want_is_a_warning_each() {
    let import =
        |name: &str, item: &str| format!(r#"(import "wasi:{name}@0.2.0" (instance {item}))"#);
    let number = |name: &str| format!(r#"(export "{name}" (func (result u64)))"#);
    let resource = |name: &str| format!(r#"(export "{name}" (type (sub resource)))"#);
    assert_eq!(findings(""), [""; 0]);
    let cases = [
        (import("clocks/monotonic-clock", &number("now")), "uses-clocks"),
        (import("random/random", &number("get-random-u64")), "uses-random"),
        (import("io/poll", &resource("pollable")), "uses-io"),
        (import("filesystem/types", &resource("descriptor")), "uses-filesystem"),
        (import("sockets/network", &resource("network")), "uses-sockets"),
        (import("cli/terminal-input", &resource("terminal-input")), "uses-cli"),
        ("(core module (func (param v128) (result v128) local.get 0 v128.not))".into(), "simd"),
        ("(core module (func (param v128 v128) (result v128) local.get 0 local.get 1 i8x16.relaxed_swizzle))".into(), "relaxed-simd"),
        (r#"(core module (import "a" "b" (memory 1 1 shared)))"#.into(), "threads"),
        ("(component)".into(), "nested-components"),
        ("(core module (memory 1))".into(), "several-memories"),
        ("(core module (table 70000 funcref))".into(), "large-table"),
        (format!("(core module {})", "(func)".repeat(20_001)), "many-functions"),
        (format!("(core module (type (func (param {}))))", "i32 ".repeat(101)), "many-params"),
        (r#"(core module (@custom "x" "from /home/ann/desk/src/lib.rs"))"#.into(), "build-path"),
        (r#"(core module (data "C:\\Users\\ann\\desk"))"#.into(), "build-path"),
    ];
    for (fragment, code) in cases {
        assert_eq!(findings(&fragment), [code], "{fragment:.200}");
    }
    assert_eq!(findings("(core module (memory 513))"), ["several-memories", "large-memory"]);
}

#[test]
fn strings_that_are_not_utf_8_are_a_warning() {
    let sandbox = Sandbox::new();
    let text = super::PLUGIN.replacen(
        "(canon lift (core func $main \"snapshot\")",
        "(canon lift (core func $main \"snapshot\") string-encoding=utf16",
        1,
    );
    sandbox.write("file.wasm", wat::parse_str(format!("(component {text})")).unwrap());
    let words = ["validate", "--allow", "no-metadata", "--format", "json", "file.wasm"];
    assert_eq!(codes(&sandbox.tesser("", &words).expect(0)), ["string-encoding"]);
}

#[test]
fn metadata_of_nobody_or_of_another_abi_is_a_warning() {
    let sandbox = Sandbox::new();
    let with = |data: &str| {
        let section = wat::parse_str(format!(r#"(component (@custom "tesser:plugin" "{data}"))"#));
        sandbox.write("file.wasm", [&plugin("")[..], &section.unwrap()[8..]].concat());
        codes(&sandbox.tesser("", &["validate", "--format", "json", "file.wasm"]).expect(0))
    };
    assert_eq!(with("nonsense"), ["foreign-metadata"]);
    let fields = ["name", "version", "sdk", "tool", "rustc", "target", "profile", "wasm-opt"];
    let fields: Vec<_> = fields.iter().map(|field| format!(r#"\"{field}\":\"x\""#)).collect();
    let of = |abi: &str| with(&format!(r#"{{{},\"abi\":\"{abi}\"}}"#, fields.join(",")));
    assert_eq!(of("0.9"), [""; 0]);
    assert_eq!(of("1.0"), ["foreign-metadata"]);
}

#[test]
fn rules_come_from_the_project_and_the_command_line_wins() {
    let sandbox = Sandbox::new();
    sandbox.write("desk/file.wasm", plugin("(component)"));
    let run = |words: &[&str], code: i32| {
        let words = [&["validate", "--format", "json", "file.wasm"], words].concat();
        codes(&sandbox.tesser("desk", &words).expect(code))
    };
    assert_eq!(run(&[], 0), ["nested-components", "no-metadata"]);
    run(&["--deny-warnings"], 1);
    run(&["--deny", "no-metadata"], 1);
    sandbox
        .write("Cargo.toml", "[workspace.metadata.tesser.validate]\nallow = [\"no-metadata\"]\n");
    assert_eq!(run(&[], 0), ["nested-components"]);
    // A file of its own adds to the manifest's rules, and decides where both name a code.
    sandbox.write("tesser.toml", "[validate]\ndeny = [\"nested-components\"]\nmax-size = 100\n");
    assert_eq!(run(&[], 1), ["nested-components", "large-file"]);
    let words = ["--warn", "nested-components", "--max-size", "1000000"];
    assert_eq!(run(&words, 0), ["nested-components"]);
    sandbox.write("tesser.toml", "[validate]\ndeny = [\"no-metadata\"]\n");
    assert_eq!(run(&[], 1), ["nested-components", "no-metadata"]);
    sandbox.write("tesser.toml", "");
    assert_eq!(run(&[], 0), ["nested-components"]);
    // A package adds to its workspace in the same way.
    let package = "[package]\nname = \"a\"\n[package.metadata.tesser.validate]\nallow = [\"nested-components\"]\n";
    sandbox.write("desk/Cargo.toml", package);
    assert_eq!(run(&[], 0), [""; 0]);
}

/// A rule that is not read is a check that is not made.
#[test]
fn what_is_misspelled_in_a_file_with_rules_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.write("file.wasm", plugin(""));
    let deny = "deny = [\"no-metadata\"]\n";
    for (file, table, known) in [
        ("tesser.toml", "[valdate]\n", "unknown field `valdate`, expected `validate`"),
        ("tesser.toml", "[Validate]\n", "unknown field `Validate`, expected `validate`"),
        ("tesser.toml", "[tesser.validate]\n", "unknown field `tesser`, expected `validate`"),
        ("tesser.toml", "", "unknown field `deny`, expected `validate`"),
        ("tesser.toml", "[validate]\nDeny = []\n", "unknown field `Deny`, expected one of `allow`"),
        (
            "Cargo.toml",
            "[package.metadata.tesser.valdate]\n",
            "unknown field `valdate`, expected one of",
        ),
        ("Cargo.toml", "[package.metadata.tesser]\n", "unknown field `deny`, expected one of"),
        (
            "Cargo.toml",
            "[workspace.metadata.tesser.test]\n",
            "unknown field `test`, expected `validate`",
        ),
        ("Cargo.toml", "[workspace.metadata.tesser.validate]\nalow = []\n", "unknown field `alow`"),
    ] {
        let path = sandbox.write(file, format!("{table}{deny}"));
        let run = sandbox.tesser("", &["validate", "file.wasm"]).expect(101);
        let error = format!("error: cannot read the settings in `[DIR]/{file}`");
        assert!(run.error().starts_with(&error), "{table}: {}", run.stderr);
        assert!(run.stderr.contains(known), "{table}: {}", run.stderr);
        assert!(run.stderr.contains("hint: "), "{table}: {}", run.stderr);
        std::fs::remove_file(path).unwrap();
    }
    // What other programs keep in a manifest is theirs.
    sandbox.write("Cargo.toml", "[package.metadata.other]\nvaldate = 1\n");
    sandbox.tesser("", &["validate", "file.wasm"]).expect(0);
}

#[test]
fn rules_that_cannot_be_are_refused() {
    let sandbox = Sandbox::new();
    let run = sandbox.tesser("", &["validate", "--allow", "core-module", "x.wasm"]).expect(2);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: `core-module` is the host's own refusal, which no rule can lift

"#]]
    );
    let run = sandbox.tesser("", &["validate", "--deny", "uses-cloks", "x.wasm"]).expect(2);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: there is no diagnostic `uses-cloks`; the codes are slow-start, untried-start, not-loaded, unreachable-name, uses-cli, uses-clocks, uses-filesystem, uses-io, uses-random, uses-sockets, simd, relaxed-simd, threads, nested-components, string-encoding, several-memories, large-memory, large-table, many-functions, many-params, large-file, no-metadata, foreign-metadata, build-path, other-plugin, export-removed, export-changed, export-added, import-added, import-removed, capability-added, abi-changed, size-grown, invalid-params, no-param-schema

"#]]
    );
    sandbox.write("tesser.toml", "[validate]\nalow = []\n");
    let run = sandbox.tesser("", &["validate", "x.wasm"]).expect(101);
    assert!(run.stderr.contains("unknown field `alow`"), "{}", run.stderr);
    // Nobody has typed these at the command line.
    for (rule, said) in [
        ("deny = [\"uses-cloks\"]", "there is no diagnostic `uses-cloks`"),
        ("allow = [\"core-module\"]", "`core-module` is the host's own refusal"),
    ] {
        sandbox.write("tesser.toml", format!("[validate]\n{rule}\n"));
        let run = sandbox.tesser("", &["validate", "x.wasm"]).expect(101);
        assert!(run.stderr.contains("tesser.toml`") && run.stderr.contains(said), "{}", run.stderr);
    }
}

#[test]
fn profiles_in_the_users_folder_are_listed_and_found_by_name() {
    let sandbox = Sandbox::new();
    let root = crate::support::root().join("cargo-tesser/hosts/tesser-0.9.toml");
    let profile = std::fs::read_to_string(root).unwrap();
    let config = sandbox.path("config").display().to_string();
    let vars = [("XDG_CONFIG_HOME", config.as_str())];
    let desk = profile.replace("name = \"tesser@0.9\"", "name = \"desk\"");
    sandbox.write("config/cargo-tesser/hosts/ours.toml", &desk);
    sandbox.write("config/cargo-tesser/hosts/notes.txt", "not a profile");
    sandbox.write("file.wasm", plugin(""));
    let run = sandbox.tesser_with("", &["validate", "--list-hosts"], &vars).expect(0);
    let listed = run.stdout.lines().nth(1).unwrap();
    assert!(listed.starts_with("desk  wasmtime 18.0.4, WASI 0.2.0  "), "{}", run.stdout);
    assert!(listed.ends_with("ours.toml"), "{}", run.stdout);
    let words = ["validate", "--no-load", "--allow", "no-metadata", "--host"];
    sandbox.tesser_with("", &[&words[..], &["desk", "file.wasm"]].concat(), &vars).expect(0);
    let run = sandbox.tesser_with("", &[&words[..], &["desk2", "file.wasm"]].concat(), &vars);
    let unknown = "unknown host `desk2`; known: tesser@0.9, desk\n";
    assert!(run.expect(2).stderr.contains(unknown));
    sandbox.write("config/cargo-tesser/hosts/second.toml", &profile);
    let run = sandbox.tesser_with("", &["validate", "--list-hosts"], &vars).expect(101);
    assert!(run.stderr.contains("defines the profile `tesser@0.9`, which already exists"));
    // The built-in one is what it was.
    let host = [&words[..], &["tesser@0.9", "file.wasm"]].concat();
    sandbox.tesser_with("", &host, &vars).expect(0);
}

#[test]
fn hosts_are_listed_and_can_be_files() {
    let sandbox = Sandbox::new();
    let run = sandbox.tesser("", &["validate", "--list-hosts"]).expect(0);
    assert_data_eq!(
        run.stdout,
        str![[r#"
tesser@0.9  wasmtime 18.0.4, WASI 0.2.0

"#]]
    );
    let profile =
        std::fs::read_to_string(crate::support::root().join("cargo-tesser/hosts/tesser-0.9.toml"))
            .unwrap();
    let strict = profile
        .replace("name = \"tesser@0.9\"", "name = \"desk\"")
        .replace("    \"threads\",\n", "");
    sandbox.write("desk.toml", strict);
    sandbox.write("file.wasm", plugin(r#"(core module (import "a" "b" (memory 1 1 shared)))"#));
    let words = ["validate", "--format", "json", "--host", "desk.toml", "file.wasm"];
    let run = sandbox.tesser("", &words).expect(1);
    assert_eq!(codes(&run), ["proposal-off"]);
    assert!(run.stdout.contains(r#""host": "desk""#), "{}", run.stdout);
    sandbox.write("desk.toml", profile.replace("\"threads\"", "\"treads\""));
    let run = sandbox.tesser("", &words).expect(101);
    assert!(
        run.stderr.contains("names the proposal `treads`; known: mutable-global"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_plugin_that_is_the_same_as_the_older_one_is_said_to_be() {
    let sandbox = Sandbox::new();
    let good = std::fs::read(chase()).unwrap();
    sandbox.write("old.wasm", &good);
    sandbox.write("same.wasm", &good);
    // A section that no host looks at.
    sandbox.write("like.wasm", [&good[..], b"\0\x02\x01x"].concat());
    let said = |file: &str| {
        let words = ["validate", "--against", "old.wasm", file];
        let human = sandbox.tesser("", &words).expect(0).stderr;
        let run = sandbox.tesser("", &[&words[..], &["--format", "json"]].concat()).expect(0);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let same = report["files"][0]["against"]["same"].as_str().unwrap().to_owned();
        (human.lines().last().unwrap().trim().to_owned(), same)
    };
    assert_eq!(said("same.wasm"), ("the same bytes as old.wasm".into(), "bytes".into()));
    let same = "the same exports, imports, capabilities and ABI as old.wasm";
    assert_eq!(said("like.wasm"), (same.into(), "interface".into()));
}

#[test]
fn a_change_of_what_a_plugin_is_can_fail_a_build() {
    let sandbox = Sandbox::new();
    let clock = r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "now" (func (result u64)))))"#;
    let function = |ty: &str| {
        format!(
            r#"(core module $x (func (export "x") (param {ty}))) (core instance $x (instantiate $x))
                   (func $x (param "a" {}) (canon lift (core func $x "x"))) (export "extra" (func $x))"#,
            if ty == "i32" { "u32" } else { "u64" }
        )
    };
    let against = |old: &str, new: &str, code: i32| {
        sandbox.write("old.wasm", plugin(old));
        sandbox.write("new.wasm", plugin(new));
        let allowed = ["--allow", "no-metadata", "--allow", "uses-clocks", "--allow", "size-grown"];
        let words =
            [&["validate", "--format", "json", "--against", "old.wasm", "new.wasm"], &allowed[..]]
                .concat();
        codes(&sandbox.tesser("", &words).expect(code))
    };
    assert_eq!(against("", "", 0), [""; 0]);
    assert_eq!(against("", clock, 1), ["import-added", "capability-added"]);
    assert_eq!(against(clock, "", 0), ["import-removed"]);
    assert_eq!(against("", &function("i32"), 0), ["export-added"]);
    assert_eq!(against(&function("i32"), "", 1), ["export-removed"]);
    assert_eq!(against(&function("i32"), &function("i64"), 1), ["export-changed"]);
    let good = chase().to_str().unwrap();
    sandbox.write("old.wasm", plugin(""));
    let words = ["validate", "--format", "json", "--against", "old.wasm", good];
    assert_eq!(codes(&sandbox.tesser("", &words).expect(1)), ["abi-changed", "size-grown"]);
    sandbox.write("core.wasm", wat::parse_str("(module)").unwrap());
    let run = sandbox.tesser("", &["validate", "--against", "core.wasm", good]).expect(101);
    assert!(
        run.stderr.contains("cannot compare with `core.wasm`: it is not a component"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_core_module_of_a_plugin_is_told_what_it_lacks() {
    let sandbox = Sandbox::new();
    let core = r#"(module (memory (export "memory") 1) (func (export "init") (param i32) (result i32) i32.const 0)
        (func (export "on-fill") (param i32 i32) (result i32) i32.const 0) (global (export "on-timer") i32 i32.const 0))"#;
    sandbox.write("core.wasm", wat::parse_str(core).unwrap());
    let run = sandbox.tesser("", &["validate", "-q", "core.wasm"]).expect(1);
    let messages: Vec<_> = run.stderr.lines().filter(|line| line.starts_with("error")).collect();
    assert_data_eq!(
        messages.join("\n"),
        str![[r#"
error[core-module]: this is the core module of a plugin, not the component; it has no `component-type` section, so it cannot be turned into a component
error[export-type]: `init` of the core module should be `(i32 i32) -> (i32)` and is `(i32) -> (i32)`
error[missing-export]: the core module has no export `on-tick`, which should be `(i32 i32 i32 i32 i32 i32 i32 i64) -> (i32)`
error[export-type]: `on-timer` of the core module should be `() -> (i32)` and is no function
error[missing-export]: the core module has no export `snapshot`, which should be `() -> (i32)`
error[missing-export]: the core module has no export `restore`, which should be `(i32 i32) -> ()`
error[missing-export]: the core module does not export `cabi_realloc`
"#]]
    );
}

#[test]
fn a_build_goes_by_the_rules_of_its_package() {
    let sandbox = Sandbox::new();
    sandbox.tesser("", &["new", "ruled"]).expect(0);
    let manifest = std::fs::read_to_string(sandbox.path("ruled/Cargo.toml")).unwrap();
    let rules = |rules: &str| {
        let text = format!("{manifest}\n[package.metadata.tesser.validate]\n{rules}\n");
        sandbox.write("ruled/Cargo.toml", text);
    };
    // Of an earlier run of this test.
    std::fs::remove_file(crate::build::installed("release", "ruled.wasm")).ok();
    rules("max-size = 1000");
    let run = sandbox.tesser("ruled", &["build", "--release"]).expect(0);
    assert!(run.stderr.contains("Installed"), "{}", run.stderr);
    rules("max-size = 1000\ndeny = [\"large-file\"]");
    let run = sandbox.tesser("ruled", &["build", "--release"]).expect(1);
    assert!(run.stderr.contains("error[large-file]"), "{}", run.stderr);
    assert!(
        run.error().ends_with("error: `ruled` did not pass its check, so it was not installed")
    );
    rules("allow = [\"core-module\"]");
    let run = sandbox.tesser("ruled", &["build", "--release"]).expect(101);
    assert!(run.stderr.contains("which no rule can lift"), "{}", run.stderr);
}
