//! `cargo xtask test`: every test, after setting up what is missing.

use std::path::PathBuf;
use std::process::Command;

use crate::run::{self, show, tesser};

#[derive(clap::Args)]
pub struct Options {
    /// The long tests, too
    #[arg(long)]
    full: bool,
    /// Words for the test runner, for example a test's name
    #[arg(last = true)]
    words: Vec<String>,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let tool = run::build_tool()?;
    show(tesser(&tool).args(["setup", "--yes"]))?;
    // The tests build plugins offline, with what the workspace's lock file names; some of that is for
    // wasm only, so building the workspace has not downloaded it.
    show(run::cargo().args(["fetch", "--locked"]))?;
    let mut test = run::cargo();
    test.args(["test", "--workspace", "--all-features", "--"]);
    if options.full {
        test.arg("--include-ignored").env("TESSER_ORACLE", oracle()?);
        test.env("TESSER_PYTHON", python()?);
    } else {
        // So that the suite judges the change and not the day's luck; the full one looks further each time.
        test.env("PROPTEST_RNG_SEED", "1");
    }
    show(test.args(&options.words))
}

/// A Python with the packages that read the tables of a replay.
fn python() -> anyhow::Result<PathBuf> {
    let environment = run::target_dir()?.join("python");
    let python = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    if !python.exists() {
        show(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
    }
    let requirements = run::root().join("docs/examples/requirements.txt");
    let install =
        ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    show(Command::new(&python).args(install).arg(requirements))?;
    Ok(python)
}

/// The real host's engine, which the long tests ask for its verdicts. It is no member of the workspace.
fn oracle() -> anyhow::Result<PathBuf> {
    let target = run::target_dir()?.join("oracle");
    let mut build = run::cargo();
    build.args(["build", "--release", "--locked", "--manifest-path", "oracle/Cargo.toml"]);
    show(build.arg("--target-dir").arg(&target))?;
    Ok(target.join("release").join(format!("oracle{}", std::env::consts::EXE_SUFFIX)))
}
