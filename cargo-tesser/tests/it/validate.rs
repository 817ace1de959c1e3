//! `cargo tesser validate`: verdicts, reports and exit codes.

mod policy;
mod truth;

use snapbox::{assert_data_eq, str};

use crate::support::{Run, Sandbox, chase, core_module, tool};

fn codes(run: &Run) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let findings = report["files"][0]["findings"].as_array().unwrap().iter();
    findings.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

const PLUGIN: &str = include_str!("validate/plugin.wat");

/// The smallest plugin, with more before it.
#[track_caller]
pub fn plugin(fragment: &str) -> Vec<u8> {
    wat::parse_str(format!("(component {fragment}\n{PLUGIN})")).unwrap()
}

/// Codes of the findings, in order.
fn validate(sandbox: &Sandbox, bytes: impl AsRef<[u8]>, code: i32) -> Vec<String> {
    sandbox.write("file.wasm", bytes);
    codes(&sandbox.tesser("", &["validate", "--format", "json", "file.wasm"]).expect(code))
}

/// The good plugin as text, to change one thing in it.
fn wat(exports: &str) -> Vec<u8> {
    wat::parse_str(format!("(component {exports})")).unwrap()
}

#[test]
fn a_good_plugin_passes() {
    let sandbox = Sandbox::new();
    let good = chase().to_str().unwrap();
    let run = sandbox.tesser("", &["validate", good]).expect(0);
    assert_data_eq!(
        run.stderr,
        str![[r#"
[TARGET]/tesser/release/it_chase.wasm: ok for tesser@0.9
  [SIZE] bytes, sha256 [HASH], needs nothing from the host

"#]]
    );
    assert_eq!(run.stdout, "");
    let run = sandbox.tesser("", &["validate", "--format", "json", good]).expect(0);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["summary"], serde_json::json!({"ok": 1, "rejected": 0}));
    assert_eq!(report["files"][0]["ok"], true);
    assert_eq!(report["files"][0]["exports"][4], "snapshot: func() -> string");
}

#[test]
fn the_core_module_is_told_apart_from_the_component() {
    let core = core_module("release", "it_chase.wasm");
    chase();
    let run = Sandbox::new().tesser("", &["validate", core.to_str().unwrap()]).expect(1);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error[core-module]: this is the core module of a plugin, not the component
  --> [TARGET]/tesser/cargo/wasm32-wasip1/release/it_chase.wasm
  help: build with `cargo tesser build`, which makes a component, and use the file below `target/tesser/`

[TARGET]/tesser/cargo/wasm32-wasip1/release/it_chase.wasm: rejected for tesser@0.9
  [SIZE] bytes, sha256 [HASH]

"#]]
    );
    let sandbox = Sandbox::new();
    sandbox.write("other.wasm", wat::parse_str("(module)").unwrap());
    let run = sandbox.tesser("", &["validate", "other.wasm"]).expect(1);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error[core-module]: this is a core module, but not of a plugin: it does not export the functions of the ABI
  --> other.wasm
  help: write a plugin with `cargo tesser new` and build it with `cargo tesser build`

other.wasm: rejected for tesser@0.9
  [SIZE] bytes, sha256 [HASH]

"#]]
    );
}

#[test]
fn files_that_are_no_plugins_are_named_for_what_they_are() {
    let sandbox = Sandbox::new();
    let good = std::fs::read(chase()).unwrap();
    assert_eq!(validate(&sandbox, b"", 1), ["empty-file"]);
    assert_eq!(validate(&sandbox, b"\0as", 1), ["truncated"]);
    assert_eq!(validate(&sandbox, b"\0asm\x0d\0", 1), ["truncated"]);
    assert_eq!(validate(&sandbox, &good[..good.len() / 2], 1), ["truncated"]);
    assert_eq!(validate(&sandbox, &good[..good.len() - 1], 1), ["truncated"]);
    assert_eq!(validate(&sandbox, "(component)", 1), ["not-wasm"]);
    assert_eq!(validate(&sandbox, b"\x7fELF\x02\x01", 1), ["not-wasm"]);
    assert_eq!(validate(&sandbox, b"PK\x03\x04", 1), ["not-wasm"]);
    assert_eq!(validate(&sandbox, [&good[..], b"trailing"].concat(), 1), ["invalid-wasm"]);
    assert_eq!(validate(&sandbox, b"\x80\x81\x82", 1), ["not-wasm"]);
    assert_eq!(validate(&sandbox, b"\0asm\x07\0\0\0", 1), ["not-wasm"]);
}

