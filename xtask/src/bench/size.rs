//! Sizes of all templates as sealed plugins, compared with a baseline; and the size of chase by section.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};
use toml_edit::{DocumentMut, Item};

use super::fixtures;
use crate::run;

/// Maximum size of chase in bytes.
const LIMIT: i64 = 91_000;
const BASELINE: &str = "xtask/src/bench/size-baseline.toml";

#[derive(clap::Args)]
pub struct Options {
    /// Accept the measured sizes as the new baseline
    #[arg(long)]
    bless: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let tool = run::build_tool()?;
    let path = run::root().join(BASELINE);
    let text = fs::read_to_string(&path).context(BASELINE)?;
    let mut document = text.parse::<DocumentMut>()?;
    let baseline = document["bytes"].as_table_mut().context("`[bytes]`")?;
    let mut larger = Vec::new();
    let mut rows = Vec::new();
    for template in fixtures::KIT {
        let crate_dir = fixtures::template(&tool, template)?;
        let file = fixtures::build(&tool, &crate_dir)?;
        let plugin = fs::read(&file)?;
        check_paths(&plugin, &crate_dir)?;
        let size = i64::try_from(plugin.len())?;
        let before = baseline.get(template).and_then(Item::as_integer);
        rows.push(format!("{template:15}{size:8}{:>10}", before.unwrap_or_default()));
        if before.is_none_or(|before| size * 100 > before * 102) {
            larger.push(template);
        }
        if template == "chase" {
            run::show(run::tesser(&tool).arg("inspect").arg(&file))?;
            eprintln!("\nThe same before wasm-opt, with the names of its functions:");
            let named = fixtures::build_named(&tool, &crate_dir)?;
            run::show(run::tesser(&tool).arg("inspect").arg(named))?;
            ensure!(size <= LIMIT, "{size} bytes, the limit is {LIMIT}");
        }
        baseline[template] = toml_edit::value(size);
    }
    println!("template          bytes  baseline");
    println!("{}", rows.join("\n"));
    if options.bless {
        return fs::write(&path, document.to_string()).context(BASELINE);
    }
    ensure!(
        larger.is_empty(),
        "more than 2 % above the baseline: {larger:?}; `--bless` accepts it"
    );
    Ok(())
}

/// Checks that a plugin does not reveal the machine on which it was built.
fn check_paths(plugin: &[u8], crate_dir: &Path) -> anyhow::Result<()> {
    let mut paths = vec![crate_dir.to_owned(), run::root().to_owned(), run::target_dir()?];
    paths.extend(["CARGO_HOME", "HOME"].iter().filter_map(std::env::var_os).map(Into::into));
    for path in paths {
        let path = path.display().to_string();
        // A home folder of one or two letters does not count.
        let found = plugin.windows(path.len()).any(|bytes| bytes == path.as_bytes());
        ensure!(path.len() < 4 || !found, "the plugin contains the path `{path}`");
    }
    Ok(())
}
