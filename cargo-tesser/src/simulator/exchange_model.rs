//! The exchange model: assumptions about how orders fill. In: settings of the user. Out: quantities, prices, fees and times.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use tesser_wasm::decimal;

use super::order_records::Liquidity;
use super::queue_model::QueueModel;

const BPS: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);

/// The settings of the exchange model. The default has latency, and estimates spread and depth from trades; it has no queue,
/// fees or rejects.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExchangeModel {
    /// Quantity ahead of an order at its price, in base currency, while the order book is unknown.
    #[serde(with = "decimal")]
    pub queue: Decimal,
    /// How an order moves forward in its queue while the order book is known.
    pub queue_model: QueueModel,
    /// Maximum share of the volume that orders get: of each trade at their price, and of the depth.
    #[serde(with = "decimal::option")]
    pub participation: Option<Decimal>,
    /// Tape time until an order or an amendment reaches the exchange.
    pub latency_ms: i64,
    /// Tape time until the host receives a fill.
    pub fill_latency_ms: i64,
    /// Distance between the best bid and the best ask.
    #[serde(rename = "half_spread_bps")]
    pub spread: Spread,
    /// Quantity that takers find at the best price.
    pub depth: Depth,
    /// How long the quantity that orders took is missing from the depth.
    pub depth_ms: i64,
    /// Fee of maker fills, in basis points; negative is a rebate.
    #[serde(rename = "maker_fee_bps", with = "decimal")]
    pub maker_bps: Decimal,
    /// Fee of taker fills, in basis points.
    #[serde(rename = "taker_fee_bps", with = "decimal")]
    pub taker_bps: Decimal,
    /// Currency of the fees, as reported with fills.
    pub fee_asset: Option<String>,
    /// Numbers (from 1) of the orders that are rejected.
    pub rejects: Vec<u64>,
}

/// Distance between the best bid and the best ask, if only trades are known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spread {
    /// The median price difference between consecutive trades of opposite takers.
    Estimated,
    /// Half of it, in basis points of the price.
    Half(Decimal),
}

/// Quantity that takers find at the best price of a side, if only trades are known. All orders share it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Depth {
    /// Unlimited.
    Unlimited,
    /// The quantity that takers of that side trade in the next `depth_ms`, and at least that of the last such trade.
    Traded,
    /// This quantity.
    Fixed(Decimal),
}

impl Default for ExchangeModel {
    fn default() -> Self {
        Self {
            latency_ms: 20,
            fill_latency_ms: 20,
            spread: Spread::Estimated,
            depth: Depth::Traded,
            ..Self::instant()
        }
    }
}

impl ExchangeModel {
    /// An exchange without latency and with unlimited depth at the last price, for scripts and for tests of other things.
    pub fn instant() -> Self {
        Self {
            queue: Decimal::ZERO,
            queue_model: QueueModel::RiskAverse,
            participation: None,
            latency_ms: 0,
            fill_latency_ms: 0,
            spread: Spread::Half(Decimal::ZERO),
            depth: Depth::Unlimited,
            depth_ms: 1_000,
            maker_bps: Decimal::ZERO,
            taker_bps: Decimal::ZERO,
            fee_asset: None,
            rejects: Vec::new(),
        }
    }

    /// The part of a volume that orders can get.
    pub(crate) fn share(&self, volume: Decimal) -> Decimal {
        self.participation.map_or(volume, |share| volume.saturating_mul(share))
    }

    /// The fee of a fill in quote currency; none if the rate is 0.
    pub(crate) fn fee(&self, liquidity: Liquidity, notional: Decimal) -> Option<Decimal> {
        let rate = match liquidity {
            Liquidity::Maker => self.maker_bps,
            Liquidity::Taker => self.taker_bps,
        };
        let fee = notional.saturating_mul(rate).checked_div(BPS)?;
        (!rate.is_zero()).then(|| fee.normalize())
    }
}

impl Spread {
    /// The spread in quote currency, at a price.
    pub(crate) fn at(self, price: Decimal, estimated: impl FnOnce() -> Decimal) -> Decimal {
        match self {
            Self::Estimated => estimated(),
            Self::Half(bps) => {
                let spread = price.saturating_mul(bps).saturating_mul(Decimal::TWO);
                spread.checked_div(BPS).unwrap_or_default().round_dp(8).normalize()
            }
        }
    }
}

impl Serialize for Spread {
    /// Half of it in basis points; null if it is estimated.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let half = match self {
            Self::Estimated => None,
            Self::Half(bps) => Some(*bps),
        };
        decimal::option::serialize(&half, serializer)
    }
}

impl Serialize for Depth {
    /// The quantity; null if it is taken from the trades.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unlimited => serializer.serialize_str("unlimited"),
            Self::Traded => serializer.serialize_none(),
            Self::Fixed(quantity) => decimal::serialize(quantity, serializer),
        }
    }
}

impl fmt::Display for ExchangeModel {
    /// One line for people.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (way, back) = (self.latency_ms, self.fill_latency_ms);
        write!(formatter, "{way} ms to the exchange, {back} ms for fills, ")?;
        match self.spread {
            Spread::Estimated => formatter.write_str("spread estimated from the trades, ")?,
            Spread::Half(bps) => write!(formatter, "half-spread {} bps, ", bps.normalize())?,
        }
        match self.depth {
            Depth::Unlimited => formatter.write_str("unlimited depth")?,
            Depth::Traded => write!(formatter, "depth as traded in {} ms", self.depth_ms)?,
            Depth::Fixed(quantity) => {
                write!(formatter, "depth {} per {} ms", quantity.normalize(), self.depth_ms)?;
            }
        }
        write!(formatter, ", queue {}", self.queue.normalize())?;
        if let Some(share) = self.participation {
            write!(formatter, ", participation {}", share.normalize())?;
        }
        let (maker, taker) = (self.maker_bps.normalize(), self.taker_bps.normalize());
        write!(formatter, ", fees {maker} bps maker and {taker} bps taker")
    }
}
