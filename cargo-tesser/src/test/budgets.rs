//! Resources that calls use, compared with limits and with a baseline.
//!
//! In: a plugin, the limits of its package, the baseline beside its manifest. Out: numbers. Fuel, bytes and pages are exact
//! and the same on every machine; time is not, and is only
//! compared with a limit.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::Error;
use super::recording::CallRecord;
use super::report::Case;
use super::run::{Fills, Run, SECONDS, Start, Trades};
use super::{PluginUnderTest, case};
use crate::fs;
use crate::report::counted;

pub(super) const NAME: &str = "budgets";

/// Name of the baseline file, beside the manifest.
const FILE: &str = "tesser-budgets.toml";

/// Percent by which a number may exceed its baseline.
const SLACK: u64 = 5;

const PAGE: usize = 1 << 16;

/// Maximum resources that a call used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Numbers {
    fuel: u64,
    memory_pages: u64,
    result_bytes: u64,
    snapshot_bytes: u64,
}

pub(super) fn run(subject: &PluginUnderTest, bless: bool) -> Result<Case, Error> {
    let settings = &subject.settings;
    let mut calls = Vec::new();
    let mut memory_growth = 0;
    for side in settings.sides() {
        let (plugin, _) = subject.on(side);
        let mut run = Run::start(Start { ticks: true, ..plugin.live() });
        run.seconds(SECONDS, Trades::Plain, Fills::Parts);
        let mut broken = run.faults();
        if !broken.is_empty() {
            broken.extend(bless.then(not_written));
            return Ok(case(NAME, "the run did not finish".into()).fails(broken));
        }
        memory_growth = memory_growth.max(growth(&run.recording().calls));
        calls.extend(run.recording().calls.iter().cloned());
    }
    let most = |value: &dyn Fn(&CallRecord) -> u64| calls.iter().map(value).max().unwrap_or(0);
    let numbers = Numbers {
        fuel: most(&|call| call.usage.fuel + call.snapshot_usage.fuel),
        memory_pages: (memory_growth / PAGE) as u64,
        result_bytes: most(&|call| call.answer.as_ref().map_or(0, |answer| answer.len() as u64)),
        snapshot_bytes: most(&|call| call.snapshot.as_ref().map_or(0, |state| state.len() as u64)),
    };
    let mut times: Vec<_> = calls.iter().map(|call| call.time).collect();
    times.sort_unstable();
    let percentile = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
    let (median, p99) = (percentile(50), percentile(99));
    let mut wrong = numbers.above(&settings.limits);
    let p99_us = u64::try_from(p99.as_micros()).unwrap_or(u64::MAX);
    wrong.extend(over("p99-us", p99_us, settings.limits.p99_us));
    let path = subject.dir.join(FILE);
    let is_there = fs::is_there(&path);
    let mut told = String::new();
    let mut notes = Vec::new();
    if bless && wrong.is_empty() {
        notes = numbers.bless(&path, &subject.made_by)?;
    } else if bless {
        wrong.push(not_written());
    } else if is_there {
        let baseline = Numbers::read(&path)?;
        wrong.extend(numbers.worse_than(&baseline));
        told = numbers.better_than(&baseline);
    } else {
        told = "; `--bless` writes them as the baseline".into();
    }
    let Numbers { fuel, memory_pages, result_bytes, snapshot_bytes } = numbers;
    let line = format!(
        "a callback takes at most {fuel} instructions (fuel), a result {}, a snapshot {}; memory grows by {}; p50 \
         {median:.1?}, p99 {p99:.1?}{told}",
        counted(result_bytes, "byte"),
        counted(snapshot_bytes, "byte"),
        counted(memory_pages, "page"),
    );
    Ok(case(NAME, line).fails(wrong).notes(notes))
}

fn not_written() -> String {
    format!("`{FILE}` was not written: a failed case cannot become the baseline")
}

/// Growth of memory after the first call, in bytes.
fn growth(calls: &[CallRecord]) -> usize {
    let memory = |call: Option<&CallRecord>| {
        call.map_or(0, |call| call.snapshot_usage.memory.max(call.usage.memory))
    };
    memory(calls.last()).saturating_sub(memory(calls.first()))
}

impl Numbers {
    fn each(&self) -> [(&'static str, u64); 4] {
        [
            ("fuel", self.fuel),
            ("memory-pages", self.memory_pages),
            ("result-bytes", self.result_bytes),
            ("snapshot-bytes", self.snapshot_bytes),
        ]
    }

    fn above(&self, limits: &super::Limits) -> Vec<String> {
        let limits = [limits.fuel, limits.memory_pages, limits.result_bytes, limits.snapshot_bytes];
        let pairs = self.each().into_iter().zip(limits);
        pairs.filter_map(|((name, value), limit)| over(name, value, limit)).collect()
    }

    fn read(path: &Path) -> Result<Self, Error> {
        toml_edit::de::from_str(&fs::read_text(path)?)
            .map_err(|error| Error::Baseline { path: path.to_owned(), source: Box::new(error) })
    }

    /// Writes the baseline. Returns what was written and what changed.
    fn bless(&self, path: &Path, made_by: &str) -> Result<Vec<String>, Error> {
        let text = self.text(made_by);
        // A baseline that cannot be parsed is also replaced.
        let before = if fs::is_there(path) { Some(fs::read_text(path)?) } else { None };
        if before.as_ref() == Some(&text) {
            return Ok(vec![format!("`{FILE}` is unchanged")]);
        }
        fs::write_atomic(path, text.as_bytes())?;
        let Some(before) = before else { return Ok(vec![format!("wrote the new `{FILE}`")]) };
        let mut told = vec![format!("wrote `{FILE}`")];
        if let Ok(baseline) = toml_edit::de::from_str::<Self>(&before) {
            let pairs = self.each().into_iter().zip(baseline.each());
            let changed = pairs.filter(|((_, now), (_, before))| now != before);
            told.extend(
                changed.map(|((name, now), (_, before))| format!("{name}: {before} -> {now}")),
            );
        }
        Ok(told)
    }

    fn worse_than(&self, baseline: &Self) -> Vec<String> {
        let pairs = self.each().into_iter().zip(baseline.each());
        let worse = pairs.filter(|((_, now), (_, before))| *now > before + before * SLACK / 100);
        worse
            .map(|((name, now), (_, before))| {
                format!("{name}: {now} is more than {before} in `{FILE}`, and {SLACK} %; `--bless` accepts it")
            })
            .collect()
    }

    /// Returns improvements, so that they do not get lost unnoticed.
    fn better_than(&self, baseline: &Self) -> String {
        let pairs = self.each().into_iter().zip(baseline.each());
        let better = pairs.filter(|((_, now), (_, before))| now + before * SLACK / 100 < *before);
        let better: Vec<_> =
            better.map(|((name, _), (_, before))| format!("{name} was {before}")).collect();
        if better.is_empty() {
            return String::new();
        }
        format!("; {}: `--bless` makes it the new baseline", better.join(", "))
    }

    fn text(&self, made_by: &str) -> String {
        let numbers = self.each().map(|(name, value)| format!("{name} = {value}\n")).concat();
        format!(
            "# Maximum per call, written by `cargo tesser test --bless` ({made_by}).\n{numbers}"
        )
    }
}

fn over(name: &str, value: u64, limit: Option<u64>) -> Option<String> {
    let limit = limit.filter(|limit| value > *limit)?;
    Some(format!("{name}: {value} is more than the limit of {limit}"))
}
