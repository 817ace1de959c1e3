//! The parameters, from the `params` of the signal's execution hint.

use rust_decimal::Decimal;
use serde::Deserialize;
use tesser_wasm::PluginInitContext;

use crate::clip;
use crate::sending::{OrderType, Sending};
use crate::steps::{Steps, in_range};

/// As they come. A misspelt parameter is an error, not a default.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Raw {
    /// Most that one order asks for, in base currency.
    #[serde(with = "tesser_wasm::decimal")]
    clip_size: Decimal,
    /// Limit or ioc.
    order_type: OrderType,
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
    /// How long an `ioc` order may take to report its fills.
    settle_secs: u32,
    /// How much of the target `ioc` orders may ask for again, in percent.
    resend_percent: u32,
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
            order_type: OrderType::Limit,
            limit_price: None,
            offset_bps: None,
            display_quantity: None,
            settle_secs: 10,
            resend_percent: 100,
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
    /// Whether orders are at the last price even if there is a limit price.
    pub follows_market: bool,
    pub display_quantity: Option<Decimal>,
    pub sending: Sending,
}

impl Params {
    pub fn from_context(ctx: &PluginInitContext) -> Result<Self, String> {
        let raw: Raw = ctx.params().map_err(|error| error.to_string())?;
        if raw.order_type == OrderType::Market {
            return Err("params: `order_type`: a market order is no part of an iceberg".to_owned());
        }
        let steps = Steps::new(raw.lot_step, raw.price_step, raw.min_clip)?;
        let clip_size = clip::most(Some(raw.clip_size), raw.clip_size, &steps)?;
        if let Some(shown) = raw.display_quantity {
            in_range("display_quantity", shown, steps.min_clip(), raw.clip_size)?;
            if raw.order_type == OrderType::Ioc {
                return Err("params: `display_quantity`: an ioc order is never shown".to_owned());
            }
        }
        let display_quantity = raw.display_quantity.map(|shown| steps.lots(shown));
        let sending = Sending {
            order_type: raw.order_type,
            offset_bps: raw.offset_bps.unwrap_or_default(),
            limit_price: raw.limit_price,
            settle_secs: raw.settle_secs,
            resend_percent: raw.resend_percent,
            steps,
        };
        Ok(Self {
            clip_size,
            follows_market: raw.offset_bps.is_some(),
            display_quantity,
            sending: sending.checked(ctx.risk.last_price)?,
        })
    }
}
