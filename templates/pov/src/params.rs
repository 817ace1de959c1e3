//! The parameters, from the `params` of the signal's execution hint.

use rust_decimal::Decimal;
use serde::Deserialize;
use tesser_wasm::PluginInitContext;

use crate::clip;
use crate::sending::{OrderType, Sending};
use crate::steps::{Steps, in_range};
use crate::volume::Pace;

/// As they come. A misspelt parameter is an error, not a default.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Raw {
    /// Share of the traded volume, in percent.
    #[serde(with = "tesser_wasm::decimal")]
    participation_percent: Decimal,
    /// Seconds from order to order.
    interval_secs: u32,
    /// After how many seconds without a tick it goes on without the market's volume.
    silence_secs: u32,
    /// Over how many seconds it then works the target; zero: it waits for ticks.
    fallback_secs: u32,
    /// Most that one order asks for, in base currency; a tenth of the target when absent.
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
            participation_percent: Decimal::TEN,
            interval_secs: 5,
            silence_secs: 60,
            fallback_secs: 3_600,
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
    pub interval_secs: u32,
    pub pace: Pace,
    /// Most that one order asks for.
    pub most: Decimal,
    pub sending: Sending,
}

const WEEK: u32 = 604_800;

impl Params {
    pub fn from_context(ctx: &PluginInitContext) -> Result<Self, String> {
        let raw: Raw = ctx.params().map_err(|error| error.to_string())?;
        for (name, value, least) in [
            ("interval_secs", raw.interval_secs, 1),
            ("silence_secs", raw.silence_secs, 1),
            ("fallback_secs", raw.fallback_secs, 0),
        ] {
            in_range(name, value.into(), least.into(), WEEK.into())?;
        }
        let percent = raw.participation_percent;
        let least = Decimal::new(1, 2);
        in_range(
            "participation_percent",
            percent,
            least,
            Decimal::ONE_HUNDRED,
        )?;
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
            interval_secs: raw.interval_secs,
            pace: Pace {
                share: percent / Decimal::ONE_HUNDRED,
                silence_secs: raw.silence_secs,
                fallback_secs: raw.fallback_secs,
            },
            most: clip::most(raw.clip_size, tenth, &sending.steps)?,
            sending: sending.checked(ctx.risk.last_price)?,
        })
    }
}
