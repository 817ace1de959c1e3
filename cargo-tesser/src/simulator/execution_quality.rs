//! Execution quality: the cost of the fills compared with the market.
//!
//! In: the trades of an interval, the orders and their fills. Out: prices, basis points, times. Positive basis points are
//! a cost, for buying and selling alike.

mod markouts;
mod schedule;
mod shortfall;

use rust_decimal::Decimal;
use serde::Serialize;
use tesser_wasm::{PluginSide, decimal};

use super::order_records::{FillRow, Liquidity, Order};
use super::price_series::Prices;
use super::trade::Trade;
pub use markouts::Markout;
use markouts::Markouts;
pub use schedule::Schedule;
pub use shortfall::Shortfall;

/// Sums over the trades of the signal's symbol.
#[derive(Clone, Debug, Default)]
pub(crate) struct Market {
    first: Option<(i64, Decimal)>,
    last: (i64, Decimal),
    volume: Decimal,
    notional: Decimal,
    /// Sum of price times milliseconds.
    held: Decimal,
    /// Fixed end of the interval, if there is one.
    end_ms: Option<i64>,
    markouts: Markouts,
    pub(crate) prices: Prices,
}

/// The signal's side and target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) side: PluginSide,
    pub(crate) target: Decimal,
}

/// The orders and fills of the run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Executed<'a> {
    pub(crate) orders: &'a [Order],
    pub(crate) fills: &'a [FillRow],
    /// The crossing price: the price at which a taker could have traded at the end.
    pub(crate) crossing: Option<Decimal>,
}

impl Market {
    /// Sets the end of the interval, so that runs are comparable.
    pub(crate) fn ends(&mut self, end_ms: i64) {
        self.end_ms = Some(end_ms);
    }

    /// Adds a trade in the interval.
    pub(crate) fn add(&mut self, trade: &Trade) {
        self.hold_until(trade.time_ms);
        self.first.get_or_insert((trade.time_ms, trade.price));
        self.last = (trade.time_ms, trade.price);
        self.volume = self.volume.saturating_add(trade.quantity);
        self.notional = self.notional.saturating_add(trade.price.saturating_mul(trade.quantity));
        self.prices.add(trade.time_ms, trade.price, trade.quantity);
    }

    /// Extends the last price to a time.
    fn hold_until(&mut self, time_ms: i64) {
        let (last_ms, last_price) = self.last;
        if self.first.is_some() && time_ms > last_ms {
            let held = last_price.saturating_mul(time_ms.saturating_sub(last_ms).into());
            self.held = self.held.saturating_add(held);
            self.last.0 = time_ms;
        }
    }

    /// Adds a price for markouts; also after the interval.
    pub(crate) fn mark(&mut self, trade: &Trade) {
        self.markouts.price(trade.time_ms, trade.price);
    }

    /// Adds the new ones among all fills so far.
    pub(crate) fn filled(&mut self, fills: &[FillRow]) {
        self.markouts.filled(fills);
    }

    /// Whether markouts still need prices after a time.
    pub(crate) fn needs_prices(&self, now_ms: i64) -> bool {
        self.markouts.needs_prices(now_ms)
    }

    /// The quality; none if the tape had no trade of the symbol.
    pub(crate) fn quality(mut self, asked: Asked, executed: Executed<'_>) -> Option<Quality> {
        let (start_ms, arrival) = self.first?;
        if let Some(end_ms) = self.end_ms {
            self.hold_until(end_ms);
        }
        let Executed { orders, fills, crossing } = executed;
        let Asked { side, target } = asked;
        let (end_ms, last_price) = self.last;
        let interval_ms = end_ms.saturating_sub(start_ms);
        let filled = sum(fills, |fill| fill.quantity);
        let mean = sum(fills, |fill| fill.price.saturating_mul(fill.quantity)).checked_div(filled);
        let vwap = self.notional.checked_div(self.volume)?;
        let twap = self.held.checked_div(interval_ms.into()).unwrap_or(arrival);
        let against = |price: Decimal| cost_bps(side, mean?, price);
        let fees = sum(fills, |fill| fill.fee.unwrap_or_default());
        let made = fills.iter().filter(|fill| fill.liquidity == Some(Liquidity::Maker));
        let made = made.fold(Decimal::ZERO, |sum, fill| sum.saturating_add(fill.quantity));
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
            start_ms,
            interval_ms,
            arrival_price: arrival,
            last_price,
            crossing_price: crossing.unwrap_or(last_price).round_dp(8).normalize(),
            vwap: vwap.round_dp(8).normalize(),
            twap: twap.round_dp(8).normalize(),
            mean_price: mean.map(|mean| mean.round_dp(8)),
            cost_to_arrival_bps: against(arrival),
            cost_to_vwap_bps: against(vwap),
            cost_to_twap_bps: against(twap),
            shortfall: Shortfall::of(&shortfall::Prices {
                side,
                target,
                filled,
                arrival,
                first_order: orders.first().and_then(|order| order.market_price),
                mean: mean.unwrap_or(arrival),
                last: last_price,
                crossing: crossing.unwrap_or(last_price),
                fees,
            }),
            markouts: self.markouts.of(side, fills),
            schedule: Schedule::of(target, (start_ms, end_ms), fills),
            traded: self.volume,
            participation: share(filled, self.volume),
            maker_share: (!filled.is_zero() && fills.iter().any(|fill| fill.liquidity.is_some()))
                .then(|| share(made, filled)),
            fees,
            first_fill_ms: reached(Decimal::ZERO),
            half_filled_ms: reached(Decimal::new(5, 1)),
            filled_ms: reached(Decimal::ONE),
            unfilled: target.saturating_sub(filled),
        })
    }
}

