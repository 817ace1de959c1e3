//! The parameters, from the `params` of the signal's execution hint.

use rust_decimal::Decimal;
use serde::Deserialize;
use tesser_wasm::PluginInitContext;

use crate::clip;
use crate::peg::Reference;
use crate::sending::{OrderType, Sending};
use crate::steps::{Steps, in_range};

/// As they come. A misspelt parameter is an error, not a default.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Raw {
    /// What orders are pegged to.
    reference: Reference,
    /// How far from the pegged price an order may be, in basis points of its own price.
    #[serde(with = "tesser_wasm::decimal")]
    requote_bps: Decimal,
    /// Whether an order whose id is known follows the pegged price.
    amend: bool,
    /// How many orders may be open at a time.
    max_open: u32,
    /// Most that one order asks for, in base currency; a tenth of the target when absent.
    #[serde(with = "tesser_wasm::decimal::option")]
    clip_size: Option<Decimal>,
    /// Limit or ioc.
    order_type: OrderType,
    /// How far beyond the reference the pegged price is, in basis points (hundredths of a percent).
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
            reference: Reference::Last,
            requote_bps: Decimal::from(5),
            amend: true,
            max_open: 3,
            clip_size: None,
            order_type: OrderType::Limit,
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
    pub reference: Reference,
    pub requote_bps: Decimal,
    pub amend: bool,
    pub max_open: usize,
    /// Most that one order asks for.
    pub most: Decimal,
    pub sending: Sending,
}

impl Params {
    pub fn from_context(ctx: &PluginInitContext) -> Result<Self, String> {
        let raw: Raw = ctx.params().map_err(|error| error.to_string())?;
        if raw.order_type == OrderType::Market {
            return Err("params: `order_type`: a market order has no price to peg".to_owned());
        }
        let most_bps = Decimal::from(10_000);
        in_range("requote_bps", raw.requote_bps, Decimal::ZERO, most_bps)?;
        in_range("max_open", raw.max_open.into(), Decimal::ONE, 20.into())?;
        let sending = Sending {
            order_type: raw.order_type,
            offset_bps: raw.offset_bps,
            limit_price: raw.limit_price,
            settle_secs: raw.settle_secs,
            resend_percent: raw.resend_percent,
            steps: Steps::new(raw.lot_step, raw.price_step, raw.min_clip)?,
        };
        let tenth = ctx.signal.target_quantity / Decimal::TEN;
        Ok(Self {
            reference: raw.reference,
            requote_bps: raw.requote_bps,
            amend: raw.amend,
            max_open: usize::try_from(raw.max_open).unwrap_or(1),
            most: clip::most(raw.clip_size, tenth, &sending.steps)?,
            sending: sending.checked(ctx.risk.last_price)?,
        })
    }
}
