//! `cargo xtask demo`: a plugin from an empty folder to a run over trades.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::run::{self, show, tesser};

const PARAMS: &str = r#"{"clip_size":"0.25","venue":"bybit_linear"}"#;

#[derive(clap::Args)]
pub struct Options {
    /// Folder with recorded trades (CSV) to run the plugin over, in addition to the synthetic tape
    #[arg(long, env = "TESSER_TAPES", default_value = "../shared/tapes")]
    tapes: PathBuf,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    eprintln!(
        "The tool is compiled first. Most of that are `wasm-opt-sys` (Binaryen) and wasmtime with `cranelift-codegen`: on two cores, \
         ten minutes the first time, and none later."
    );
    let tool = run::build_tool()?;
    show(tesser(&tool).args(["setup", "--yes"]))?;

    let demo = run::target_dir()?.join("demo");
    let crate_dir = demo.join("demo-chase");
    if crate_dir.exists() {
        fs::remove_dir_all(&crate_dir).context(crate_dir.display().to_string())?;
    }
    fs::create_dir_all(&demo).context(demo.display().to_string())?;
    // `--standalone`, since the target folder may be inside of this workspace.
    let new = ["new", "demo-chase", "--vcs", "none", "--standalone"];
    show(tesser(&tool).args(new).current_dir(&demo))?;

    // Kept between runs, so that only the plugin itself is compiled again.
    let target = demo.join("target");
    let mut build = tesser(&tool);
    build.args(["build", "--release"]).env("CARGO_TARGET_DIR", &target);
    show(build.current_dir(&crate_dir))?;

    let mut test = tesser(&tool);
    test.arg("test").env("CARGO_TARGET_DIR", &target);
    show(test.current_dir(&crate_dir))?;

    let plugin = target.join("tesser/release/demo_chase.wasm");
    show(tesser(&tool).arg("validate").arg(&plugin))?;
    for tape in tapes(&options.tapes, &crate_dir)? {
        let mut replay = tesser(&tool);
        replay.arg("replay").arg(&plugin).arg("--tape").arg(tape);
        replay.args(["--quantity", "2", "--params", PARAMS]);
        show(replay.args(["--restart-after", "20"]))?;
    }
    let page = demo.join("report.html");
    let mut report = tesser(&tool);
    report.arg("replay").arg(&plugin).arg("--tape").arg(crate_dir.join("tapes/synthetic.csv"));
    report.args(["--quantity", "2", "--params", PARAMS]);
    show(report.arg("--report").arg(&page))?;
    eprintln!("\nThe plugin: {}\nA page about its last run: {}", plugin.display(), page.display());
    Ok(())
}

/// The tape of the template, and the recorded ones, if there are any.
fn tapes(recorded: &Path, crate_dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut tapes = vec![crate_dir.join("tapes/synthetic.csv")];
    let dir = run::root().join(recorded);
    let Ok(entries) = fs::read_dir(&dir) else {
        eprintln!("\nSkipped recorded trades: there is no folder {}", recorded.display());
        return Ok(tapes);
    };
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            tapes.push(path);
        }
    }
    Ok(tapes)
}
