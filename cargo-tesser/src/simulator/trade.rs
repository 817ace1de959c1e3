//! A public trade of a tape.

use std::sync::Arc;

use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

/// One trade.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trade {
    /// Its symbol. A trade without one is of the session's symbol.
    pub(crate) symbol: Option<Arc<str>>,
    /// In quote currency.
    pub(crate) price: Decimal,
    /// In base currency.
    pub(crate) quantity: Decimal,
    /// Milliseconds since the Unix epoch.
    pub(crate) time_ms: i64,
    /// The taker's side.
    pub(crate) side: PluginSide,
}
