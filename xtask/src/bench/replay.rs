//! `cargo tesser replay` as whole processes over synthetic trades: trades per second, and memory.
//!
//! In: the chase plugin, and one that returns constants. Out: trades per second, their ratio, the growth of memory with a
//! tape ten times as long, and an error beyond a limit.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, ensure};

use super::fixtures;
use crate::run::{self, show};

/// Minimum of trades per second with the chase plugin.
const RATE: f64 = 500_000.0;
/// Minimum of trades per second, as a share of the plugin that returns constants.
const SHARE: f64 = 0.5;
const PARAMS: &str =
    r#"{"venue":"bybit_linear","clip_size":"1","limit_price":"1","expire_secs":31536000}"#;

#[derive(clap::Args)]
pub struct Options {
    /// Trades on the long tape; the short one has a tenth
    #[arg(long, default_value_t = 10_000_000)]
    rows: u32,
    /// A release build of the tool, instead of one that is built for this
    #[arg(long, value_name = "PATH")]
    tool: Option<PathBuf>,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let builder = run::build_tool()?;
    let chase = fixtures::build(&builder, &fixtures::chase(&builder)?)?;
    let null = fixtures::build(&builder, &fixtures::null(&builder)?)?;
    let tool = match &options.tool {
        Some(tool) => std::path::absolute(tool)?,
        None => release()?,
    };
    let (short, long) = (tape(options.rows / 10)?, tape(options.rows)?);
    // Time of a process with almost nothing to do.
    let empty = tape(2)?;
    let start = measure(&tool, &chase, &empty)?.seconds;
    let rate = |run: &Run, rows: u32| f64::from(rows) / (run.seconds - start).max(1e-9);
    let least = |plugin: &Path| -> anyhow::Result<f64> {
        let mut best = 0.0_f64;
        for _ in 0..3 {
            best = best.max(rate(&measure(&tool, plugin, &short)?, options.rows / 10));
        }
        Ok(best)
    };
    let (null_rate, chase_rate) = (least(&null)?, least(&chase)?);
    println!("null guest  {null_rate:10.0} trades/s");
    println!("chase       {chase_rate:10.0} trades/s, the limit is {RATE}");
    let share = chase_rate / null_rate;
    println!("share of the null guest {share:.2}, the limit is {SHARE}");
    let (small, large) = (measure(&tool, &chase, &short)?, measure(&tool, &chase, &long)?);
    println!(
        "{} rows: {} KiB, {} rows: {} KiB, {:.1} s",
        options.rows / 10,
        small.kib,
        options.rows,
        large.kib,
        large.seconds
    );
    ensure!(large.kib * 4 <= small.kib * 5, "memory grows with the tape");
    ensure!(share >= SHARE, "chase reaches {share:.2} of the null guest");
    ensure!(chase_rate >= RATE, "{chase_rate:.0} trades/s");
    Ok(())
}

fn release() -> anyhow::Result<PathBuf> {
    let target = run::target_dir()?.join("bench/host");
    let mut build = run::cargo();
    build.args(["build", "--release", "--package", "cargo-tesser", "--no-default-features"]);
    show(build.arg("--target-dir").arg(&target))?;
    Ok(target.join("release").join(format!("cargo-tesser{}", std::env::consts::EXE_SUFFIX)))
}

struct Run {
    seconds: f64,
    /// Its peak memory.
    kib: u64,
}

fn measure(tool: &Path, plugin: &Path, tape: &Path) -> anyhow::Result<Run> {
    let mut command = Command::new(tool);
    // Ticks are forwarded, since they are most of the work. No order fills, so that the algorithm runs to the end: as on the
    // host, each order is cancelled after about a minute, and placed again.
    command.args(["tesser", "replay", "--quantity", "1", "--ticks", "--format", "csv"]);
    command.args(["--params", PARAMS]).arg(plugin).arg("--tape").arg(tape);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn()?;
    let mut kib = 0;
    // Linux reports the peak as long as the process exists.
    let status = loop {
        kib = kib.max(peak(child.id()));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    };
    ensure!(status.code().is_some_and(|code| code <= 1), "the replay failed: {status}");
    Ok(Run { seconds: start.elapsed().as_secs_f64(), kib })
}

fn peak(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

/// Trades as Binance writes them, about seven in a second.
fn tape(rows: u32) -> anyhow::Result<PathBuf> {
    let path = fixtures::folder()?.join(format!("tape-{rows}.csv"));
    let file = fs::File::create(&path).with_context(|| path.display().to_string())?;
    let mut file = BufWriter::new(file);
    writeln!(file, "id,price,qty,quote_qty,time,is_buyer_maker")?;
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for id in 0..u64::from(rows) {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (price, size) = (3_990_000 + (random >> 40) % 20_000, 1 + (random >> 20) % 50_000);
        let (whole, cents) = (price / 100, price % 100);
        let time = 1_704_067_200_000 + id * 137;
        writeln!(file, "{id},{whole}.{cents:02},0.{size:06},0,{time},{}", random >> 63 == 1)?;
    }
    file.flush()?;
    Ok(path)
}
