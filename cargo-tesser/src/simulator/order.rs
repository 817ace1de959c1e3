//! Orders as the host sends them to an exchange. Quantities are in base currency, prices in quote currency.

use std::fmt;

use rust_decimal::Decimal;
use serde::Serialize;
use tesser_wasm::{PluginOrderType, PluginSide, PluginTimeInForce};

use super::symbol::Symbol;
use crate::report::visible;

/// An order that is placed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OrderRequest {
    pub(crate) symbol: Symbol,
    /// As the plugin wrote it.
    pub(crate) symbol_text: String,
    pub(crate) side: PluginSide,
    pub(crate) order_type: PluginOrderType,
    pub(crate) quantity: Decimal,
    pub(crate) price: Option<Decimal>,
    /// Tesser 0.9 does not send it to any venue: the order executes at once.
    pub(crate) trigger_price: Option<Decimal>,
    /// `None` is a plain order, which is what `post_only` becomes.
    pub(crate) time_in_force: Option<PluginTimeInForce>,
    /// Whether the plugin asked for `post_only`, which the host drops.
    pub(crate) wanted_post_only: bool,
    pub(crate) client_order_id: Option<String>,
    pub(crate) take_profit: Option<Decimal>,
    pub(crate) stop_loss: Option<Decimal>,
    pub(crate) display_quantity: Option<Decimal>,
}

impl OrderRequest {
    /// Whether the order never rests (`ioc`, `fok`).
    pub(crate) fn is_immediate(&self) -> bool {
        matches!(self.time_in_force, Some(PluginTimeInForce::Ioc | PluginTimeInForce::Fok))
    }

    /// The fields that are set but that, by the host profile, are not sent to any venue.
    pub(crate) fn not_honoured(&self, dropped: &[String]) -> impl Iterator<Item = &'static str> {
        [
            ("trigger_price", self.trigger_price.is_some()),
            ("take_profit", self.take_profit.is_some()),
            ("stop_loss", self.stop_loss.is_some()),
            ("display_quantity", self.display_quantity.is_some()),
            ("post_only", self.wanted_post_only),
        ]
        .into_iter()
        .filter(|(name, is_set)| *is_set && dropped.iter().any(|field| field == name))
        .map(|(name, _)| name)
    }
}

/// All that is set, for example `buy 0.2 bybit_linear:BTCUSDT, limit at 40000`.
impl fmt::Display for OrderRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (side, quantity) = (self.side, self.quantity.normalize());
        write!(f, "{side} {quantity} {}, {}", visible(&self.symbol_text), self.order_type)?;
        if let Some(price) = self.price {
            write!(f, " at {}", price.normalize())?;
        }
        if let Some(time_in_force) = self.time_in_force {
            write!(f, ", {time_in_force}")?;
        }
        if self.wanted_post_only {
            write!(f, ", post_only")?;
        }
        for (name, value) in [
            ("trigger_price", self.trigger_price),
            ("take_profit", self.take_profit),
            ("stop_loss", self.stop_loss),
            ("display_quantity", self.display_quantity),
        ] {
            if let Some(value) = value {
                write!(f, ", {name} {}", value.normalize())?;
            }
        }
        match &self.client_order_id {
            Some(id) => write!(f, ", client_order_id {}", visible(id)),
            None => Ok(()),
        }
    }
}

/// An amendment of an order. `None` leaves a field unchanged.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AmendRequest {
    pub(crate) order_id: String,
    pub(crate) symbol: Symbol,
    /// As the plugin wrote it.
    pub(crate) symbol_text: String,
    pub(crate) side: PluginSide,
    pub(crate) new_price: Option<Decimal>,
    /// The order's total quantity, not the remaining one.
    pub(crate) new_quantity: Option<Decimal>,
}

impl fmt::Display for AmendRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, symbol) = (visible(&self.order_id), visible(&self.symbol_text));
        write!(f, "amend {id}, {} {symbol}", self.side)?;
        if let Some(price) = self.new_price {
            write!(f, ", to a price of {}", price.normalize())?;
        }
        if let Some(quantity) = self.new_quantity {
            write!(f, ", to a quantity of {}", quantity.normalize())?;
        }
        Ok(())
    }
}

/// Status of an order at the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderStatus {
    /// Working, without fills.
    Open,
    /// Working, partially filled.
    PartiallyFilled,
    /// Completely filled.
    Filled,
    /// An `ioc` or `fok` order that was not completely filled.
    Expired,
    /// Cancelled by the host after a minute without a fill.
    Canceled,
    /// Rejected by the exchange.
    Rejected,
}

impl OrderStatus {
    /// Whether it can still fill.
    pub fn is_working(self) -> bool {
        matches!(self, Self::Open | Self::PartiallyFilled)
    }

    /// The word for it in tables and documents.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open | Self::PartiallyFilled => "open",
            Self::Filled => "filled",
            Self::Expired => "expired",
            Self::Canceled => "cancelled",
            Self::Rejected => "refused",
        }
    }

    /// The host's word for it.
    pub(crate) fn host_word(self) -> &'static str {
        match self {
            Self::Open => "Accepted",
            Self::PartiallyFilled => "PartiallyFilled",
            Self::Filled => "Filled",
            Self::Expired | Self::Canceled => "Canceled",
            Self::Rejected => "Rejected",
        }
    }
}

impl Serialize for OrderStatus {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}
