//! How the host parses the answer of a callback. In: text. Out: orders, logs, completion; or the host's error message.
//!
//! The host uses derived parsers: unknown fields are ignored, missing ones are empty, an array can stand for a struct, and
//! decimals may be JSON numbers. The SDK's own parser is stricter, so it is not used here.

use std::fmt;

use rust_decimal::Decimal;
use serde::Deserialize;
use tesser_wasm::{PluginOrderType, PluginSide, PluginTimeInForce};

use super::order::{AmendRequest, OrderRequest};
use super::symbol::Symbol;

/// An answer that the host accepted.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) actions: Vec<Action>,
    pub(crate) logs: Vec<String>,
    pub(crate) completed: bool,
}

/// One child order of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
    /// A new order; the host assigns a client id if the plugin has not.
    Place(OrderRequest),
    /// A change of an order.
    Amend(AmendRequest),
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(order) => order.fmt(f),
            Self::Amend(amendment) => amendment.fmt(f),
        }
    }
}

/// Reads an answer.
///
/// # Errors
/// The host's error message.
pub(crate) fn read(text: &str) -> Result<Answer, serde_json::Error> {
    let PluginResult { orders, logs, completed } = serde_json::from_str(text)?;
    let actions = orders.into_iter().map(|order| order.action.into()).collect();
    Ok(Answer { actions, logs, completed })
}

// The names of these types appear in the host's messages.

#[derive(Deserialize)]
struct PluginResult {
    #[serde(default)]
    orders: Vec<PluginChildOrderRequest>,
    #[serde(default)]
    logs: Vec<String>,
    #[serde(default)]
    completed: bool,
}

#[derive(Deserialize)]
struct PluginChildOrderRequest {
    action: PluginChildOrderAction,
}

#[derive(Deserialize)]
enum PluginChildOrderAction {
    Place(PluginOrderRequest),
    Amend(PluginOrderUpdateRequest),
}

#[derive(Deserialize)]
struct PluginOrderRequest {
    symbol: String,
    side: Side,
    order_type: OrderType,
    quantity: Decimal,
    #[serde(default)]
    price: Option<Decimal>,
    #[serde(default)]
    trigger_price: Option<Decimal>,
    #[serde(default)]
    time_in_force: Option<TimeInForce>,
    #[serde(default)]
    client_order_id: Option<String>,
    #[serde(default)]
    take_profit: Option<Decimal>,
    #[serde(default)]
    stop_loss: Option<Decimal>,
    #[serde(default)]
    display_quantity: Option<Decimal>,
}

#[derive(Deserialize)]
struct PluginOrderUpdateRequest {
    order_id: String,
    symbol: String,
    side: Side,
    #[serde(default)]
    new_price: Option<Decimal>,
    #[serde(default)]
    new_quantity: Option<Decimal>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Side {
    Buy,
    Sell,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum OrderType {
    Market,
    Limit,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum TimeInForce {
    Gtc,
    Ioc,
    Fok,
    PostOnly,
}

impl From<Side> for PluginSide {
    fn from(side: Side) -> Self {
        match side {
            Side::Buy => Self::Buy,
            Side::Sell => Self::Sell,
        }
    }
}

impl From<PluginChildOrderAction> for Action {
    fn from(action: PluginChildOrderAction) -> Self {
        match action {
            PluginChildOrderAction::Place(order) => Self::Place(OrderRequest {
                symbol: Symbol::parse(&order.symbol),
                symbol_text: order.symbol,
                side: order.side.into(),
                order_type: match order.order_type {
                    OrderType::Market => PluginOrderType::Market,
                    OrderType::Limit => PluginOrderType::Limit,
                },
                quantity: order.quantity,
                price: order.price,
                trigger_price: order.trigger_price,
                // The host has no `post_only`.
                time_in_force: order.time_in_force.and_then(|word| match word {
                    TimeInForce::Gtc => Some(PluginTimeInForce::Gtc),
                    TimeInForce::Ioc => Some(PluginTimeInForce::Ioc),
                    TimeInForce::Fok => Some(PluginTimeInForce::Fok),
                    TimeInForce::PostOnly => None,
                }),
                wanted_post_only: matches!(order.time_in_force, Some(TimeInForce::PostOnly)),
                client_order_id: order.client_order_id,
                take_profit: order.take_profit,
                stop_loss: order.stop_loss,
                display_quantity: order.display_quantity,
            }),
            PluginChildOrderAction::Amend(update) => Self::Amend(AmendRequest {
                order_id: update.order_id,
                symbol: Symbol::parse(&update.symbol),
                symbol_text: update.symbol,
                side: update.side.into(),
                new_price: update.new_price,
                new_quantity: update.new_quantity,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_is_accepted_as_an_answer_and_a_string_is_not() {
        assert!(read(r#"[[],["by position"],true]"#).unwrap().completed);
        assert!(read("[]").unwrap().actions.is_empty());
        let error = read(r#""went wrong""#).unwrap_err().to_string();
        assert_eq!(
            error,
            "invalid type: string \"went wrong\", expected struct PluginResult at line 1 column 12"
        );
    }

    #[test]
    fn an_answer_with_only_an_error_field_has_no_orders() {
        assert!(read(r#"{"error": "no"}"#).unwrap().actions.is_empty());
    }

    #[test]
    fn post_only_becomes_a_plain_order() {
        let place = |word: &str| {
            let order = format!(
                r#"{{"symbol":"v:S","side":"buy","order_type":"limit","quantity":1.5,"price":"2","time_in_force":"{word}"}}"#
            );
            let answer = read(&format!(r#"{{"orders":[{{"action":{{"Place":{order}}}}}]}}"#));
            let Action::Place(order) = answer.unwrap().actions.remove(0) else { unreachable!() };
            order
        };
        assert_eq!(place("ioc").time_in_force, Some(PluginTimeInForce::Ioc));
        let order = place("post_only");
        assert_eq!((order.time_in_force, order.wanted_post_only), (None, true));
        assert_eq!(order.quantity, Decimal::new(15, 1));
    }
}
