//! `cargo tesser new`: what it makes and what it refuses.

use snapbox::{assert_data_eq, str};

use crate::support::{Sandbox, names, plugin_target, scrubbed};

mod init;
mod killed;
mod paths;
mod templates;
#[cfg(unix)]
mod terminal;
mod variables;
mod workspaces;

#[test]
fn a_plugin_is_created_with_what_to_do_next() {
    let sandbox = Sandbox::new();
    let run = sandbox.tesser("", &["new", "my chase/desk-chase"]).expect(0);
    assert_data_eq!(
        run.stderr,
        str![[r#"
     Created plugin `desk-chase` from template `chase`
       Using tesser-wasm at `[ROOT]/tesser-wasm` (of the checkout that this tool was built from)

Next:
  cd 'my chase/desk-chase'
  cargo test
  cargo tesser build --release

"#]]
    );
    assert_eq!(run.stdout, "");
    let files = names(&sandbox.path("my chase/desk-chase"));
    assert_eq!(files, [".git", ".gitignore", "Cargo.toml", "README.md", "src", "tapes"]);
    let readme = std::fs::read_to_string(sandbox.path("my chase/desk-chase/README.md")).unwrap();
    assert!(readme.contains("target/tesser/release/desk_chase.wasm"), "{readme}");
}

#[test]
fn an_empty_folder_is_filled() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("here")).unwrap();
    sandbox.tesser("here", &["new", ".", "--template", "blank", "--vcs", "none"]).expect(0);
    assert_eq!(names(&sandbox.path("here")), [".gitignore", "Cargo.toml", "README.md", "src"]);
}

#[test]
fn the_templates_are_listed_with_the_default_first() {
    let run = Sandbox::new().tesser("", &["new", "--list"]).expect(0);
    assert_data_eq!(
        run.stdout,
        str![[r#"
chase    limit orders in clips at the last price; partly filled ones follow the market
twap     equal slices over a time, as market orders or limit orders at the last price
iceberg  one limit order at a time, so that the book shows a small part of the target
blank    smallest plugin that counts its fills and survives a restart; the algorithm is yours

"#]]
    );
}

#[test]
fn a_path_that_is_taken_is_left_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("taken/notes.txt", "mine");
    let run = sandbox.tesser("", &["new", "taken"]).expect(101);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: `[DIR]/taken` exists and is not empty
hint: choose another path, or move away what is there

"#]]
    );
    sandbox.write("file", "mine");
    let run = sandbox.tesser("", &["new", "file"]).expect(101);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: `[DIR]/file` exists and is not a folder
hint: choose another path, or move away what is there

"#]]
    );
    assert_eq!(names(&sandbox.path("")), ["file", "taken"]);
    assert_eq!(names(&sandbox.path("taken")), ["notes.txt"]);
}

#[test]
fn a_bad_name_is_refused_with_the_rule_and_a_way_out() {
    let sandbox = Sandbox::new();
    let run = sandbox.tesser("", &["new", "My.Chase"]).expect(2);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: `My.Chase` cannot name a plugin: the host never finds a plugin whose name has a dot
hint: try `--name my-chase`

"#]]
    );
    let run = sandbox.tesser("", &["new", "ok", "--name", "fn"]).expect(2);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: `fn` cannot name a plugin: it is a keyword of Rust
hint: try `--name fn-plugin`

"#]]
    );
    assert!(names(&sandbox.path("")).is_empty());
}

#[test]
fn an_unknown_template_is_refused_with_the_list() {
    let sandbox = Sandbox::new();
    let run = sandbox.tesser("", &["new", "x", "--template", "twapp"]).expect(2);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: there is no template `twapp`
hint: the templates are: chase, twap, iceberg, blank; a folder is `path:DIR`, a repository `git:URL#REF`

"#]]
    );
    assert!(names(&sandbox.path("")).is_empty());
}

#[test]
fn the_sdk_can_be_chosen() {
    let sandbox = Sandbox::new();
    let dependency = |name: &str, sdk: &str| {
        sandbox.tesser("", &["new", name, "--template", "blank", "--sdk", sdk]).expect(0);
        let manifest = std::fs::read_to_string(sandbox.path(name).join("Cargo.toml")).unwrap();
        manifest.lines().find(|line| line.starts_with("tesser-wasm")).unwrap().to_owned()
    };
    assert_eq!(
        dependency("a", "0.10"),
        r#"tesser-wasm = { version = "0.10", features = ["guest"] }"#
    );
    assert_eq!(
        dependency("b", "git:https://example.org/sdk.git#abc"),
        r#"tesser-wasm = { git = "https://example.org/sdk.git", rev = "abc", features = ["guest"] }"#
    );
    let run = sandbox.tesser("", &["new", "c", "--sdk", "path:."]).expect(2);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: `--sdk path:.`: `.` does not hold the crate `tesser-wasm`
hint: the forms are `path:DIR`, `git:URL`, `git:URL#REV` and a version such as `0.10`

"#]]
    );
    assert_eq!(names(&sandbox.path("")), ["a", "b"]);
}

#[test]
fn no_repository_is_made_inside_of_one() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path(".git")).unwrap();
    sandbox.tesser("", &["new", "mine"]).expect(0);
    assert!(!sandbox.path("mine/.git").exists());
}

#[cfg(unix)]
#[test]
fn a_failed_write_leaves_nothing_behind() {
    let sandbox = Sandbox::new();
    // A git that fails comes last, when all files are written already.
    let git = sandbox.write("bin/git", "#!/bin/sh\nexit 9\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&git, mode).unwrap();
    let path = format!("{}:{}", sandbox.path("bin").display(), std::env::var("PATH").unwrap());
    let run = sandbox.tesser_with("", &["new", "deep/er/mine"], &[("PATH", &path)]).expect(101);
    assert!(run.stderr.contains("hint: `--vcs none` makes no repository"), "{}", run.stderr);
    assert_eq!(names(&sandbox.path("")), ["bin"]);
}

/// Whether the compiler came with this cargo command; a distribution's may come without.
fn has(command: &str) -> bool {
    scrubbed("cargo").args([command, "--version"]).output().unwrap().status.success()
}

#[test]
fn every_template_passes_its_tests_and_all_checks_as_generated() {
    let sandbox = Sandbox::new();
    for template in ["chase", "twap", "iceberg", "blank"] {
        let name = format!("it-new-{template}");
        sandbox.tesser("", &["new", &name, "--template", template]).expect(0);
        let cargo = |words: &[&str]| {
            let command = scrubbed("cargo").args(words).current_dir(sandbox.path(&name));
            sandbox.run(command).expect(0)
        };
        if has("fmt") {
            cargo(&["fmt", "--check"]);
        }
        if has("clippy") {
            cargo(&["clippy", "--all-targets", "--", "-D", "warnings"]);
        }
        cargo(&["test"]);
        sandbox.tesser(&name, &["build", "--release"]).expect(0);
        let file = plugin_target().join(format!("tesser/release/it_new_{template}.wasm"));
        let file = file.to_str().unwrap();
        sandbox.tesser("", &["validate", "--deny-warnings", file]).expect(0);
        if sandbox.path(&name).join("tapes").exists() {
            let tape = ["--tape", "tapes/synthetic.csv", "--quantity", "0.5"];
            let replay = [&["replay", file], &tape[..]].concat();
            sandbox.tesser(&name, &replay).expect(0);
            sandbox.tesser(&name, &[&replay[..], &["--restart-after", "9"]].concat()).expect(0);
        }
    }
}
