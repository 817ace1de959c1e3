//! Which plugins are built, and that cargo's flags mean what they mean to cargo.

use snapbox::{assert_data_eq, str};

use super::{manifest, plugin, source};
use crate::support::{Sandbox, names, plugin_target, scrubbed};

/// Plugins in a workspace, and what is built of them by these words.
fn built(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    let dir = sandbox.path("out");
    let _ = std::fs::remove_dir_all(&dir);
    let dir = dir.display().to_string();
    sandbox.tesser("", &[&["build", "--out-dir", &dir], words].concat()).expect(0);
    names(&sandbox.path("out"))
}

fn workspace(sandbox: &Sandbox, members: &[&str], rest: &str) {
    sandbox.write(
        "Cargo.toml",
        format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n{rest}"),
    );
    for member in members {
        plugin(sandbox, member, &source(""));
    }
}

#[test]
fn packages_are_selected_as_cargo_selects_them() {
    let sandbox = Sandbox::new();
    workspace(&sandbox, &["it-sel", "my-it-sel", "it-other"], "default-members = [\"it-sel\"]\n");
    // `foo` beside `my_foo`: no name is taken for the end of another.
    assert_eq!(built(&sandbox, &[]), ["it_sel.wasm"]);
    assert_eq!(built(&sandbox, &["-p", "my-it-sel"]), ["my_it_sel.wasm"]);
    let all = ["it_other.wasm", "it_sel.wasm", "my_it_sel.wasm"];
    assert_eq!(built(&sandbox, &["--workspace"]), all);
    assert_eq!(built(&sandbox, &["-p", "it-*"]), all[..2]);
    assert_eq!(built(&sandbox, &["-p", "it-o[a-z]her"]), all[..1]);
    assert_eq!(built(&sandbox, &["-p", "it-sel@0.1.0"]), ["it_sel.wasm"]);
    let id =
        format!("path+file://{}#0.1.0", sandbox.path("it-sel").canonicalize().unwrap().display());
    if cfg!(unix) {
        assert_eq!(built(&sandbox, &["-p", &id]), ["it_sel.wasm"]);
    }
    assert_eq!(built(&sandbox, &["--workspace", "--exclude", "*it-sel"]), all[..1]);
    for spec in ["no-*", "it-sel@9.9.9", "it-sel@"] {
        let run = sandbox.tesser("", &["build", "-p", spec]).expect(2);
        assert!(run.stderr.contains(&format!("there is no package `{spec}`")), "{}", run.stderr);
    }
}

#[test]
fn a_dependency_that_is_a_cdylib_too_is_not_taken_for_the_plugin() {
    let sandbox = Sandbox::new();
    workspace(&sandbox, &["it-user", "it-used"], "default-members = [\"it-user\"]\n");
    sandbox.edit("it-used/Cargo.toml", "[\"cdylib\"]", "[\"cdylib\", \"rlib\"]");
    sandbox.write("it-used/src/lib.rs", "pub fn used() -> u8 { 1 }\n");
    sandbox.edit(
        "it-user/Cargo.toml",
        "[dependencies]\n",
        "[dependencies]\nit-used = { path = \"../it-used\" }\n",
    );
    sandbox.write("it-user/src/lib.rs", source("if it_used::used() == 2 { panic!() }"));
    assert_eq!(built(&sandbox, &[]), ["it_user.wasm"]);
}

