//! The parameters, from the `params` of the signal's execution hint.

use rust_decimal::Decimal;
use serde::Deserialize;
use tesser_wasm::PluginInitContext;

use crate::orders::LIMIT;
use crate::steps::{SMALLEST, Steps, in_range};

/// As they come. A misspelt parameter is an error, not a default.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Raw {
    /// Most that one order asks for, in base currency.
    #[serde(with = "tesser_wasm::decimal")]
    clip_size: Decimal,
    /// Worst price that any order may have.
    #[serde(with = "tesser_wasm::decimal::option")]
    limit_price: Option<Decimal>,
    /// How far beyond the last price an order is, in basis points (hundredths of a percent). Above
    /// zero it fills sooner and at a worse price; below zero it waits for a better one.
    #[serde(with = "tesser_wasm::decimal::option")]
    offset_bps: Option<Decimal>,
    /// What the exchange shows of an order, in base currency, if it has iceberg orders of its own.
    #[serde(with = "tesser_wasm::decimal::option")]
    display_quantity: Option<Decimal>,
    /// Smallest order, in base currency.
    #[serde(with = "tesser_wasm::decimal")]
    min_clip: Decimal,
    /// Every quantity is a multiple of it.
    #[serde(with = "tesser_wasm::decimal")]
    lot_step: Decimal,
    /// Every price is a multiple of it.
    #[serde(with = "tesser_wasm::decimal")]
    price_step: Decimal,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            clip_size: Decimal::new(1, 1),
            limit_price: None,
            offset_bps: None,
            display_quantity: None,
            min_clip: Decimal::ZERO,
            lot_step: Decimal::new(1, 5),
            price_step: Decimal::new(1, 2),
        }
    }
}

/// Checked.
#[derive(Debug, Default, PartialEq)]
pub struct Params {
    pub clip_size: Decimal,
    pub limit_price: Option<Decimal>,
    pub offset_bps: Option<Decimal>,
    pub display_quantity: Option<Decimal>,
    pub steps: Steps,
}

impl Params {
    pub fn from_context(ctx: &PluginInitContext) -> Result<Self, String> {
        let raw: Raw = ctx.params().map_err(|error| error.to_string())?;
        let steps = Steps::new(raw.lot_step, raw.price_step, raw.min_clip)?;
        in_range("clip_size", raw.clip_size, SMALLEST, Decimal::from(LIMIT))?;
        let least = steps.least_most().normalize();
        if steps.lots(raw.clip_size) < least {
            return Err(format!(
                "params: `clip_size`: {} is less than {least}, which is one `lot_step` or twice `min_clip` in lots",
                raw.clip_size
            ));
        }
        if let Some(price) = raw.limit_price {
            in_range("limit_price", price, SMALLEST, Decimal::from(LIMIT))?;
        }
        steps.check_price_step(raw.limit_price.unwrap_or(ctx.risk.last_price))?;
        if let Some(bps) = raw.offset_bps {
            in_range(
                "offset_bps",
                bps,
                -Decimal::ONE_THOUSAND,
                Decimal::ONE_THOUSAND,
            )?;
        }
        if let Some(shown) = raw.display_quantity {
            in_range("display_quantity", shown, steps.min_clip(), raw.clip_size)?;
        }
        Ok(Self {
            clip_size: raw.clip_size,
            limit_price: raw.limit_price,
            offset_bps: raw.offset_bps,
            display_quantity: raw.display_quantity.map(|shown| steps.lots(shown)),
            steps,
        })
    }
}
