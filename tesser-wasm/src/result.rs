//! What a callback returns.
//!
//! In: order actions, log lines, and whether the algorithm is done. Out: the JSON of the host.

use crate::wire::{plain, wire};
use crate::{
    PluginChildOrderAction, PluginChildOrderRequest, PluginOrderRequest, PluginOrderUpdateRequest,
};

wire! {
    /// The result of every callback. Every field may be absent in JSON.
    ///
    /// ```
    /// use rust_decimal::Decimal;
    /// use tesser_wasm::{PluginOrderRequest, PluginOrderUpdateRequest, PluginResult, PluginSide};
    ///
    /// let (buy, price) = (PluginSide::Buy, Decimal::from(40_000));
    /// let result = PluginResult::new()
    ///     .amend(PluginOrderUpdateRequest::price("42", "bybit_linear:BTCUSDT", buy, price))
    ///     .place(PluginOrderRequest::limit("bybit_linear:BTCUSDT", buy, Decimal::ONE, price))
    ///     .with_log("followed the price");
    /// assert_eq!(result.orders.len(), 2);
    ///
    /// // One order and nothing else:
    /// let result: PluginResult = PluginOrderRequest::market("bybit_linear:BTCUSDT", buy, Decimal::ONE).into();
    /// assert_eq!(result.orders.len(), 1);
    /// ```
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct PluginResult {
        /// Orders to place or amend, in this order.
        pub orders: Vec<PluginChildOrderRequest>,
        /// Lines for the host's log.
        pub logs: Vec<String>,
        /// Whether the algorithm is done. The host then drops it and its state.
        pub completed: bool,
    }
}

plain!(Vec<PluginChildOrderRequest> = Vec::new());

impl PluginResult {
    /// JSON of the empty result: what nearly every tick returns, so it is not serialized each time.
    #[cfg(feature = "guest")]
    pub(crate) const EMPTY_JSON: &'static str = r#"{"orders":[],"logs":[],"completed":false}"#;

    /// No orders, no logs, not completed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one order action.
    #[must_use]
    pub fn with_order(mut self, action: PluginChildOrderAction) -> Self {
        self.orders.push(PluginChildOrderRequest { action });
        self
    }

    /// Adds all orders or order actions of an iterator.
    ///
    /// ```
    /// # use rust_decimal::Decimal;
    /// # use tesser_wasm::{PluginOrderRequest, PluginResult, PluginSide};
    /// // A ladder of three bids.
    /// let prices = [39_990, 39_980, 39_970].map(Decimal::from);
    /// let ladder = prices
    ///     .map(|price| PluginOrderRequest::limit("bybit_linear:BTCUSDT", PluginSide::Buy, Decimal::ONE, price));
    /// assert_eq!(PluginResult::new().with_orders(ladder).orders.len(), 3);
    /// ```
    #[must_use]
    pub fn with_orders<I>(mut self, actions: I) -> Self
    where
        I: IntoIterator<Item: Into<PluginChildOrderAction>>,
    {
        let requests = actions.into_iter().map(|a| PluginChildOrderRequest { action: a.into() });
        self.orders.extend(requests);
        self
    }

    /// Adds an order to place.
    #[must_use]
    pub fn place(self, order: PluginOrderRequest) -> Self {
        self.with_order(order.into())
    }

    /// Adds a change to a resting order.
    #[must_use]
    pub fn amend(self, update: PluginOrderUpdateRequest) -> Self {
        self.with_order(update.into())
    }

    /// Adds a line for the host's log.
    #[must_use]
    pub fn with_log(mut self, text: impl Into<String>) -> Self {
        self.logs.push(text.into());
        self
    }

    /// Marks the algorithm as done. Its open orders stay open.
    #[must_use]
    pub fn completed(mut self) -> Self {
        self.completed = true;
        self
    }

    /// Whether the result has no orders and no logs and does not complete the algorithm.
    #[cfg(feature = "guest")]
    pub(crate) fn is_empty(&self) -> bool {
        self.orders.is_empty() && self.logs.is_empty() && !self.completed
    }
}

impl From<PluginOrderRequest> for PluginResult {
    fn from(order: PluginOrderRequest) -> Self {
        Self::new().place(order)
    }
}

impl From<PluginOrderUpdateRequest> for PluginResult {
    fn from(update: PluginOrderUpdateRequest) -> Self {
        Self::new().amend(update)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PluginSide;
    use rust_decimal::Decimal;

    #[test]
    fn orders_and_logs_keep_the_order_in_which_they_were_added() {
        let order = PluginOrderRequest::market("X", PluginSide::Buy, Decimal::ONE);
        let update = PluginOrderUpdateRequest::quantity("1", "X", PluginSide::Buy, Decimal::ONE);
        let actions = [PluginChildOrderAction::from(update.clone()), order.clone().into()];
        let result = PluginResult::from(order.clone())
            .amend(update.clone())
            .with_orders(actions.clone())
            .with_log("first")
            .with_log(String::from("second"));
        let [place, amend] = [PluginResult::from(order), PluginResult::from(update)];
        assert_eq!(result.orders[..1], place.orders);
        assert_eq!(result.orders[1..2], amend.orders);
        assert_eq!(result.orders[2..], PluginResult::new().with_orders(actions).orders);
        assert_eq!(result.logs, ["first", "second"]);
        assert!(!result.completed);
    }

    #[cfg(feature = "guest")]
    #[test]
    fn the_constant_for_the_empty_result_is_what_serde_would_write() {
        assert!(PluginResult::new().is_empty());
        assert_eq!(serde_json::to_string(&PluginResult::new()).unwrap(), PluginResult::EMPTY_JSON);
    }
}
