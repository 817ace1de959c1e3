//! `cargo tesser replay` as whole processes over synthetic trades: CPU time with and without ticks, and memory.
//!
//! In: the twap plugin, which places 2,334 market orders, and a plugin that returns constants. Out: CPU seconds and rows per
//! second, the growth of memory with the tape, and an error beyond a limit. With `--nautilus`, the same work in
//! `NautilusTrader`.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::fixtures;
use crate::run::{self, show};

/// Rows of the tape that times are measured with.
const ROWS: u32 = 1_000_000;
/// An order each 30 s of 70,000 s, which is half of the tape.
const ORDERS: u32 = 2_334;
const PARAMS: &str =
    r#"{"venue":"bybit_linear","duration_secs":70000,"interval_secs":30,"order_type":"market"}"#;
/// Maximum CPU seconds with ticks, without the start.
const TICKS_S: f64 = 1.5;
/// Minimum of rows per CPU second without ticks, without the start.
const RATE: f64 = 1_500_000.0;
/// Maximum growth of memory, in KiB, from a tape of [`ROWS`] to the long one.
const GROWTH_KIB: u64 = 4_096;

#[derive(clap::Args)]
pub struct Options {
    /// Rows of the long tape, for the memory
    #[arg(long, default_value_t = 100_000_000)]
    rows: u32,
    /// A release build of the tool, instead of one that is built for this
    #[arg(long, value_name = "PATH")]
    tool: Option<PathBuf>,
    /// Compare with `NautilusTrader`: a Python that has `nautilus_trader`
    #[arg(long, value_name = "PYTHON")]
    nautilus: Option<PathBuf>,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let builder = run::build_tool()?;
    let twap = fixtures::build(&builder, &fixtures::template(&builder, "twap")?)?;
    let null = fixtures::build(&builder, &fixtures::null(&builder)?)?;
    let tool = match &options.tool {
        Some(tool) => std::path::absolute(tool)?,
        None => release()?,
    };
    let (empty, tape) = (tape(2)?, tape(ROWS)?);
    let start_s = best(|| Ok(replay(&tool, &twap, &empty, false)?.cpu_s))?;
    println!("start                  {start_s:7.2} CPU s, not counted below");
    let measured = |plugin: &Path, ticks: bool| -> anyhow::Result<f64> {
        Ok((best(|| Ok(replay(&tool, plugin, &tape, ticks)?.cpu_s))? - start_s).max(0.01))
    };
    let (ticks_s, null_s) = (measured(&twap, true)?, measured(&null, true)?);
    println!("{ROWS} ticks, twap    {ticks_s:7.2} CPU s, the limit is {TICKS_S}");
    println!("{ROWS} ticks, null    {null_s:7.2} CPU s");
    let rate = f64::from(ROWS) / measured(&twap, false)?;
    println!("without ticks        {rate:9.0} rows/CPU s, the limit is {RATE}");
    if let Some(python) = &options.nautilus {
        compare(python, &tape, ticks_s)?;
    }
    let (small, large) = (piped(&tool, &null, ROWS)?, piped(&tool, &null, options.rows)?);
    println!("{ROWS} rows: {} KiB, {:.1} CPU s", small.kib, small.cpu_s);
    println!("{} rows: {} KiB, {:.1} CPU s", options.rows, large.kib, large.cpu_s);
    ensure!(large.kib <= small.kib + GROWTH_KIB, "memory grows with the tape");
    ensure!(ticks_s <= TICKS_S, "{ticks_s:.2} CPU s with ticks");
    ensure!(rate >= RATE, "{rate:.0} rows/CPU s without ticks");
    Ok(())
}

fn release() -> anyhow::Result<PathBuf> {
    let target = run::target_dir()?.join("bench/host");
    let mut build = run::cargo();
    build.args(["build", "--release", "--package", "cargo-tesser", "--no-default-features"]);
    show(build.arg("--target-dir").arg(&target))?;
    Ok(target.join("release").join(format!("cargo-tesser{}", std::env::consts::EXE_SUFFIX)))
}

/// The least of three: what other processes do to a time only makes it longer.
fn best(measure: impl Fn() -> anyhow::Result<f64>) -> anyhow::Result<f64> {
    let times: Vec<f64> = (0..3).map(|_| measure()).collect::<anyhow::Result<_>>()?;
    Ok(times.into_iter().fold(f64::MAX, f64::min))
}

