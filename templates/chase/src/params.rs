//! The parameters, from the `params` of the signal's execution hint.

use rust_decimal::Decimal;
use serde::Deserialize;
use tesser_wasm::PluginInitContext;

use crate::orders::{LIMIT, cut};

/// Ends every error about a parameter.
const ALLOWED: &str =
    "allowed: `clip_size` from 0.000000000001 to 1000000000000000, `reprice_bps` from 0 to 10000";

/// A misspelt parameter is an error, not a default.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Most that one order asks for, in base currency. Decimals beyond the twelfth are cut off.
    #[serde(with = "tesser_wasm::decimal")]
    pub clip_size: Decimal,
    /// How far the last price must be from an order's price before the order is amended, in basis
    /// points (hundredths of a percent) of the order's price.
    #[serde(with = "tesser_wasm::decimal")]
    pub reprice_bps: Decimal,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            clip_size: Decimal::new(1, 1),
            reprice_bps: Decimal::from(5),
        }
    }
}

impl Params {
    pub fn from_context(ctx: &PluginInitContext) -> Result<Self, String> {
        let mut params: Self = ctx
            .params()
            .map_err(|error| format!("{error}; {ALLOWED}"))?;
        let clip_size = cut(params.clip_size);
        if clip_size <= Decimal::ZERO || clip_size > Decimal::from(LIMIT) {
            return Err(format!(
                "params: `clip_size`: {} is out of range; {ALLOWED}",
                params.clip_size
            ));
        }
        if params.reprice_bps < Decimal::ZERO || params.reprice_bps > Decimal::from(10_000) {
            return Err(format!(
                "params: `reprice_bps`: {} is out of range; {ALLOWED}",
                params.reprice_bps
            ));
        }
        params.clip_size = clip_size;
        Ok(params)
    }
}