#[test]
fn examples_are_plugins_when_they_are_asked_for() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-examples", "");
    sandbox.edit(
        "it-examples/Cargo.toml",
        "[dependencies]\n",
        "[[example]]\nname = \"it-chase-example\"\ncrate-type = [\"cdylib\"]\n\n[dev-dependencies]\n",
    );
    sandbox.write("it-examples/examples/it-chase-example.rs", source(""));
    sandbox.write("it-examples/examples/plain.rs", "fn main() {}\n");
    let words = ["build", "--example", "it-chase-example", "--out-dir", "out"];
    sandbox.tesser("it-examples", &words).expect(0);
    assert_eq!(names(&sandbox.path("it-examples/out")), ["it_chase_example.wasm"]);
    sandbox.tesser("it-examples", &["build", "--examples"]).expect(0);
    sandbox.tesser("it-examples", &["build", "--example", "it-*"]).expect(0);
    let run = sandbox.tesser("it-examples", &["build", "--example", "none"]).expect(2);
    assert!(run.stderr.contains("there is no example `none`"), "{}", run.stderr);
    let run = sandbox.tesser("it-examples", &["build", "--example", "plain"]).expect(1);
    assert_data_eq!(
        run.error().to_owned(),
        str![[r#"
error: the example `plain` is not built as a plugin: it is not a `cdylib`
hint: add this to `[DIR]/it-examples/Cargo.toml`:

[[example]]
name = "plain"
crate-type = ["cdylib"]
"#]]
    );
}

#[test]
fn the_target_directory_is_cargos() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-dirs", &source(""));
    let shared = plugin_target().display().to_string();
    let expect = |dir: &str| {
        let file = sandbox.path(dir).join("tesser/debug/it_dirs.wasm");
        assert!(file.exists(), "{}", file.display());
        std::fs::remove_file(file).unwrap();
    };
    // The intermediate files lie elsewhere, where cargo has a build directory.
    let build = ("CARGO_BUILD_BUILD_DIR", shared.as_str());
    let run = |words: &[&str], vars: &[(&str, &str)]| {
        let vars = [&[build], vars].concat();
        sandbox.tesser_with("it-dirs", words, &vars).expect(0);
    };
    run(&["build", "--target-dir", "by-flag"], &[]);
    expect("it-dirs/by-flag");
    run(&["build"], &[("CARGO_TARGET_DIR", "by-variable")]);
    expect("it-dirs/by-variable");
    sandbox.write("it-dirs/.cargo/config.toml", "[build]\ntarget-dir = \"by-config\"\n");
    let command = scrubbed(env!("CARGO_BIN_EXE_cargo-tesser")).args(["tesser", "build"]);
    let command = command.env_remove("CARGO_TARGET_DIR").env(build.0, build.1);
    sandbox.run(command.current_dir(sandbox.path("it-dirs"))).expect(0);
    expect("it-dirs/by-config");
}

#[test]
fn two_plugins_of_one_name_are_refused_before_anything_is_built() {
    let sandbox = Sandbox::new();
    workspace(&sandbox, &["it-same", "it-twin"], "");
    sandbox.edit("it-twin/Cargo.toml", "[lib]\n", "[lib]\nname = \"IT_same\"\n");
    let run = sandbox.tesser("", &["build"]).expect(101);
    assert!(!run.stderr.contains("Compiling"), "{}", run.stderr);
    assert!(run.error().contains("would both be installed as `IT_same.wasm`"), "{}", run.stderr);
}

#[test]
fn flags_that_are_cargos_are_handed_on() {
    let sandbox = Sandbox::new();
    let features = "\n[features]\ndefault = [\"a\"]\na = []\nb = []\n";
    plugin(
        &sandbox,
        "it-flags-on",
        &format!(
            "#[cfg(all(feature = \"b\", not(feature = \"a\")))]\ncompile_error!(\"b alone\");\n{}",
            source("")
        ),
    );
    sandbox.write("it-flags-on/Cargo.toml", manifest("it-flags-on") + features);
    let fails = |words: &[&str], with: &str| {
        let run = sandbox.tesser("it-flags-on", &[&["build"], words].concat()).expect(101);
        assert!(run.stderr.contains(with), "{}", run.stderr);
    };
    // There is no lock file yet.
    fails(&["--locked"], "--locked");
    fails(&["--frozen"], "--");
    fails(&["--no-default-features", "--features", "b"], "b alone");
    fails(&["--features", "none"], "none");
    fails(&["-Z", "no-such-flag"], "`-Z` flag");
    fails(&["--config", "build.jobs=\"many\""], "could not parse `many`");
    fails(&["-j", "none"], "none");
    let run = sandbox.tesser("it-flags-on", &["build", "-v", "--keep-going", "-j", "1"]).expect(0);
    assert!(run.stderr.contains("--keep-going"), "{}", run.stderr);
    assert!(run.stderr.contains("--jobs 1"), "{}", run.stderr);
    sandbox.tesser("it-flags-on", &["build", "--locked", "--offline", "--frozen"]).expect(0);
}

#[cfg(unix)]
#[test]
fn a_wrapper_of_rustc_is_called() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-wrapped", &source(""));
    let script = sandbox.write("wrapper", "#!/bin/sh\necho \"$@\" >> \"$LOG\"\nexec \"$@\"\n");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let log = sandbox.path("log").display().to_string();
    let vars = [("RUSTC_WRAPPER", script.to_str().unwrap()), ("LOG", &log)];
    sandbox.tesser_with("it-wrapped", &["build"], &vars).expect(0);
    assert!(std::fs::read_to_string(log).unwrap().contains("--crate-name it_wrapped"));
}

