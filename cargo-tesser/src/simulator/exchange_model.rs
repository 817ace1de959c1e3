//! What the exchange is taken to do to orders. In: numbers of the user. Out: quantities, fees and times.

use rust_decimal::Decimal;
use tesser_wasm::PluginOrderType;

use super::order::OrderRequest;

/// The settings of the exchange model. The default is an exchange without queue, latency, fees and rejects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExchangeModel {
    /// What rests ahead of an order at its price, in base currency.
    pub queue: Decimal,
    /// Share of each trade that orders get at most. Without it a limit order gets all of the trade, and a
    /// market order fills whole.
    pub participation: Option<Decimal>,
    /// Tape time until an order or an amendment is at the exchange.
    pub latency_ms: i64,
    /// Fee of orders that rest, in basis points; negative is a rebate.
    pub maker_bps: Decimal,
    /// Fee of market, `ioc` and `fok` orders, in basis points.
    pub taker_bps: Decimal,
    /// Currency of the fees, as fills name it.
    pub fee_asset: Option<String>,
    /// Numbers of the orders that are refused, from 1.
    pub rejects: Vec<u64>,
}

impl ExchangeModel {
    /// When something that is sent now is at the exchange.
    pub(crate) fn arrival(&self, now_ms: i64) -> i64 {
        now_ms.saturating_add(self.latency_ms)
    }

    /// What of a trade orders can get.
    pub(crate) fn share(&self, traded: Decimal) -> Decimal {
        self.participation.map_or(traded, |share| traded.saturating_mul(share))
    }

    /// The fee of a fill in quote currency; none when the user gave no rate.
    pub(crate) fn fee(&self, order: &OrderRequest, notional: Decimal) -> Option<Decimal> {
        let is_taker = order.order_type == PluginOrderType::Market || order.is_immediate();
        let rate = if is_taker { self.taker_bps } else { self.maker_bps };
        let fee = notional.saturating_mul(rate).checked_div(Decimal::from(10_000))?;
        (!rate.is_zero()).then(|| fee.normalize())
    }
}