#[test]
fn every_missing_export_is_reported_in_order() {
    let sandbox = Sandbox::new();
    sandbox.write("none.wasm", wat(""));
    let run = sandbox.tesser("", &["validate", "none.wasm"]).expect(1);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error[missing-export]: there is no export `init`, which should be `func(string) -> result<string, string>`
  --> none.wasm
  help: put `tesser_wasm::export_plugin!(YourType);` into the crate's lib.rs

error[missing-export]: there is no export `on-tick`, which should be `func(record { symbol: string, price: record { value: string }, size: record { value: string }, side: enum { buy, sell }, timestamp-ms: s64 }) -> string`
  --> none.wasm
  help: put `tesser_wasm::export_plugin!(YourType);` into the crate's lib.rs

error[missing-export]: there is no export `on-fill`, which should be `func(string) -> string`
  --> none.wasm
  help: put `tesser_wasm::export_plugin!(YourType);` into the crate's lib.rs

error[missing-export]: there is no export `on-timer`, which should be `func() -> string`
  --> none.wasm
  help: put `tesser_wasm::export_plugin!(YourType);` into the crate's lib.rs

error[missing-export]: there is no export `snapshot`, which should be `func() -> string`
  --> none.wasm
  help: put `tesser_wasm::export_plugin!(YourType);` into the crate's lib.rs

error[missing-export]: there is no export `restore`, which should be `func(string)`
  --> none.wasm
  help: put `tesser_wasm::export_plugin!(YourType);` into the crate's lib.rs

warning[no-metadata]: nothing in the file says what it was built from and for which ABI
  --> none.wasm
  help: build it with `cargo tesser build`

none.wasm: rejected for tesser@0.9
  [SIZE] bytes, sha256 [HASH]

"#]]
    );
}

