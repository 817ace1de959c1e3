//! `cargo xtask bench <WHAT>`: what plugins cost, measured, with a limit that fails.
//!
//! Each bench builds its plugins as a user would, with the `cargo tesser` of this checkout.

mod build;
mod cold;
mod fixtures;
#[cfg(feature = "bench")]
mod measure;
mod replay;
mod size;
mod validate;

use std::path::PathBuf;

use crate::run::{self, show};

#[derive(clap::Args)]
pub struct Options {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(clap::Subcommand)]
enum Bench {
    /// Time, fuel and memory of on-tick and snapshot, against a plugin that answers constants
    Callbacks,
    /// Bytes of a chase plugin, by section and crate, against the baseline
    Size(size::Options),
    /// Seconds of a first build, against the same plugin with wit-bindgen's macro
    Cold(cold::Options),
    /// Whole processes of `validate`, against `wasm-tools validate`; for a calm machine
    Validate,
    /// What `cargo tesser build` costs beside plain cargo
    Build(build::Options),
    /// Trades per second of `replay` and its memory, against a plugin that answers constants; for a calm machine
    Replay(replay::Options),
    /// Measures plugins that are built already; `callbacks` calls it in a release build
    #[command(hide = true)]
    Measure(Plugins),
}

/// The plugins that are compared.
#[derive(clap::Args)]
struct Plugins {
    null: PathBuf,
    chase: PathBuf,
    naive: PathBuf,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    match &options.bench {
        Bench::Callbacks => callbacks(),
        Bench::Size(options) => size::run(options),
        Bench::Cold(options) => cold::run(options),
        Bench::Validate => validate::run(),
        Bench::Build(options) => build::run(options),
        Bench::Replay(options) => replay::run(options),
        Bench::Measure(plugins) => measure(plugins),
    }
}

/// Builds with the tool of an ordinary xtask, and measures in a release build of its own: a release
/// build of the tool would compile Binaryen once more.
fn callbacks() -> anyhow::Result<()> {
    let tool = run::build_tool()?;
    let [null, chase, naive] = [fixtures::null, fixtures::chase, fixtures::naive]
        .map(|fixture| fixture(&tool).and_then(|crate_dir| fixtures::build(&tool, &crate_dir)));
    let mut host = run::cargo();
    host.args(["run", "--release", "--quiet", "--package", "xtask", "--features", "bench"]);
    host.arg("--target-dir").arg(run::target_dir()?.join("bench/host"));
    host.args(["--", "bench", "measure"]).args([null?, chase?, naive?]);
    show(&mut host)
}

#[cfg(feature = "bench")]
fn measure(plugins: &Plugins) -> anyhow::Result<()> {
    measure::run([
        ("null", plugins.null.as_path()),
        ("chase", plugins.chase.as_path()),
        ("naive", plugins.naive.as_path()),
    ])
}

#[cfg(not(feature = "bench"))]
fn measure(_: &Plugins) -> anyhow::Result<()> {
    anyhow::bail!("this xtask was built without `--features bench`")
}
