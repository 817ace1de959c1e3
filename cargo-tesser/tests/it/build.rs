//! `cargo tesser build`: what it makes of crates, good and bad.

mod capabilities;
mod compilers;
mod fresh;
mod paths;
mod profile;
mod rollback;
mod rustflags;
mod safe;
mod same;
mod select;
#[cfg(unix)]
mod stop;
mod told;
#[cfg(unix)]
mod watch;

use snapbox::{assert_data_eq, str};

use crate::support::{Run, Sandbox, chase, names, plugin_target, root};

/// A crate with this library source and the SDK.
pub fn plugin(sandbox: &Sandbox, name: &str, source: &str) {
    sandbox.write(&format!("{name}/Cargo.toml"), manifest(name));
    sandbox.write(&format!("{name}/src/lib.rs"), source);
}

fn manifest(name: &str) -> String {
    let sdk = root().join("tesser-wasm");
    let sdk = toml_edit::Value::from(sdk.to_str().unwrap());
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [lib]\ncrate-type = [\"cdylib\"]\n\n\
         [dependencies]\ntesser-wasm = {{ path = {sdk}, features = [\"guest\"] }}\n"
    )
}

/// A plugin that does nothing but what is put into `init`.
pub fn source(init: &str) -> String {
    format!(
        "use tesser_wasm::*;\n\
         #[derive(Default)]\nstruct Mine;\n\
         impl ExecutionPlugin for Mine {{\n\
         fn init(&mut self, ctx: PluginInitContext) -> Result<PluginResult, PluginError> {{\n\
         let _ = &ctx;\n{init}\nOk(PluginResult::new())\n}}\n}}\n\
         export_plugin!(Mine);\n"
    )
}

pub fn installed(profile: &str, file: &str) -> std::path::PathBuf {
    plugin_target().join("tesser").join(profile).join(file)
}

/// The line that says what was installed, without what changes from build to build.
pub fn installed_line(run: &Run) -> String {
    let line = run.stderr.lines().last().unwrap_or_default();
    line.split(" (").next().unwrap_or_default().to_owned()
}

#[test]
fn the_chase_plugin_is_a_sealed_component_with_metadata() {
    let bytes = std::fs::read(chase()).unwrap();
    assert!(wasmparser::Parser::is_component(&bytes));
    let run =
        Sandbox::new().tesser("", &["validate", "--format", "json", chase().to_str().unwrap()]);
    let report: serde_json::Value = serde_json::from_str(&run.expect(0).stdout).unwrap();
    assert_eq!(report["files"][0]["loaded"], true);
    // The types of the ABI come in by import; they ask nothing of the host.
    let imports = report["files"][0]["imports"].to_string();
    assert_eq!(imports, r#"["tesser:execution/primitives","tick"]"#);
    let section = cargo_tesser::plugin::PluginMetadata::read(&bytes).unwrap();
    assert_eq!(section.name, "it-chase");
    assert_eq!(section.version, "0.1.0");
    assert_eq!(section.sdk, env!("CARGO_PKG_VERSION"));
    assert_eq!(section.abi, "0.9");
    assert_eq!(section.tool, concat!("cargo-tesser ", env!("CARGO_PKG_VERSION")));
    assert!(section.rustc.starts_with("rustc 1."), "{}", section.rustc);
    assert_eq!(section.profile, "release");
    assert_eq!(section.wasm_opt, "wasm-opt version 116 -Oz --const-hoisting --reorder-functions");
}

#[test]
fn the_published_quick_start_compiles_unchanged() {
    let sandbox = Sandbox::new();
    let fixture = root().join("cargo-tesser/tests/fixtures/quick-start");
    sandbox.copy(&fixture, "quick");
    let text = std::fs::read_to_string(fixture.join("Cargo.toml.in")).unwrap();
    let sdk = root().join("tesser-wasm").display().to_string().replace('\\', "/");
    sandbox.write("quick/Cargo.toml", text.replace("@SDK@", &sdk));
    let run = sandbox.tesser("quick", &["build"]).expect(0);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    sandbox
        .tesser("", &["validate", installed("debug", "chase_execution.wasm").to_str().unwrap()])
        .expect(0);
}

#[test]
fn a_second_build_touches_nothing() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-fresh", &source(""));
    // Of an earlier run of this test.
    std::fs::remove_file(installed("debug", "it_fresh.wasm")).ok();
    let run = sandbox.tesser("it-fresh", &["build"]).expect(0);
    assert_eq!(installed_line(&run), "   Installed [TARGET]/tesser/debug/it_fresh.wasm");
    let file = installed("debug", "it_fresh.wasm");
    let before = std::fs::metadata(&file).unwrap().modified().unwrap();
    let run = sandbox.tesser("it-fresh", &["build"]).expect(0);
    assert_eq!(installed_line(&run), "       Fresh [TARGET]/tesser/debug/it_fresh.wasm");
    assert_eq!(std::fs::metadata(&file).unwrap().modified().unwrap(), before);
}

