//! The host's risk checks of an order before it is sent. In: an order, the risk context, and limits. Out: the host's error for
//! an order that it does not send.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tesser_wasm::{PluginOrderType, PluginRiskContext, PluginSide, decimal};

use super::order::OrderRequest;
use super::symbol::Symbol;

/// Kinds of instruments, as a plugin sees them in `risk.instrument_kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InstrumentKind {
    /// Base is exchanged for quote.
    #[serde(alias = "spot")]
    Spot,
    /// Settled in the quote currency.
    #[serde(alias = "linear_perpetual")]
    LinearPerpetual,
    /// Settled in the base currency.
    #[serde(alias = "inverse_perpetual")]
    InversePerpetual,
}

impl InstrumentKind {
    /// The host's name for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Spot => "Spot",
            Self::LinearPerpetual => "LinearPerpetual",
            Self::InversePerpetual => "InversePerpetual",
        }
    }
}

/// Risk limits; 0 means no limit. `risk_management` in the host's configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RiskLimits {
    /// Maximum quantity of one order, in base currency.
    #[serde(with = "decimal")]
    pub max_order_quantity: Decimal,
    /// Maximum position that an order may lead to, long or short, in base currency.
    #[serde(with = "decimal")]
    pub max_position_quantity: Decimal,
    /// Maximum notional of one order, in quote currency.
    #[serde(with = "decimal::option")]
    pub max_order_notional: Option<Decimal>,
}

/// The host's view of the account for one symbol. Candles and signals update it, fills do not.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RiskContext {
    /// In quote currency; 0 is unknown.
    pub(crate) last_price: Decimal,
    pub(crate) portfolio_equity: Decimal,
    pub(crate) exchange_equity: Decimal,
    /// In base currency; negative is short.
    pub(crate) signed_position_qty: Decimal,
    pub(crate) base_available: Decimal,
    pub(crate) quote_available: Decimal,
    pub(crate) settlement_available: Decimal,
    /// Without a kind, balances are not checked.
    pub(crate) instrument_kind: Option<InstrumentKind>,
    /// Whether only orders that reduce the position pass.
    pub(crate) liquidate_only: bool,
    pub(crate) assets: Assets,
}

/// The currencies of an instrument, as the host names them: `bybit_linear:USDT`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Assets {
    pub(crate) base: String,
    pub(crate) quote: String,
    pub(crate) settlement: String,
}

impl Assets {
    /// Quote currencies as suffixes of codes, longer ones first.
    const QUOTES: [&'static str; 8] = ["FDUSD", "USDT", "USDC", "USD", "EUR", "BTC", "ETH", "BNB"];

    /// The currencies of a symbol's code: `BTCUSDT` is `BTC` in `USDT`.
    pub(crate) fn of(symbol: &Symbol) -> Self {
        let code = symbol.code();
        let split = |quote: &'static str| Some((code.strip_suffix(quote)?, quote));
        let found = Self::QUOTES.into_iter().find_map(split).filter(|(base, _)| !base.is_empty());
        let (base, quote) = found.unwrap_or((code, "UNKNOWN"));
        let named = |asset: &str| format!("{}:{asset}", symbol.venue().unwrap_or("unspecified"));
        Self { base: named(base), quote: named(quote), settlement: named(quote) }
    }
}

impl RiskContext {
    /// The context for a plugin.
    pub(crate) fn for_plugin(&self) -> PluginRiskContext {
        PluginRiskContext {
            last_price: self.last_price,
            portfolio_equity: self.portfolio_equity,
            exchange_equity: self.exchange_equity,
            signed_position_qty: self.signed_position_qty,
            base_available: self.base_available,
            quote_available: self.quote_available,
            settlement_available: self.settlement_available,
            instrument_kind: self.instrument_kind.map(|kind| kind.word().to_owned()),
        }
    }
}

/// Why an order is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A limit, with the host's message.
    Limit(String),
    /// A number beyond 96 bits: the check panics, which ends the task that runs all algorithms.
    Panic(&'static str),
}

impl RiskLimits {
    /// Runs the checks in the host's order.
    pub(crate) fn check(&self, order: &OrderRequest, context: &RiskContext) -> Result<(), Refusal> {
        let quantity = order.quantity.abs();
        let limit = |words: String| Err(Refusal::Limit(words));
        let above = |value: Decimal, limit: Decimal| limit > Decimal::ZERO && value > limit;
        if above(quantity, self.max_order_quantity) {
            let most = self.max_order_quantity;
            return limit(format!("order quantity {quantity} exceeds limit {most}"));
        }
        let last_price = Some(context.last_price).filter(|price| *price > Decimal::ZERO);
        let own_price = order.price.filter(|price| *price > Decimal::ZERO);
        let price = match order.order_type {
            PluginOrderType::Limit => own_price.or(last_price),
            PluginOrderType::Market => last_price,
        };
        let notional = || price.map(|price| multiplied(quantity, price)).transpose();
        if let Some(most) = self.max_order_notional.filter(|most| *most > Decimal::ZERO)
            && let Some(notional) = notional()?.filter(|notional| *notional > most)
        {
            return limit(format!("order notional {notional} exceeds limit {most}"));
        }
        let position = context.signed_position_qty;
        let projected = match order.side {
            PluginSide::Buy => {
                position.checked_add(quantity).ok_or(Refusal::Panic("Addition overflowed"))
            }
            PluginSide::Sell => {
                position.checked_sub(quantity).ok_or(Refusal::Panic("Subtraction overflowed"))
            }
        }?;
        if above(projected.abs(), self.max_position_quantity) {
            let most = self.max_position_quantity;
            return limit(format!("projected position {projected} exceeds limit {most}"));
        }
        let reduces = match order.side {
            PluginSide::Buy => position < Decimal::ZERO,
            PluginSide::Sell => position > Decimal::ZERO,
        } && quantity <= position.abs();
        if context.liquidate_only && !reduces {
            return limit("liquidate-only mode active".into());
        }
        let (needed, asset, available) = match context.instrument_kind {
            None => return Ok(()),
            Some(InstrumentKind::Spot) if order.side == PluginSide::Sell => {
                (Some(quantity), &context.assets.base, context.base_available)
            }
            Some(InstrumentKind::Spot) => {
                (notional()?, &context.assets.quote, context.quote_available)
            }
            Some(_) if reduces => return Ok(()),
            Some(InstrumentKind::LinearPerpetual) => {
                (notional()?, &context.assets.settlement, context.settlement_available)
            }
            Some(InstrumentKind::InversePerpetual) => {
                let margin = price.map(|price| divided(quantity, price)).transpose()?;
                (margin, &context.assets.settlement, context.settlement_available)
            }
        };
        match needed {
            Some(needed) if available < needed => {
                limit(format!("insufficient {asset} balance: need {needed}, have {available}"))
            }
            _ => Ok(()),
        }
    }
}

fn multiplied(one: Decimal, two: Decimal) -> Result<Decimal, Refusal> {
    one.checked_mul(two).ok_or(Refusal::Panic("Multiplication overflowed"))
}

fn divided(one: Decimal, two: Decimal) -> Result<Decimal, Refusal> {
    one.checked_div(two).ok_or(Refusal::Panic("Division overflowed"))
}
