//! `cargo xtask bench <WHAT>`: measures the cost of plugins; fails above a limit.
//!
//! Each bench builds its plugins as a user would, with the `cargo tesser` of this checkout.

mod build;
mod cold;
mod fixtures;
#[cfg(feature = "bench")]
mod measure;
mod replay;
mod size;
mod templates;
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
    /// Time, fuel and memory of on-tick and snapshot of all templates, against a plugin that returns constants
    Callbacks,
    /// Bytes of all templates, against a baseline, and those of chase by section and crate
    Size(size::Options),
    /// Seconds of a first build, against the same plugin with wit-bindgen's macro
    Cold(cold::Options),
    /// Whole processes of `validate`, against `wasm-tools validate`; for a calm machine
    Validate,
    /// Time of `cargo tesser build`, compared with plain cargo
    Build(build::Options),
    /// CPU time of `replay` with and without ticks, and its memory; optionally against `NautilusTrader`
    Replay(replay::Options),
    /// Filled share and completion of each template, by drift, with and without ticks
    Templates(templates::Options),
    /// Measures plugins that are already built; `callbacks` calls it in a release build
    #[command(hide = true)]
    Measure(Plugins),
}

/// The plugins to compare: the null guest, then each with its parameters as JSON.
#[derive(clap::Args)]
struct Plugins {
    null: PathBuf,
    #[arg(long)]
    plugin: Vec<PathBuf>,
    #[arg(long)]
    params: Vec<String>,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    match &options.bench {
        Bench::Callbacks => callbacks(),
        Bench::Size(options) => size::run(options),
        Bench::Cold(options) => cold::run(options),
        Bench::Validate => validate::run(),
        Bench::Build(options) => build::run(options),
        Bench::Replay(options) => replay::run(options),
        Bench::Templates(options) => templates::run(options),
        Bench::Measure(plugins) => measure(plugins),
    }
}

/// Builds with the tool of an ordinary xtask, and measures in a separate release build: a release build of the tool would compile
/// Binaryen again.
fn callbacks() -> anyhow::Result<()> {
    let tool = run::build_tool()?;
    let null = fixtures::build(&tool, &fixtures::null(&tool)?)?;
    let mut host = run::cargo();
    host.args(["run", "--release", "--quiet", "--package", "xtask", "--features", "bench"]);
    host.arg("--target-dir").arg(run::target_dir()?.join("bench/host"));
    host.args(["--", "bench", "measure"]).arg(null);
    for template in fixtures::KIT {
        let crate_dir = fixtures::template(&tool, template)?;
        let plugin = fixtures::build(&tool, &crate_dir)?;
        host.arg("--plugin").arg(plugin);
        host.arg("--params").arg(fixtures::params(&crate_dir)?.to_string());
    }
    show(&mut host)
}

#[cfg(feature = "bench")]
fn measure(plugins: &Plugins) -> anyhow::Result<()> {
    measure::run(&plugins.null, plugins.plugin.iter().zip(&plugins.params))
}

#[cfg(not(feature = "bench"))]
fn measure(_: &Plugins) -> anyhow::Result<()> {
    anyhow::bail!("this xtask was built without `--features bench`")
}
