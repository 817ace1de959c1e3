//! What a plugin asks the host to do: place a child order, or amend one.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Side of an order, a fill or a trade. JSON: `"buy"`, `"sell"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PluginSide {
    /// Buying raises the position.
    #[default]
    Buy,
    /// Selling lowers it.
    Sell,
}

impl PluginSide {
    /// `1` for a buy, `-1` for a sell: the sign of the position change.
    #[must_use]
    pub const fn as_multiplier(self) -> i8 {
        match self {
            Self::Buy => 1,
            Self::Sell => -1,
        }
    }
}

/// How an order is priced. JSON: `"market"`, `"limit"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PluginOrderType {
    /// At whatever price the book gives.
    Market,
    /// At [`PluginOrderRequest::price`] or better.
    Limit,
}

/// How long an order lives. JSON: `"gtc"`, `"ioc"`, `"fok"`, `"post_only"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PluginTimeInForce {
    /// Until filled or cancelled.
    Gtc,
    /// Fills what it can at once; the rest is cancelled. The plugin is not told of the cancel.
    Ioc,
    /// Fills completely at once or not at all. The plugin is not told when it does not.
    Fok,
    /// **Dropped by Tesser 0.9**: the order becomes a plain one and may take liquidity.
    PostOnly,
}

/// A child order to place.
///
/// The host answers a placement with nothing: no id, no acknowledgement, no reject. The order's id
/// arrives with its first fill, so count what is filled, never what was placed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PluginOrderRequest {
    /// The exchange's symbol, for example `BTCUSDT`.
    pub symbol: String,
    /// Buy or sell.
    pub side: PluginSide,
    /// Market or limit.
    pub order_type: PluginOrderType,
    /// Quantity in base currency.
    #[serde(with = "crate::decimal")]
    pub quantity: Decimal,
    /// Limit price in quote currency. A market order has none.
    #[serde(default, with = "crate::decimal::option")]
    pub price: Option<Decimal>,
    /// Price at which the order becomes active, in quote currency.
    #[serde(default, with = "crate::decimal::option")]
    pub trigger_price: Option<Decimal>,
    /// How long the order lives; the exchange's default when absent.
    #[serde(default)]
    pub time_in_force: Option<PluginTimeInForce>,
    /// Leave it absent: an id set here loses the host's prefix, and the order is orphaned when the
    /// host restarts.
    #[serde(default)]
    pub client_order_id: Option<String>,
    /// Price of an attached take-profit order, in quote currency.
    #[serde(default, with = "crate::decimal::option")]
    pub take_profit: Option<Decimal>,
    /// Price of an attached stop-loss order, in quote currency.
    #[serde(default, with = "crate::decimal::option")]
    pub stop_loss: Option<Decimal>,
    /// Visible part of an iceberg order, in base currency.
    #[serde(default, with = "crate::decimal::option")]
    pub display_quantity: Option<Decimal>,
}

/// A change to a resting child order, whose id a fill has revealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PluginOrderUpdateRequest {
    /// The exchange's order id, from [`PluginFill::order_id`](crate::PluginFill::order_id).
    pub order_id: String,
    /// The exchange's symbol.
    pub symbol: String,
    /// Side of the order that is changed.
    pub side: PluginSide,
    /// New limit price in quote currency; unchanged when absent.
    #[serde(default, with = "crate::decimal::option")]
    pub new_price: Option<Decimal>,
    /// New quantity in base currency; unchanged when absent.
    #[serde(default, with = "crate::decimal::option")]
    pub new_quantity: Option<Decimal>,
}

/// What to do with a child order. JSON: `{"Place": {..}}`, `{"Amend": {..}}`. There is no cancel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PluginChildOrderAction {
    /// Places a new order.
    Place(PluginOrderRequest),
    /// Changes a resting order.
    Amend(PluginOrderUpdateRequest),
}

/// One entry of [`PluginResult::orders`](crate::PluginResult::orders).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PluginChildOrderRequest {
    /// The action to take.
    pub action: PluginChildOrderAction,
}
