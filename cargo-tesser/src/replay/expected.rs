//! Expectations of a run, for pipelines: they decide the exit code. In: a summary. Out: errors in it.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tesser_wasm::decimal;

use super::RunSummary;
use super::show::ending;
use crate::simulator::Ending;

/// What a run must reach.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Expected {
    /// The plugin must report completion.
    pub completed: bool,
    /// Maximum implementation shortfall in basis points, with the unfilled quantity at the crossing price.
    #[serde(with = "decimal::option")]
    pub max_shortfall_bps: Option<Decimal>,
    /// Minimum share of the target that must be filled, from 0 to 1.
    #[serde(with = "decimal::option")]
    pub min_filled: Option<Decimal>,
}

impl Expected {
    /// Adds an error to the summary for each expectation that is not met.
    pub(super) fn check(&self, summary: &mut RunSummary) {
        if self.completed && summary.ending != Ending::Completed {
            let ending = ending(&summary.ending);
            summary.errors.add(format!("expected: completed; it is {ending}"));
        }
        if let Some(least) = self.min_filled {
            let wanted = summary.target.saturating_mul(least).normalize();
            if summary.filled < wanted {
                let filled = summary.filled.normalize();
                summary.errors.add(format!("expected: at least {wanted} filled; it is {filled}"));
            }
        }
        let Some(most) = self.max_shortfall_bps else { return };
        let most = most.normalize();
        match summary.quality.as_ref().map(|quality| quality.shortfall.total_crossing_bps) {
            Some(bps) if bps <= most => {}
            Some(bps) => {
                let words = format!(
                    "expected: a shortfall of at most {most} bps; it is {bps} bps, with the rest taken at the end"
                );
                summary.errors.add(words);
            }
            None => summary
                .errors
                .add("expected: a shortfall; it cannot be measured without trades".into()),
        }
    }
}