fn sum(fills: &[FillRow], of: impl Fn(&FillRow) -> Decimal) -> Decimal {
    fills.iter().fold(Decimal::ZERO, |sum, fill| sum.saturating_add(of(fill)))
}

fn share(part: Decimal, whole: Decimal) -> Decimal {
    part.checked_div(whole).unwrap_or_default().round_dp(8).normalize()
}

/// How much more one price costs than another, in quote currency.
fn more(side: PluginSide, paid: Decimal, price: Decimal) -> Decimal {
    match side {
        PluginSide::Buy => paid.saturating_sub(price),
        PluginSide::Sell => price.saturating_sub(paid),
    }
}

fn cost_bps(side: PluginSide, paid: Decimal, price: Decimal) -> Option<Decimal> {
    bps(more(side, paid, price), price)
}

fn bps(cost: Decimal, of: Decimal) -> Option<Decimal> {
    let bps = cost.checked_div(of)?.checked_mul(Decimal::from(10_000))?;
    Some(bps.round_dp(4).normalize())
}

/// The figures. The interval begins with the trade that came with the signal. It ends with the horizon, or without one with
/// the last trade that the running algorithm saw.
#[derive(Clone, Debug, Serialize)]
pub struct Quality {
    /// When the interval begins, in milliseconds since the Unix epoch.
    pub start_ms: i64,
    /// Its length.
    pub interval_ms: i64,
    /// Price of the first trade.
    #[serde(with = "decimal")]
    pub arrival_price: Decimal,
    /// Price of the last trade.
    #[serde(with = "decimal")]
    pub last_price: Decimal,
    /// Crossing price: the price that a taker would have paid at the end.
    #[serde(with = "decimal")]
    pub crossing_price: Decimal,
    /// Volume-weighted average price of the interval.
    #[serde(with = "decimal")]
    pub vwap: Decimal,
    /// Time-weighted average price of the interval.
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
    /// Cost of the whole target, with opportunity cost and fees.
    pub shortfall: Shortfall,
    /// Cost of the fills against the price some time after each of them.
    pub markouts: Vec<Markout>,
    /// How far behind an even schedule the fills were.
    pub schedule: Schedule,
    /// Quantity that was traded in the interval.
    #[serde(with = "decimal")]
    pub traded: Decimal,
    /// The fills as a share of it.
    #[serde(with = "decimal")]
    pub participation: Decimal,
    /// Maker share of the fills; none for a script.
    #[serde(with = "decimal::option")]
    pub maker_share: Option<Decimal>,
    /// Sum of the fees in quote currency.
    #[serde(with = "decimal")]
    pub fees: Decimal,
    /// Time to the first fill.
    pub first_fill_ms: Option<i64>,
    /// Time until half of the target was filled.
    pub half_filled_ms: Option<i64>,
    /// Time until all of it was filled.
    pub filled_ms: Option<i64>,
    /// Unfilled quantity of the target.
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

    fn quality(market: Market, side: PluginSide, target: Decimal, fills: &[FillRow]) -> Quality {
        let executed = Executed { orders: &[], fills, crossing: Some(121.into()) };
        market.quality(Asked { side, target }, executed).unwrap()
    }

    #[test]
    fn prices_of_the_interval_are_weighted_by_quantity_and_by_time() {
        let fills = [fill(2_000, 110, 1), fill(5_000, 120, 1)];
        let quality = quality(market(), PluginSide::Buy, Decimal::TWO, &fills);
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
    fn selling_above_the_market_has_a_negative_cost() {
        let quality = quality(market(), PluginSide::Sell, Decimal::TEN, &[fill(2_000, 110, 1)]);
        assert_eq!(quality.cost_to_arrival_bps, Some((-1_000).into()));
        assert_eq!((quality.half_filled_ms, quality.filled_ms), (None, None));
        assert_eq!(quality.unfilled, 9.into());
    }

    #[test]
    fn without_trades_or_fills_figures_are_absent() {
        let asked = Asked { side: PluginSide::Buy, target: Decimal::ONE };
        let nothing = Executed { orders: &[], fills: &[], crossing: None };
        assert!(Market::default().quality(asked, nothing).is_none());
        let quality = quality(market(), PluginSide::Buy, Decimal::ONE, &[]);
        assert_eq!((quality.mean_price, quality.cost_to_vwap_bps), (None, None));
        assert_eq!(quality.first_fill_ms, None);
    }

    #[test]
    fn a_horizon_fixes_the_interval() {
        let mut market = market();
        market.ends(9_000);
        let quality = quality(market, PluginSide::Buy, Decimal::TWO, &[fill(2_000, 110, 1)]);
        assert_eq!(quality.interval_ms, 8_000);
        // (100 * 1 s + 110 * 3 s + 120 * 4 s) / 8 s.
        assert_eq!(quality.twap.to_string(), "113.75");
    }

    #[test]
    fn the_maker_share_is_by_quantity() {
        let of = |liquidity, quantity| FillRow { liquidity, ..fill(2_000, 110, quantity) };
        let fills = [of(Some(Liquidity::Maker), 1), of(Some(Liquidity::Taker), 3)];
        let all = quality(market(), PluginSide::Buy, 4.into(), &fills);
        assert_eq!(all.maker_share, Some(Decimal::new(25, 2)));
        let scripted = quality(market(), PluginSide::Buy, 4.into(), &[of(None, 1)]);
        assert_eq!(scripted.maker_share, None);
    }
}
