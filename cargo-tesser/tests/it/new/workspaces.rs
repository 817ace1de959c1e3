//! A crate inside of a cargo workspace.

use snapbox::{assert_data_eq, str};

use crate::support::{Sandbox, plugin_target, scrubbed};

const ROOT: &str = r#"# Our desk.
[workspace]
resolver = "3"
members = [
    "svc", # the service
    # plugins follow
]

[workspace.package]
edition = "2024"
rust-version = "1.88"
license = "MIT"

[workspace.dependencies]
serde = { version = "1", features = ["derive"] }
"#;

/// A workspace with one crate that is no plugin, in the sandbox's folder.
fn workspace(sandbox: &Sandbox, root: &str) {
    sandbox.write("Cargo.toml", root);
    sandbox.write("svc/src/lib.rs", "");
    sandbox.write("svc/Cargo.toml", "[package]\nname = \"svc\"\n");
}

fn read(sandbox: &Sandbox, path: &str) -> String {
    std::fs::read_to_string(sandbox.path(path)).unwrap()
}

/// What cargo takes for members.
fn members(sandbox: &Sandbox, dir: &str) -> Vec<String> {
    let words = ["metadata", "--no-deps", "--format-version", "1"];
    let run = sandbox.run(scrubbed("cargo").args(words).current_dir(sandbox.path(dir))).expect(0);
    let metadata: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let names = metadata["packages"].as_array().unwrap().iter();
    names.map(|package| package["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_crate_joins_the_workspace_and_inherits_what_does_for_it() {
    let sandbox = Sandbox::new();
    workspace(&sandbox, ROOT);
    let words = ["new", "plugins/it-member", "--template", "blank", "--vcs", "none"];
    let run = sandbox.tesser("", &words).expect(0);
    assert_data_eq!(
        run.stderr,
        str![[r#"
     Created plugin `it-member` from template `blank`
      Joined the workspace of `[DIR]/Cargo.toml`: added to `members`
   Inherited edition, rust-version, license, serde
       Added `[profile.release.package.it-member]`, `[profile.release.package.tesser-wasm]`, `[profile.plugin]` to `[DIR]/Cargo.toml`
note: `lto = "fat"` and `panic = "abort"` can only be set for all crates of a profile, so `[profile.plugin]` has them: build with `cargo tesser build --profile plugin`; with `--release` the plugin works, but is larger and slower
       Added `[DIR]/.github/workflows/it-member.yml`: GitHub reads workflows only at the root of a repository
       Using tesser-wasm at `[ROOT]/tesser-wasm` (of the checkout that this tool was built from)

Next:
  cd plugins/it-member
  cargo test
  cargo tesser build --release

"#]]
    );
    let root = read(&sandbox, "Cargo.toml");
    let listed = ROOT.replace("service\n", "service\n    \"plugins/it-member\",\n");
    assert!(root.starts_with(&listed), "{root}");
    let manifest = read(&sandbox, "plugins/it-member/Cargo.toml");
    assert!(!manifest.contains("[profile"), "{manifest}");
    assert!(manifest.contains("edition.workspace = true"), "{manifest}");
    assert!(manifest.contains("publish = false"), "{manifest}");
    let readme = read(&sandbox, "plugins/it-member/README.md");
    assert!(readme.contains("../../target/tesser/release/it_member.wasm"), "{readme}");
    assert_eq!(members(&sandbox, ""), ["svc", "it-member"]);
    // With the profile that it got, it is a plugin: numbers are checked.
    sandbox.tesser("plugins/it-member", &["build", "--release"]).expect(0);
    assert!(plugin_target().join("tesser/release/it_member.wasm").is_file());
}

/// GitHub looks for workflows in no other place.
#[test]
fn the_workflow_of_a_member_is_at_the_root_of_the_repository() {
    let sandbox = Sandbox::new();
    workspace(&sandbox, ROOT);
    sandbox.run(scrubbed("git").args(["init", "--quiet"]).current_dir(sandbox.path(""))).expect(0);
    sandbox.write(".cargo/config.toml", "[build]\ntarget-dir = \"out\"\n");
    let words = ["new", "plugins/mine", "--template", "blank"];
    let run = sandbox.tesser("", &words).expect(0);
    let said = "Added `[DIR]/.github/workflows/mine.yml`: GitHub reads workflows only at the root";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    assert!(!sandbox.path("plugins/mine/.github").exists());
    let text = read(&sandbox, ".github/workflows/mine.yml");
    assert!(text.contains("working-directory: \"plugins/mine\"\n"), "{text}");
    assert!(text.contains("path: out/tesser/release/mine.wasm\n"), "{text}");
    // The configured target directory is in the README, too.
    let readme = read(&sandbox, "plugins/mine/README.md");
    assert!(readme.contains(" ../../out/tesser/release/mine.wasm"), "{readme}");
    // One that is there stays.
    sandbox.write(".github/workflows/other.yml", "mine\n");
    let run = sandbox.tesser("", &["new", "other", "--template", "blank"]).expect(0);
    let said = "note: `[DIR]/.github/workflows/other.yml` already exists and was not changed";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    assert_eq!(read(&sandbox, ".github/workflows/other.yml"), "mine\n");
}

#[test]
fn a_workspace_with_other_crates_gets_a_profile_that_only_plugins_use() {
    let sandbox = Sandbox::new();
    workspace(&sandbox, ROOT);
    sandbox.tesser("", &["new", "mine", "--template", "blank", "--vcs", "none"]).expect(0);
    let build = |words: &[&str]| {
        let run = sandbox.tesser("mine", &[&["build", "--dry-run"], words].concat());
        run.expect(0).stderr
    };
    let said = build(&["--release"]);
    let warning = "warning: the profile `release` has no `lto = \"fat\"` and `panic = \"abort\"`, so plugins are larger and slower than they could be; build with `--profile plugin`, which `[DIR]/Cargo.toml` has for plugins\n";
    assert_eq!(said, warning);
    assert_eq!(build(&["--profile", "plugin"]), "");
    // A second plugin finds it there.
    let run = sandbox.tesser("", &["new", "other", "--template", "blank"]).expect(0);
    assert!(!run.stderr.contains("[profile.plugin]` to"), "{}", run.stderr);
}

/// Cargo goes where a package around the crate, or the crate itself, says that the workspace is.
#[test]
fn a_workspace_that_a_package_names_is_joined() {
    let sandbox = Sandbox::new();
    sandbox.write("whole/Cargo.toml", "[workspace]\nmembers = [\"../svc\"]\n");
    let named = |name: &str, root: &str| {
        format!("[package]\nname = \"{name}\"\nworkspace = \"{root}\"\nedition = \"2024\"\n")
    };
    sandbox.write("svc/Cargo.toml", named("svc", "../whole"));
    sandbox.write("svc/src/lib.rs", "");
    let words = ["new", "svc/it-named", "--template", "blank", "--vcs", "none"];
    let run = sandbox.tesser("", &words).expect(0);
    let joined = "Joined the workspace of `[DIR]/whole/Cargo.toml`: added to `members`";
    assert!(run.stderr.contains(joined), "{}", run.stderr);
    let root = read(&sandbox, "whole/Cargo.toml");
    assert!(root.contains("members = [\"../svc\", \"../svc/it-named\"]"), "{root}");
    let readme = read(&sandbox, "svc/it-named/README.md");
    assert!(readme.contains("../../whole/target/tesser/release/it_named.wasm"), "{readme}");
    assert_eq!(members(&sandbox, "svc/it-named"), ["svc", "it-named"]);

    sandbox.write("apart/Cargo.toml", named("apart", "../whole"));
    let run = sandbox.tesser("apart", &["init"]).expect(0);
    let listed = "Adding the crate to `members` of `[DIR]/whole/Cargo.toml`";
    assert!(run.stderr.contains(listed), "{}", run.stderr);
    assert_eq!(members(&sandbox, "apart"), ["apart", "svc", "it-named"]);

    sandbox.write("lost/Cargo.toml", named("lost", "../svc"));
    let run = sandbox.tesser("lost", &["new", "mine"]).expect(101);
    let error = "`[DIR]/svc/Cargo.toml`: `package.workspace` in `[DIR]/lost/Cargo.toml` names it, but it has no `[workspace]`";
    assert!(run.error().contains(error), "{}", run.stderr);
    assert!(!sandbox.path("lost/mine").exists());
}

#[test]
fn a_pattern_that_lists_the_crate_is_enough() {
    let sandbox = Sandbox::new();
    let root = "[workspace]\nmembers = [\"plugins/*\"]\n\n[profile.release]\nopt-level = \"s\"\npackage.tesser-wasm.opt-level = 2\nlto = \"fat\"\ncodegen-units = 1\npanic = \"abort\"\nstrip = true\noverflow-checks = true\n";
    sandbox.write("Cargo.toml", root);
    std::fs::create_dir(sandbox.path("plugins")).unwrap();
    let run = sandbox.tesser("plugins", &["new", "mine", "--template", "blank"]).expect(0);
    assert!(run.stderr.contains("Cargo.toml`, which already lists it"), "{}", run.stderr);
    assert_eq!(read(&sandbox, "Cargo.toml"), root);
    assert_eq!(members(&sandbox, ""), ["mine"]);
}

#[test]
fn the_first_crate_of_a_workspace_brings_the_whole_profile() {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", "[workspace]\nresolver = \"3\"\n");
    let run = sandbox.tesser("", &["new", "mine", "--template", "blank"]).expect(0);
    assert!(run.stderr.contains("Added `[profile.release]` to"), "{}", run.stderr);
    assert!(!run.stderr.contains("note:"), "{}", run.stderr);
    let root = read(&sandbox, "Cargo.toml");
    assert!(root.contains("members = [\"mine\"]"), "{root}");
    assert!(root.contains("lto = \"fat\"") && root.contains("overflow-checks = true"), "{root}");
    // The second one finds it there.
    let run = sandbox.tesser("", &["new", "other", "--template", "blank"]).expect(0);
    assert!(!run.stderr.contains("Added"), "{}", run.stderr);
    assert_eq!(members(&sandbox, "other"), ["mine", "other"]);
}

#[test]
fn the_sdk_of_the_workspace_comes_before_that_of_the_tool() {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", "[workspace.dependencies]\ntesser-wasm = \"0.10\"\n");
    let run = sandbox.tesser("", &["new", "mine", "--template", "blank"]).expect(0);
    assert!(
        run.stderr.contains("Using tesser-wasm of the workspace (`workspace.dependencies`)"),
        "{}",
        run.stderr
    );
    let manifest = read(&sandbox, "mine/Cargo.toml");
    let line = "tesser-wasm = { workspace = true, features = [\"guest\"] }";
    assert!(manifest.contains(line), "{manifest}");
    let words = ["new", "other", "--template", "blank", "--sdk", "0.11"];
    sandbox.tesser("", &words).expect(0);
    assert!(read(&sandbox, "other/Cargo.toml").contains("tesser-wasm = { version = \"0.11\""));
    let run =
        sandbox.tesser("", &["new", "alone", "--template", "blank", "--standalone"]).expect(0);
    assert!(
        run.stderr.contains("Using tesser-wasm 0.10 (of the workspace around it)"),
        "{}",
        run.stderr
    );
    assert!(read(&sandbox, "alone/Cargo.toml").contains("tesser-wasm = { version = \"0.10\""));
}

#[test]
fn a_crate_inside_of_a_checkout_uses_its_sdk_by_a_relative_path() {
    let sandbox = Sandbox::new();
    sandbox.write("checkout/Cargo.toml", "[workspace]\nmembers = [\"tesser-wasm\"]\n");
    sandbox.write("checkout/tesser-wasm/Cargo.toml", "[package]\nname = \"tesser-wasm\"\n");
    let run = sandbox.tesser("checkout", &["new", "a/b/c/d/e", "--template", "blank"]).expect(0);
    assert!(run.stderr.contains("(of the checkout around it)"), "{}", run.stderr);
    let manifest = read(&sandbox, "checkout/a/b/c/d/e/Cargo.toml");
    assert!(manifest.contains(r#"path = "../../../../../tesser-wasm""#), "{manifest}");
}

#[test]
fn an_excluded_crate_and_one_that_is_asked_to_stand_alone() {
    let sandbox = Sandbox::new();
    let root = ROOT.replace("resolver", "exclude = [\"scratch\"]\nresolver");
    workspace(&sandbox, &root);
    sandbox.tesser("", &["new", "scratch/mine", "--template", "blank"]).expect(0);
    let manifest = read(&sandbox, "scratch/mine/Cargo.toml");
    assert!(
        !manifest.contains("workspace") && manifest.contains("[profile.release]"),
        "{manifest}"
    );
    assert_eq!(members(&sandbox, "scratch/mine"), ["mine"]);
    sandbox.tesser("", &["new", "alone", "--template", "blank", "--standalone"]).expect(0);
    let manifest = read(&sandbox, "alone/Cargo.toml");
    assert!(manifest.contains("\n[workspace]\n"), "{manifest}");
    assert_eq!(members(&sandbox, "alone"), ["alone"]);
    assert_eq!(read(&sandbox, "Cargo.toml"), root);
}

#[test]
fn a_workspace_that_cannot_be_joined_is_an_error_with_a_way_out() {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", "[workspace]\nmembers = \"all\"\n");
    let run = sandbox.tesser("", &["new", "mine", "--template", "blank"]).expect(101);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: the crate cannot join the workspace of `[DIR]/Cargo.toml`: its `workspace.members` is not a list
hint: fix it, or create a standalone crate with `--standalone`

"#]]
    );
    sandbox.write("Cargo.toml", "[workspace\n");
    let run = sandbox.tesser("", &["new", "mine", "--template", "blank"]).expect(101);
    assert!(run.stderr.starts_with("error: the crate cannot join the workspace"), "{}", run.stderr);
    assert!(!sandbox.path("mine").exists());
    sandbox.tesser("", &["new", "mine", "--template", "blank", "--standalone"]).expect(0);
    assert!(read(&sandbox, "mine/Cargo.toml").contains("\n[workspace]\n"));
}

#[test]
fn a_name_that_the_workspace_has_is_refused() {
    let sandbox = Sandbox::new();
    workspace(&sandbox, &ROOT.replace("[workspace.package]", "[workspace.metadata]"));
    sandbox.tesser("", &["new", "a-b", "--template", "blank"]).expect(0);
    let run = sandbox.tesser("", &["new", "deep/a_b", "--template", "blank"]).expect(2);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: `a_b` cannot name a plugin: the workspace has a package with that name, or one that differs only in `-` and `_`
hint: try `--name a_b-2`

"#]]
    );
    assert!(!sandbox.path("deep").exists());
    sandbox.tesser("", &["new", "deep/a_b", "--name", "a_b-2", "--template", "blank"]).expect(0);
    assert_eq!(members(&sandbox, ""), ["svc", "a-b", "a_b-2"]);
}

#[test]
fn of_crates_that_join_at_once_none_is_lost() {
    let sandbox = Sandbox::new();
    workspace(&sandbox, ROOT);
    let names: Vec<_> = (0..6).map(|number| format!("p{number}")).collect();
    let runs: Vec<_> = std::thread::scope(|scope| {
        let new = |name| sandbox.tesser("", &["new", name, "--template", "blank"]);
        let runs: Vec<_> = names.iter().map(|name| scope.spawn(move || new(name))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let made: Vec<_> =
        names.iter().zip(&runs).filter(|(_, run)| run.code == Some(0)).map(|it| it.0).collect();
    assert!(!made.is_empty());
    for (name, run) in names.iter().zip(&runs) {
        assert_eq!(sandbox.path(name).exists(), made.contains(&name), "{}", run.stderr);
    }
    let mut listed = members(&sandbox, "");
    listed.retain(|name| name != "svc");
    listed.sort();
    assert_eq!(listed.iter().collect::<Vec<_>>(), made);
}

#[test]
fn a_template_that_is_a_workspace_does_not_join_another() {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", "[workspace]\n");
    sandbox.write("desk/tesser-template.toml", "description = \"x\"\n");
    sandbox.write("desk/Cargo.toml", "[package]\nname = \"x\"\n[workspace]\n");
    let run = sandbox.tesser("", &["new", "mine", "--template", "./desk"]).expect(101);
    assert!(run.stderr.contains("the template contains a workspace"), "{}", run.stderr);
    assert!(!sandbox.path("mine").exists());
    sandbox.tesser("", &["new", "mine", "--template", "./desk", "--standalone"]).expect(0);
    assert_eq!(read(&sandbox, "mine/Cargo.toml"), "[package]\nname = \"x\"\n[workspace]\n");
}

/// A change by somebody else must not be lost.
#[cfg(unix)]
#[test]
fn when_the_workspace_has_changed_meanwhile_the_crate_is_taken_back() {
    let sandbox = Sandbox::new();
    workspace(&sandbox, ROOT);
    // It changes while git runs, the last step before it is written.
    let git = sandbox.write(
        "bin/git",
        "#!/bin/sh\ncase \"$*\" in *init*) echo '# changed' >> \"$ROOT_MANIFEST\";; *) exit 1;; esac\n",
    );
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&git, mode).unwrap();
    let path = format!("{}:{}", sandbox.path("bin").display(), std::env::var("PATH").unwrap());
    let manifest = sandbox.path("Cargo.toml").display().to_string();
    let vars = [("PATH", path.as_str()), ("ROOT_MANIFEST", manifest.as_str())];
    let words = ["new", "deep/er/mine", "--template", "blank"];
    let run = sandbox.tesser_with("", &words, &vars).expect(101);
    assert!(
        run.stderr.contains("another process has just changed it; try again"),
        "{}",
        run.stderr
    );
    assert!(!sandbox.path("deep").exists());
    assert_eq!(read(&sandbox, "Cargo.toml"), format!("{ROOT}# changed\n"));
}
