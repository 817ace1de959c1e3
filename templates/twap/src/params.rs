//! The parameters, from the `params` of the signal's execution hint.

use rust_decimal::Decimal;
use serde::Deserialize;
use tesser_wasm::{PluginInitContext, PluginOrderType};

use crate::schedule::Plan;
use crate::steps::{Steps, in_range};

/// As they come. A misspelt parameter is an error, not a default.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Raw {
    /// Over how many seconds the target is sliced.
    duration_secs: u32,
    /// Seconds from slice to slice.
    interval_secs: u32,
    /// Limit or market.
    order_type: PluginOrderType,
    /// How far beyond the last price a limit order is, in basis points (hundredths of a percent).
    /// Above zero it fills sooner and at a worse price; below zero it waits for a better one.
    #[serde(with = "tesser_wasm::decimal")]
    offset_bps: Decimal,
    /// How many slices one order may ask for when earlier ones were missed.
    catch_up_slices: u32,
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
            order_type: PluginOrderType::Limit,
            offset_bps: Decimal::ZERO,
            catch_up_slices: 2,
            min_clip: Decimal::ZERO,
            lot_step: Decimal::new(1, 5),
            price_step: Decimal::new(1, 2),
        }
    }
}

/// Checked.
#[derive(Debug, Default, PartialEq)]
pub struct Params {
    pub plan: Plan,
    pub steps: Steps,
    /// `None`: market orders.
    pub offset_bps: Option<Decimal>,
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
        let thousand = Decimal::ONE_THOUSAND;
        in_range("offset_bps", raw.offset_bps, -thousand, thousand)?;
        let steps = Steps::new(raw.lot_step, raw.price_step, raw.min_clip)?;
        let is_limit = raw.order_type == PluginOrderType::Limit;
        if is_limit {
            steps.check_price_step(ctx.risk.last_price)?;
        }
        Ok(Self {
            plan: Plan {
                interval_secs: raw.interval_secs,
                slices: raw.duration_secs.div_ceil(raw.interval_secs),
                catch_up_slices: raw.catch_up_slices,
            },
            steps,
            offset_bps: is_limit.then_some(raw.offset_bps),
        })
    }

    /// Most that one order asks for: the slices that it may catch up, and room for `Steps::clip`.
    pub fn most(&self, target: Decimal) -> Decimal {
        let slices = self.steps.lots_up(self.plan.most(target));
        slices.max(self.steps.least_most())
    }
}
