//! `cargo tesser init`: an existing crate becomes a plugin, and nothing that is there is lost.

use snapbox::{assert_data_eq, str};

use crate::support::{Sandbox, names, plugin_target, scrubbed};

fn read(sandbox: &Sandbox, path: &str) -> String {
    std::fs::read_to_string(sandbox.path(path)).unwrap()
}

const MANIFEST: &str =
    "[package]\nname = \"it-init\"\nversion = \"0.1.0\"\nedition = \"2024\" # new\n";

#[test]
fn a_crate_without_a_library_becomes_a_plugin_that_builds() {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", MANIFEST);
    let run = sandbox.tesser("", &["init"]).expect(0);
    assert_data_eq!(
        run.stderr,
        str![[r#"
      Adding `crate-type = ["cdylib"]` in `[lib]` to `Cargo.toml`
      Adding `rust_decimal` in `[dependencies]` to `Cargo.toml`
      Adding `serde` in `[dependencies]` to `Cargo.toml`
      Adding `tesser-wasm` in `[dependencies]` to `Cargo.toml`
      Adding `proptest` in `[dev-dependencies]` to `Cargo.toml`
      Adding `serde_json` in `[dev-dependencies]` to `Cargo.toml`
      Adding `opt-level = "s"` in `[profile.release]` to `Cargo.toml`
      Adding `package.tesser-wasm.opt-level = 2` in `[profile.release]` to `Cargo.toml`
      Adding `lto = "fat"` in `[profile.release]` to `Cargo.toml`
      Adding `codegen-units = 1` in `[profile.release]` to `Cargo.toml`
      Adding `panic = "abort"` in `[profile.release]` to `Cargo.toml`
      Adding `strip = true` in `[profile.release]` to `Cargo.toml`
      Adding `overflow-checks = true` in `[profile.release]` to `Cargo.toml`
      Adding `capabilities = []` in `[package.metadata.tesser]` to `Cargo.toml`
      Adding `[DIR]/src/lib.rs`, a minimal plugin
       Using tesser-wasm at `[ROOT]/tesser-wasm` (of the checkout that this tool was built from)

Next:
  cargo test
  cargo tesser build --release
  git diff

"#]]
    );
    assert!(read(&sandbox, "Cargo.toml").starts_with(MANIFEST));
    sandbox.run(scrubbed("cargo").arg("test").current_dir(sandbox.path(""))).expect(0);
    sandbox.tesser("", &["build", "--release"]).expect(0);
    let file = plugin_target().join("tesser/release/it_init.wasm");
    let words = ["validate", "--deny-warnings", file.to_str().unwrap()];
    sandbox.tesser("", &words).expect(0);
}

#[test]
fn a_second_run_changes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", MANIFEST);
    sandbox.tesser("", &["init"]).expect(0);
    let before = [read(&sandbox, "Cargo.toml"), read(&sandbox, "src/lib.rs")];
    let run = sandbox.tesser("", &["init", "."]).expect(0);
    assert_data_eq!(
        run.stderr,
        str![[r#"
    Finished the manifest of `it-init` already has everything that a plugin needs; nothing was changed

"#]]
    );
    assert_eq!([read(&sandbox, "Cargo.toml"), read(&sandbox, "src/lib.rs")], before);
    assert_eq!(names(&sandbox.path("")), ["Cargo.toml", "src"]);
}

#[test]
fn what_new_makes_lacks_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("workspace/Cargo.toml", "[workspace]\nmembers = [\"a\"]\n");
    sandbox.write("workspace/a/Cargo.toml", "[package]\nname = \"a\"\n");
    for path in ["alone", "workspace/member"] {
        sandbox.tesser("", &["new", path, "--template", "blank"]).expect(0);
        let run = sandbox.tesser("", &["init", path]).expect(0);
        assert!(run.stderr.contains("nothing was changed"), "{}", run.stderr);
    }
}

#[test]
fn a_source_that_is_there_is_never_overwritten() {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", format!("{MANIFEST}[lib]\npath = \"ours.rs\"\n"));
    sandbox.write("ours.rs", "// ours");
    let run = sandbox.tesser("", &["init"]).expect(0);
    assert!(run.stderr.contains("note: `lib` stays in the crate types"), "{}", run.stderr);
    let note = "note: `ours.rs` has no `export_plugin!`; `cargo tesser build` needs one";
    assert!(run.stderr.contains(note), "{}", run.stderr);
    assert_eq!(read(&sandbox, "ours.rs"), "// ours");
    assert_eq!(names(&sandbox.path("")), ["Cargo.toml", "ours.rs"]);
    let manifest = read(&sandbox, "Cargo.toml");
    assert!(manifest.contains("crate-type = [\"cdylib\", \"lib\"]"), "{manifest}");
    assert!(!manifest.contains("dev-dependencies"), "{manifest}");
}

