//! What a plugin asks the host to do: place a child order, or amend one.
//!
//! In: symbols, sides and decimals. Out: the JSON of the host, where an absent field is `null`.
//! Nothing here checks a price or a quantity: the plugin does not know what an exchange accepts.

use std::fmt;

use rust_decimal::Decimal;
use serde_core::de::{Deserialize, Deserializer, EnumAccess, VariantAccess as _, Visitor};
use serde_core::ser::{Serialize, Serializer};

use crate::wire::{Variant, plain, wire, words};

words! {
    /// Side of an order, a fill or a trade. JSON: `"buy"`, `"sell"`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub enum PluginSide {
        /// Buying raises the position.
        #[default]
        Buy = "buy",
        /// Selling lowers it.
        Sell = "sell",
    }
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

    /// The other side, which closes a position opened on this side.
    ///
    /// ```
    /// use tesser_wasm::PluginSide;
    ///
    /// assert_eq!(PluginSide::Buy.opposite(), PluginSide::Sell);
    /// ```
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }
}

words! {
    /// How an order is priced. JSON: `"market"`, `"limit"`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum PluginOrderType {
        /// At whatever price the order book gives.
        Market = "market",
        /// At [`PluginOrderRequest::price`] or better.
        Limit = "limit",
    }
}

words! {
    /// How long an order lives. JSON: `"gtc"`, `"ioc"`, `"fok"`, `"post_only"`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum PluginTimeInForce {
        /// Stays open until it is filled or cancelled.
        Gtc = "gtc",
        /// Fills what it can at once; the exchange cancels the rest, and the plugin is not told.
        Ioc = "ioc",
        /// Fills completely at once or not at all. The plugin is not told when the order is not filled.
        Fok = "fok",
        /// **Dropped by Tesser 0.9**: the order is sent as an ordinary one and may take liquidity.
        PostOnly = "post_only",
    }
}

wire! {
    to_host;
    /// A child order to place.
    ///
    /// The host does not respond to a placement: no id, no acknowledgement, no reject. The order's id
    /// arrives with its first [fill](crate::PluginFill). So measure progress by what was filled, not by what was
    /// placed; and never place more than the target, since a plugin cannot cancel an open order. The host cancels an
    /// order that has no fill for 60 s, and does not tell the plugin.
    ///
    /// ```
    /// use rust_decimal::Decimal;
    /// use tesser_wasm::{PluginOrderRequest, PluginSide, PluginTimeInForce};
    ///
    /// let clip = Decimal::new(25, 2);
    /// let order = PluginOrderRequest::limit("bybit_linear:BTCUSDT", PluginSide::Buy, clip, Decimal::from(40_000))
    ///     .with_time_in_force(PluginTimeInForce::Ioc);
    /// assert_eq!(
    ///     serde_json::to_string(&order)?,
    ///     concat!(
    ///         r#"{"symbol":"bybit_linear:BTCUSDT","side":"buy","order_type":"limit","quantity":"0.25","#,
    ///         r#""price":"40000","trigger_price":null,"time_in_force":"ioc","client_order_id":null,"#,
    ///         r#""take_profit":null,"stop_loss":null,"display_quantity":null}"#,
    ///     ),
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[derive(Clone, Debug, PartialEq)]
    pub struct PluginOrderRequest {
        /// Venue and code, for example `bybit_linear:BTCUSDT`: see [`order_symbol`]. Tesser 0.9 does not send an order with a bare
        /// code, and does not tell the plugin.
        pub symbol: String,
        /// Buy or sell.
        pub side: PluginSide,
        /// Market or limit.
        pub order_type: PluginOrderType,
        /// Quantity in base currency.
        pub quantity: Decimal,
        /// Limit price in quote currency; absent for a market order.
        pub price: Option<Decimal>,
        /// Price at which the order becomes active, in quote currency. **Not honoured by Tesser 0.9**: see
        /// [`with_trigger_price`](Self::with_trigger_price).
        pub trigger_price: Option<Decimal>,
        /// How long the order lives; the exchange's default when absent. Tesser 0.9 cancels any order that has no fill for 60 s.
        pub time_in_force: Option<PluginTimeInForce>,
        /// Leave it absent: an id set here loses the host's prefix, and the order is orphaned when the
        /// host restarts.
        pub client_order_id: Option<String>,
        /// Price of an attached take-profit order, in quote currency. **Tesser 0.9 does not send it.**
        pub take_profit: Option<Decimal>,
        /// Price of an attached stop-loss order, in quote currency. **Tesser 0.9 does not send it.**
        pub stop_loss: Option<Decimal>,
        /// Visible part of an iceberg order, in base currency. **Tesser 0.9 does not send it**: all of the order is visible.
        pub display_quantity: Option<Decimal>,
    }
}

