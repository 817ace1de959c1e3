//! Execution quality: what the fills cost against the market of the same time.
//!
//! In: the trades while the algorithm ran, and its fills. Out: prices, basis points, times. Positive basis
//! points are a cost, for buying and selling alike.

use rust_decimal::Decimal;
use serde::Serialize;
use tesser_wasm::{PluginSide, decimal};

use super::order_records::FillRow;
use super::price_series::Prices;
use super::trade::Trade;

/// Sums over the trades of the signal's symbol, while the algorithm runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Market {
    first: Option<(i64, Decimal)>,
    last: (i64, Decimal),
    volume: Decimal,
    notional: Decimal,
    /// Sum of price times milliseconds.
    held: Decimal,
    pub(crate) prices: Prices,
}

impl Market {
    pub(crate) fn add(&mut self, trade: &Trade) {
        let (last_ms, last_price) = self.last;
        if self.first.is_none() {
            self.first = Some((trade.time_ms, trade.price));
        } else if trade.time_ms != last_ms {
            let held = last_price.saturating_mul(trade.time_ms.saturating_sub(last_ms).into());
            self.held = self.held.saturating_add(held);
        }
        self.last = (trade.time_ms, trade.price);
        self.volume = self.volume.saturating_add(trade.quantity);
        self.notional = self.notional.saturating_add(trade.price.saturating_mul(trade.quantity));
        self.prices.add(trade.time_ms, trade.price);
    }

    /// The quality of these fills; none when the tape had no trade of the symbol.
    pub(crate) fn quality(
        &self,
        side: PluginSide,
        target: Decimal,
        fills: &[FillRow],
    ) -> Option<Quality> {
        let (start_ms, arrival) = self.first?;
        let elapsed = self.last.0.saturating_sub(start_ms);
        let sum = |of: fn(&FillRow) -> Decimal| {
            fills.iter().fold(Decimal::ZERO, |sum, fill| sum.saturating_add(of(fill)))
        };
        let filled = sum(|fill| fill.quantity);
        let mean = sum(|fill| fill.price.saturating_mul(fill.quantity)).checked_div(filled);
        let vwap = self.notional.checked_div(self.volume)?;
        let twap = self.held.checked_div(elapsed.into()).unwrap_or(arrival);
        let against = |price: Decimal| cost_bps(side, mean?, price);
        let reached = |share: Decimal| {
            let mut sum = Decimal::ZERO;
            let wanted = target.saturating_mul(share);
            let fill = fills.iter().find(|fill| {
                sum = sum.saturating_add(fill.quantity);
                sum >= wanted && sum > Decimal::ZERO
            })?;
            Some(fill.time_ms.saturating_sub(start_ms))
        };
        Some(Quality {
            arrival_price: arrival,
            vwap: vwap.round_dp(8).normalize(),
            twap: twap.round_dp(8).normalize(),
            mean_price: mean.map(|mean| mean.round_dp(8)),
            cost_to_arrival_bps: against(arrival),
            cost_to_vwap_bps: against(vwap),
            cost_to_twap_bps: against(twap),
            traded: self.volume,
            participation: filled
                .checked_div(self.volume)
                .unwrap_or_default()
                .round_dp(8)
                .normalize(),
            fees: sum(|fill| fill.fee.unwrap_or_default()),
            interval_ms: elapsed,
            first_fill_ms: reached(Decimal::ZERO),
            half_filled_ms: reached(Decimal::new(5, 1)),
            filled_ms: reached(Decimal::ONE),
            unfilled: target.saturating_sub(filled),
        })
    }
}

fn cost_bps(side: PluginSide, paid: Decimal, price: Decimal) -> Option<Decimal> {
    let more = match side {
        PluginSide::Buy => paid.saturating_sub(price),
        PluginSide::Sell => price.saturating_sub(paid),
    };
    let bps = more.checked_div(price)?.checked_mul(Decimal::from(10_000))?;
    Some(bps.round_dp(4).normalize())
}

