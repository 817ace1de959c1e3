//! Profiles that must not make what trades, and what others cost.

use snapbox::{assert_data_eq, str};

use super::{installed, manifest, plugin, source};
use crate::support::{Run, Sandbox};

/// Lines of stderr that begin with this.
fn lines(run: &Run, start: &str) -> String {
    let lines = run.stderr.lines().filter(|line| line.starts_with(start));
    lines.fold(String::new(), |all, line| all + line + "\n")
}

/// What a sum panics with, if it is checked.
fn is_checked(profile: &str, file: &str) -> bool {
    let bytes = std::fs::read(installed(profile, file)).unwrap();
    memchr::memmem::find(&bytes, b"attempt to add with overflow").is_some()
}

const SUM: &str = "if ctx.plugin.len() + ctx.params.to_string().len() == 7 { return Ok(PluginResult::new().completed()) }";

#[test]
fn a_release_that_says_nothing_of_overflow_checks_has_them_and_says_so_once() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"it-silent\", \"it-silent-too\"]\n",
    );
    plugin(&sandbox, "it-silent", &source(SUM));
    plugin(&sandbox, "it-silent-too", &source(SUM));
    // Of a build script nothing is in the plugin.
    sandbox.write("it-silent/build.rs", "fn main() {}\n");
    let run = sandbox.tesser("", &["build", "--dry-run"]).expect(0);
    assert_eq!(run.stderr, "");
    let run = sandbox.tesser("", &["build", "--release", "--no-opt"]).expect(0);
    assert_data_eq!(
        lines(&run, "note: "),
        str![[r#"
note: the profile `release` does not set `overflow-checks`, so `cargo tesser build` enables them: an overflow must panic, not become an order; add `overflow-checks = true` to `[profile.release]` in `[DIR]/Cargo.toml` to have them in every build

"#]]
    );
    assert!(is_checked("release", "it_silent.wasm") && is_checked("release", "it_silent_too.wasm"));
}

#[test]
fn a_library_of_the_workspace_is_checked_as_the_plugin_is() {
    let sandbox = Sandbox::new();
    let members = "[workspace]\nresolver = \"3\"\nmembers = [\"it-own\", \"common\"]\n";
    let profile = "[profile.release.package]\nit-own.overflow-checks = true\ntesser-wasm.overflow-checks = true\n";
    sandbox.write("Cargo.toml", format!("{members}{profile}"));
    let common = "[package]\nname = \"common\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    sandbox.write("common/Cargo.toml", common);
    sandbox.write("common/src/lib.rs", "pub fn sum(a: u64, b: u64) -> u64 { a + b }\n");
    let sum = "if common::sum(ctx.plugin.len() as u64, 1) == 7 { return Ok(PluginResult::new().completed()) }";
    plugin(&sandbox, "it-own", &source(sum));
    let run = sandbox.tesser("", &["build", "--release", "--dry-run"]).expect(0);
    assert!(!lines(&run, "note: ").contains("overflow-checks"), "{}", run.stderr);
    let needs = manifest("it-own") + "common = { path = \"../common\" }\n";
    sandbox.write("it-own/Cargo.toml", needs);
    let run = sandbox.tesser("", &["build", "--release", "--no-opt", "-p", "it-own"]).expect(0);
    assert!(lines(&run, "note: ").contains("overflow-checks"), "{}", run.stderr);
    assert!(is_checked("release", "it_own.wasm"));
}

#[test]
fn a_profile_that_switches_overflow_checks_off_is_refused() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-wraps", &source(""));
    let off = "overflow-checks = false\n";
    let write = |profile: &str| {
        sandbox.write("it-wraps/Cargo.toml", format!("{}\n{profile}{off}", manifest("it-wraps")));
    };
    write("[profile.release]\n");
    let run = sandbox.tesser("it-wraps", &["build", "--release"]).expect(1);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: the profile `release` disables `overflow-checks` for `it-wraps`: an overflow would wrap silently
hint: remove `overflow-checks = false` from `[profile.release]`, its tables of packages, the profile that it inherits from, or the variables `CARGO_PROFILE_*`

"#]]
    );
    let refused = |words: &[&str], vars: &[(&str, &str)]| {
        let run = sandbox.tesser_with("it-wraps", words, vars).expect(1);
        assert!(run.error().contains("disables `overflow-checks`"), "{}", run.stderr);
    };
    let release = ["build", "--release"];
    write("[profile.mine]\ninherits = \"dev\"\n");
    refused(&["build", "--profile", "mine"], &[]);
    write("[profile.release.package.it-wraps]\n");
    refused(&release, &[]);
    sandbox.write("it-wraps/Cargo.toml", manifest("it-wraps"));
    refused(&release, &[("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "false")]);
    refused(&["build", "--release", "--config", "profile.release.overflow-checks=false"], &[]);
    sandbox.write("it-wraps/.cargo/config.toml", format!("[profile.release]\n{off}"));
    refused(&release, &[]);
}

#[test]
fn a_profile_in_a_member_does_not_pass_for_the_real_one() {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"it-member\"]\n");
    plugin(&sandbox, "it-member", &source(""));
    let profile = "\n[profile.release]\noverflow-checks = true\n";
    sandbox.write("it-member/Cargo.toml", manifest("it-member") + profile);
    let run = sandbox.tesser("", &["build", "--release", "--dry-run"]).expect(0);
    assert!(lines(&run, "note: ").contains("does not set `overflow-checks`"), "{}", run.stderr);
    // What the environment says counts, as it does for cargo.
    let checks = [("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true")];
    let run = sandbox.tesser_with("", &["build", "--release"], &checks).expect(0);
    assert_eq!(lines(&run, "note: "), "");
    assert!(
        run.stderr.contains("profiles for the non root package will be ignored"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_a_profile_lacks_is_one_warning_for_all_plugins() {
    let sandbox = Sandbox::new();
    let members = "[workspace]\nresolver = \"3\"\nmembers = [\"it-slow\", \"it-slow-too\"]\n";
    let profile = "\n[profile.slow]\ninherits = \"release\"\noverflow-checks = true\n";
    sandbox.write("Cargo.toml", format!("{members}{profile}"));
    plugin(&sandbox, "it-slow", &source(""));
    plugin(&sandbox, "it-slow-too", &source(""));
    let words = ["build", "--profile", "slow"];
    let said = lines(&sandbox.tesser("", &words).expect(0), "warning: the profile");
    assert_data_eq!(
        said.clone(),
        str![[r#"
warning: the profile `slow` has no `lto = "fat"`, `panic = "abort"` and `strip = true`, so plugins are larger and slower than they could be; add what is missing to `[profile.slow]` in `[DIR]/Cargo.toml`, or to a profile that only plugins use: `[profile.plugin]` with `inherits = "release"`

"#]]
    );
    // Nothing was compiled this time, and it is said all the same.
    assert_eq!(lines(&sandbox.tesser("", &words).expect(0), "warning: the profile"), said);
    assert_eq!(lines(&sandbox.tesser("", &["build"]).expect(0), "warning: the profile"), "");
    // A profile for plugins is named where there is one.
    let own = "[profile.plugin]\ninherits = \"release\"\nlto = \"fat\"\npanic = \"abort\"\nstrip = true\noverflow-checks = true\n";
    sandbox.write("Cargo.toml", format!("{members}{profile}{own}"));
    let said = lines(&sandbox.tesser("", &words).expect(0), "warning: the profile");
    assert!(
        said.ends_with(
            "; build with `--profile plugin`, which `[DIR]/Cargo.toml` has for plugins\n"
        ),
        "{said}"
    );
    let words = ["build", "--profile", "plugin", "--dry-run"];
    assert_eq!(sandbox.tesser("", &words).expect(0).stderr, "");
}
