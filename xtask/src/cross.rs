//! `cargo xtask cross`: whether the tool compiles for Windows and macOS, seen from Linux.
//!
//! Types are checked, and the C of its dependencies is compiled. Nothing is linked: Zig has no frameworks of macOS, and a
//! release is built on the system itself. Binaryen is left out, since its C++ is the same everywhere.

use std::process::Command;

use crate::run::{self, show};
use crate::zig;

const TARGETS: [&str; 3] = ["x86_64-pc-windows-gnu", "aarch64-apple-darwin", "x86_64-apple-darwin"];

pub fn run() -> anyhow::Result<()> {
    if Command::new("rustup").arg("--version").output().is_err() {
        eprintln!("Skipped: there is no rustup, which installs the targets");
        return Ok(());
    }
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("Skipped: there is no Python, which installs Zig");
        return Ok(());
    }
    show(Command::new("rustup").args(["target", "add"]).args(TARGETS).current_dir(run::root()))?;
    for target in TARGETS {
        let mut check = zig::cargo("check")?;
        check.args(["--locked", "--package", "cargo-tesser", "--no-default-features"]);
        check.args(["--target", target, "--target-dir"]).arg(run::target_dir()?.join("cross"));
        show(&mut check)?;
    }
    Ok(())
}