/// The numbers. The interval is from the first trade to the last that the running algorithm saw.
#[derive(Clone, Debug, Serialize)]
pub struct Quality {
    /// Price of the first trade.
    #[serde(with = "decimal")]
    pub arrival_price: Decimal,
    /// Mean price of the interval by quantity.
    #[serde(with = "decimal")]
    pub vwap: Decimal,
    /// Mean price of the interval by time.
    #[serde(with = "decimal")]
    pub twap: Decimal,
    /// Mean price of the fills.
    #[serde(with = "decimal::option")]
    pub mean_price: Option<Decimal>,
    /// Cost against the arrival price.
    #[serde(with = "decimal::option")]
    pub cost_to_arrival_bps: Option<Decimal>,
    /// Cost against the VWAP.
    #[serde(with = "decimal::option")]
    pub cost_to_vwap_bps: Option<Decimal>,
    /// Cost against the TWAP.
    #[serde(with = "decimal::option")]
    pub cost_to_twap_bps: Option<Decimal>,
    /// Quantity that was traded in the interval.
    #[serde(with = "decimal")]
    pub traded: Decimal,
    /// Share of it that the fills are.
    #[serde(with = "decimal")]
    pub participation: Decimal,
    /// Sum of the fees in quote currency.
    #[serde(with = "decimal")]
    pub fees: Decimal,
    /// Length of the interval.
    pub interval_ms: i64,
    /// Time to the first fill.
    pub first_fill_ms: Option<i64>,
    /// Time until half of the target was filled.
    pub half_filled_ms: Option<i64>,
    /// Time until all of it was.
    pub filled_ms: Option<i64>,
    /// What is missing of the target.
    #[serde(with = "decimal")]
    pub unfilled: Decimal,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn market() -> Market {
        let mut market = Market::default();
        for (time_ms, price, quantity) in [(1_000, 100, 1), (2_000, 110, 3), (5_000, 120, 4)] {
            market.add(&Trade {
                symbol: None,
                price: price.into(),
                quantity: quantity.into(),
                time_ms,
                side: PluginSide::Buy,
            });
        }
        market
    }

    fn fill(time_ms: i64, price: i64, quantity: i64) -> FillRow {
        let (price, quantity) = (price.into(), quantity.into());
        FillRow {
            order: 1,
            time_ms,
            price,
            quantity,
            fee: Some(Decimal::new(5, 1)),
            liquidity: None,
        }
    }

    #[test]
    fn prices_of_the_interval_are_weighted_by_quantity_and_by_time() {
        let fills = [fill(2_000, 110, 1), fill(5_000, 120, 1)];
        let quality = market().quality(PluginSide::Buy, Decimal::TWO, &fills).unwrap();
        assert_eq!(quality.arrival_price, 100.into());
        // (100 + 330 + 480) / 8 and (100 * 1 s + 110 * 3 s) / 4 s.
        assert_eq!(quality.vwap.to_string(), "113.75");
        assert_eq!(quality.twap.to_string(), "107.5");
        assert_eq!(quality.cost_to_arrival_bps, Some(1_500.into()));
        assert_eq!(quality.participation.to_string(), "0.25");
        assert_eq!(quality.fees, Decimal::ONE);
        assert_eq!(
            [quality.first_fill_ms, quality.half_filled_ms, quality.filled_ms],
            [Some(1_000), Some(1_000), Some(4_000)]
        );
        assert_eq!(quality.unfilled, Decimal::ZERO);
    }

    #[test]
    fn a_sale_above_the_market_costs_less_than_nothing() {
        let quality =
            market().quality(PluginSide::Sell, Decimal::TEN, &[fill(2_000, 110, 1)]).unwrap();
        assert_eq!(quality.cost_to_arrival_bps, Some((-1_000).into()));
        assert_eq!((quality.half_filled_ms, quality.filled_ms), (None, None));
        assert_eq!(quality.unfilled, 9.into());
    }

    #[test]
    fn without_trades_or_fills_nothing_is_made_up() {
        assert!(Market::default().quality(PluginSide::Buy, Decimal::ONE, &[]).is_none());
        let quality = market().quality(PluginSide::Buy, Decimal::ONE, &[]).unwrap();
        assert_eq!((quality.mean_price, quality.cost_to_vwap_bps), (None, None));
        assert_eq!(quality.first_fill_ms, None);
    }
}