struct Run {
    /// User and system, of all threads.
    cpu_s: f64,
    /// Its peak memory.
    kib: u64,
}

fn command(tool: &Path, plugin: &Path, ticks: bool) -> Command {
    let mut command = Command::new(tool);
    command.args(["tesser", "replay", "--quantity", "2", "--format", "csv", "--params", PARAMS]);
    command.args(ticks.then_some("--ticks")).arg(plugin).arg("--tape");
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn replay(tool: &Path, plugin: &Path, tape: &Path, ticks: bool) -> anyhow::Result<Run> {
    let mut command = command(tool, plugin, ticks);
    measure(command.arg(tape), |_| Ok(()))
}

/// A replay of a tape that is in no file.
fn piped(tool: &Path, plugin: &Path, rows: u32) -> anyhow::Result<Run> {
    let mut command = command(tool, plugin, false);
    measure(command.arg("-").stdin(Stdio::piped()), |child| {
        let stdin = child.stdin.take().context("stdin is a pipe")?;
        Ok(write_trades(&mut BufWriter::with_capacity(1 << 16, stdin), rows)?)
    })
}

/// Runs a process to its end; `feed` is called when it has started.
fn measure(
    command: &mut Command,
    feed: impl FnOnce(&mut std::process::Child) -> anyhow::Result<()>,
) -> anyhow::Result<Run> {
    let before_s = children_cpu_s()?;
    let mut child = command.spawn()?;
    feed(&mut child)?;
    let mut kib = 0;
    // Linux reports the peak as long as the process exists.
    let status = loop {
        kib = kib.max(peak(child.id()));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    };
    ensure!(status.code().is_some_and(|code| code <= 1), "the replay failed: {status}");
    Ok(Run { cpu_s: children_cpu_s()? - before_s, kib })
}

/// CPU seconds of all child processes that have ended, as Linux counts them: in hundredths.
fn children_cpu_s() -> anyhow::Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit_once(") ").context("the name of the process is in brackets")?.1;
    // `cutime` and `cstime`; the fields behind the name begin with the third.
    let ticks = fields.split(' ').skip(13).take(2).map(str::parse::<u32>);
    let ticks: u32 = ticks.sum::<Result<_, _>>()?;
    Ok(f64::from(ticks) / 100.0)
}

fn peak(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

/// The same work in `NautilusTrader`, which counts its CPU seconds itself. Its imports do not count, like our start.
fn compare(python: &Path, tape: &Path, ticks_s: f64) -> anyhow::Result<()> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/bench/replay_nautilus.py");
    let nautilus_s = best(|| {
        let output = Command::new(python).arg(script).arg(tape).arg(ORDERS.to_string()).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let result: Value = serde_json::from_slice(&output.stdout)?;
        println!("NautilusTrader: {result}");
        ensure!(result["orders"] == ORDERS, "not the same work");
        let seconds = |name: &str| result[name].as_f64().context("seconds are a number");
        Ok(seconds("load_s")? + seconds("run_s")?)
    })?;
    println!(
        "NautilusTrader         {nautilus_s:7.2} CPU s for loading and run: {:.1} times twap with ticks",
        nautilus_s / ticks_s
    );
    Ok(())
}

/// A tape in a file.
fn tape(rows: u32) -> anyhow::Result<PathBuf> {
    let path = fixtures::folder()?.join(format!("tape-{rows}.csv"));
    let file = fs::File::create(&path).with_context(|| path.display().to_string())?;
    write_trades(&mut BufWriter::new(file), rows)?;
    Ok(path)
}

/// Trades as Binance writes them, about seven in a second.
fn write_trades(out: &mut impl Write, rows: u32) -> std::io::Result<()> {
    writeln!(out, "id,price,qty,quote_qty,time,is_buyer_maker")?;
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for id in 0..u64::from(rows) {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (price, size) = (3_990_000 + (random >> 40) % 20_000, 1 + (random >> 20) % 50_000);
        let (whole, cents) = (price / 100, price % 100);
        let time = 1_704_067_200_000 + id * 137;
        writeln!(out, "{id},{whole}.{cents:02},0.{size:06},0,{time},{}", random >> 63 == 1)?;
    }
    out.flush()
}
