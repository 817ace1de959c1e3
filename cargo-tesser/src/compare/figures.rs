//! The figures that are compared. In: the summary of a run. Out: numbers for which less is better, so that a positive difference is always
//! a cost.

use rust_decimal::Decimal;

use crate::simulator::{Quality, RunSummary};

/// The figure that decides the verdict. Tactics that fill less gain nothing by it.
pub(super) const DECISIVE: Figure = Figure::ShortfallCrossing;

/// A figure of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Figure {
    ShortfallCrossing,
    Shortfall,
    Unfilled,
    Taker,
    Fees,
    Orders,
    Completed,
    Markout,
}

impl Figure {
    pub(super) const ALL: [Self; 8] = [
        Self::ShortfallCrossing,
        Self::Shortfall,
        Self::Unfilled,
        Self::Taker,
        Self::Fees,
        Self::Orders,
        Self::Completed,
        Self::Markout,
    ];

    /// Its label in the table, with the unit.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::ShortfallCrossing => "shortfall, rest taken (bps)",
            Self::Shortfall => "shortfall (bps)",
            Self::Unfilled => "unfilled (% of target)",
            Self::Taker => "taker (% of filled)",
            Self::Fees => "fees (bps of target)",
            Self::Orders => "orders",
            Self::Completed => "all filled after (s)",
            Self::Markout => "markout after 10 s (bps)",
        }
    }

    /// Its name in JSON.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ShortfallCrossing => "shortfall_total_crossing_bps",
            Self::Shortfall => "shortfall_total_bps",
            Self::Unfilled => "unfilled_percent",
            Self::Taker => "taker_percent",
            Self::Fees => "shortfall_fees_bps",
            Self::Orders => "orders",
            Self::Completed => "filled_seconds",
            Self::Markout => "markout_10s_bps",
        }
    }

    /// Its value in a run; `None` for a taker share without fills, and for the time of a target that was never filled.
    pub(super) fn of(self, summary: &RunSummary) -> Option<Decimal> {
        if self == Self::Orders {
            return Some(summary.orders.into());
        }
        let quality = summary.quality.as_ref()?;
        match self {
            Self::ShortfallCrossing => Some(quality.shortfall.total_crossing_bps),
            Self::Shortfall => Some(quality.shortfall.total_bps),
            Self::Unfilled => {
                percent(quality.unfilled.max(Decimal::ZERO).checked_div(summary.target)?)
            }
            Self::Taker => percent(Decimal::ONE.checked_sub(quality.maker_share?)?),
            Self::Fees => Some(quality.shortfall.fees_bps),
            Self::Completed => quality.filled_ms.map(|ms| Decimal::new(ms, 3)),
            Self::Markout => markout(quality),
            Self::Orders => None,
        }
    }

    /// All figures of a run, in the order of [`Figure::ALL`].
    pub(super) fn all_of(summary: &RunSummary) -> Values {
        Self::ALL.map(|figure| figure.of(summary))
    }
}

/// The values of all figures of one run.
pub(super) type Values = [Option<Decimal>; Figure::ALL.len()];

fn percent(share: Decimal) -> Option<Decimal> {
    Some(share.checked_mul(Decimal::ONE_HUNDRED)?.round_dp(6).normalize())
}

fn markout(quality: &Quality) -> Option<Decimal> {
    quality.markouts.iter().find(|markout| markout.seconds == 10)?.cost_bps
}