#[cfg(unix)]
#[test]
fn cargos_own_files_keep_their_bytes_and_inodes() {
    use std::os::unix::fs::MetadataExt as _;
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-kept", &source(""));
    // A folder of its own: in a shared one others make cargo compile again.
    let words = ["build", "--target-dir", "own"];
    sandbox.tesser("it-kept", &[&words[..], &["--no-opt"]].concat()).expect(0);
    let module = sandbox.path("it-kept/own/tesser/cargo/wasm32-wasip1/debug/it_kept.wasm");
    let look = || {
        let metadata = std::fs::metadata(&module).unwrap();
        (metadata.ino(), metadata.modified().unwrap(), std::fs::read(&module).unwrap())
    };
    let before = look();
    assert!(wasmparser::Parser::is_core_wasm(&before.2));
    sandbox.tesser("it-kept", &words).expect(0);
    assert!(look() == before);
}

/// A library for another program that is a `cdylib`, too, and uses the SDK's types.
#[test]
fn a_member_that_is_no_plugin_is_named_with_the_way_to_leave_it_out() {
    let sandbox = Sandbox::new();
    let members = "[workspace]\nresolver = \"3\"\nmembers = [\"it-plugin\", \"it-native\"]\n";
    sandbox.write("Cargo.toml", members);
    plugin(&sandbox, "it-plugin", &source(""));
    plugin(&sandbox, "it-native", "#[cfg(target_os = \"wasi\")]\ncompile_error!(\"native\");\n");
    let run = sandbox.tesser("", &["build", "--no-opt"]).expect(101);
    let hint = "hint: no `export_plugin!` was found in `it-native`; exclude packages that are not plugins: `cargo tesser build --workspace --exclude it-native`";
    assert!(run.stderr.contains(hint), "{}", run.stderr);
    plugin(&sandbox, "it-native", "pub use tesser_wasm::PluginError;\n");
    let run = sandbox.tesser("", &["build", "--no-opt"]).expect(1);
    assert_data_eq!(
        run.error(),
        str![[r#"
error: `it-native` exports no plugin
hint: exclude packages that are not plugins: `cargo tesser build --workspace --exclude it-native`; otherwise, implement `ExecutionPlugin` and put this into src/lib.rs:

tesser_wasm::export_plugin!(YourPlugin);
"#]]
    );
    // Whoever names it means it.
    let run = sandbox.tesser("", &["build", "--no-opt", "-p", "it-native"]).expect(1);
    assert!(run.error().contains("hint: implement `ExecutionPlugin`"), "{}", run.stderr);
    sandbox.tesser("", &["build", "--workspace", "--exclude", "it-native"]).expect(0);
}

#[test]
fn an_ordinary_package_is_told_of_init_and_one_with_the_sdk_of_its_crate_type() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-lib", "");
    let manifest = std::fs::read_to_string(sandbox.path("it-lib/Cargo.toml")).unwrap();
    let without = manifest.replace("crate-type = [\"cdylib\"]\n", "");
    sandbox.write("it-lib/Cargo.toml", &without);
    let run = sandbox.tesser("it-lib", &["build"]).expect(1);
    assert!(run.error().contains("hint: add this to `[DIR]/it-lib/Cargo.toml`:"), "{}", run.stderr);
    sandbox.write("it-lib/Cargo.toml", without.split("[dependencies]").next().unwrap());
    let run = sandbox.tesser("it-lib", &["build"]).expect(1);
    assert_data_eq!(
        run.error(),
        str![[r#"
error: `it-lib` is not a plugin: its library is not a `cdylib`
hint: `cargo tesser init [DIR]/it-lib` makes this package a plugin
"#]]
    );
}

#[test]
fn a_toolchain_can_be_chosen_for_one_build() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-toolchain", &source(""));
    // As rustup does for `cargo +name`.
    let vars = [("RUSTUP_TOOLCHAIN", "no-such-toolchain")];
    let run = sandbox.tesser_with("it-toolchain", &["build"], &vars);
    let has_rustup = std::process::Command::new("rustup").arg("-V").output().is_ok();
    if has_rustup {
        let run = run.expect(101);
        assert!(run.stderr.contains("no-such-toolchain"), "{}", run.stderr);
    }
}
