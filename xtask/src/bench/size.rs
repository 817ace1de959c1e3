//! Bytes of the sealed chase plugin: a limit, a baseline, and where the bytes are.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};
use toml_edit::DocumentMut;

use super::fixtures;
use crate::run;

/// Most bytes that the plugin may have.
const LIMIT: usize = 100_000;
const BASELINE: &str = "xtask/src/bench/size-baseline.toml";

#[derive(clap::Args)]
pub struct Options {
    /// Write the size that was measured into the baseline
    #[arg(long)]
    bless: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let tool = run::build_tool()?;
    let crate_dir = fixtures::chase(&tool)?;
    let path = fixtures::build(&tool, &crate_dir)?;
    run::show(run::tesser(&tool).arg("inspect").arg(&path))?;
    let plugin = fs::read(path)?;
    eprintln!("\nThe same before wasm-opt, with the names of its functions:");
    let named = fixtures::build_named(&tool, &crate_dir)?;
    run::show(run::tesser(&tool).arg("inspect").arg(named))?;
    println!("{} bytes, the limit is {LIMIT}", plugin.len());
    check_paths(&plugin, &crate_dir)?;

    let path = run::root().join(BASELINE);
    if options.bless {
        let text = format!(
            "# Written by `cargo xtask bench size --bless`. More than 2 % above it fails.\nbytes = {}\n",
            plugin.len()
        );
        return fs::write(&path, text).context(BASELINE);
    }
    let text = fs::read_to_string(&path).context(BASELINE)?;
    let baseline = text.parse::<DocumentMut>()?["bytes"].as_integer().context("`bytes`")?;
    let baseline = usize::try_from(baseline)?;
    println!("the baseline is {baseline}");
    ensure!(
        plugin.len() * 100 <= baseline * 102,
        "more than 2 % above the baseline; `--bless` accepts it"
    );
    ensure!(plugin.len() <= LIMIT, "above the limit");
    Ok(())
}

/// A plugin must not tell on which machine it was built.
fn check_paths(plugin: &[u8], crate_dir: &Path) -> anyhow::Result<()> {
    let mut paths = vec![crate_dir.to_owned(), run::root().to_owned(), run::target_dir()?];
    paths.extend(["CARGO_HOME", "HOME"].iter().filter_map(std::env::var_os).map(Into::into));
    for path in paths {
        let path = path.display().to_string();
        // A home of one or two letters says nothing.
        let found = plugin.windows(path.len()).any(|bytes| bytes == path.as_bytes());
        ensure!(path.len() < 4 || !found, "the plugin contains the path `{path}`");
    }
    Ok(())
}
