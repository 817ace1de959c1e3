//! Markouts: the fills compared with the price some time later, a measure of adverse selection.
//!
//! In: prices and fills in the order of their times. Out: for each horizon the cost in basis points, weighted by quantity.

use std::collections::VecDeque;

use rust_decimal::Decimal;
use serde::Serialize;
use tesser_wasm::{PluginSide, decimal};

use super::super::order_records::FillRow;
use super::{bps, more};

/// Seconds after a fill.
const SECONDS: [i64; 3] = [1, 10, 60];

/// All fills compared with the price some seconds later. A cost means adverse selection: a buyer could have bought cheaper
/// later.
#[derive(Clone, Debug, Serialize)]
pub struct Markout {
    /// Seconds after each fill.
    pub seconds: i64,
    /// Number of fills with a price that much later.
    pub fills: u64,
    /// Their cost; none without such fills.
    #[serde(with = "decimal::option")]
    pub cost_bps: Option<Decimal>,
}

/// Collects the prices after fills.
#[derive(Clone, Debug, Default)]
pub(super) struct Markouts {
    last: Option<(i64, Decimal)>,
    seen: usize,
    horizons: [Horizon; SECONDS.len()],
}

#[derive(Clone, Debug, Default)]
struct Horizon {
    /// Times whose price is not known yet, and the numbers of their fills.
    due: VecDeque<(i64, usize)>,
    /// Fills with their later prices.
    known: Vec<(usize, Decimal)>,
}

impl Markouts {
    /// Adds a price; the last price up to a time counts for it.
    pub(super) fn price(&mut self, time_ms: i64, price: Decimal) {
        if let Some((_, last)) = self.last {
            for horizon in &mut self.horizons {
                while horizon.due.front().is_some_and(|(due_ms, _)| *due_ms < time_ms) {
                    horizon.known.extend(horizon.due.pop_front().map(|(_, fill)| (fill, last)));
                }
            }
        }
        self.last = Some((time_ms, price));
    }

    pub(super) fn filled(&mut self, fills: &[FillRow]) {
        for (index, fill) in fills.iter().enumerate().skip(self.seen) {
            for (horizon, seconds) in self.horizons.iter_mut().zip(SECONDS) {
                horizon.due.push_back((fill.time_ms.saturating_add(seconds * 1_000), index));
            }
        }
        self.seen = fills.len().max(self.seen);
    }

    pub(super) fn needs_prices(&self, now_ms: i64) -> bool {
        let mut last = self.horizons.iter().filter_map(|horizon| horizon.due.back());
        last.any(|(due_ms, _)| *due_ms >= now_ms)
    }

    pub(super) fn of(mut self, side: PluginSide, fills: &[FillRow]) -> Vec<Markout> {
        if let Some((last_ms, last)) = self.last {
            for horizon in &mut self.horizons {
                let due = horizon.due.iter().filter(|(due_ms, _)| *due_ms <= last_ms);
                horizon.known.extend(due.map(|(_, fill)| (*fill, last)));
            }
        }
        let markout = |(seconds, horizon): (i64, &Horizon)| {
            let known =
                horizon.known.iter().filter_map(|(fill, price)| Some((fills.get(*fill)?, *price)));
            let (mut cost, mut notional) = (Decimal::ZERO, Decimal::ZERO);
            for (fill, price) in known {
                let more = more(side, fill.price, price).saturating_mul(fill.quantity);
                cost = cost.saturating_add(more);
                notional = notional.saturating_add(fill.price.saturating_mul(fill.quantity));
            }
            Markout { seconds, fills: horizon.known.len() as u64, cost_bps: bps(cost, notional) }
        };
        SECONDS.into_iter().zip(&self.horizons).map(markout).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(time_ms: i64, price: i64, quantity: i64) -> FillRow {
        let (price, quantity) = (price.into(), quantity.into());
        FillRow { order: 1, time_ms, price, quantity, fee: None, liquidity: None }
    }

    #[test]
    fn fills_are_marked_at_the_last_price_up_to_each_horizon() {
        let fills = [fill(0, 100, 1), fill(500, 100, 3)];
        let mut markouts = Markouts::default();
        markouts.price(0, 100.into());
        markouts.filled(&fills[..1]);
        markouts.filled(&fills);
        for (time_ms, price) in [(1_000, 99), (1_001, 98), (1_400, 96), (1_501, 97), (9_000, 104)] {
            markouts.price(time_ms, price.into());
        }
        markouts.price(10_000, 102.into());
        assert!(markouts.needs_prices(60_500) && !markouts.needs_prices(60_501));
        let marked = markouts.of(PluginSide::Buy, &fills);
        // 99 and 96: (1 * 1 + 3 * 4) of 400.
        assert_eq!((marked[0].fills, marked[0].cost_bps), (2, Some(325.into())));
        // Only the first one was 10 s ago: 102.
        assert_eq!((marked[1].fills, marked[1].cost_bps), (1, Some((-200).into())));
        assert_eq!((marked[2].fills, marked[2].cost_bps), (0, None));
    }
}
