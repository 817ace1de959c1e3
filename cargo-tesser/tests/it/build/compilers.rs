//! Real compilers, by rustup: those that build plugins, and one that does not.

use std::process::Command;

use super::{manifest, plugin, source};
use crate::support::Sandbox;

/// Installs a compiler with the target, unless it is there: one that is must not become another under its user's feet.
fn install(toolchain: &str) -> bool {
    let words = ["target", "add", "--toolchain", toolchain, "wasm32-wasip1"];
    let is_there = Command::new("rustup").args(["run", toolchain, "rustc", "-V"]).output();
    if is_there.is_ok_and(|output| output.status.success()) {
        return Command::new("rustup").args(words).status().is_ok_and(|status| status.success());
    }
    let words =
        ["toolchain", "install", toolchain, "--profile", "minimal", "--target", "wasm32-wasip1"];
    Command::new("rustup").args(words).status().is_ok_and(|status| status.success())
}

#[test]
#[ignore = "downloads compilers"]
fn compilers_from_the_oldest_to_nightly_build_plugins() {
    for toolchain in ["1.85.0", "1.87.0", "stable", "nightly"] {
        if !install(toolchain) {
            eprintln!("SKIPPED: `{toolchain}` cannot be installed");
            continue;
        }
        let sandbox = Sandbox::new();
        plugin(&sandbox, "it-compiler", &source(""));
        // As rustup does for `cargo +name`.
        let vars = [("RUSTUP_TOOLCHAIN", toolchain)];
        let words = ["build", "--target-dir", "t"];
        sandbox.tesser_with("it-compiler", &words, &vars).expect(0);
        let file = "it-compiler/t/tesser/debug/it_compiler.wasm";
        sandbox.tesser("", &["validate", file]).expect(0);
    }
}

#[test]
#[ignore = "downloads a compiler"]
fn a_compiler_from_before_the_sdks_oldest_is_refused_with_the_reason() {
    if !install("1.82.0") {
        eprintln!("SKIPPED: `1.82.0` cannot be installed");
        return;
    }
    let sandbox = Sandbox::new();
    plugin(&sandbox, "it-compiler", &source(""));
    // Cargo 1.82 does not read the edition of 2024, so that cargo itself must not be asked first.
    let manifest = manifest("it-compiler");
    assert!(manifest.contains("edition = \"2024\""));
    let vars = [("RUSTUP_TOOLCHAIN", "1.82.0")];
    let run = sandbox.tesser_with("it-compiler", &["build"], &vars).expect(101);
    let error = run.error();
    assert!(error.contains("cannot build plugins: `tesser-wasm` needs 1.85.0 or later"), "{error}");
    assert!(error.contains("hint: install another with `rustup update`"), "{error}");
}
