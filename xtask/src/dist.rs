//! `cargo xtask dist`: an archive of the tool for each target, with all that a release needs.
//!
//! In: target triples. Out, in `<target>/dist`: `cargo-tesser-<version>-<triple>.tar.gz` (`.zip` for Windows) and `SHA256SUMS`. An
//! archive holds the program, its licences and those of all dependencies, a bill of materials, manual pages and completions.

mod archive;
mod tools;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use self::archive::Entry;
use self::tools::Tools;
use crate::man;
use crate::run::{self, show, tesser};
use crate::zig;

const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(clap::Args)]
pub struct Options {
    /// Target triple; may be repeated [default: the static one on Linux, else that of this machine]
    #[arg(long = "target", value_name = "TRIPLE")]
    targets: Vec<String>,
    /// Leave wasm-opt out, which is most of the compile time: to try this task, not for a release
    #[arg(long)]
    no_wasm_opt: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let tools = Tools::install()?;
    let out = run::target_dir()?.join("dist");
    fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    let default = [default_target()?];
    let targets = if options.targets.is_empty() { &default[..] } else { &options.targets };
    let mut sums = Vec::new();
    for target in targets {
        let program = build(target, options)?;
        let name = format!("cargo-tesser-{VERSION}-{target}");
        let file = out.join(format!("{name}.{}", archive::extension(target)));
        archive::write(&file, &name, &entries(&program, target, &tools)?)?;
        let bytes = read(&file)?;
        let file_name = file.file_name().unwrap_or_default().to_string_lossy();
        sums.push(format!("{}  {file_name}\n", HEXLOWER.encode(&Sha256::digest(&bytes))));
        println!("{}, {} bytes", file.display(), bytes.len());
    }
    let path = out.join("SHA256SUMS");
    fs::write(&path, sums.concat()).with_context(|| path.display().to_string())
}

/// The machine's own, with musl on Linux: such a program runs on any distribution.
fn default_target() -> anyhow::Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("cannot run `rustc`")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("`rustc -vV` names no host")?.replace("-linux-gnu", "-linux-musl"))
}

fn build(target: &str, options: &Options) -> anyhow::Result<PathBuf> {
    if Command::new("rustup").arg("--version").output().is_ok() {
        show(Command::new("rustup").args(["target", "add", target]).current_dir(run::root()))?;
    }
    let mut build = if target.contains("-linux-musl") {
        zig::cargo("zigbuild")?
    } else {
        let mut cargo = run::cargo();
        cargo.arg("build");
        cargo
    };
    build.args(["--release", "--locked", "--package", "cargo-tesser", "--target", target]);
    if options.no_wasm_opt {
        build.arg("--no-default-features");
    }
    let dir = run::target_dir()?;
    show(build.arg("--target-dir").arg(&dir))?;
    let suffix = if target.contains("windows") { ".exe" } else { "" };
    Ok(dir.join(target).join("release").join(format!("cargo-tesser{suffix}")))
}

fn entries(program: &Path, target: &str, tools: &Tools) -> anyhow::Result<Vec<Entry>> {
    let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut entries = vec![Entry { path: name, bytes: read(program)?, is_program: true }];
    let mut add = |path: &str, bytes| {
        entries.push(Entry { path: path.into(), bytes, is_program: false });
    };
    for name in ["README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE-APACHE", "LICENSE-MIT"] {
        add(name, read(&run::root().join(name))?);
    }
    add("LICENSES-OF-DEPENDENCIES.txt", licences(target, tools)?);
    add("cargo-tesser.cdx.json", bill_of_materials(target, tools)?);
    for (path, bytes) in manual()?.into_iter().chain(completions()?) {
        add(&path, bytes);
    }
    Ok(entries)
}

/// A manual page for each command.
fn manual() -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let dir = run::target_dir()?.join("dist/man");
    man::write(&dir)?;
    let mut pages = Vec::new();
    for entry in fs::read_dir(&dir)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        pages.push((format!("man/{name}"), read(&path)?));
    }
    pages.sort();
    Ok(pages)
}

/// The scripts that complete commands in each shell.
fn completions() -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let tool = run::build_tool()?;
    let script = |shell: &str| {
        let output = tesser(&tool).args(["completions", shell]).output()?;
        ensure!(output.status.success(), "there is no completion for {shell}");
        Ok((format!("completions/cargo-tesser.{shell}"), output.stdout))
    };
    ["bash", "zsh", "fish", "powershell"].into_iter().map(script).collect()
}

/// The licence texts of all crates that are linked.
fn licences(target: &str, tools: &Tools) -> anyhow::Result<Vec<u8>> {
    let file = run::target_dir()?.join("dist/licences.txt");
    let mut about = tools.cargo("about");
    about.args(["generate", "--offline", "--config", "xtask/assets/about.toml"]);
    about.args(["--manifest-path", "cargo-tesser/Cargo.toml", "--target", target]);
    show(about.arg("--output-file").arg(&file).arg("xtask/assets/about.hbs"))?;
    take(&file)
}

/// A document of `CycloneDX` with all crates that are linked.
fn bill_of_materials(target: &str, tools: &Tools) -> anyhow::Result<Vec<u8>> {
    let mut cyclonedx = tools.cargo("cyclonedx");
    cyclonedx.args(["--manifest-path", "cargo-tesser/Cargo.toml", "--format", "json"]);
    cyclonedx.args(["--target", target, "--override-filename", "dist.cdx"]);
    // Else it has the time and a random number in it.
    show(cyclonedx.env("SOURCE_DATE_EPOCH", commit_time()?))?;
    for other in ["tesser-wasm", "templates", "xtask"] {
        let _ = fs::remove_file(run::root().join(other).join("dist.cdx.json"));
    }
    let document = String::from_utf8(take(&run::root().join("cargo-tesser/dist.cdx.json"))?)?;
    Ok(without_folder(&document, run::root()).into_bytes())
}

/// The crates of the workspace are named by their folders on this machine, which say nothing elsewhere.
fn without_folder(document: &str, root: &Path) -> String {
    document.replace(&format!("file://{}/", root.display()), "file:///")
}

/// Seconds since the Unix epoch.
fn commit_time() -> anyhow::Result<String> {
    let mut git = Command::new("git");
    let output = git.args(["log", "-1", "--format=%ct"]).current_dir(run::root()).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| path.display().to_string())
}

/// Reads a file that another program wrote for this one, and removes it.
fn take(path: &Path) -> anyhow::Result<Vec<u8>> {
    let bytes = read(path)?;
    fs::remove_file(path).with_context(|| path.display().to_string())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bill_of_materials_does_not_name_the_machine() {
        let document = r#"{"bom-ref": "path+file:///home/me/tesser/cargo-tesser#0.10.0"}"#;
        let expected = r#"{"bom-ref": "path+file:///cargo-tesser#0.10.0"}"#;
        assert_eq!(without_folder(document, Path::new("/home/me/tesser")), expected);
    }
}
