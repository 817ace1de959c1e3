//! The parameters, from the `params` of the signal's execution hint.

use rust_decimal::Decimal;
use serde::Deserialize;
use tesser_wasm::{PluginInitContext, PluginSide, decimal};

use crate::orders::{DECIMALS, LIMIT, cut};
use crate::steps;

/// A misspelt parameter is an error, not a default.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Most that one order asks for, in base currency.
    #[serde(with = "tesser_wasm::decimal")]
    pub clip_size: Decimal,
    /// How far the last price must be from an order's price before the order is amended, in basis
    /// points (hundredths of a percent) of the order's price.
    #[serde(with = "tesser_wasm::decimal")]
    pub reprice_bps: Decimal,
    /// Every quantity is a multiple of it.
    #[serde(with = "tesser_wasm::decimal")]
    lot_step: Decimal,
    /// Every price is a multiple of it.
    #[serde(with = "tesser_wasm::decimal")]
    price_step: Decimal,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            clip_size: Decimal::new(1, 1),
            reprice_bps: Decimal::from(5),
            lot_step: Decimal::new(1, 5),
            price_step: Decimal::new(1, 2),
        }
    }
}

impl Params {
    pub fn from_context(ctx: &PluginInitContext) -> Result<Self, String> {
        let mut params: Self = ctx.params().map_err(|error| error.to_string())?;
        let (smallest, limit) = (Decimal::new(1, DECIMALS), Decimal::from(LIMIT));
        params.lot_step = cut(params.lot_step);
        params.price_step = cut(params.price_step);
        in_range("lot_step", params.lot_step, smallest, limit)?;
        in_range("price_step", params.price_step, smallest, limit)?;
        in_range("clip_size", params.clip_size, params.lot_step, limit)?;
        in_range(
            "reprice_bps",
            params.reprice_bps,
            Decimal::ZERO,
            10_000.into(),
        )?;
        let price = ctx.risk.last_price;
        // A broken price says nothing about steps.
        if price > Decimal::ZERO && price <= limit && params.price_step * Decimal::TEN > price {
            return Err(format!(
                "params: `price_step`: {} is more than a tenth of the price {}",
                decimal::to_string(params.price_step),
                decimal::to_string(price)
            ));
        }
        Ok(params)
    }

    /// What of the signal's quantity can be worked: whole lots.
    pub fn target(&self, quantity: Decimal) -> Result<Decimal, String> {
        // Out of range: `Orders::new` refuses it.
        if quantity <= Decimal::ZERO || quantity > Decimal::from(LIMIT) {
            return Ok(quantity);
        }
        let target = self.lots(quantity);
        if target.is_zero() {
            return Err(format!(
                "signal: `target_quantity`: {} is less than one `lot_step`",
                decimal::to_string(quantity)
            ));
        }
        Ok(target)
    }

    /// What of a quantity can be ordered: whole lots.
    pub fn lots(&self, quantity: Decimal) -> Decimal {
        steps::lots(quantity, self.lot_step)
    }

    /// The limit price of an order at the market's price; `None` means wait.
    pub fn limit(&self, side: PluginSide, price: Decimal) -> Option<Decimal> {
        let limit = steps::limit(side, price, self.price_step);
        (limit > Decimal::ZERO && limit <= Decimal::from(LIMIT)).then_some(limit)
    }
}

/// Refuses a parameter that is out of range, by its name.
fn in_range(name: &str, value: Decimal, from: Decimal, to: Decimal) -> Result<(), String> {
    if value < from || value > to {
        return Err(format!(
            "params: `{name}`: {} is out of range; allowed: from {} to {}",
            decimal::to_string(value),
            decimal::to_string(from),
            decimal::to_string(to)
        ));
    }
    Ok(())
}
