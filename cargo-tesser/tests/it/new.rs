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
    assert_eq!(files, [".git", ".github", ".gitignore", "Cargo.toml", "README.md", "src", "tapes"]);
    let readme = std::fs::read_to_string(sandbox.path("my chase/desk-chase/README.md")).unwrap();
    assert!(readme.contains("target/tesser/release/desk_chase.wasm"), "{readme}");
}

#[test]
fn an_empty_folder_is_filled() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("here")).unwrap();
    sandbox.tesser("here", &["new", ".", "--template", "blank", "--vcs", "none"]).expect(0);
    let files = names(&sandbox.path("here"));
    assert_eq!(files, [".github", ".gitignore", "Cargo.toml", "README.md", "src", "tapes"]);
}

#[test]
fn the_templates_are_listed_with_the_default_first() {
    let run = Sandbox::new().tesser("", &["new", "--list"]).expect(0);
    assert_data_eq!(
        run.stdout,
        str![[r#"
chase          limit orders in clips at the last price; partly filled ones follow the market
twap           equal slices over a period, as limit, ioc or market orders
vwap           slices that follow a volume curve, given or learned from ticks
pov            a share of the traded volume; without ticks, equal parts over a period
arrival        passive first, crosses when behind the schedule, close to the arrival price
iceberg        one limit order at a time, so that the order book shows a small part of the target
pegged         limit orders pegged to the last or near price; requoted when it has moved
sniper         waits for a price, then takes it
trailing-stop  follows the best price, and works the signal once the market has turned
blank-kit      a clip every interval on the execution kit: twenty lines as a start for your own
blank          smallest plugin without the execution kit; counts its fills and survives a restart

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
hint: choose another path, or move the existing one away

"#]]
    );
    sandbox.write("file", "mine");
    let run = sandbox.tesser("", &["new", "file"]).expect(101);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: `[DIR]/file` exists and is not a folder
hint: choose another path, or move the existing one away

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
error: `fn` cannot name a plugin: it is a Rust keyword
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
hint: the templates are: chase, twap, vwap, pov, arrival, iceberg, pegged, sniper, trailing-stop, blank-kit, blank; a folder is `path:DIR`, a repository `git:URL#REF`

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
error: `--sdk path:.`: `.` does not contain the crate `tesser-wasm`
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

#[test]
fn the_repository_is_what_cargo_is_configured_for() {
    let sandbox = Sandbox::new();
    sandbox.write(".cargo/config.toml", "[cargo-new]\nvcs = \"none\"\n");
    sandbox.tesser("", &["new", "without"]).expect(0);
    assert!(!sandbox.path("without/.git").exists());
    sandbox.tesser("", &["new", "asked", "--vcs", "git"]).expect(0);
    assert!(sandbox.path("asked/.git").exists());
    sandbox.write(".cargo/config.toml", "[cargo-new]\nvcs = \"fossil\"\n");
    let run = sandbox.tesser("", &["new", "other"]).expect(0);
    assert!(!sandbox.path("other/.git").exists());
    let note = "note: no repository was created: `cargo-new.vcs` is `fossil`";
    assert!(run.stderr.contains(note), "{}", run.stderr);
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
    assert!(
        run.stderr.contains("hint: use `--vcs none` to create no repository"),
        "{}",
        run.stderr
    );
    assert_eq!(names(&sandbox.path("")), ["bin"]);
}

/// Whether the compiler came with this cargo command; a distribution's may come without.
fn has(command: &str) -> bool {
    scrubbed("cargo").args([command, "--version"]).output().unwrap().status.success()
}

/// All of them in one workspace, so that what they share is compiled once and cargo uses all cores. It has the
/// profile that each of them brings, since cargo ignores the profiles of members.
#[test]
fn every_template_passes_its_tests_and_all_checks_as_generated() {
    let sandbox = Sandbox::new();
    let names: Vec<_> =
        tesser_templates::ALL.iter().map(|template| format!("it-new-{}", template.name)).collect();
    let profiles: Vec<_> = names.iter().map(|name| generated_profile(&sandbox, name)).collect();
    assert!(profiles.windows(2).all(|pair| pair[0] == pair[1]), "{profiles:?}");
    sandbox.write(
        "Cargo.toml",
        format!("[workspace]\nresolver = \"3\"\nmembers = {names:?}\n\n{}", profiles[0]),
    );
    let cargo = |words: &[&str]| {
        // Fewer cases than a user runs: a failure that needs more of them is not one of this test.
        let command = scrubbed("cargo").args(words).env("PROPTEST_CASES", "32");
        sandbox.run(command.current_dir(sandbox.path(""))).expect(0)
    };
    if has("fmt") {
        cargo(&["fmt", "--all", "--check"]);
    }
    if has("clippy") {
        cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    }
    cargo(&["test", "--workspace"]);
    sandbox.tesser("", &["build", "--release", "--workspace"]).expect(0);
    let run = sandbox.tesser("", &["test", "--workspace"]).expect(0);
    assert_eq!(run.stderr.matches("test restart/partial-fills ... ok").count(), names.len());
    for name in &names {
        let file = format!("tesser/release/{}.wasm", name.replace('-', "_"));
        let file = plugin_target().join(file);
        let file = file.to_str().unwrap();
        sandbox.tesser("", &["validate", "--deny-warnings", file]).expect(0);
        replays_and_survives_a_restart(&sandbox, name, file);
    }
    the_blank_tests_see_too_much_that_is_placed_slowly(&sandbox);
}

/// 0.005 a second are more than the target of 1 after 201 timers.
fn the_blank_tests_see_too_much_that_is_placed_slowly(sandbox: &Sandbox) {
    let order = "tesser_wasm::PluginOrderRequest::limit(&self.symbol, self.side, Decimal::new(5, 3), Decimal::ONE)";
    let idle = "        Ok(PluginResult::new())\n    }\n\n    fn on_fill";
    let placing = format!("        Ok({order}.into())\n    }}\n\n    fn on_fill");
    sandbox.edit("it-new-blank/src/lib.rs", idle, &placing);
    let test = scrubbed("cargo").args(["test", "-p", "it-new-blank", "a_restart_changes_no_order"]);
    let test = test.env("PROPTEST_CASES", "1").current_dir(sandbox.path(""));
    let run = sandbox.run(test).expect(101);
    assert!(run.stdout.contains("assertion failed: sum <= Decimal::ONE"), "{}", run.stdout);
}

fn generated_profile(sandbox: &Sandbox, name: &str) -> String {
    let template = name.trim_start_matches("it-new-");
    sandbox.tesser("", &["new", name, "--template", template]).expect(0);
    let manifest = std::fs::read_to_string(sandbox.path(name).join("Cargo.toml")).unwrap();
    let profile = manifest.find("[profile.release]").unwrap();
    let end = manifest.find("\n# The signal with which `cargo tesser test`").unwrap();
    manifest[profile..end].to_owned()
}

/// With the command of its README, which has to place something; the blank one has no algorithm yet.
fn replays_and_survives_a_restart(sandbox: &Sandbox, name: &str, file: &str) {
    let readme = std::fs::read_to_string(sandbox.path(name).join("README.md")).unwrap();
    let command = readme.lines().find(|line| line.contains("cargo tesser replay")).unwrap();
    let (command, params) = command.split_once(" --params '").unwrap_or((command, "{}'"));
    let words = command.split_whitespace().skip(4);
    let mut replay = vec!["replay", file];
    replay.extend(words);
    replay.extend(["--params", params.trim_end_matches('\'')]);
    // A run that fills nothing shows nothing, so it fails.
    let code = i32::from(name.ends_with("blank"));
    let ledger = sandbox.tesser(name, &replay).expect(code).stdout;
    let idle = ledger.contains("  filled  0 in");
    assert!(ledger.contains("  filled  ") && idle == name.ends_with("blank"), "{name}: {ledger}");
    sandbox.tesser(name, &[&replay[..], &["--restart-after", "9"]].concat()).expect(code);
    // What needs ticks says so in a live session, where there are none.
    if replay.contains(&"--ticks") {
        replay.retain(|word| *word != "--ticks");
        let live = sandbox.tesser(name, &replay).expect(1).stdout;
        let said =
            "log  no price so far: the host sends no ticks, and without them the stop cannot fire";
        assert!(live.contains(said) && live.contains("  filled  0 in"), "{name}: {live}");
    }
}
