//! Profiles and compilers that must not make what trades.

use snapbox::{assert_data_eq, str};

use super::{manifest, plugin, source};
use crate::support::Sandbox;

#[test]
fn a_release_without_overflow_checks_is_refused() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-wraps", &source(""));
    let run = sandbox.tesser("it-wraps", &["build", "--release"]).expect(1);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: `it-wraps` would trade with wrong numbers: `overflow-checks` is off in the profile `release`
hint: without it a sum that does not fit becomes another number in silence; add this to the Cargo.toml at the workspace's root, since cargo ignores profiles elsewhere:

[profile.release]
overflow-checks = true


"#]]
    );
}

#[test]
fn a_profile_in_a_member_does_not_pass_for_the_real_one() {
    let sandbox = Sandbox::new();
    sandbox.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"it-member\"]\n");
    plugin(&sandbox, "it-member", &source(""));
    let profile = "\n[profile.release]\noverflow-checks = true\n";
    sandbox.write("it-member/Cargo.toml", manifest("it-member") + profile);
    let run = sandbox.tesser("", &["build", "--release"]).expect(1);
    assert!(run.error().contains("`overflow-checks` is off"), "{}", run.stderr);
    // What the environment says counts, as it does for cargo.
    let checks = [("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true")];
    let run = sandbox.tesser_with("", &["build", "--release"], &checks).expect(0);
    assert!(
        run.stderr.contains("profiles for the non root package will be ignored"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_a_profile_lacks_is_warned_of_with_what_it_costs() {
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-slow", &source(""));
    let profile = "\n[profile.slow]\ninherits = \"release\"\noverflow-checks = true\n";
    sandbox.write("it-slow/Cargo.toml", manifest("it-slow") + profile);
    let warnings = |run: crate::support::Run| -> String {
        run.stderr
            .lines()
            .filter(|line| line.starts_with("warning: the profile"))
            .fold(String::new(), |all, line| all + line + "\n")
    };
    let words = ["build", "--profile", "slow"];
    let said = warnings(sandbox.tesser("it-slow", &words).expect(0));
    assert_data_eq!(
        said.clone(),
        str![[r#"
warning: the profile `slow` of `it-slow` has no `panic = "abort"`: a panic ends the instance anyway, and unwinding is code that never runs
warning: the profile `slow` of `it-slow` has no `lto = "fat"`: the plugin is larger, and calls between crates stay calls
warning: the profile `slow` of `it-slow` has no `strip = true`: wasm-opt gets names and debug information to carry along, and `--no-opt` leaves them in the plugin

"#]]
    );
    // Nothing was compiled this time, and it is said all the same.
    assert_eq!(warnings(sandbox.tesser("it-slow", &words).expect(0)), said);
    assert_eq!(warnings(sandbox.tesser("it-slow", &["build"]).expect(0)), "");
}
