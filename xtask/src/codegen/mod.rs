//! Generated files: each is a path and the text it must have. `--check` compares instead of writing.

mod abi;
mod bindings;

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context as _, bail};
use wit_parser::{Resolve, WorldId};

use crate::run;

#[derive(clap::Args)]
pub struct Options {
    /// Change nothing; fail if a file is not up to date
    #[arg(long)]
    pub check: bool,
}

struct Generated {
    path: PathBuf,
    text: String,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let (resolve, world) = world()?;
    let tool = run::build_tool()?;
    let files = [
        bindings::generate(&resolve, world)?,
        abi::manifest(&resolve, world)?,
        abi::reference(&resolve, world)?,
        printed(&tool, &["explain", "--markdown"], "docs/diagnostics.md")?,
        printed(&tool, &["commands"], "docs/commands.md")?,
    ];
    let mut stale = Vec::new();
    for file in &files {
        let path = run::root().join(&file.path);
        let current = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        if current == file.text {
            continue;
        }
        if options.check {
            stale.push(file.path.display().to_string());
        } else {
            fs::write(&path, &file.text).with_context(|| path.display().to_string())?;
            eprintln!("wrote {}", file.path.display());
        }
    }
    if !stale.is_empty() {
        bail!("not up to date: {}; run `cargo xtask codegen`", stale.join(", "));
    }
    Ok(())
}

fn world() -> anyhow::Result<(Resolve, WorldId)> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(run::root().join("tesser-wasm/wit"))?;
    let world = resolve.select_world(&[package], None)?;
    Ok((resolve, world))
}

/// A page of documentation, as printed by the tool.
fn printed(tool: &Path, words: &[&str], path: &str) -> anyhow::Result<Generated> {
    let output = run::tesser(tool).args(words).output()?;
    if !output.status.success() {
        bail!("`cargo tesser {}` failed ({})", words.join(" "), output.status);
    }
    Ok(Generated { path: path.into(), text: String::from_utf8(output.stdout)? })
}
