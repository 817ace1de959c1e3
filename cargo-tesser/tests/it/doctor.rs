//! `cargo tesser doctor`: each check, broken on purpose.

mod machine;

use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::build::{plugin, source};
use crate::support::{Run, Sandbox, root, scrubbed};

/// The checks with this name, as `state: text -> remedy`.
fn found(run: &Run, name: &str) -> Vec<String> {
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap().iter();
    let checks = checks.filter(|check| check["name"] == name).map(|check| {
        let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
        let remedy = check["remedy"].as_str().map(|remedy| format!(" -> {remedy}"));
        format!("{}: {}{}", text("state"), text("text"), remedy.unwrap_or_default())
    });
    checks.collect()
}

fn doctor(sandbox: &Sandbox, dir: &str, vars: &[(&str, &str)]) -> Run {
    sandbox.tesser_with(dir, &["doctor", "--format", "json"], vars)
}

/// A workspace with these manifests of its root and its plugins, and a `Cargo.lock`.
fn workspace(root: &str, plugins: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", format!("[workspace]\nmembers = {plugins:?}\n{root}"));
    for name in plugins {
        plugin(&sandbox, name, &source(""));
    }
    lock(&sandbox, "");
    sandbox
}

fn lock(sandbox: &Sandbox, dir: &str) {
    let command = scrubbed("cargo").args(["generate-lockfile", "--offline"]);
    sandbox.run(command.current_dir(sandbox.path(dir))).expect(0);
}

const GOOD: &str = "resolver = \"3\"\n[profile.release]\noverflow-checks = true\nlto = \"fat\"\n\
                    panic = \"abort\"\nstrip = true\n";