plain!(Option<PluginTimeInForce> = None);

impl PluginOrderRequest {
    /// A limit order for `quantity` in base currency, at `price` in quote currency or better.
    ///
    /// ```
    /// # use rust_decimal::Decimal;
    /// # use tesser_wasm::{PluginOrderRequest, PluginSide};
    /// let order =
    ///     PluginOrderRequest::limit("bybit_linear:BTCUSDT", PluginSide::Sell, Decimal::ONE, Decimal::from(40_000));
    /// assert_eq!(order.price, Some(Decimal::from(40_000)));
    /// ```
    #[must_use]
    pub fn limit(
        symbol: impl Into<String>,
        side: PluginSide,
        quantity: Decimal,
        price: Decimal,
    ) -> Self {
        let order = Self::market(symbol, side, quantity);
        Self { order_type: PluginOrderType::Limit, price: Some(price), ..order }
    }

    /// A market order for `quantity` in base currency.
    ///
    /// ```
    /// # use rust_decimal::Decimal;
    /// # use tesser_wasm::{PluginOrderRequest, PluginSide};
    /// let order = PluginOrderRequest::market("bybit_linear:BTCUSDT", PluginSide::Buy, Decimal::ONE);
    /// assert_eq!(order.price, None);
    /// ```
    #[must_use]
    pub fn market(symbol: impl Into<String>, side: PluginSide, quantity: Decimal) -> Self {
        Self {
            symbol: symbol.into(),
            side,
            order_type: PluginOrderType::Market,
            quantity,
            price: None,
            trigger_price: None,
            time_in_force: None,
            client_order_id: None,
            take_profit: None,
            stop_loss: None,
            display_quantity: None,
        }
    }

    /// Sets how long the order lives. See [`PluginTimeInForce`] for the values that the host does not honour.
    #[must_use]
    pub fn with_time_in_force(self, time_in_force: PluginTimeInForce) -> Self {
        Self { time_in_force: Some(time_in_force), ..self }
    }

    /// Sets the price, in quote currency, at which the order becomes active.
    ///
    /// **Tesser 0.9 does not honour it**: the trigger is not sent, and the order executes at once. To wait for a price,
    /// watch it in the plugin and place the order when the market reaches it.
    ///
    /// ```
    /// # use rust_decimal::Decimal;
    /// # use tesser_wasm::{PluginOrderRequest, PluginSide};
    /// // On a host that honours it: sells at the market once the price has reached 39000.
    /// let stop = PluginOrderRequest::market("bybit_linear:BTCUSDT", PluginSide::Sell, Decimal::ONE)
    ///     .with_trigger_price(Decimal::from(39_000));
    /// # assert_eq!(stop.trigger_price, Some(Decimal::from(39_000)));
    /// ```
    #[must_use]
    pub fn with_trigger_price(self, price: Decimal) -> Self {
        Self { trigger_price: Some(price), ..self }
    }

    /// Attaches a take-profit order at this price in quote currency. **Tesser 0.9 does not send it.**
    #[must_use]
    pub fn with_take_profit(self, price: Decimal) -> Self {
        Self { take_profit: Some(price), ..self }
    }

    /// Attaches a stop-loss order at this price in quote currency. **Tesser 0.9 does not send it**: nothing protects the position.
    #[must_use]
    pub fn with_stop_loss(self, price: Decimal) -> Self {
        Self { stop_loss: Some(price), ..self }
    }

