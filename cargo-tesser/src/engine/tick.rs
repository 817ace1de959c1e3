//! The types of the ABI that are not JSON.

use std::sync::Arc;

use wasmtime::component::{ComponentType, Lower};

/// `tick` of the ABI, as wasmtime passes it.
#[derive(Clone, Debug, ComponentType, Lower)]
#[component(record)]
pub struct Tick {
    /// The exchange's symbol.
    pub symbol: Arc<str>,
    /// Price in quote currency.
    pub price: DecimalValue,
    /// Quantity in base currency.
    pub size: DecimalValue,
    /// The taker's side.
    pub side: Side,
    /// Milliseconds since the Unix epoch.
    #[component(name = "timestamp-ms")]
    pub timestamp_ms: i64,
}

/// `decimal-value` of the ABI.
#[derive(Clone, Debug, ComponentType, Lower)]
#[component(record)]
pub struct DecimalValue {
    /// The number as text.
    pub value: String,
}

/// `side` of the ABI.
#[derive(Clone, Copy, Debug, ComponentType, Lower)]
#[component(enum)]
#[repr(u8)]
pub enum Side {
    /// The taker bought.
    #[component(name = "buy")]
    Buy,
    /// The taker sold.
    #[component(name = "sell")]
    Sell,
}
