//! Time of `cargo tesser build` compared with cargo: with nothing to do, and after the link.
//!
//! Both alternate with plain cargo, so that noise affects them equally; the shortest time of each counts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, ensure};

use super::fixtures;
use crate::run;

/// Limit of a build with nothing to do, as a multiple of plain cargo's time.
const NO_OP: f64 = 1.5;
/// Limit in milliseconds between the link and the end, without wasm-opt.
const AFTER_LINK: f64 = 25.0;

#[derive(clap::Args)]
pub struct Options {
    /// Number of runs of each
    #[arg(long, default_value_t = 20)]
    rounds: u32,
    /// A release build of the tool, instead of the one for tests; it is what users have
    #[arg(long, value_name = "PATH")]
    tool: Option<PathBuf>,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let tool = match &options.tool {
        Some(tool) => std::path::absolute(tool)?,
        None => run::build_tool()?,
    };
    let crate_dir = fixtures::chase(&tool)?;
    let target = fixtures::folder()?.join("target-build");
    let words = ["--release", "--target", "wasm32-wasip1", "--target-dir"];
    let plain = || command(&tool, &crate_dir, &["build"], &words, &target.join("plain"));
    let ours = || command(&tool, &crate_dir, &["tesser", "build", "--no-opt"], &words, &target);
    let made = target.join("tesser/release");
    let (plugin, record) = (made.join("bench_chase.wasm"), made.join(".bench_chase.fresh"));
    for command in [plain(), ours()] {
        milliseconds(command)?;
    }
    commit(&crate_dir)?;
    milliseconds(ours())?;
    let (mut cargo, mut no_op, mut whole) = (f64::MAX, f64::MAX, f64::MAX);
    for _ in 0..options.rounds {
        cargo = cargo.min(milliseconds(plain())?);
        no_op = no_op.min(milliseconds(ours())?);
        for file in [&plugin, &record] {
            fs::remove_file(file).with_context(|| file.display().to_string())?;
        }
        whole = whole.min(milliseconds(ours())?);
    }
    let module =
        fs::metadata(target.join("tesser/cargo/wasm32-wasip1/release/bench_chase.wasm"))?.len();
    let (ratio, after) = (no_op / cargo, whole - no_op);
    println!("nothing to do, cargo build         {cargo:6.1} ms");
    println!("nothing to do, cargo tesser build  {no_op:6.1} ms");
    println!("ratio {ratio:.2}, the limit is {NO_OP:.2}");
    println!("after the link without wasm-opt    {after:6.1} ms for a module of {module} bytes");
    println!("ratio to cargo build {:.2}; the limit is {AFTER_LINK} ms", after / cargo);
    ensure!(ratio <= NO_OP, "a build with nothing to do takes {ratio:.2} times cargo's");
    ensure!(after <= AFTER_LINK, "{after:.1} ms after the link");
    Ok(())
}

/// Turns the crate into a repository with one commit, since a build asks git for the commit, as it does for users.
fn commit(dir: &Path) -> anyhow::Result<()> {
    let author = ["-c", "user.name=bench", "-c", "user.email=bench@example.com"];
    for words in [
        &["init", "--quiet"][..],
        &["add", "."],
        &["commit", "--quiet", "--allow-empty", "-m", "first"],
    ] {
        run::show(Command::new("git").args(author).args(words).current_dir(dir))?;
    }
    Ok(())
}

/// Calls cargo as its users do, with the tool of this checkout first on `PATH`.
fn command(tool: &Path, dir: &Path, verb: &[&str], words: &[&str], target: &Path) -> Command {
    let own = tool.parent().map(Path::to_owned);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(own.into_iter().chain(std::env::split_paths(&path)));
    let mut command = run::cargo();
    command.args(verb).args(words).arg(target).current_dir(dir);
    command.env("PATH", path.unwrap_or_default()).stderr(Stdio::null());
    command
}

fn milliseconds(mut command: Command) -> anyhow::Result<f64> {
    let start = Instant::now();
    let status = command.status()?;
    let time = start.elapsed().as_secs_f64() * 1000.0;
    ensure!(status.success(), "{command:?} failed");
    Ok(time)
}
