//! `cargo xtask man`: a manual page for each command of the tool.

use std::path::{Path, PathBuf};

use crate::run::{self, show, tesser};

#[derive(clap::Args)]
pub struct Options {
    /// Folder to write the pages to
    #[arg(long, value_name = "DIR", default_value = "target/man")]
    out: PathBuf,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    write(&options.out)
}

/// Writes the pages, which the tool makes from its own command line.
pub fn write(dir: &Path) -> anyhow::Result<()> {
    let tool = run::build_tool()?;
    show(tesser(&tool).args(["man", "--quiet", "--out"]).arg(run::root().join(dir)))
}