    /// Shows only this part of the quantity, in base currency, in the order book. **Tesser 0.9 does not send it**: all of the
    /// order is visible.
    #[must_use]
    pub fn with_display_quantity(self, quantity: Decimal) -> Self {
        Self { display_quantity: Some(quantity), ..self }
    }
}

wire! {
    to_host;
    /// A change to a resting child order whose id is known from a fill.
    ///
    /// The host does not say whether the exchange accepted the change.
    #[derive(Clone, Debug, PartialEq)]
    pub struct PluginOrderUpdateRequest {
        /// The exchange's order id, from [`PluginFill::order_id`](crate::PluginFill::order_id).
        pub order_id: String,
        /// Venue and code, as in the placement.
        pub symbol: String,
        /// Side of the order.
        pub side: PluginSide,
        /// New limit price in quote currency; unchanged when absent.
        pub new_price: Option<Decimal>,
        /// New quantity in base currency; unchanged when absent.
        pub new_quantity: Option<Decimal>,
    }
}

impl PluginOrderUpdateRequest {
    /// Moves an order to a new limit price in quote currency.
    ///
    /// Binance refuses a change without the quantity, so set [`new_quantity`](Self::new_quantity) as well. It is the total
    /// quantity,
    /// not the remaining one, so a fill that is on its way does not make it wrong.
    ///
    /// ```
    /// # use rust_decimal::Decimal;
    /// # use tesser_wasm::{PluginOrderUpdateRequest, PluginSide};
    /// let update =
    ///     PluginOrderUpdateRequest::price("42", "bybit_linear:BTCUSDT", PluginSide::Buy, Decimal::from(40_010));
    /// assert_eq!((update.new_price, update.new_quantity), (Some(Decimal::from(40_010)), None));
    /// ```
    #[must_use]
    pub fn price(
        order_id: impl Into<String>,
        symbol: impl Into<String>,
        side: PluginSide,
        new_price: Decimal,
    ) -> Self {
        Self {
            order_id: order_id.into(),
            symbol: symbol.into(),
            side,
            new_price: Some(new_price),
            new_quantity: None,
        }
    }

    /// Gives an order a new total quantity in base currency. Binance refuses a change without the price.
    ///
    /// ```
    /// # use rust_decimal::Decimal;
    /// # use tesser_wasm::{PluginOrderUpdateRequest, PluginSide};
    /// let update = PluginOrderUpdateRequest::quantity("42", "bybit_linear:BTCUSDT", PluginSide::Buy, Decimal::ONE);
    /// // To change both, set the other field as well.
    /// let both = PluginOrderUpdateRequest { new_price: Some(Decimal::from(40_010)), ..update };
    /// # assert_eq!(both.new_quantity, Some(Decimal::ONE));
    /// ```
    #[must_use]
    pub fn quantity(
        order_id: impl Into<String>,
        symbol: impl Into<String>,
        side: PluginSide,
        new_quantity: Decimal,
    ) -> Self {
        Self {
            order_id: order_id.into(),
            symbol: symbol.into(),
            side,
            new_price: None,
            new_quantity: Some(new_quantity),
        }
    }
}

/// What to do with a child order. JSON: `{"Place": {..}}`, `{"Amend": {..}}`. There is no cancel.
#[derive(Clone, Debug, PartialEq)]
pub enum PluginChildOrderAction {
    /// Places a new order.
    Place(PluginOrderRequest),
    /// Changes a resting order.
    Amend(PluginOrderUpdateRequest),
}

const ACTIONS: [&str; 2] = ["Place", "Amend"];

impl Serialize for PluginChildOrderAction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = "PluginChildOrderAction";
        match self {
            Self::Place(order) => serializer.serialize_newtype_variant(name, 0, ACTIONS[0], order),
            Self::Amend(update) => {
                serializer.serialize_newtype_variant(name, 1, ACTIONS[1], update)
            }
        }
    }
}

