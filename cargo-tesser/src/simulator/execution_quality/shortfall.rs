//! Implementation shortfall: the cost of the whole target compared with having it at the arrival price.
//!
//! In: prices and quantities. Out: basis points of the target at the arrival price, positive for a cost; the parts add up.

use rust_decimal::Decimal;
use serde::Serialize;
use tesser_wasm::{PluginSide, decimal};

use super::{bps, more};

/// The prices that the shortfall depends on.
pub(super) struct Prices {
    pub(super) side: PluginSide,
    pub(super) target: Decimal,
    pub(super) filled: Decimal,
    pub(super) arrival: Decimal,
    /// The market's last price when the first order was sent.
    pub(super) first_order: Option<Decimal>,
    pub(super) mean: Decimal,
    pub(super) last: Decimal,
    /// Crossing price: what a taker would have paid for the unfilled quantity at the end.
    pub(super) crossing: Decimal,
    pub(super) fees: Decimal,
}

/// The parts of the cost, in basis points of the target at the arrival price.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Shortfall {
    /// Delay cost: the market's move until the first order was sent, for the filled quantity.
    #[serde(with = "decimal")]
    pub delay_bps: Decimal,
    /// Trading cost: the fills compared with the market at the first order.
    #[serde(with = "decimal")]
    pub trading_bps: Decimal,
    /// Opportunity cost: the unfilled quantity, at the last price.
    #[serde(with = "decimal")]
    pub opportunity_bps: Decimal,
    /// Opportunity cost at the crossing price.
    #[serde(with = "decimal")]
    pub opportunity_crossing_bps: Decimal,
    /// The fees.
    #[serde(with = "decimal")]
    pub fees_bps: Decimal,
    /// The sum, with the unfilled quantity at the last price.
    #[serde(with = "decimal")]
    pub total_bps: Decimal,
    /// The sum, with the unfilled quantity at the crossing price.
    #[serde(with = "decimal")]
    pub total_crossing_bps: Decimal,
}

impl Shortfall {
    pub(super) fn of(prices: &Prices) -> Self {
        let Prices { side, target, filled, arrival, mean, fees, .. } = *prices;
        let whole = target.saturating_mul(arrival);
        let cost =
            |quantity: Decimal, paid, price| more(side, paid, price).saturating_mul(quantity);
        let bps = |cost: Decimal| bps(cost, whole).unwrap_or_default();
        let released = prices.first_order.unwrap_or(arrival);
        let delay = cost(filled, released, arrival);
        let trading = cost(filled, mean, released);
        let rest = target.saturating_sub(filled).max(Decimal::ZERO);
        let opportunity = cost(rest, prices.last, arrival);
        let crossing = cost(rest, prices.crossing, arrival);
        let paid = delay.saturating_add(trading).saturating_add(fees);
        Self {
            delay_bps: bps(delay),
            trading_bps: bps(trading),
            opportunity_bps: bps(opportunity),
            opportunity_crossing_bps: bps(crossing),
            fees_bps: bps(fees),
            total_bps: bps(paid.saturating_add(opportunity)),
            total_crossing_bps: bps(paid.saturating_add(crossing)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_add_up_to_the_cost_of_the_whole_target() {
        // Of 10 to buy at 100, 8 were bought at 103, the first order left at 101, and 2 would now cost 110 or 111.
        let shortfall = Shortfall::of(&Prices {
            side: PluginSide::Buy,
            target: 10.into(),
            filled: 8.into(),
            arrival: 100.into(),
            first_order: Some(101.into()),
            mean: 103.into(),
            last: 110.into(),
            crossing: 111.into(),
            fees: 1.into(),
        });
        // 8 of 1000, 16 of 1000, 20 of 1000, 22 of 1000, 1 of 1000.
        assert_eq!(shortfall.delay_bps, 80.into());
        assert_eq!(shortfall.trading_bps, 160.into());
        assert_eq!(shortfall.opportunity_bps, 200.into());
        assert_eq!(shortfall.opportunity_crossing_bps, 220.into());
        assert_eq!(shortfall.fees_bps, 10.into());
        assert_eq!(shortfall.total_bps, 450.into());
        assert_eq!(shortfall.total_crossing_bps, 470.into());
    }

    #[test]
    fn selling_late_into_a_rising_market_has_a_negative_cost() {
        let shortfall = Shortfall::of(&Prices {
            side: PluginSide::Sell,
            target: 2.into(),
            filled: 1.into(),
            arrival: 100.into(),
            first_order: None,
            mean: 102.into(),
            last: 104.into(),
            crossing: 103.into(),
            fees: Decimal::ZERO,
        });
        assert_eq!(shortfall.delay_bps, Decimal::ZERO);
        assert_eq!(shortfall.trading_bps, (-100).into());
        assert_eq!(shortfall.total_bps, (-300).into());
        assert_eq!(shortfall.total_crossing_bps, (-250).into());
    }
}
