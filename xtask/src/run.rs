//! Running commands from the workspace's root, and where that is.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

/// The root of the checkout that xtask was built from.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace")
}

/// The cargo that runs xtask, working in the root.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// `cargo tesser ..` of this checkout, built first when it has to be.
pub fn cargo_tesser() -> Command {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "cargo-tesser", "--", "tesser"]);
    command
}

/// Says what runs, runs it, and fails when it fails.
pub fn show(command: &mut Command) -> anyhow::Result<()> {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let line = words.join(" ");
    eprintln!("$ {line}");
    let status = command.status().with_context(|| format!("cannot run `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}
