//! The account of a session: position and balances. In: fills. Out: the risk context that a candle or a signal reads.

use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

use super::risk::{Assets, InstrumentKind, RiskContext};

/// Quantities in base currency, amounts in quote currency.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    kind: InstrumentKind,
    assets: Assets,
    equity: Decimal,
    position: Decimal,
    base: Decimal,
    quote: Decimal,
}

impl Account {
    /// An account without a position and with this much of each currency.
    pub(crate) fn new(balance: Decimal, kind: InstrumentKind, assets: Assets) -> Self {
        Self {
            kind,
            assets,
            equity: balance,
            position: Decimal::ZERO,
            base: balance,
            quote: balance,
        }
    }

    /// Applies a fill. On spot, both balances change; on a perpetual only the position, without fees and profits.
    pub(crate) fn filled(&mut self, side: PluginSide, price: Decimal, quantity: Decimal) {
        let sign = Decimal::from(side.as_multiplier());
        let signed = quantity.saturating_mul(sign);
        self.position = self.position.saturating_add(signed);
        if self.kind == InstrumentKind::Spot {
            self.base = self.base.saturating_add(signed);
            self.quote = self.quote.saturating_sub(signed.saturating_mul(price));
        }
    }

    /// The host's risk context of the account, at a last price.
    pub(crate) fn context(&self, last_price: Decimal) -> RiskContext {
        RiskContext {
            last_price,
            portfolio_equity: self.equity,
            exchange_equity: self.equity,
            signed_position_qty: self.position,
            base_available: if self.kind == InstrumentKind::Spot {
                self.base
            } else {
                Decimal::ZERO
            },
            quote_available: self.quote,
            settlement_available: self.quote,
            instrument_kind: Some(self.kind),
            liquidate_only: false,
            assets: self.assets.clone(),
        }
    }
}
