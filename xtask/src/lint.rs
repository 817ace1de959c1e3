//! `cargo xtask lint`: what can be checked without running a test.

use crate::codegen;
use crate::run::{cargo, show};

pub fn run() -> anyhow::Result<()> {
    show(cargo().args(["fmt", "--all", "--check"]))?;
    codegen::run(&codegen::Options { check: true })?;
    show(
        cargo()
            .args(["clippy", "--workspace", "--all-targets", "--all-features"])
            .args(["--", "--deny", "warnings"]),
    )?;
    show(
        cargo()
            .args(["doc", "--workspace", "--no-deps", "--all-features"])
            .env("RUSTDOCFLAGS", "--deny warnings"),
    )?;
    show(cargo().args(["check", "--package", "tesser-wasm", "--no-default-features"]))
}
