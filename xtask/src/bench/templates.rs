//! How each template fills its target in a live session of Tesser 0.9, and with ticks: over tapes that rise, stay flat,
//! and fall.
//!
//! In: the plugins as `cargo tesser new` creates them, with the parameters of their own tests except the times, which are the
//! defaults. Out: the filled share and the ending; an error if a target was exceeded, or given up without a log.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::fixtures;
use crate::run;

/// Trades on a tape, one every two seconds: more than the hour after which most templates end.
const ROWS: u32 = 4_000;
/// Prices in cents at the start, and their change over a tape, in parts of 10,000.
const START: i64 = 4_000_000;
const DRIFTS: [(&str, i64); 3] = [("up", 100), ("flat", 0), ("down", -100)];

#[derive(clap::Args)]
pub struct Options {
    /// Tapes of each drift
    #[arg(long, default_value_t = 4)]
    tapes: u32,
    /// Only this template
    #[arg(long)]
    template: Option<String>,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let tool = run::build_tool()?;
    let mut wrong = Vec::new();
    println!("filled share, and completed targets, over {} tapes each", options.tapes);
    print!("{:14}", "template");
    for ticks in ["no ticks", "ticks"] {
        for (drift, _) in DRIFTS {
            print!("{:>18}", format!("{drift}, {ticks}"));
        }
    }
    println!();
    let wanted = |name: &&str| options.template.as_deref().is_none_or(|only| only == *name);
    for template in fixtures::KIT.into_iter().filter(wanted) {
        let crate_dir = fixtures::template(&tool, template)?;
        let plugin = fixtures::build(&tool, &crate_dir)?;
        let mut params = fixtures::params(&crate_dir)?;
        let times = params.as_object_mut().context("the parameters are an object")?;
        times.retain(|name, _| !name.ends_with("_secs"));
        print!("{template:14}");
        for ticks in [false, true] {
            for (drift, per_10_000) in DRIFTS {
                let mut cell = Cell::default();
                for number in 0..options.tapes {
                    let tape = tape(drift, per_10_000, number)?;
                    for side in ["buy", "sell"] {
                        let run = replay(&tool, &plugin, &tape, side, &params, ticks)?;
                        let place = format!("{template}, {drift} {number}, {side}, ticks {ticks}");
                        wrong.extend(cell.add(&run).map(|words| format!("{place}: {words}")));
                    }
                }
                print!("{:>18}", cell.show());
                std::io::stdout().flush()?;
            }
        }
        println!();
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// The runs of one template over the tapes with one drift.
#[derive(Default)]
struct Cell {
    runs: u32,
    completed: u32,
    filled: f64,
}

impl Cell {
    /// Adds a run; returns what is wrong with it, if anything.
    fn add(&mut self, run: &Value) -> Option<String> {
        let number = |field: &str| run[field].as_str().and_then(|text| text.parse::<f64>().ok());
        let (filled, target) = (number("filled")?, number("target")?);
        self.runs += 1;
        self.filled += filled / target;
        let completed = run["ending"]["state"] == "completed";
        self.completed += u32::from(completed && filled >= target);
        if filled > target {
            return Some(format!("{filled} filled of {target}"));
        }
        let says_nothing = run["logs"].as_array().is_none_or(Vec::is_empty);
        (filled < target && says_nothing).then(|| format!("{filled} of {target}, and no log"))
    }

    fn show(&self) -> String {
        let share = self.filled / f64::from(self.runs.max(1)) * 100.0;
        format!("{share:.1} % {}/{}", self.completed, self.runs)
    }
}

fn replay(
    tool: &Path,
    plugin: &Path,
    tape: &Path,
    side: &str,
    params: &Value,
    ticks: bool,
) -> anyhow::Result<Value> {
    let mut replay = run::tesser(tool);
    replay.arg("replay").arg(plugin).arg("--tape").arg(tape).args(["--quantity", "1"]);
    replay.args(["--side", side, "--format", "json", "--params"]).arg(params.to_string());
    if ticks {
        replay.arg("--ticks");
    }
    let output = replay.output().context("the tool does not start")?;
    serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Trades as Binance writes them: a walk with steps of up to a tenth of a per mille around the drift.
fn tape(name: &str, per_10_000: i64, number: u32) -> anyhow::Result<PathBuf> {
    let path = fixtures::folder()?.join(format!("templates-{name}-{number}.csv"));
    let file = fs::File::create(&path).with_context(|| path.display().to_string())?;
    let mut file = BufWriter::new(file);
    writeln!(file, "id,price,qty,quote_qty,time,is_buyer_maker")?;
    let mut random = 0x9e37_79b9_7f4a_7c15_u64 ^ (u64::from(number) << 32);
    let mut walk = 0;
    for id in 0..i64::from(ROWS) {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        walk += i64::try_from((random >> 40) % 801)? - 400;
        let price = START + START * per_10_000 * id / i64::from(ROWS) / 10_000 + walk;
        // Whole lots, as on an exchange.
        let size = 1 + (random >> 20) % 5_000;
        let (whole, cents, time) = (price / 100, price % 100, 1_704_067_200_000 + id * 2_000);
        writeln!(file, "{id},{whole}.{cents:02},0.{size:05},0,{time},{}", random >> 63 == 1)?;
    }
    file.flush()?;
    Ok(path)
}