#[test]
fn a_good_workspace_has_no_problems() {
    let sandbox = workspace(GOOD, &["it-doctor"]);
    let run = sandbox.tesser("it-doctor", &["doctor"]).expect(0);
    assert_data_eq!(run.stdout, "");
    assert_data_eq!(
        run.stderr,
        str![[r#"
     ok  tool             cargo-tesser 0.10.0[..]
     ok  host             `tesser@0.9`, built in; the default is `tesser@0.9`
     ok  wasm-opt         version 116, built in
     ok  compiler         rustc 1.[..]
     ok  cargo            cargo 1.[..]
     ok  target           rustc 1.[..] for wasm32-wasip1[..]
     ok  rustup           [..]
     ok  git              git version [..]
     ok  cache            [..]
     ok  temporary-folder `[..]` is writable
     ok  variables        no variable changes what is built
     ok  workspace        `[DIR]`, 1 package
     ok  resolver         version 3
     ok  manifest         no manifest has tables that cargo ignores
     ok  configuration    cargo reads all of its files here
     ok  sdk              `tesser-wasm` 0.10.0, tool 0.10.0
     ok  plugins          `it-doctor`
     ok  overflow-checks  on in the profile `release`
     ok  profile          `release` has `panic`, `lto` and `strip` for plugins
     ok  rustflags        cargo ignores none of the configured flags
     ok  target-folder    [..]
     ok  repository       none, so plugins name no commit

no problems in 22 checks

"#]]
    );
}

#[test]
fn outside_of_a_crate_only_the_machine_is_checked() {
    let sandbox = Sandbox::new();
    let run = doctor(&sandbox, "", &[]).expect(0);
    assert_eq!(found(&run, "workspace"), ["ok: there is no crate here to check"]);
    assert!(found(&run, "plugins").is_empty());
}

#[test]
fn a_manifest_that_does_not_parse_is_one_error_and_not_the_end() {
    let sandbox = workspace("", &["it-good", "it-bad"]);
    sandbox.write("it-bad/Cargo.toml", "[package");
    sandbox.edit("it-good/Cargo.toml", "[lib]", "[profile.release]\nlto = true\n\n[lib]");
    let run = doctor(&sandbox, "it-good", &[]).expect(1);
    let errors = found(&run, "workspace");
    assert_eq!(errors.len(), 1);
    assert!(errors[0].starts_with("error: ") && errors[0].contains("it-bad"), "{errors:?}");
    assert!(found(&run, "resolver")[0].starts_with("warning: "));
    assert!(found(&run, "manifest")[0].starts_with("warning: cargo ignores `[profile]`"));
    assert_eq!(found(&run, "sdk"), ["ok: `tesser-wasm` 0.10.0, tool 0.10.0"]);
    // Here it is the nearest one.
    let run = doctor(&sandbox, "it-bad", &[]).expect(1);
    assert!(found(&run, "workspace")[0].starts_with("error: "));
}

#[test]
fn the_traps_of_a_workspace_are_named_with_the_way_out() {
    let sandbox = workspace("", &["it-one", "it-two"]);
    sandbox.edit("it-one/Cargo.toml", "[lib]", "[profile.release]\nlto = true\n\n[lib]");
    sandbox.edit("it-two/Cargo.toml", "[lib]\ncrate-type = [\"cdylib\"]\n", "");
    sandbox.write("it-one/.cargo/config.toml", "");
    sandbox.write("it-one/.cargo/config", "");
    sandbox.write(
        ".cargo/config.toml",
        "[build]\nrustflags = [\"-Copt-level=2\"]\n[target.wasm32-wasip1]\nrustflags = [\"-Clink-arg=-zstack-size=65536\"]\n\
         [target.wasm32-wasi]\nrustflags = [\"-Cdebuginfo=0\"]\n",
    );
    let run = sandbox.tesser("", &["doctor"]).expect(1);
    let from = run.stderr.find("warning").unwrap();
    assert_data_eq!(
        &run.stderr[from..],
        str![[r#"
warning  resolver         `[DIR]/Cargo.toml` states no resolver, so cargo uses version 1: features of build scripts and tests end up in plugins
                          -> add `resolver = "3"` to `[workspace]` in `[DIR]/Cargo.toml`
warning  manifest         cargo ignores `[profile]` in `[DIR]/it-one/Cargo.toml`, which is not the root of its workspace
                          -> move it to `[DIR]/Cargo.toml`
warning  configuration    cargo ignores `[DIR]/it-one/.cargo/config.toml`, because `[DIR]/it-one/.cargo/config` exists
                          -> move the contents of both files into `config.toml`, and remove `config`
warning  configuration    cargo does not read `[DIR]/it-one/.cargo/config` in `[DIR]`
                          -> move it to `[DIR]/.cargo`, or run cargo in `[DIR]/it-one`
     ok  sdk              `tesser-wasm` 0.10.0, tool 0.10.0
     ok  plugins          `it-one`
  error  plugins          `it-two` is not a plugin: its library is not a `cdylib`
                          -> add this to `[DIR]/it-two/Cargo.toml`:
                          [lib]
                          crate-type = ["cdylib"]
warning  overflow-checks  the profile `release` does not set `overflow-checks`, so `cargo tesser build` enables them: an overflow must panic, not become an order
                          -> add `overflow-checks = true` to `[profile.release]` in `[DIR]/Cargo.toml` to have them in every build
warning  profile          the profile `release` has no `lto = "fat"`, `panic = "abort"` and `strip = true`, so plugins are larger and slower than they could be
                          -> add what is missing to `[profile.release]` in `[DIR]/Cargo.toml`, or to a profile that only plugins use: `[profile.plugin]` with `inherits = "release"`
warning  rustflags        cargo ignores the flags of `build.rustflags` for plugins, because it takes those of `target.wasm32-wasip1.rustflags`
                          -> add `-Copt-level=2` to `target.wasm32-wasip1.rustflags`, or remove `build.rustflags`
warning  rustflags        cargo ignores `target.wasm32-wasi.rustflags`: this compiler calls the target `wasm32-wasip1`
                          -> rename the table to `[target.wasm32-wasip1]`
     ok  target-folder    [..]
     ok  repository       none, so plugins name no commit

1 error, 8 warnings in 25 checks

"#]]
    );
}

#[test]
fn a_profile_that_disables_overflow_checks_is_an_error() {
    let sandbox =
        workspace("resolver = \"3\"\n[profile.release]\noverflow-checks = false\n", &["it-off"]);
    let run = doctor(&sandbox, "", &[]).expect(1);
    let quiet = sandbox.tesser("", &["doctor", "--quiet"]).expect(1).stderr;
    assert!(quiet.starts_with("  error  overflow-checks  the profile"), "{quiet}");
    assert_eq!(quiet.lines().count(), 2, "{quiet}");
    let checks = found(&run, "overflow-checks");
    let wanted = "error: the profile `release` disables `overflow-checks` for `it-off`";
    assert!(checks[0].starts_with(wanted), "{checks:?}");
}

#[test]
fn a_profile_for_plugins_is_the_one_whose_cost_counts() {
    let profile = "[profile.plugin]\ninherits = \"release\"\nlto = \"fat\"\npanic = \"abort\"\nstrip = true\n";
    let sandbox = workspace(&format!("resolver = \"3\"\n{profile}"), &["it-own"]);
    let run = doctor(&sandbox, "", &[]).expect(0);
    assert_eq!(found(&run, "profile"), ["ok: `plugin` has `panic`, `lto` and `strip` for plugins"]);
    // Both are built with.
    assert_eq!(found(&run, "overflow-checks").len(), 2);
}

#[test]
fn a_variable_with_flags_hides_those_of_files() {
    let sandbox = workspace(GOOD, &["it-flags"]);
    sandbox.write(".cargo/config.toml", "[build]\nrustflags = [\"-Copt-level=2\"]\n");
    let run = doctor(&sandbox, "", &[("RUSTFLAGS", "-Cdebuginfo=0")]).expect(0);
    assert_eq!(
        found(&run, "rustflags"),
        [
            "warning: cargo ignores the flags of `build.rustflags` for plugins, because it takes those of `RUSTFLAGS` -> unset `RUSTFLAGS`"
        ]
    );
    assert!(found(&run, "variables")[0].starts_with("warning: `RUSTFLAGS` changes what is built"));
    // The same flags are not lost.
    let run = doctor(&sandbox, "", &[("RUSTFLAGS", "-Copt-level=2")]).expect(0);
    assert_eq!(found(&run, "rustflags"), ["ok: cargo ignores none of the configured flags"]);
}

#[test]
fn a_crate_that_is_no_plugin_is_told_how_to_become_one() {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", "[package]\nname = \"it-plain\"\nedition = \"2024\"\n");
    sandbox.write("src/lib.rs", "");
    lock(&sandbox, "");
    let run = doctor(&sandbox, "", &[]).expect(0);
    assert_eq!(
        found(&run, "plugins"),
        [
            "warning: `it-plain` is not a plugin: its library is not a `cdylib` -> `cargo tesser init [DIR]` makes this package a plugin"
        ]
    );
}

#[test]
fn without_a_lock_file_it_is_said_what_is_not_checked() {
    let sandbox = workspace(GOOD, &["it-lock"]);
    std::fs::remove_file(sandbox.path("Cargo.lock")).unwrap();
    let run = doctor(&sandbox, "", &[]).expect(0);
    assert_eq!(
        found(&run, "plugins"),
        [
            "warning: there is no `Cargo.lock` yet, so plugins, profiles and flags are not checked -> build once, or run `cargo generate-lockfile`"
        ]
    );
    assert!(!sandbox.path("Cargo.lock").exists());
}

#[test]
fn the_sdk_is_compared_with_the_tool() {
    let sandbox = workspace(GOOD, &["it-sdk"]);
    let lock = |versions: &[&str]| {
        let package = |version: &&str| {
            format!("[[package]]\nname = \"tesser-wasm\"\nversion = \"{version}\"\n")
        };
        sandbox.write(
            "Cargo.lock",
            format!("version = 4\n{}", versions.iter().map(package).collect::<String>()),
        );
        found(&doctor(&sandbox, "", &[]), "sdk")
    };
    assert_eq!(lock(&["0.10.7"]), ["ok: `tesser-wasm` 0.10.7, tool 0.10.0"]);
    assert_eq!(
        lock(&["0.9.3"]),
        [
            "warning: `tesser-wasm` 0.9.3 is of another release than the tool 0.10.0 -> depend on `tesser-wasm = \"0.10\"`, which comes with this tool"
        ]
    );
    assert_eq!(
        lock(&["0.9.3", "0.10.0"]),
        [
            "warning: the workspace has `tesser-wasm` in 2 versions: 0.9.3 and 0.10.0 -> `cargo tree --invert tesser-wasm@0.9.3` shows who needs it; depend on one version"
        ]
    );
}

#[test]
fn an_sdk_with_another_abi_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.copy(&root().join("tesser-wasm"), "sdk");
    sandbox.write("sdk/Cargo.toml", "[package]\nname = \"tesser-wasm\"\nversion = \"0.10.0\"\nedition = \"2024\"\n[features]\nguest = []\n");
    sandbox.edit("sdk/abi.toml", "version = \"0.9\"", "version = \"1.0\"");
    plugin(&sandbox, "it-abi", &source(""));
    let sdk = root().join("tesser-wasm").display().to_string();
    sandbox.edit("it-abi/Cargo.toml", &sdk, "../sdk");
    lock(&sandbox, "it-abi");
    let run = doctor(&sandbox, "it-abi", &[]).expect(1);
    assert_eq!(
        found(&run, "sdk").last().unwrap(),
        "error: `it-abi` uses `tesser-wasm` 0.10.0 for ABI 1.0, but the host has ABI 0.9 -> depend on `tesser-wasm` 0.10.0, which comes with this tool"
    );
}

#[test]
fn settings_of_a_plugin_that_are_wrong_are_an_error() {
    let sandbox = workspace(GOOD, &["it-typo"]);
    sandbox.edit(
        "it-typo/Cargo.toml",
        "[lib]",
        "[package.metadata.tesser]\ncapability = []\n\n[lib]",
    );
    let run = doctor(&sandbox, "", &[]).expect(1);
    let wanted = "error: `[package.metadata.tesser]` in `[DIR]/it-typo/Cargo.toml`: ";
    assert!(found(&run, "plugins")[0].starts_with(wanted), "{:?}", found(&run, "plugins"));
}

#[test]
fn a_repository_without_commits_shallow_or_broken() {
    let sandbox = workspace(GOOD, &["it-repo"]);
    let git = |words: &[&str]| {
        let identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"];
        let command = scrubbed("git").args(identity).args(words);
        sandbox.run(command.current_dir(sandbox.path(""))).expect(0);
    };
    let repository = |dir: &str| found(&doctor(&sandbox, dir, &[]).expect(0), "repository");
    git(&["init", "--quiet"]);
    assert_eq!(repository(""), ["ok: no commit yet, so plugins name none"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "a"]);
    assert!(repository("")[0].starts_with("ok: commit "), "{:?}", repository(""));
    git(&["commit", "--quiet", "--allow-empty", "--message", "b"]);
    let url = format!("file://{}", sandbox.path("").display());
    git(&["clone", "--quiet", "--depth", "1", &url, "shallow"]);
    assert_eq!(
        repository("shallow"),
        [
            "warning: the clone is shallow, so plugins may name no commit -> run `git fetch --unshallow`, or set `fetch-depth: 0` in a workflow"
        ]
    );
    std::fs::rename(sandbox.path(".git"), sandbox.path("git")).unwrap();
    sandbox.write(".git", "nothing");
    assert!(
        repository("")[0].starts_with("warning: invalid gitfile format"),
        "{:?}",
        repository("")
    );
}

#[test]
fn the_document_for_bug_reports_has_a_stable_form_and_no_secrets() {
    let sandbox = workspace(GOOD, &["it-secret"]);
    let url = "https://me:geheim@example.org/sdk.git";
    let manifest = format!(
        "[package]\nname = \"it-secret\"\nedition = \"2024\"\n[dependencies]\na = {{ git = \"{url}\" }}\n"
    );
    sandbox.write("it-secret/Cargo.toml", manifest);
    let run = doctor(&sandbox, "", &[("RUSTFLAGS", "--cfg=geheim")]).expect(0);
    assert!(!run.stdout.contains("geheim"), "{}", run.stdout);
    assert!(run.stdout.contains("https://***@example.org"), "{}", run.stdout);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    crate::docs::schemas::assert_describes("doctor", &report);
}

#[test]
fn the_page_has_every_check() {
    let page = std::fs::read_to_string(root().join("docs/doctor.md")).unwrap();
    let sandbox = workspace(GOOD, &["it-page"]);
    let run = doctor(&sandbox, "", &[]).expect(0);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let names: std::collections::BTreeSet<_> = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["name"].as_str().unwrap())
        .collect();
    let table = page.split("## JSON").next().unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(rows.collect::<std::collections::BTreeSet<_>>(), names);
}