#[test]
fn a_wrong_type_is_reported_with_the_place_of_the_difference() {
    let sandbox = Sandbox::new();
    // An imported function is exported again, so that no core module is needed.
    let bytes = wat(r#"(type $side' (enum "sell" "buy"))
           (import "s" (type $side (eq $side')))
           (type $tick' (record (field "symbol" string) (field "price" f64) (field "side" $side)))
           (import "t" (type $tick (eq $tick')))
           (import "f" (func $f (param "tick" $tick) (result string)))
           (export "on-tick" (func $f))"#);
    sandbox.write("wrong.wasm", bytes);
    let run = sandbox.tesser("", &["validate", "--format", "json", "wrong.wasm"]).expect(1);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let findings = report["files"][0]["findings"].as_array().unwrap();
    let wrong = findings.iter().find(|finding| finding["code"] == "export-type").unwrap();
    assert_data_eq!(
        wrong["message"].as_str().unwrap().to_owned(),
        str![
            "`on-tick`: parameter 1, its fields should be `symbol, price, size, side, timestamp-ms` and is `symbol, price, side`"
        ]
    );
    assert_eq!(wrong["where"], "export `on-tick`");
    assert!(findings.iter().any(|finding| finding["code"] == "unknown-import"));
}

#[test]
fn imports_are_matched_exactly() {
    let sandbox = Sandbox::new();
    let import = |name: &str| {
        wat(&format!(r#"(import "{name}" (instance (export "get" (func (result u64)))))"#))
    };
    let only = |codes: Vec<String>| {
        let import = |code: &String| code.ends_with("import") || code == "wasi-version";
        codes.into_iter().filter(import).collect::<Vec<_>>()
    };
    let offered = wat(
        r#"(import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "now" (func (result u64)))))"#,
    );
    assert!(only(validate(&sandbox, offered, 1)).is_empty());
    // The interface is there, but it has no such function.
    let codes = only(validate(&sandbox, import("wasi:clocks/monotonic-clock@0.2.0"), 1));
    assert_eq!(codes, ["unknown-import"]);
    assert_eq!(
        only(validate(&sandbox, import("wasi:clocks/monotonic-clock@0.2.3"), 1)),
        ["wasi-version"]
    );
    assert_eq!(
        only(validate(&sandbox, import("wasi:http/outgoing-handler@0.2.0"), 1)),
        ["unknown-import"]
    );
    // An interface of plain types asks for nothing.
    let types = wat(r#"(import "mine:own/types" (instance (export "t" (type (eq 0)))))"#.replace("(eq 0)", "(sub resource)").as_str());
    assert_eq!(only(validate(&sandbox, types, 1)), ["unknown-import"]);
    let types = wat(
        r#"(import "mine:own/types" (instance (type $r (enum "a")) (export "t" (type (eq $r)))))"#,
    );
    assert!(only(validate(&sandbox, types, 1)).is_empty());
}

#[test]
fn a_feature_that_the_host_has_off_is_named() {
    let sandbox = Sandbox::new();
    let tail_call = wat("(core module (func $f return_call $f))");
    assert_eq!(validate(&sandbox, tail_call, 1)[0], "proposal-off");
    let invalid = wat("(core module (func (result i32)))");
    assert_eq!(validate(&sandbox, invalid, 1)[0], "invalid-wasm");
}

#[test]
fn an_instance_that_traps_at_the_start_is_found_unless_not_loaded() {
    let sandbox = Sandbox::new();
    let good = std::fs::read(chase()).unwrap();
    // A component with a start function, instantiated beside the plugin's own module.
    let trap = wat(
        "(component $c (core module $m (func $f unreachable) (start $f)) (core instance (instantiate $m)))
         (instance (instantiate $c))",
    );
    let bytes = [&good[..], &trap[8..]].concat();
    assert_eq!(validate(&sandbox, &bytes, 1), ["load-trap", "nested-components"]);
    sandbox.tesser("", &["validate", "--no-load", "file.wasm"]).expect(0);
}

#[test]
fn a_component_with_the_right_wasi_adapter_passes_and_says_what_it_needs() {
    let sandbox = Sandbox::new();
    chase();
    let core = core_module("release", "it_chase.wasm");
    let bytes = wit_component::ComponentEncoder::default()
        .module(&std::fs::read(core).unwrap())
        .unwrap()
        .adapter(
            "wasi_snapshot_preview1",
            wasi_preview1_component_adapter_provider::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
        )
        .unwrap()
        .encode()
        .unwrap();
    sandbox.write("adapted.wasm", &bytes);
    let run = sandbox.tesser("", &["validate", "adapted.wasm"]).expect(0);
    assert!(run.stderr.contains("needs wasi:"), "{}", run.stderr);
    assert!(run.stderr.contains("wasi:cli/stdout@0.2.0"), "{}", run.stderr);
}

#[test]
fn stdin_is_a_file_too() {
    let sandbox = Sandbox::new();
    let command = crate::support::scrubbed(env!("CARGO_BIN_EXE_cargo-tesser"))
        .args(["tesser", "validate", "-"])
        .stdin(std::fs::read(chase()).unwrap());
    let run = sandbox.run(command).expect(0);
    assert!(run.stderr.starts_with("-: ok for tesser@0.9"), "{}", run.stderr);
}

#[test]
fn what_cannot_be_checked_is_an_error_not_a_verdict() {
    let sandbox = Sandbox::new();
    let run = sandbox.tesser("", &["validate", "missing.wasm"]).expect(101);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: cannot read `missing.wasm`

Caused by:
  there is no such file
hint: check the path; `cargo tesser build` writes plugins to `target/tesser/<profile>/`

"#]]
    );
    // Among several files it is a finding, or it would take away the word on the others. The exit code is still that of
    // what could not be done.
    sandbox.write("bad.wasm", b"");
    let words = ["validate", "--format", "json", "missing.wasm", "bad.wasm"];
    let run = sandbox.tesser("", &words).expect(101);
    assert_eq!(codes(&run), ["not-read"]);
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    let run = sandbox.tesser("", &["validate", "empty"]).expect(101);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: there is no `.wasm` file in `empty`
hint: `cargo tesser build` writes plugins to `target/tesser/<profile>/`

"#]]
    );
    let run = sandbox.tesser("", &["validate", "--host", "tesser@1.0", "x.wasm"]).expect(2);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: unknown host `tesser@1.0`; known: tesser@0.9

"#]]
    );
}

#[test]
fn a_name_that_the_host_never_finds_is_a_warning() {
    let sandbox = Sandbox::new();
    sandbox.write("my.chase.wasm", std::fs::read(chase()).unwrap());
    let run = sandbox.tesser("", &["validate", "my.chase.wasm"]).expect(0);
    assert_data_eq!(
        run.stderr,
        str![[r#"
warning[unreachable-name]: no plugin name leads to this file: `my.chase` has a dot
  --> my.chase.wasm
  help: rename the file; dashes and underscores are fine

my.chase.wasm: ok for tesser@0.9
  [SIZE] bytes, sha256 [HASH], needs nothing from the host

"#]]
    );
    sandbox.tesser("", &["validate", "--deny-warnings", "my.chase.wasm"]).expect(1);
}

#[test]
fn what_the_host_takes_is_not_refused_by_the_trial() {
    let sandbox = Sandbox::new();
    let good = std::fs::read(chase()).unwrap();
    let beside = |module: &str| {
        let module = format!(
            "(component $c (core module $m {module}) (core instance (instantiate $m))) (instance (instantiate $c))"
        );
        [&good[..], &wat(&module)[8..]].concat()
    };
    let shared = beside("(memory 1 1 shared) (func i32.const 0 i32.atomic.load drop)");
    assert!(!validate(&sandbox, shared, 0).contains(&"not-loaded".into()));
    assert_eq!(validate(&sandbox, beside("(table 1 externref)"), 0), ["nested-components"]);
    assert_eq!(validate(&sandbox, beside("(memory 8192)"), 0)[0], "not-loaded");
    assert_eq!(validate(&sandbox, beside("(func $f (loop br 0)) (start $f)"), 1)[0], "slow-start");
}

#[test]
fn quiet_says_nothing_of_what_is_fine() {
    let sandbox = Sandbox::new();
    let run = sandbox.tesser("", &["validate", "-q", chase().to_str().unwrap()]).expect(0);
    assert_eq!(run.stderr, "");
    sandbox.write("bad.wasm", b"");
    let run = sandbox.tesser("", &["validate", "-q", "bad.wasm"]).expect(1);
    assert!(run.stderr.contains("empty-file"), "{}", run.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.write("bad.wasm", b"");
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let status = tool()
        .args(["tesser", "validate", "--format", "json", "bad.wasm"])
        .current_dir(sandbox.path(""))
        .stdout(full)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(101));
}

#[test]
fn bytes_after_the_end_are_named() {
    let sandbox = Sandbox::new();
    let good = std::fs::read(chase()).unwrap();
    sandbox.write("more.wasm", [&good[..], b"\xffmore"].concat());
    let run = sandbox.tesser("", &["validate", "more.wasm"]).expect(1);
    let message = "not valid WebAssembly: 5 bytes that are not a section follow its end";
    assert!(run.stderr.contains(message), "{}", run.stderr);
    let place = format!("more.wasm, offset {:#x}", good.len());
    assert!(run.stderr.contains(&place), "{}", run.stderr);
}
