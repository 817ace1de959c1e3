//! `cargo xtask lint`: everything that can be checked without running a test.

use std::fs;
use std::process::Command;

use anyhow::Context as _;
use toml_edit::DocumentMut;

use crate::book;
use crate::codegen;
use crate::run::{self, cargo, show};
use crate::supply_chain;

pub fn run(options: &supply_chain::Options) -> anyhow::Result<()> {
    show(cargo().args(["fmt", "--all", "--check"]))?;
    codegen::run(&codegen::Options { check: true })?;
    book::check()?;
    let clippy = ["clippy", "--locked", "--all-targets"];
    let deny = ["--", "--deny", "warnings"];
    show(cargo().args(clippy).args(["--workspace", "--all-features"]).args(deny))?;
    // Without features, as a host uses the SDK: only the types.
    show(cargo().args(clippy).args(["--package", "tesser-wasm"]).args(deny))?;
    for features in [&["--all-features"][..], &[]] {
        let mut doc = cargo();
        doc.args(["doc", "--no-deps", "--package", "tesser-wasm", "--package", "cargo-tesser"]);
        show(doc.args(features).env("RUSTDOCFLAGS", "--deny warnings"))?;
    }
    sdk_msrv()?;
    supply_chain::run(options)
}

/// Checks the SDK with the compiler of its `rust-version`, which only rustup can provide.
fn sdk_msrv() -> anyhow::Result<()> {
    if Command::new("rustup").arg("--version").output().is_err() {
        eprintln!("\nSkipped the SDK's MSRV: rustup is not installed");
        return Ok(());
    }
    let manifest: DocumentMut =
        fs::read_to_string(run::root().join("tesser-wasm/Cargo.toml"))?.parse()?;
    let msrv =
        manifest["package"]["rust-version"].as_str().context("the SDK has a rust-version")?;
    let toolchain = format!("{msrv}.0");
    show(Command::new("rustup").args([
        "toolchain",
        "install",
        &toolchain,
        "--profile",
        "minimal",
    ]))?;
    let mut check = Command::new("rustup");
    check.args(["run", &toolchain, "cargo", "check", "--locked", "--package", "tesser-wasm"]);
    check.args(["--all-features", "--target-dir"]).arg(run::target_dir()?.join("msrv"));
    // The variables of the cargo that runs this would override those of the chosen one.
    show(check.current_dir(run::root()).env_remove("RUSTUP_TOOLCHAIN").env_remove("RUSTC"))
}
