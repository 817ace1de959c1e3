//! `[package.metadata.tesser.test]`: the signal that a plugin is tested with, and what a call may take.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tesser_wasm::{PluginInitContext, PluginRiskContext, PluginSide, decimal};

use crate::replay;

/// How a plugin is tested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Symbol of the signal.
    pub symbol: String,
    /// Side of the signal.
    pub side: PluginSide,
    /// Target, in base currency.
    #[serde(with = "decimal")]
    pub quantity: Decimal,
    /// Price around which the trades are, in quote currency.
    #[serde(with = "decimal")]
    pub price: Decimal,
    /// The plugin's parameters.
    pub params: Value,
    /// Most that a call may take.
    pub limits: Limits,
}

/// Most that a call may take; what is absent is not limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Limits {
    /// wasmtime's fuel of a callback and the snapshot after it.
    pub fuel: Option<u64>,
    /// Pages of 64 KiB by which memory may grow after `init`.
    pub memory_pages: Option<u64>,
    /// Bytes of an answer.
    pub result_bytes: Option<u64>,
    /// Bytes of a snapshot.
    pub snapshot_bytes: Option<u64>,
    /// Microseconds of the slowest callback in a hundred, with its snapshot, on the machine that tests.
    pub p99_us: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            symbol: "BTCUSDT".into(),
            side: PluginSide::Buy,
            quantity: Decimal::ONE,
            price: Decimal::from(40_000),
            params: Value::Null,
            limits: Limits::default(),
        }
    }
}

impl Settings {
    /// What `init` gets, for a target.
    pub(super) fn context(&self, plugin: &str, quantity: Decimal) -> PluginInitContext {
        let signal = replay::signal(&self.symbol, self.side, quantity);
        PluginInitContext {
            plugin: plugin.into(),
            params: self.params.clone(),
            risk: PluginRiskContext { last_price: self.price, ..PluginRiskContext::default() },
            ..PluginInitContext::test(signal)
        }
    }
}
