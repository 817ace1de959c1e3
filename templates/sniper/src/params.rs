//! The parameters, from the `params` of the signal's execution hint.

use rust_decimal::Decimal;
use serde::Deserialize;
use tesser_wasm::PluginInitContext;

use crate::clip;
use crate::orders::LIMIT;
use crate::sending::{OrderType, Sending};
use crate::steps::{SMALLEST, Steps, in_range};

/// As they come. A misspelt parameter is an error, not a default.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Raw {
    /// The price that is waited for. It has no default.
    #[serde(with = "tesser_wasm::decimal::option")]
    trigger_price: Option<Decimal>,
    /// Most that one order asks for, in base currency; the target when absent.
    #[serde(with = "tesser_wasm::decimal::option")]
    clip_size: Option<Decimal>,
    /// Ioc or limit.
    order_type: OrderType,
    /// How far beyond the trigger price a limit is, in basis points (hundredths of a percent).
    #[serde(with = "tesser_wasm::decimal")]
    offset_bps: Decimal,
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
            trigger_price: None,
            clip_size: None,
            order_type: OrderType::Ioc,
            offset_bps: Decimal::ZERO,
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
    pub trigger_price: Decimal,
    /// Most that one order asks for.
    pub most: Decimal,
    pub sending: Sending,
}

impl Params {
    pub fn from_context(ctx: &PluginInitContext) -> Result<Self, String> {
        let raw: Raw = ctx.params().map_err(|error| error.to_string())?;
        let Some(trigger_price) = raw.trigger_price else {
            return Err("params: `trigger_price`: missing; it has no default".to_owned());
        };
        let most_price = Decimal::from(LIMIT);
        in_range("trigger_price", trigger_price, SMALLEST, most_price)?;
        if raw.order_type == OrderType::Market {
            return Err("params: `order_type`: a market order would take any price".to_owned());
        }
        let sending = Sending {
            order_type: raw.order_type,
            offset_bps: raw.offset_bps,
            limit_price: None,
            settle_secs: raw.settle_secs,
            resend_percent: raw.resend_percent,
            steps: Steps::new(raw.lot_step, raw.price_step, raw.min_clip)?,
        };
        sending.steps.check_price_step(trigger_price)?;
        Ok(Self {
            trigger_price,
            most: clip::most(raw.clip_size, ctx.signal.target_quantity, &sending.steps)?,
            sending: sending.checked(ctx.risk.last_price)?,
        })
    }
}
