//! Time of the first build of a fresh plugin, compared with the same plugin and an SDK that runs wit-bindgen's macro.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, ensure};

use super::fixtures;
use crate::run::{self, show, tesser};

/// Limit of our first build, as a multiple of the time with the macro.
const LIMIT: f64 = 0.4;

#[derive(clap::Args)]
pub struct Options {
    /// Number of builds of each; the shortest time counts
    #[arg(long, default_value_t = 4)]
    rounds: u32,
    /// Time each template on the kit instead: its first build, and one after a change
    #[arg(long)]
    templates: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let tool = run::build_tool()?;
    if options.templates {
        return templates(&tool, options.rounds);
    }
    let ours = variant(&tool, "cold-ours", false)?;
    let theirs = variant(&tool, "cold-macro", true)?;
    // Fetches everything, so that no download is timed.
    seconds(&ours)?;
    seconds(&theirs)?;
    let (mut least_ours, mut least_theirs) = (f64::MAX, f64::MAX);
    for _ in 0..options.rounds {
        least_ours = least_ours.min(seconds(&ours)?);
        least_theirs = least_theirs.min(seconds(&theirs)?);
    }
    let ratio = least_ours / least_theirs;
    println!("first build, generated bindings  {least_ours:6.1} s");
    println!("first build, wit-bindgen's macro {least_theirs:6.1} s");
    println!("ratio {ratio:.2}, the limit is {LIMIT:.2}");
    ensure!(ratio <= LIMIT, "a first build takes {ratio:.2} times what it takes with the macro");
    Ok(())
}

fn templates(tool: &Path, rounds: u32) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for template in fixtures::KIT {
        let crate_dir = fixtures::template(tool, template)?;
        let (mut first, mut changed) = (f64::MAX, f64::MAX);
        for round in 0..rounds {
            first = first.min(seconds(&crate_dir)?);
            let lib = crate_dir.join("src/lib.rs");
            let changed_text =
                fs::read_to_string(&lib)? + &format!("\npub static R{round}: u32 = 1;\n");
            fs::write(lib, changed_text)?;
            changed = changed.min(build_seconds(&crate_dir)?);
        }
        rows.push(format!("{template:15}{first:9.1} s{changed:9.1} s"));
    }
    println!("template        first build  rebuild");
    println!("{}", rows.join("\n"));
    Ok(())
}

/// A chase plugin with a copy of the SDK beside it.
fn variant(tool: &Path, name: &str, with_macro: bool) -> anyhow::Result<PathBuf> {
    let dir = fixtures::folder()?.join(name);
    if dir.exists() {
        fs::remove_dir_all(&dir).with_context(|| dir.display().to_string())?;
    }
    let sdk = dir.join("tesser-wasm");
    for file in ["Cargo.toml", "README.md", "abi.toml"] {
        copy(&run::root().join("tesser-wasm").join(file), &sdk.join(file))?;
    }
    for folder in ["src", "wit"] {
        copy(&run::root().join("tesser-wasm").join(folder), &sdk.join(folder))?;
    }
    copy(&run::root().join("Cargo.toml"), &dir.join("Cargo.toml"))?;
    let members = r#"members = ["cargo-tesser", "tesser-wasm", "templates", "xtask"]"#;
    fixtures::replace(&dir, "Cargo.toml", members, r#"members = ["tesser-wasm"]"#)?;
    if with_macro {
        let bindings = "#![allow(warnings, clippy::all, reason = \"generated\")]\n\
            wit_bindgen::generate!({ path: \"wit\", world: \"execution-plugin\", pub_export_macro: true,\n\
            default_bindings_module: \"tesser_wasm::guest::bindings\" });\n";
        fs::write(sdk.join("src/guest/bindings.rs"), bindings)?;
        // With its default features, as in the published SDK, and so with its own runtime.
        let dependencies = "[dependencies]\nwit-bindgen = \"0.63\"\n";
        fixtures::replace(&sdk, "Cargo.toml", "[dependencies]\n", dependencies)?;
        let own_runtime = "#[cfg(target_arch = \"wasm32\")]\n#[expect(unsafe_code, reason = \"the canonical ABI \
            hands out memory as pointers\")]\nmod cabi_realloc;\n";
        fixtures::replace(&sdk, "src/guest/mod.rs", own_runtime, "")?;
    }
    let mut new = tesser(tool);
    new.args(["new", "plugin", "--vcs", "none", "--standalone", "--sdk", "path:tesser-wasm"]);
    show(new.current_dir(&dir))?;
    Ok(dir.join("plugin"))
}

fn seconds(plugin: &Path) -> anyhow::Result<f64> {
    let target = plugin.join("target");
    if target.exists() {
        fs::remove_dir_all(&target).with_context(|| target.display().to_string())?;
    }
    build_seconds(plugin)
}

fn build_seconds(plugin: &Path) -> anyhow::Result<f64> {
    let target = plugin.join("target");
    let start = Instant::now();
    // Plain cargo: the steps that follow are the same for both.
    let mut build = run::cargo();
    build.args(["build", "--release", "--quiet", "--target", "wasm32-wasip1", "--target-dir"]);
    show(build.arg(&target).current_dir(plugin))?;
    Ok(start.elapsed().as_secs_f64())
}

/// Copies a file, or a folder with its contents.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if from.is_dir() {
        for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
            let name = entry?.file_name();
            copy(&from.join(&name), &to.join(&name))?;
        }
        return Ok(());
    }
    fs::create_dir_all(to.parent().context("a file lies in a folder")?)?;
    fs::copy(from, to).with_context(|| from.display().to_string())?;
    Ok(())
}
