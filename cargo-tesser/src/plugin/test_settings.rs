//! `[package.metadata.tesser.test]`: the signal that a plugin is tested with, and the limits of a call.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tesser_wasm::{PluginInitContext, PluginSide, decimal};

use crate::simulator::signal::{Signal, SignalKind, plugin_context};
use crate::simulator::symbol::Symbol;
use crate::simulator::{RiskLimits, SessionRules, World, host_config};

/// Settings of the tests of a plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Venue of the session.
    pub venue: String,
    /// Symbol of the signal, with or without its venue.
    pub symbol: String,
    /// Side of the signal. If absent, the cases run on both sides, except golden tapes, which run on the buy side.
    pub side: Option<PluginSide>,
    /// Target quantity, in base currency.
    #[serde(with = "decimal")]
    pub quantity: Decimal,
    /// Price around which the trades of a test move, in quote currency.
    #[serde(with = "decimal")]
    pub price: Decimal,
    /// The plugin's parameters.
    pub params: Value,
    /// Lot size of the market, in base currency. Every quantity must be a multiple of it.
    #[serde(with = "decimal::option")]
    pub lot_size: Option<Decimal>,
    /// Tick size of the market, in quote currency. Every limit price must be a multiple of it.
    #[serde(with = "decimal::option")]
    pub tick_size: Option<Decimal>,
    /// Largest quantity of one order that the host sends; 0 means no limit. By default the host's.
    #[serde(with = "decimal::option")]
    pub max_order: Option<Decimal>,
    /// Largest position that an order may lead to; 0 means no limit. By default the host's.
    #[serde(with = "decimal::option")]
    pub max_position: Option<Decimal>,
    /// Limits of a call.
    pub limits: Limits,
}

/// Limits of a call; an absent value means no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Limits {
    /// wasmtime's fuel of a callback together with the snapshot after it.
    pub fuel: Option<u64>,
    /// Growth of memory after `init`, in pages of 64 KiB.
    pub memory_pages: Option<u64>,
    /// Bytes of a result.
    pub result_bytes: Option<u64>,
    /// Bytes of a snapshot.
    pub snapshot_bytes: Option<u64>,
    /// 99th percentile of the time of a callback with its snapshot, in microseconds on the test machine.
    pub p99_us: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            venue: SessionRules::tesser_0_9().venue,
            symbol: "BTCUSDT".into(),
            side: None,
            quantity: Decimal::ONE,
            price: Decimal::from(40_000),
            params: Value::Null,
            lot_size: None,
            tick_size: None,
            max_order: None,
            max_position: None,
            limits: Limits::default(),
        }
    }
}

impl Settings {
    /// Returns the session in which the plugin is tested.
    pub(crate) fn world(&self) -> World {
        let symbol = Symbol::parse(&self.symbol);
        let venue = symbol.venue().unwrap_or(&self.venue);
        let rules = SessionRules::tesser_0_9();
        let mut world = World::live("tesser@0.9", &rules, &format!("{venue}:{}", symbol.code()));
        let RiskLimits { max_order_quantity, max_position_quantity, .. } = &mut world.limits;
        *max_order_quantity = self.max_order.unwrap_or(*max_order_quantity);
        *max_position_quantity = self.max_position.unwrap_or(*max_position_quantity);
        world
    }

    /// Checks the values: with other values nothing would be tested, or a rule would be disabled.
    ///
    /// # Errors
    /// The first value that is not allowed.
    pub(crate) fn check(&self) -> Result<(), String> {
        let positive = [
            ("quantity", Some(self.quantity)),
            ("price", Some(self.price)),
            ("lot-size", self.lot_size),
            ("tick-size", self.tick_size),
        ];
        for (name, value) in positive {
            if let Some(value) = value.filter(|value| *value <= Decimal::ZERO) {
                return Err(format!("`{name}` in `test` is {value}, but must be above 0"));
            }
        }
        for (name, limit) in [("max-order", self.max_order), ("max-position", self.max_position)] {
            if let Some(value) = limit.filter(|value| *value < Decimal::ZERO) {
                return Err(format!("`{name}` in `test` is {value}, but must be 0 or above"));
            }
        }
        let symbol = self.symbol.trim();
        if symbol.is_empty() || symbol.ends_with(':') {
            return Err(format!(
                "`symbol` in `test` is `{symbol}`, which does not name an instrument"
            ));
        }
        Ok(())
    }

    /// Checks the venue: a misspelled one would be tested without rules.
    pub(crate) fn check_venue(&self) -> Result<(), host_config::Error> {
        let symbol = Symbol::parse(&self.symbol);
        let venue = symbol.venue().unwrap_or(&self.venue);
        Ok(SessionRules::tesser_0_9().check_venue(venue)?)
    }

    /// Returns the code of the symbol, as the plugin sees it.
    pub(crate) fn code(&self) -> String {
        Symbol::parse(&self.symbol).code().to_owned()
    }

    /// Returns a signal with a target quantity.
    pub(crate) fn signal(&self, number: u64, side: PluginSide, quantity: Decimal) -> Signal {
        Signal {
            id: format!("00000000-0000-4000-8000-{number:012}"),
            symbol: Symbol::parse(&self.world().symbol),
            kind: SignalKind::enter(side),
            confidence: 1.0,
            quantity: Some(quantity),
            note: None,
            group_id: None,
            metadata: json!({ "panic_behavior": null, "stop_loss": null, "take_profit": null }),
            plugin: "test".into(),
            params: self.params.clone(),
        }
    }

    /// Returns the sides to test.
    pub(crate) fn sides(&self) -> Vec<PluginSide> {
        self.side.map_or_else(|| vec![PluginSide::Buy, PluginSide::Sell], |side| vec![side])
    }

    /// Returns the context for `init`.
    pub(crate) fn context(&self, side: PluginSide) -> PluginInitContext {
        let signal = self.signal(1, side, self.quantity);
        let risk = self.world().account(self.price);
        plugin_context(&signal, self.quantity, &risk)
    }
}
