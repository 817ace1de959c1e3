//! What tests ask, and the answers in few words.

use serde_json::Value;
use tesser_wasm::guest::PluginRuntime;
use tesser_wasm::{PluginOrderRequest, PluginResult};

use super::host::{Host, placed};
use super::{Plugin, WORK, context};

/// What the next timers place, each with its number.
pub fn timers(host: &mut Host, count: usize) -> Vec<String> {
    let orders = |timer| {
        let texts = placed_text(&host.timer());
        texts
            .into_iter()
            .map(move |text| format!("{timer}: {text}"))
    };
    (1..=count).flat_map(orders).collect()
}

pub fn init_error(context: &Value) -> String {
    PluginRuntime::<Plugin>::new()
        .call_init(context.to_string())
        .unwrap_err()
}

/// Quantities and prices of the orders that a callback placed.
pub fn placed_text(result: &PluginResult) -> Vec<String> {
    let text = |order: &&PluginOrderRequest| match order.price {
        Some(price) => format!("{} @ {price}", order.quantity),
        None => format!("{} @ market", order.quantity),
    };
    placed(result).iter().map(text).collect()
}

/// `rest/id` of the open orders.
pub fn open_orders(host: &Host) -> String {
    let state: Value = serde_json::from_str(&host.snapshot).unwrap();
    let text = |order: &Value| {
        let field = |name| order[name].as_str().unwrap_or("-");
        format!("{}/{}", field("rest"), field("id"))
    };
    let open = &state.pointer(WORK).unwrap()["orders"]["open"];
    let orders: Vec<_> = open.as_array().unwrap().iter().map(text).collect();
    orders.join(" ")
}

pub fn refuses(name: &str, value: &Value) {
    let mut context = context();
    context["params"][name] = value.clone();
    let error = init_error(&context);
    assert!(
        error.starts_with(&format!("params: `{name}`: ")),
        "{name} {value}: {error}"
    );
}
