//! The parameters, from the `params` of the signal's execution hint.

use rust_decimal::Decimal;
use serde::Deserialize;
use tesser_wasm::PluginInitContext;

use crate::clip;
use crate::orders::LIMIT;
use crate::sending::{OrderType, Sending};
use crate::steps::{SMALLEST, Steps, in_range};
use crate::trail::Rule;

/// As they come. A misspelt parameter is an error, not a default.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Raw {
    /// How far the price may turn back from its best, in basis points (hundredths of a percent).
    #[serde(with = "tesser_wasm::decimal")]
    trail_bps: Decimal,
    /// Price from which on the best price is followed; at once when absent.
    #[serde(with = "tesser_wasm::decimal::option")]
    activation_price: Option<Decimal>,
    /// Price that fires in any case.
    #[serde(with = "tesser_wasm::decimal::option")]
    stop_price: Option<Decimal>,
    /// How many prices in a row have to agree: one or two.
    confirm_ticks: u32,
    /// After how many seconds it fires in any case; zero: never.
    max_secs: u32,
    /// Most that one order asks for, in base currency; the target when absent.
    #[serde(with = "tesser_wasm::decimal::option")]
    clip_size: Option<Decimal>,
    /// Limit, ioc or market.
    order_type: OrderType,
    /// How far beyond the price a limit is, in basis points (hundredths of a percent).
    #[serde(with = "tesser_wasm::decimal")]
    offset_bps: Decimal,
    /// Worst price that any order may have.
    #[serde(with = "tesser_wasm::decimal::option")]
    limit_price: Option<Decimal>,
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
            trail_bps: Decimal::ONE_HUNDRED,
            activation_price: None,
            stop_price: None,
            confirm_ticks: 2,
            max_secs: 0,
            clip_size: None,
            order_type: OrderType::Market,
            offset_bps: Decimal::ZERO,
            limit_price: None,
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
    pub rule: Rule,
    /// Most that one order asks for.
    pub most: Decimal,
    pub sending: Sending,
}

const YEAR: u32 = 31_536_000;

impl Params {
    pub fn from_context(ctx: &PluginInitContext) -> Result<Self, String> {
        let raw: Raw = ctx.params().map_err(|error| error.to_string())?;
        in_range(
            "trail_bps",
            raw.trail_bps,
            Decimal::ONE,
            Decimal::from(5_000),
        )?;
        let prices = [
            ("activation_price", raw.activation_price),
            ("stop_price", raw.stop_price),
        ];
        for (name, price) in prices {
            let price = price.unwrap_or(Decimal::ONE);
            in_range(name, price, SMALLEST, Decimal::from(LIMIT))?;
        }
        in_range(
            "confirm_ticks",
            raw.confirm_ticks.into(),
            Decimal::ONE,
            Decimal::TWO,
        )?;
        in_range("max_secs", raw.max_secs.into(), Decimal::ZERO, YEAR.into())?;
        let sending = Sending {
            order_type: raw.order_type,
            offset_bps: raw.offset_bps,
            limit_price: raw.limit_price,
            settle_secs: raw.settle_secs,
            resend_percent: raw.resend_percent,
            steps: Steps::new(raw.lot_step, raw.price_step, raw.min_clip)?,
        };
        Ok(Self {
            rule: Rule {
                trail_bps: raw.trail_bps,
                activation_price: raw.activation_price,
                stop_price: raw.stop_price,
                confirms: raw.confirm_ticks == 2,
                max_secs: raw.max_secs,
            },
            most: clip::most(raw.clip_size, ctx.signal.target_quantity, &sending.steps)?,
            sending: sending.checked(ctx.risk.last_price)?,
        })
    }
}
