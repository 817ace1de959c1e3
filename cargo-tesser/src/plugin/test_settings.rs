//! `[package.metadata.tesser.test]`: the signal that a plugin is tested with, and what a call may take.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tesser_wasm::{PluginInitContext, PluginSide, decimal};

use crate::simulator::signal::{Signal, SignalKind, plugin_context};
use crate::simulator::symbol::Symbol;
use crate::simulator::{RiskLimits, SessionRules, World, host_config};

/// How a plugin is tested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Venue of the session.
    pub venue: String,
    /// Symbol of the signal, with its venue or without.
    pub symbol: String,
    /// Side of the signal. Without one the cases run on both sides, except golden tapes, which run on the buy side.
    pub side: Option<PluginSide>,
    /// Target, in base currency.
    #[serde(with = "decimal")]
    pub quantity: Decimal,
    /// Price around which the trades are, in quote currency.
    #[serde(with = "decimal")]
    pub price: Decimal,
    /// The plugin's parameters.
    pub params: Value,
    /// Quantity step of the market, in base currency. Every order has to be a multiple of it.
    #[serde(with = "decimal::option")]
    pub lot_size: Option<Decimal>,
    /// Price step of the market, in quote currency. Every limit price has to be a multiple of it.
    #[serde(with = "decimal::option")]
    pub tick_size: Option<Decimal>,
    /// Largest quantity of one order that the host sends; 0 is any. The host's default where absent.
    #[serde(with = "decimal::option")]
    pub max_order: Option<Decimal>,
    /// Largest position that an order may lead to; 0 is any. The host's default where absent.
    #[serde(with = "decimal::option")]
    pub max_position: Option<Decimal>,
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
    /// The session that the plugin is tested in.
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

    /// Whether the values make sense: with others nothing would be tested, or a rule be off.
    ///
    /// # Errors
    /// The first one that does not.
    pub(crate) fn check(&self) -> Result<(), String> {
        let positive = [
            ("quantity", Some(self.quantity)),
            ("price", Some(self.price)),
            ("lot-size", self.lot_size),
            ("tick-size", self.tick_size),
        ];
        for (name, value) in positive {
            if let Some(value) = value.filter(|value| *value <= Decimal::ZERO) {
                return Err(format!("`{name}` in `test` is {value}, and has to be above 0"));
            }
        }
        for (name, limit) in [("max-order", self.max_order), ("max-position", self.max_position)] {
            if let Some(value) = limit.filter(|value| *value < Decimal::ZERO) {
                return Err(format!("`{name}` in `test` is {value}, and has to be 0 or above"));
            }
        }
        let symbol = self.symbol.trim();
        if symbol.is_empty() || symbol.ends_with(':') {
            return Err(format!("`symbol` in `test` is `{symbol}`, which names no instrument"));
        }
        Ok(())
    }

    /// A misspelt venue would be tested with no rules.
    pub(crate) fn check_venue(&self) -> Result<(), host_config::Error> {
        let symbol = Symbol::parse(&self.symbol);
        let venue = symbol.venue().unwrap_or(&self.venue);
        Ok(SessionRules::tesser_0_9().check_venue(venue)?)
    }

    /// The code of the symbol, as the plugin sees it.
    pub(crate) fn code(&self) -> String {
        Symbol::parse(&self.symbol).code().to_owned()
    }

    /// A signal over a target.
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

    /// The sides that are tested.
    pub(crate) fn sides(&self) -> Vec<PluginSide> {
        self.side.map_or_else(|| vec![PluginSide::Buy, PluginSide::Sell], |side| vec![side])
    }

    /// What `init` gets.
    pub(crate) fn context(&self, side: PluginSide) -> PluginInitContext {
        let signal = self.signal(1, side, self.quantity);
        let risk = self.world().account(self.price);
        plugin_context(&signal, self.quantity, &risk)
    }
}