#[test]
fn the_old_name_of_the_target_is_accepted_and_others_are_not() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-target", &source(""));
    sandbox.tesser("it-target", &["build", "--target", "wasm32-wasi"]).expect(0);
    sandbox.tesser("it-target", &["build", "--target", "wasm32-wasip1"]).expect(0);
    let run =
        sandbox.tesser("it-target", &["build", "--target", "wasm32-unknown-unknown"]).expect(2);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: cannot build plugins for `wasm32-unknown-unknown`: the target is `wasm32-wasip1`, formerly `wasm32-wasi`
hint: omit `--target`, or use `--target wasm32-wasip1`

"#]]
    );
}

#[test]
fn json_has_cargos_lines_and_one_for_each_plugin() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-json", &source(""));
    let words = ["build", "--message-format", "json", "--out-dir", "plugins"];
    let run = sandbox.tesser("it-json", &words).expect(0);
    let lines: Vec<serde_json::Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["reason"] == "compiler-artifact"));
    assert!(lines.iter().any(|line| line["reason"] == "build-finished"));
    let ours: Vec<_> = lines.iter().filter(|line| line["reason"] == "tesser-artifact").collect();
    let [artifact] = ours[..] else { panic!("{ours:?}") };
    assert_eq!(artifact["name"], "it_json");
    assert_eq!(artifact["path"], "[TARGET]/tesser/debug/it_json.wasm");
    assert_eq!(artifact["sha256"].as_str().unwrap().len(), 64);
    assert!(artifact["fresh"].is_boolean());
    // --out-dir gets the same bytes.
    let there = std::fs::read(sandbox.path("it-json/plugins/it_json.wasm")).unwrap();
    assert_eq!(there, std::fs::read(installed("debug", "it_json.wasm")).unwrap());
    assert_eq!(artifact["size"], there.len());
}

#[test]
fn plugins_of_a_workspace_are_found_among_other_packages() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"it-one\", \"it-two\", \"common\"]\n",
    );
    plugin(&sandbox, "it-one", &source(""));
    plugin(&sandbox, "it-two", &source(""));
    sandbox.edit("it-two/Cargo.toml", "[lib]\n", "[lib]\nname = \"second\"\n");
    sandbox.write(
        "common/Cargo.toml",
        "[package]\nname = \"common\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    sandbox.write("common/src/lib.rs", "");
    let dir = sandbox.path("out").display().to_string();
    sandbox.tesser("", &["build", "--out-dir", &dir]).expect(0);
    assert_eq!(names(&sandbox.path("out")), ["it_one.wasm", "second.wasm"]);

    let run = sandbox.tesser("", &["build", "-p", "missing"]).expect(2);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: there is no package `missing` in the workspace
hint: the workspace has `common`, `it-one`, `it-two`

"#]]
    );
    let run = sandbox.tesser("", &["build", "-p", "it-one", "-p", "common"]).expect(1);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: `common` is not a plugin: its library is not a `cdylib`
