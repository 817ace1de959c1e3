//! What the tables of a sweep say of a run: its settings as far as runs differ in them, and its figures.
//!
//! In: the result of a run, or a row of `runs.parquet`. Out: the same values for both.

use rust_decimal::Decimal;
use serde_json::Value;

use super::show::ending;
use super::{RunSettings, RunSummary};

/// A run.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// Of the run.
    pub(super) id: String,
    /// As the user named it.
    pub(super) tape: String,
    /// Hash of the tape; none when it could not be read.
    pub(super) tape_sha256: Option<String>,
    pub(super) params: Value,
    pub(super) side: String,
    /// Where the run starts on the tape, if not with it.
    pub(super) from_ms: Option<i64>,
    pub(super) symbol: String,
    /// In base currency.
    pub(super) target: Decimal,
    /// What came of it, or why there is nothing.
    pub(super) result: Result<Figures, String>,
}

/// What came of a run. Quantities are in base currency.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    pub(super) is_ok: bool,
    pub(super) orders: u64,
    pub(super) filled: Decimal,
    pub(super) mean_price: Option<Decimal>,
    /// How it ended, in words.
    pub(super) ending: String,
    /// Lines; repeated ones are one.
    pub(super) errors: Vec<String>,
    /// How many there are, repeated ones included.
    pub(super) error_count: u64,
    /// None where the tape has no trades.
    pub(super) costs: Option<Costs>,
}

/// What the fills cost, in basis points, and shares of what was traded and filled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Costs {
    pub(super) to_arrival_bps: Option<Decimal>,
    pub(super) to_vwap_bps: Option<Decimal>,
    pub(super) total_bps: Decimal,
    pub(super) total_crossing_bps: Decimal,
    pub(super) participation: Decimal,
    pub(super) maker_share: Option<Decimal>,
}

impl Record {
    /// Of a run that was made, or could not be made.
    pub(super) fn of(settings: &RunSettings, result: Result<&RunSummary, String>) -> Self {
        Self {
            id: settings.id.clone(),
            tape: settings.tape.path.clone(),
            tape_sha256: settings.tape.sha256.clone(),
            params: settings.params.clone(),
            side: settings.signal.side.to_string(),
            from_ms: settings.interval.from_ms,
            symbol: settings.signal.symbol.clone(),
            target: settings.signal.quantity,
            result: result.map(Figures::of),
        }
    }

    pub(super) fn costs(&self) -> Option<Costs> {
        self.result.as_ref().ok()?.costs
    }

    /// The figure by which runs are ranked: shortfall with fees, with the unfilled quantity at the crossing price.
    pub(super) fn cost_bps(&self) -> Option<Decimal> {
        self.costs().map(|costs| costs.total_crossing_bps)
    }

    pub(super) fn is_ok(&self) -> bool {
        self.result.as_ref().is_ok_and(|figures| figures.is_ok)
    }

    /// The filled share of the target.
    pub(super) fn filled_share(&self) -> Option<Decimal> {
        self.result.as_ref().ok()?.filled.checked_div(self.target)
    }
}

impl Figures {
    fn of(summary: &RunSummary) -> Self {
        let violations = summary.violations();
        Self {
            is_ok: summary.ok(),
            orders: summary.orders,
            filled: summary.filled,
            mean_price: summary.mean_price(),
            ending: ending(&summary.ending),
            errors: violations.shown().collect(),
            error_count: violations.count(),
            costs: summary.quality.as_ref().map(|quality| Costs {
                to_arrival_bps: quality.cost_to_arrival_bps,
                to_vwap_bps: quality.cost_to_vwap_bps,
                total_bps: quality.shortfall.total_bps,
                total_crossing_bps: quality.shortfall.total_crossing_bps,
                participation: quality.participation,
                maker_share: quality.maker_share,
            }),
        }
    }
}
