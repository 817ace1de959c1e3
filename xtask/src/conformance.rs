//! `cargo xtask conformance DIR`: compares the simulator with recordings of the real host.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;

use crate::run::{self, show, tesser};

#[derive(clap::Args)]
pub struct Options {
    /// Folder with recordings: `cases/*.json`, `sessions/*.json`, or only cases
    #[arg(default_value = "cargo-tesser/tests/it/conformance")]
    dir: PathBuf,
}

/// The plugins with which most recordings were made.
const PLUGINS: &str = "cargo-tesser/tests/it/conformance/plugins";

pub fn run(options: &Options) -> anyhow::Result<()> {
    let tool = run::build_tool()?;
    show(tesser(&tool).args(["setup", "--yes"]))?;
    let out = run::target_dir()?.join("conformance");
    fs::create_dir_all(&out).context(out.display().to_string())?;
    let build = |version: &str| {
        let mut build = tesser(&tool);
        build.args(["build", "--release", "--locked", "--manifest-path"]);
        build.arg(run::root().join(PLUGINS).join("Cargo.toml"));
        build.arg("--out-dir").arg(out.join(version)).env("CARGO_TARGET_DIR", out.join("target"));
        if version == "v2" {
            build.args(["--package", "probe"]).env("PROBE_VERSION", "2");
        }
        show(&mut build)
    };
    build("v1")?;
    build("v2")?;
    let second = out.join("v1/probe-v2.wasm");
    fs::copy(out.join("v2/probe.wasm"), &second).context(second.display().to_string())?;
    let mut compare = tesser(&tool);
    compare.arg("conformance").arg(&options.dir);
    compare.args(["probe", "probe-v2", "raw"].map(|name| out.join(format!("v1/{name}.wasm"))));
    show(&mut compare)
}
