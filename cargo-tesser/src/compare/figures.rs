//! The figures that are compared. In: the summary of a run. Out: numbers of which less is better, so that a positive difference is a
//! cost in each of them.

use rust_decimal::Decimal;

use crate::simulator::{Quality, RunSummary};

/// The figure that the verdict goes by: tactics that fill less do not look better by it.
pub(super) const DECISIVE: Figure = Figure::ShortfallCrossing;

/// One number of a run.
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

    /// In the table for people, with its unit.
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

    /// In JSON.
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

    /// Of a run, if it has it: there is no taker share without fills, and no time of a target that was never filled.
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
