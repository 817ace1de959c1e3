//! How far the fills were behind an even schedule from the start of the interval to its end.
//!
//! In: the target and the fills. Out: shares of the target.

use rust_decimal::Decimal;
use serde::Serialize;
use tesser_wasm::decimal;

use super::super::order_records::FillRow;

/// How far the fills were behind the schedule, as shares of the target. Being ahead counts as 0.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Schedule {
    /// On average over time.
    #[serde(with = "decimal")]
    pub behind_mean: Decimal,
    /// Maximum.
    #[serde(with = "decimal")]
    pub behind_most: Decimal,
}

impl Schedule {
    pub(super) fn of(target: Decimal, (start_ms, end_ms): (i64, i64), fills: &[FillRow]) -> Self {
        let span = Decimal::from(end_ms.saturating_sub(start_ms));
        let share = |value: Decimal| value.checked_div(target).unwrap_or_default();
        // Both are from 0 to 1.
        let at = |ms: i64| {
            Decimal::from(ms.saturating_sub(start_ms)).checked_div(span).unwrap_or_default()
        };
        let (mut since, mut filled) = (Decimal::ZERO, Decimal::ZERO);
        let (mut sum, mut most) = (Decimal::ZERO, Decimal::ZERO);
        let ends = fills.iter().map(|fill| (fill.time_ms.clamp(start_ms, end_ms), fill.quantity));
        for (end_ms, quantity) in ends.chain([(end_ms, Decimal::ZERO)]) {
            let until = at(end_ms);
            // The schedule rises linearly; only the area above the filled quantity counts.
            let first = (since - filled).max(Decimal::ZERO);
            let last = (until - filled).max(Decimal::ZERO);
            let behind = until - since.max(filled).min(until);
            sum += (first + last) / Decimal::TWO * behind;
            most = most.max(last);
            since = until;
            filled = filled.saturating_add(share(quantity));
        }
        let rounded = |value: Decimal| value.round_dp(8).normalize();
        Self { behind_mean: rounded(sum), behind_most: rounded(most) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(time_ms: i64, quantity: i64) -> FillRow {
        let (price, quantity) = (100.into(), quantity.into());
        FillRow { order: 1, time_ms, price, quantity, fee: None, liquidity: None }
    }

    #[test]
    fn the_mean_behind_an_even_schedule_is_an_area() {
        let behind = |fills: &[FillRow]| {
            let schedule = Schedule::of(10.into(), (1_000, 11_000), fills);
            (schedule.behind_mean.to_string(), schedule.behind_most.to_string())
        };
        let expected = |mean: &str, most: &str| (mean.to_owned(), most.to_owned());
        // A triangle of half the square.
        assert_eq!(behind(&[]), expected("0.5", "1"));
        assert_eq!(behind(&[fill(1_000, 10)]), expected("0", "0"));
        // Nothing until the middle, then all of it.
        assert_eq!(behind(&[fill(6_000, 10)]), expected("0.125", "0.5"));
        // Ahead from the start to 0.4, then behind until the end: a triangle with sides of 0.6.
        assert_eq!(behind(&[fill(1_000, 4)]), expected("0.18", "0.6"));
    }
}