hint: the plugins of the workspace are `it-one`, `it-two`: name one with `-p`; `cargo tesser init [DIR]/common` makes this package a plugin

"#]]
    );

    sandbox.edit("it-two/Cargo.toml", "name = \"second\"", "name = \"it_one\"");
    let run = sandbox.tesser("", &["build"]).expect(101);
    assert_data_eq!(
        run.error().to_owned(),
        str![[r#"
error: `it-one` and `it-two` would both be installed as `it_one.wasm`
hint: give one of them another `[lib] name`, or build them one at a time with `-p`
"#]]
    );
}

#[test]
fn a_crate_without_the_macro_is_told_what_to_write() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-no-export", "pub fn nothing() {}\n");
    let run = sandbox.tesser("it-no-export", &["build"]).expect(1);
    assert_data_eq!(
        run.error().to_owned(),
        str![[r#"
error: `it-no-export` exports no plugin
hint: implement `ExecutionPlugin` and put this into src/lib.rs:

tesser_wasm::export_plugin!(YourPlugin);
"#]]
    );
    assert!(!installed("debug", "it_no_export.wasm").exists());
}

#[test]
fn a_compile_error_is_cargos_and_keeps_the_old_plugin() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-broken", &source(""));
    sandbox.tesser("it-broken", &["build"]).expect(0);
    let before = std::fs::read(installed("debug", "it_broken.wasm")).unwrap();
    sandbox.write("it-broken/src/lib.rs", source("let x: u8 = \"\";"));
    let run = sandbox.tesser("it-broken", &["build"]).expect(101);
    assert!(run.stderr.contains("error[E0308]: mismatched types"), "{}", run.stderr);
    assert_eq!(std::fs::read(installed("debug", "it_broken.wasm")).unwrap(), before);
}

#[test]
fn what_means_something_is_refused_by_name() {
    let sandbox = Sandbox::new();
    let cases = [
        (
            "it-random",
            "let m = std::collections::HashMap::from([(1, ctx.plugin.clone())]); if m.len() > ctx.plugin.len() { return Ok(PluginResult::new().completed()) }",
        ),
        (
            "it-clock",
            "if std::time::SystemTime::now() == std::time::UNIX_EPOCH { return Ok(PluginResult::new().completed()) }",
        ),
        ("it-files", "std::fs::write(&ctx.plugin, b\"x\")?;"),
    ];
    let mut said = String::new();
    for (name, init) in cases {
        plugin(&sandbox, name, &source(init));
        let run = sandbox.tesser(name, &["build"]).expect(1);
        said.push_str(run.error());
        said.push_str("\n\n");
        assert!(!installed("debug", &format!("{}.wasm", name.replace('-', "_"))).exists());
    }
    assert_data_eq!(
        said,
        str![[r#"
error: `it-random` calls functions that a sealed plugin cannot use: `random_get` (random numbers)
hint: it most likely comes from `HashMap` and `HashSet` (use `BTreeMap`, `BTreeSet`), `Uuid::new_v4` or `rand` (derive ids from the signal's id); if the plugin needs it, declare the capability (its runs are then no longer reproducible):

[package.metadata.tesser]
capabilities = ["random"]

error: `it-clock` calls functions that a sealed plugin cannot use: `clock_time_get` (the clock)
hint: it most likely comes from `Instant::now` or `SystemTime::now` (use the `timestamp_ms` of ticks and fills); if the plugin needs it, declare the capability (its runs are then no longer reproducible):

[package.metadata.tesser]
capabilities = ["clock"]

error: `it-files` calls functions that a sealed plugin cannot use: `path_open` (files)
hint: it most likely comes from `std::fs` (get settings from `ctx.params`, keep state in `snapshot`)


"#]]
    );
}

#[cfg(unix)]
#[test]
fn an_unwritable_place_is_an_error_that_names_it() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-unwritable", &source(""));
    // A file where a folder should be stops root, too.
    sandbox.write("it-unwritable/out", "not a folder");
    let run = sandbox.tesser("it-unwritable", &["build", "--out-dir", "out"]).expect(101);
    assert_data_eq!(
        run.error().to_owned(),
        str![[r#"
error: cannot write `out/it_unwritable.wasm`

Caused by:
  Not a directory (os error 20)
hint: a file is where a folder is needed; choose another path, or move the file away
"#]]
    );
    assert_eq!(std::fs::read(sandbox.path("it-unwritable/out")).unwrap(), b"not a folder");
    let words = ["build", "--target-dir", "out"];
    let run = sandbox.tesser("it-unwritable", &words).expect(101);
    assert!(run.stderr.contains("/out"), "{}", run.stderr);
}

#[test]
fn a_folder_without_a_crate_is_cargos_error() {
    let run = Sandbox::new().tesser("", &["build"]).expect(101);
    assert!(run.stderr.contains("could not find `Cargo.toml`"), "{}", run.stderr);
}

#[test]
fn plugins_that_are_built_together_are_installed_together() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"it-good\", \"it-poor\"]\n",
    );
    plugin(&sandbox, "it-good", &source(""));
    plugin(&sandbox, "it-poor", "pub fn nothing() {}\n");
    let dir = sandbox.path("out").display().to_string();
    let run = sandbox.tesser("", &["build", "--out-dir", &dir]).expect(1);
    assert!(run.error().starts_with("error: `it-poor` exports no plugin"), "{}", run.stderr);
    assert!(!sandbox.path("out").exists());
    let words = ["build", "--workspace", "--exclude", "it-poor", "--out-dir", &dir];
    sandbox.tesser("", &words).expect(0);
    assert_eq!(names(&sandbox.path("out")), ["it_good.wasm"]);
}

#[test]
fn an_sdk_of_another_abi_is_refused() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-abi", &source(""));
    sandbox.copy(&root().join("tesser-wasm"), "sdk");
    // Out of the workspace, so it gets what it inherits from there written out.
    let manifest = std::fs::read_to_string(sandbox.path("sdk/Cargo.toml")).unwrap();
    let (package, _) = manifest.split_once("[dev-dependencies]").unwrap();
    let workspace = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let (_, workspace) = workspace.split_once("[workspace.package]").unwrap();
    let (workspace, _) = workspace.split_once("# tests").unwrap();
    let dependencies = workspace.lines().filter(|line| !line.contains("path = "));
    let dependencies = dependencies.collect::<Vec<_>>().join("\n");
    let manifest = format!("{package}\n[workspace]\n[workspace.package]{dependencies}\n");
    sandbox.write("sdk/Cargo.toml", manifest);
    let sdk = toml_edit::Value::from(root().join("tesser-wasm").to_str().unwrap()).to_string();
    sandbox.edit("it-abi/Cargo.toml", sdk.trim(), "\"../sdk\"");
    sandbox.edit("sdk/abi.toml", "abi-version = \"0.9\"", "abi-version = \"1.0\"");
    let run = sandbox.tesser("it-abi", &["build"]).expect(1);
    assert_data_eq!(
        run.error().to_owned(),
        str![[r#"
error: `it-abi` uses `tesser-wasm` 0.10.0 for ABI 1.0, but the host has ABI 0.9
hint: depend on `tesser-wasm` 0.10.0, which comes with this tool
"#]]
    );
}

#[test]
fn no_path_of_the_machine_is_in_a_plugin() {
    let bytes = std::fs::read(chase()).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    let home = std::env::var("HOME").unwrap_or_else(|_| "no home".into());
    for path in [root().display().to_string(), plugin_target().display().to_string(), home] {
        assert!(!text.contains(&path), "{path}");
    }
    assert!(!text.contains(".cargo/registry"));
}
