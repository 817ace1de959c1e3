//! The signal of a strategy, and the context for `init` that the host creates from it.

use rust_decimal::Decimal;
use serde_json::Value;
use tesser_wasm::{PluginInitContext, PluginSide, PluginSignal};

use super::risk::RiskContext;
use super::symbol::Symbol;

/// The signal of a strategy.
#[derive(Clone, Debug)]
pub(crate) struct Signal {
    pub(crate) id: String,
    /// UUID of the signal.
    pub(crate) symbol: Symbol,
    pub(crate) kind: SignalKind,
    pub(crate) confidence: f64,
    pub(crate) quantity: Option<Decimal>,
    pub(crate) note: Option<String>,
    pub(crate) group_id: Option<String>,
    /// `panic_behavior`, `stop_loss` and `take_profit`, each null or a value.
    pub(crate) metadata: Value,
    /// Name of the plugin, from the signal's hint.
    pub(crate) plugin: String,
    pub(crate) params: Value,
}

/// Kind of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignalKind {
    /// Buys.
    EnterLong,
    /// Sells.
    ExitLong,
    /// Sells.
    EnterShort,
    /// Buys.
    ExitShort,
    /// Sells, whatever the position is.
    Flatten,
}

impl SignalKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::EnterLong, Self::ExitLong, Self::EnterShort, Self::ExitShort, Self::Flatten];

    /// Its name in `signal.kind`.
    pub fn word(self) -> &'static str {
        match self {
            Self::EnterLong => "enter_long",
            Self::ExitLong => "exit_long",
            Self::EnterShort => "enter_short",
            Self::ExitShort => "exit_short",
            Self::Flatten => "flatten",
        }
    }

    /// The side in the plugin's context.
    pub fn side(self) -> PluginSide {
        match self {
            Self::EnterLong | Self::ExitShort => PluginSide::Buy,
            Self::ExitLong | Self::EnterShort | Self::Flatten => PluginSide::Sell,
        }
    }

    /// The kind with this name.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// A signal to enter on a side.
    pub fn enter(side: PluginSide) -> Self {
        match side {
            PluginSide::Buy => Self::EnterLong,
            PluginSide::Sell => Self::EnterShort,
        }
    }
}

/// The context for `init`.
pub(crate) fn plugin_context(
    signal: &Signal,
    quantity: Decimal,
    context: &RiskContext,
) -> PluginInitContext {
    PluginInitContext {
        plugin: signal.plugin.clone(),
        params: signal.params.clone(),
        signal: PluginSignal {
            id: signal.id.clone(),
            symbol: signal.symbol.code().to_owned(),
            side: signal.kind.side(),
            kind: signal.kind.word().to_owned(),
            confidence: signal.confidence,
            target_quantity: quantity.abs(),
            note: signal.note.clone(),
            group_id: signal.group_id.clone(),
        },
        risk: context.for_plugin(),
        metadata: signal.metadata.clone(),
    }
}
