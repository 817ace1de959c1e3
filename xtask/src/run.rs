//! Runs commands from the workspace's root, and finds folders and tools.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context as _, bail};

/// The root of the checkout. It comes from cargo's variable, since the binary may be that of another checkout with the same target
/// folder.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let built_from = || env!("CARGO_MANIFEST_DIR").into();
        let xtask =
            PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(built_from));
        xtask.parent().expect("xtask lies in the workspace").to_owned()
    })
}

/// The folder of cargo's artifacts that contains xtask itself.
pub fn target_dir() -> anyhow::Result<PathBuf> {
    let xtask = std::env::current_exe()?;
    let dir = xtask.ancestors().nth(2).context("xtask lies in <target>/<profile>/")?;
    Ok(dir.to_owned())
}

/// The cargo that runs xtask, working in the root.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// The `cargo-tesser` of this checkout, built first if necessary.
pub fn build_tool() -> anyhow::Result<PathBuf> {
    show(cargo().args(["build", "--package", "cargo-tesser"]))?;
    let name = format!("cargo-tesser{}", std::env::consts::EXE_SUFFIX);
    Ok(target_dir()?.join("debug").join(name))
}

/// Returns `cargo tesser` by the path of the tool.
pub fn tesser(tool: &Path) -> Command {
    let mut command = Command::new(tool);
    command.arg("tesser");
    command
}

/// Prints and runs a command; its failure is an error.
pub fn show(command: &mut Command) -> anyhow::Result<()> {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    let line = words.join(" ").replace("cargo-tesser tesser", "cargo tesser");
    eprintln!("\n$ {line}");
    let status = command.status().with_context(|| format!("cannot run `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}