#[test]
fn a_dry_run_says_the_same_and_changes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", MANIFEST);
    let dry = sandbox.tesser("", &["init", "--dry-run"]).expect(0).stderr;
    assert_eq!(read(&sandbox, "Cargo.toml"), MANIFEST);
    assert_eq!(names(&sandbox.path("")), ["Cargo.toml"]);
    let real = sandbox.tesser("", &["init"]).expect(0).stderr;
    let said = dry.split("    Finished").next().unwrap();
    assert!(real.starts_with(said) && said.contains("src/lib.rs"), "{dry}\n{real}");
}

/// Also where a `new` was killed between the crate and the workspace.
#[test]
fn a_crate_that_its_workspace_does_not_list_joins_it() {
    let sandbox = Sandbox::new();
    let root = "[workspace]\nmembers = [\"a\"]\n";
    sandbox.write("Cargo.toml", root);
    sandbox.write("a/Cargo.toml", "[package]\nname = \"a\"\n");
    sandbox.write("a/src/lib.rs", "");
    sandbox.tesser("", &["new", "mine", "--template", "blank"]).expect(0);
    let joined = read(&sandbox, "Cargo.toml");
    sandbox.write("Cargo.toml", root);
    let run = sandbox.tesser("mine", &["init"]).expect(0);
    assert!(
        run.stderr.contains("Adding the crate to `members` of `[DIR]/Cargo.toml`"),
        "{}",
        run.stderr
    );
    assert_eq!(read(&sandbox, "Cargo.toml"), joined);
    let metadata = scrubbed("cargo").args(["metadata", "--no-deps", "--format-version", "1"]);
    sandbox.run(metadata.current_dir(sandbox.path("mine"))).expect(0);
}

#[test]
fn what_is_no_crate_is_refused() {
    let sandbox = Sandbox::new();
    let run = sandbox.tesser("", &["init"]).expect(101);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: `[DIR]` is not a crate: it has no `Cargo.toml`
hint: `cargo tesser new <PATH>` creates a crate; `init` needs the folder of a package

"#]]
    );
    sandbox.write("Cargo.toml", "[workspace]\n");
    let run = sandbox.tesser("", &["init"]).expect(101);
    assert!(run.stderr.contains("its `Cargo.toml` has no package"), "{}", run.stderr);
    sandbox.write("Cargo.toml", "[package\n");
    let run = sandbox.tesser("", &["init"]).expect(101);
    assert!(run.stderr.contains("hint: cargo cannot parse it either"), "{}", run.stderr);
    sandbox.write("Cargo.toml", "lib = 1\n[package]\nname = \"x\"\n");
    let run = sandbox.tesser("", &["init"]).expect(101);
    assert!(run.stderr.contains("cannot be completed: its `lib` is not a table"), "{}", run.stderr);
    let run = sandbox.tesser("", &["init", "--sdk", "latest"]).expect(2);
    assert!(run.stderr.contains("`--sdk latest`: not a version"), "{}", run.stderr);
    assert_eq!(names(&sandbox.path("")), ["Cargo.toml"]);
}

#[test]
fn line_ends_of_windows_and_the_users_values_stay() {
    let sandbox = Sandbox::new();
    let manifest =
        "[package]\r\nname = \"x\" # ours\r\n[profile.release]\r\noverflow-checks = false\r\n";
    sandbox.write("Cargo.toml", manifest);
    let run = sandbox.tesser("", &["init"]).expect(0);
    assert!(run.stderr.contains("note: `overflow-checks` is disabled"), "{}", run.stderr);
    let after = read(&sandbox, "Cargo.toml");
    assert!(after.contains("name = \"x\" # ours\r\n"), "{after:?}");
    assert!(after.contains("overflow-checks = false\r\n"), "{after:?}");
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
}
