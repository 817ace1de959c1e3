//! One pair: OLD and NEW over the same trades. In: both runs. Out: their figures and the first difference; the runs themselves are dropped,
//! so that 100,000 pairs fit into memory.

use std::path::PathBuf;

use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

use super::figures::{DECISIVE, Figure, Values};
use super::first_difference::{FirstDifference, first_difference};
use crate::replay::{self, Interval, RunSettings, ending};
use crate::simulator::{Ending, FillRow, RunSummary};

/// A pair of runs.
pub(super) struct Pair {
    pub(super) tape: PathBuf,
    /// Hash of the tape; none when it could not be read.
    pub(super) tape_sha256: Option<String>,
    pub(super) side: PluginSide,
    pub(super) interval: Interval,
    /// When the signal came, and how long costs are measured, in the longer of both runs; none of a script, and when the run could not be made.
    pub(super) measured: Option<(i64, i64)>,
    pub(super) old: Ran,
    pub(super) new: Ran,
    pub(super) divergence: Divergence,
}

/// Where the runs of a pair diverge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Divergence {
    /// Nowhere: orders, fills, violations and the ending are equal.
    None,
    /// At an order.
    AtOrder(FirstDifference),
    /// All orders are equal, but the violations or the endings differ.
    AtEnd,
    /// At least one of the runs could not be made.
    Unknown,
}

/// A run, without its orders.
pub(super) struct Ran {
    pub(super) id: String,
    pub(super) outcome: Outcome,
}

/// The outcome of a run.
pub(super) enum Outcome {
    /// It could not be made, with the reason.
    NotMade(String),
    Made(Box<Made>),
}

/// A run that was made.
pub(super) struct Made {
    /// How it ended, in words.
    pub(super) ending: String,
    /// Why the run counts as failed. A run that fills nothing does not: its shortfall says what that costs.
    pub(super) failure: Option<String>,
    pub(super) fills_nothing: bool,
    pub(super) values: Values,
}

type Result<'a> = (&'a RunSettings, &'a std::result::Result<RunSummary, replay::Error>);

impl Pair {
    pub(super) fn new(options: &replay::Options, old: Result<'_>, new: Result<'_>) -> Self {
        let summaries = old.1.iter().chain(new.1);
        let qualities = summaries.filter_map(|summary| summary.quality.as_ref());
        let measured = qualities.map(|quality| (quality.start_ms, quality.interval_ms)).max();
        Self {
            tape: options.tape.clone(),
            tape_sha256: old.0.tape.sha256.clone(),
            side: options.side,
            interval: options.interval,
            measured,
            divergence: match (old.1, new.1) {
                (Ok(old), Ok(new)) => Divergence::of(old, new),
                _ => Divergence::Unknown,
            },
            old: Ran::new(old),
            new: Ran::new(new),
        }
    }

    /// Whether both runs are equal.
    pub(super) fn is_same(&self) -> bool {
        self.divergence == Divergence::None
    }

    /// Whether NEW fails where OLD does not.
    pub(super) fn breaks(&self) -> bool {
        self.new.failure().is_some() && self.old.failure().is_none()
    }

    /// Whether neither run could be made, because of the tape.
    pub(super) fn is_not_made(&self) -> bool {
        matches!((&self.old.outcome, &self.new.outcome), (Outcome::NotMade(_), Outcome::NotMade(_)))
    }

    /// NEW's value of a figure minus OLD's.
    pub(super) fn difference(&self, figure: Figure) -> Option<Decimal> {
        self.new.value(figure)?.checked_sub(self.old.value(figure)?)
    }

    /// The difference of the figure that decides the verdict.
    pub(super) fn cost(&self) -> Option<Decimal> {
        self.difference(DECISIVE)
    }
}

impl Divergence {
    fn of(old: &RunSummary, new: &RunSummary) -> Self {
        let lines = |summary: &RunSummary| summary.violations().shown().collect::<Vec<_>>();
        match first_difference(old, new) {
            Some(difference) => Self::AtOrder(difference),
            None if old.ending == new.ending
                && lines(old) == lines(new)
                && same_fills(&old.fill_rows, &new.fill_rows) =>
            {
                Self::None
            }
            None => Self::AtEnd,
        }
    }
}

fn same_fills(old: &[FillRow], new: &[FillRow]) -> bool {
    let key = |fill: &FillRow| {
        (fill.order, fill.time_ms, fill.price, fill.quantity, fill.fee, fill.liquidity)
    };
    old.iter().map(key).eq(new.iter().map(key))
}

impl Ran {
    fn new((settings, result): Result<'_>) -> Self {
        let outcome = match result {
            Ok(summary) => Outcome::Made(Box::new(Made {
                ending: ending(&summary.ending),
                failure: failure(summary),
                fills_nothing: summary.filled.is_zero(),
                values: Figure::all_of(summary),
            })),
            Err(error) => Outcome::NotMade(error.to_string()),
        };
        Self { id: settings.id.clone(), outcome }
    }

    pub(super) fn made(&self) -> Option<&Made> {
        match &self.outcome {
            Outcome::Made(made) => Some(made),
            Outcome::NotMade(_) => None,
        }
    }

    /// Why the run counts as failed.
    pub(super) fn failure(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::NotMade(reason) => Some(reason),
            Outcome::Made(made) => made.failure.as_deref(),
        }
    }

    pub(super) fn value(&self, figure: Figure) -> Option<Decimal> {
        self.made()?.values[Figure::ALL.iter().position(|other| *other == figure)?]
    }
}

/// Why a run counts as failed: its ending, or its first violation.
fn failure(summary: &RunSummary) -> Option<String> {
    match &summary.ending {
        Ending::Completed | Ending::TapeOver | Ending::HorizonOver => {
            let violations = summary.violations();
            // That nothing was filled is always the first error.
            violations.shown().nth(usize::from(summary.filled_nothing))
        }
        other => Some(ending(other)),
    }
}
