//! `cargo xtask test`: every test, after setting up what is missing.

use std::path::PathBuf;
use std::process::Command;

use crate::python::Environment;
use crate::run::{self, show, tesser};

#[derive(clap::Args)]
pub struct Options {
    /// Also run the long tests
    #[arg(long)]
    full: bool,
    /// Arguments for the test runner, for example a test's name
    #[arg(last = true)]
    words: Vec<String>,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let tool = run::build_tool()?;
    show(tesser(&tool).args(["setup", "--yes"]))?;
    // The tests build plugins offline with the dependencies in the workspace's lock file; some are only for wasm, so building the
    // workspace has not downloaded them.
    show(run::cargo().args(["fetch", "--locked"]))?;
    let mut test = run::cargo();
    test.args(["test", "--workspace", "--all-features", "--"]);
    if options.full {
        test.arg("--include-ignored").env("TESSER_ORACLE", oracle()?);
    } else {
        // A fixed seed, so that a failure comes from the change and not from chance; the full suite tries new cases each time.
        test.env("PROPTEST_RNG_SEED", "1");
    }
    if options.full {
        match engines() {
            Ok(python) => drop(test.env("TESSER_ENGINES_PYTHON", python)),
            Err(error) => println!("the tests of sweeps on Ray are skipped: {error:#}"),
        }
    }
    match python() {
        Ok(python) => drop(test.env("TESSER_PYTHON", python)),
        Err(error) if options.full => return Err(error),
        // Not every development machine has Python.
        Err(error) => println!("the tests of `docs/examples` are skipped: {error:#}"),
    }
    show(test.args(&options.words))
}

/// A Python with the packages that read the tables of a replay.
fn python() -> anyhow::Result<PathBuf> {
    python_with("python", "duckdb, pandas, polars, pyarrow", "docs/examples/requirements.txt")
}

/// A Python with the engines that run sweeps.
fn engines() -> anyhow::Result<PathBuf> {
    python_with("engines", "ray, kubernetes_validate", "docs/examples/sweep/requirements.txt")
}

/// A Python that can import these modules; installs the requirements if it cannot.
fn python_with(name: &str, modules: &str, requirements: &str) -> anyhow::Result<PathBuf> {
    let environment = Environment::make(name)?;
    let python = environment.python();
    let imports = ["-c".to_owned(), format!("import {modules}")];
    if !Command::new(&python).args(imports).output().is_ok_and(|run| run.status.success()) {
        environment.install(&run::root().join(requirements))?;
    }
    Ok(python)
}

/// Builds the oracle: the real host's engine, with which the long tests compare verdicts. It is not a member of the workspace.
fn oracle() -> anyhow::Result<PathBuf> {
    let target = run::target_dir()?.join("oracle");
    let mut build = run::cargo();
    build.args(["build", "--release", "--locked", "--manifest-path", "oracle/Cargo.toml"]);
    show(build.arg("--target-dir").arg(&target))?;
    Ok(target.join("release").join(format!("oracle{}", std::env::consts::EXE_SUFFIX)))
}
