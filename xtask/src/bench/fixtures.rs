//! The plugins that are measured: crates in `<target>/bench`, recreated by each run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::run::{self, show, tesser};

/// The chase plugin as `cargo tesser new` creates it.
pub fn chase(tool: &Path) -> anyhow::Result<PathBuf> {
    template(tool, "chase")
}

/// All templates on the execution kit.
pub const KIT: [&str; 10] = [
    "chase",
    "twap",
    "vwap",
    "pov",
    "arrival",
    "iceberg",
    "pegged",
    "sniper",
    "trailing-stop",
    "blank-kit",
];

/// A plugin as `cargo tesser new --template` creates it.
pub fn template(tool: &Path, name: &str) -> anyhow::Result<PathBuf> {
    scaffold(tool, &format!("bench-{name}"), name)
}

/// The parameters of a crate's tests.
pub fn params(crate_dir: &Path) -> anyhow::Result<Value> {
    let path = crate_dir.join("Cargo.toml");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let manifest: Value = toml_edit::de::from_str(&text)?;
    Ok(manifest["package"]["metadata"]["tesser"]["test"]["params"].clone())
}

/// A plugin that returns constants, to measure the cost of the engine and the ABI.
pub fn null(tool: &Path) -> anyhow::Result<PathBuf> {
    let dir = scaffold(tool, "bench-null", "blank")?;
    fs::write(dir.join("src/lib.rs"), include_str!("fixtures/null.rs"))?;
    Ok(dir)
}

/// Builds a crate as its README says, and returns the plugin.
pub fn build(tool: &Path, crate_dir: &Path) -> anyhow::Result<PathBuf> {
    let target = folder()?.join("target");
    let mut build = tesser(tool);
    build.args(["build", "--release"]).arg("--target-dir").arg(&target);
    show(build.current_dir(crate_dir))?;
    plugin(&target, crate_dir)
}

fn plugin(target: &Path, crate_dir: &Path) -> anyhow::Result<PathBuf> {
    let name = crate_dir.file_name().context("a crate has a name")?.to_string_lossy();
    Ok(target.join(format!("tesser/release/{}.wasm", name.replace('-', "_"))))
}

/// Builds a crate with function names, and without wasm-opt, which would remove them.
pub fn build_named(tool: &Path, crate_dir: &Path) -> anyhow::Result<PathBuf> {
    let target = folder()?.join("target-named");
    let mut build = tesser(tool);
    build.args(["build", "--release", "--no-opt"]).arg("--target-dir").arg(&target);
    show(build.env("CARGO_PROFILE_RELEASE_STRIP", "debuginfo").current_dir(crate_dir))?;
    plugin(&target, crate_dir)
}

/// The folder of the crates.
pub fn folder() -> anyhow::Result<PathBuf> {
    Ok(run::target_dir()?.join("bench"))
}

/// Replaces text, which must exist.
pub fn replace(dir: &Path, file: &str, from: &str, to: &str) -> anyhow::Result<()> {
    let path = dir.join(file);
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    ensure!(
        text.contains(from),
        "`{}` does not contain the text to replace: {from}",
        path.display()
    );
    fs::write(&path, text.replace(from, to)).with_context(|| path.display().to_string())
}

fn scaffold(tool: &Path, name: &str, template: &str) -> anyhow::Result<PathBuf> {
    let folder = folder()?;
    let dir = folder.join(name);
    if dir.exists() {
        fs::remove_dir_all(&dir).with_context(|| dir.display().to_string())?;
    }
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let mut new = tesser(tool);
    new.args(["new", name, "--template", template, "--vcs", "none", "--standalone"]);
    show(new.current_dir(&folder))?;
    Ok(dir)
}
