//! Time of `cargo tesser validate` as whole processes, compared with `wasm-tools validate` in the same rounds.
//!
//! In: the chase plugin, and a component of several MB. Out: medians, their ratio, and an error above a limit.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use wasm_encoder::Section as _;

use super::fixtures;
use crate::run::{self, show};

/// The version of `wasm-tools` to compare with: that of the crates that we use.
const PEER: &str = "1.262.0";
/// Limit of the static checks, as a multiple of `wasm-tools`' time.
const RATIO: f64 = 1.5;
/// Limit of a plugin with the load check.
const LOAD: Duration = Duration::from_millis(300);
const ROUNDS: usize = 21;
const FOLDER: u16 = 1_000;

pub fn run() -> anyhow::Result<()> {
    let builder = run::build_tool()?;
    let plugin = fixtures::build(&builder, &fixtures::chase(&builder)?)?;
    let (tool, peer) = (tool()?, peer()?);
    let large = large(&plugin)?;
    let mut over = Vec::new();
    for (name, file) in [("chase plugin", &plugin), ("large component", &large)] {
        let [ours, theirs] =
            medians([&mut ours(&tool, file, true), Command::new(&peer).arg("validate").arg(file)])?;
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        let bytes = fs::metadata(file)?.len();
        println!(
            "{name}, {bytes} bytes: {ours:.1?}, wasm-tools {theirs:.1?}, ratio {ratio:.2}, the limit is {RATIO}"
        );
        if ratio > RATIO {
            over.push(name);
        }
    }
    let [load] = medians([&mut ours(&tool, &plugin, false)])?;
    println!("chase plugin with the load check: {load:.1?}, the limit is {LOAD:?}");
    if load > LOAD {
        over.push("load check");
    }
    folder(&tool, &plugin)?;
    ensure!(over.is_empty(), "above the limit: {}", over.join(", "));
    Ok(())
}

fn ours(tool: &Path, file: &Path, static_only: bool) -> Command {
    let mut command = Command::new(tool);
    command.args(["tesser", "validate", "--quiet"]).arg(file);
    command.args(static_only.then_some("--no-load"));
    command
}

/// The commands alternate, so that noise affects all equally.
fn medians<const N: usize>(mut commands: [&mut Command; N]) -> anyhow::Result<[Duration; N]> {
    let mut times = [const { Vec::new() }; N];
    for _ in 0..ROUNDS {
        for (command, times) in commands.iter_mut().zip(&mut times) {
            times.push(time(command)?);
        }
    }
    Ok(times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    }))
}

fn time(command: &mut Command) -> anyhow::Result<Duration> {
    let start = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    ensure!(status.success(), "`{command:?}` failed ({status})");
    Ok(start.elapsed())
}

/// A release build; without Binaryen, which checking does not need and which takes ten minutes.
fn tool() -> anyhow::Result<PathBuf> {
    let target = run::target_dir()?.join("bench/host");
    let mut build = run::cargo();
    build.args(["build", "--release", "--package", "cargo-tesser", "--no-default-features"]);
    show(build.arg("--target-dir").arg(&target))?;
    Ok(target.join("release").join(format!("cargo-tesser{}", std::env::consts::EXE_SUFFIX)))
}

fn peer() -> anyhow::Result<PathBuf> {
    let root = run::target_dir()?.join("bench/wasm-tools");
    let mut install = run::cargo();
    install.args(["install", "wasm-tools", "--locked", "--version", PEER]);
    install.args(["--no-default-features", "--features", "validate", "--root"]);
    show(install.arg(&root).arg("--target-dir").arg(root.join("target")))?;
    Ok(root.join("bin").join(format!("wasm-tools{}", std::env::consts::EXE_SUFFIX)))
}

/// The plugin with copies of its own module, which are not instantiated, up to 8 MB.
fn large(plugin: &Path) -> anyhow::Result<PathBuf> {
    let mut bytes = fs::read(plugin).with_context(|| plugin.display().to_string())?;
    let payloads = wasmparser::Parser::new(0).parse_all(&bytes);
    let modules = payloads.filter_map(|payload| match payload {
        Ok(wasmparser::Payload::ModuleSection { unchecked_range, .. }) => Some(unchecked_range),
        _ => None,
    });
    let range =
        modules.max_by_key(|range| range.end - range.start).context("a plugin has a module")?;
    let module = bytes[usize::try_from(range.start)?..usize::try_from(range.end)?].to_vec();
    while bytes.len() < 8_000_000 {
        wasm_encoder::RawSection { id: 1, data: &module }.append_to(&mut bytes);
    }
    let path = fixtures::folder()?.join("large.wasm");
    fs::write(&path, bytes).with_context(|| path.display().to_string())?;
    Ok(path)
}

/// A folder of plugins in one process, compared with one process for each of a sample: with equal and with different bytes.
fn folder(tool: &Path, plugin: &Path) -> anyhow::Result<()> {
    let bytes = fs::read(plugin)?;
    for differ in [false, true] {
        let folder = fixtures::folder()?.join(if differ { "thousand-others" } else { "thousand" });
        fs::create_dir_all(&folder)?;
        for number in 0..FOLDER {
            let mut bytes = bytes.clone();
            if differ {
                // A section that no host reads.
                let data = &number.to_le_bytes();
                let section = wasm_encoder::CustomSection { name: "x".into(), data: data.into() };
                section.append_to(&mut bytes);
            }
            fs::write(folder.join(format!("p{number}.wasm")), bytes)?;
        }
        for static_only in [true, false] {
            let all = time(&mut ours(tool, &folder, static_only))?;
            let [one] = medians([&mut ours(tool, plugin, static_only)])?;
            let (all, one) = (all.as_secs_f64() / f64::from(FOLDER), one.as_secs_f64());
            let which = if differ { "different plugins" } else { "copies of a plugin" };
            let what = if static_only { "static checks" } else { "with the load check" };
            println!(
                "{FOLDER} {which}, {what}: {:.2} ms each, {:.1} times as fast as one by one",
                all * 1e3,
                one / all
            );
        }
    }
    Ok(())
}
