//! The parameters, from the `params` of the signal's execution hint.

use rust_decimal::Decimal;
use serde::Deserialize;
use tesser_wasm::PluginInitContext;

use crate::schedule::Plan;
use crate::sending::{OrderType, Sending};
use crate::steps::{Steps, in_range};

/// As they come. A misspelt parameter is an error, not a default.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Raw {
    /// Over how many seconds the target is sliced.
    duration_secs: u32,
    /// Seconds from slice to slice.
    interval_secs: u32,
    /// How many slices one order may ask for when earlier ones were missed.
    catch_up_slices: u32,
    /// Limit, ioc or market.
    order_type: OrderType,
    /// How far beyond the last price a limit is, in basis points (hundredths of a percent).
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
            duration_secs: 600,
            interval_secs: 30,
            catch_up_slices: 2,
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
    pub plan: Plan,
    pub sending: Sending,
}

const WEEK: u32 = 604_800;

impl Params {
    pub fn from_context(ctx: &PluginInitContext) -> Result<Self, String> {
        let raw: Raw = ctx.params().map_err(|error| error.to_string())?;
        for (name, value, most) in [
            ("duration_secs", raw.duration_secs, WEEK),
            ("interval_secs", raw.interval_secs, raw.duration_secs),
            ("catch_up_slices", raw.catch_up_slices, 1_000),
        ] {
            in_range(name, value.into(), Decimal::ONE, most.into())?;
        }
        let sending = Sending {
            order_type: raw.order_type,
            offset_bps: raw.offset_bps,
            limit_price: raw.limit_price,
            settle_secs: raw.settle_secs,
            resend_percent: raw.resend_percent,
            steps: Steps::new(raw.lot_step, raw.price_step, raw.min_clip)?,
        };
        Ok(Self {
            interval_secs: raw.interval_secs,
            plan: Plan {
                slices: raw.duration_secs.div_ceil(raw.interval_secs),
                catch_up_slices: raw.catch_up_slices,
            },
            sending: sending.checked(ctx.risk.last_price)?,
        })
    }

    /// Most that one order asks for: the slices that it may catch up, and room for `Steps::clip`.
    pub fn most(&self, target: Decimal) -> Decimal {
        let steps = &self.sending.steps;
        steps
            .lots_up(self.plan.most(target))
            .max(steps.least_most())
    }
}