impl<'de> Deserialize<'de> for PluginChildOrderAction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Action;

        impl<'de> Visitor<'de> for Action {
            type Value = PluginChildOrderAction;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("enum PluginChildOrderAction")
            }

            fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Self::Value, A::Error> {
                let (is_new, content) = access.variant_seed(Variant(&ACTIONS, &[true, false]))?;
                if is_new {
                    content.newtype_variant().map(PluginChildOrderAction::Place)
                } else {
                    content.newtype_variant().map(PluginChildOrderAction::Amend)
                }
            }
        }

        deserializer.deserialize_enum("PluginChildOrderAction", &ACTIONS, Action)
    }
}

plain!(PluginChildOrderAction);

impl From<PluginOrderRequest> for PluginChildOrderAction {
    fn from(order: PluginOrderRequest) -> Self {
        Self::Place(order)
    }
}

impl From<PluginOrderUpdateRequest> for PluginChildOrderAction {
    fn from(update: PluginOrderUpdateRequest) -> Self {
        Self::Amend(update)
    }
}

wire! {
    /// One entry of [`PluginResult::orders`](crate::PluginResult::orders).
    #[derive(Clone, Debug, PartialEq)]
    pub struct PluginChildOrderRequest {
        /// The action to take.
        pub action: PluginChildOrderAction,
    }
}

/// Returns the symbol of an order, `venue:CODE`. A signal's symbol is the bare code, and an order with a bare code never
/// reaches the exchange.
///
/// ```
/// assert_eq!(tesser_wasm::order_symbol("bybit_linear", "BTCUSDT"), "bybit_linear:BTCUSDT");
/// // If the code already names a venue, that venue is replaced.
/// assert_eq!(tesser_wasm::order_symbol("bybit_linear", "bybit_linear:BTCUSDT"), "bybit_linear:BTCUSDT");
/// ```
#[must_use]
pub fn order_symbol(venue: &str, code: &str) -> String {
    let mut symbol = String::from(venue);
    symbol.push(':');
    symbol.push_str(bare_code(code));
    symbol
}

/// The code of a symbol, without its venue.
#[must_use]
pub(crate) fn bare_code(symbol: &str) -> &str {
    let code = symbol.bytes().rposition(|byte| byte == b':').map_or(0, |at| at + 1);
    symbol.get(code..).unwrap_or(symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setter_sets_its_own_field() {
        let order = PluginOrderRequest::market("X", PluginSide::Sell, Decimal::ONE)
            .with_time_in_force(PluginTimeInForce::Fok)
            .with_trigger_price(Decimal::from(2))
            .with_take_profit(Decimal::from(3))
            .with_stop_loss(Decimal::from(4))
            .with_display_quantity(Decimal::from(5));
        let expected = PluginOrderRequest {
            symbol: "X".into(),
            side: PluginSide::Sell,
            order_type: PluginOrderType::Market,
            quantity: Decimal::ONE,
            price: None,
            trigger_price: Some(Decimal::from(2)),
            time_in_force: Some(PluginTimeInForce::Fok),
            client_order_id: None,
            take_profit: Some(Decimal::from(3)),
            stop_loss: Some(Decimal::from(4)),
            display_quantity: Some(Decimal::from(5)),
        };
        assert_eq!(order, expected);
    }

    #[test]
    fn words_are_those_of_the_json() {
        fn same_words<T: fmt::Display + Serialize>(values: &[T]) {
            for value in values {
                assert_eq!(format!("\"{value}\""), serde_json::to_string(value).unwrap());
            }
        }
        use PluginTimeInForce::{Fok, Gtc, Ioc, PostOnly};
        same_words(&[PluginSide::Buy, PluginSide::Sell]);
        same_words(&[PluginOrderType::Market, PluginOrderType::Limit]);
        same_words(&[Gtc, Ioc, Fok, PostOnly]);
        assert_eq!(format!("{:<5}|", PluginSide::Buy), "buy  |");
    }

    #[test]
    fn the_opposite_of_the_opposite_is_the_side_itself() {
        for side in [PluginSide::Buy, PluginSide::Sell] {
            assert_eq!(side.opposite().opposite(), side);
            assert_eq!(side.opposite().as_multiplier(), -side.as_multiplier());
        }
    }
}
