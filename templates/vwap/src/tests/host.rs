//! Acts as the host does, for one algorithm.

use rust_decimal::Decimal;
use serde_json::Value;
use tesser_wasm::guest::PluginRuntime;
use tesser_wasm::{
    PluginChildOrderAction, PluginFill, PluginOrderRequest, PluginResult, PluginSide, PluginTick,
};

use super::{Plugin, context};

/// What the host keeps for one algorithm.
pub struct Host {
    context: Value,
    plugin: PluginRuntime<Plugin>,
    /// The state of the last callback, and the one that the host stored.
    pub snapshot: String,
    pub stored: Option<String>,
    /// Time of ticks. A timer is a second.
    now_ms: i64,
}

impl Host {
    /// Works the context of the tests.
    pub fn start() -> Self {
        Self::start_with(context())
    }

    pub fn start_with(context: Value) -> Self {
        let plugin = PluginRuntime::new();
        plugin.call_init(context.to_string()).unwrap();
        let snapshot = plugin.call_snapshot().unwrap();
        Self {
            context,
            plugin,
            snapshot,
            stored: None,
            now_ms: 1_700_000_000_000,
        }
    }

    /// After every callback the host asks for the state. It stores it after fills, and when the
    /// callback answered orders or completed.
    fn answer(&mut self, is_fill: bool, answer: Result<String, String>) -> PluginResult {
        let result: PluginResult = serde_json::from_str(&answer.unwrap()).unwrap();
        self.snapshot = self.plugin.call_snapshot().unwrap();
        if is_fill || result.completed || !result.orders.is_empty() {
            self.stored = Some(self.snapshot.clone());
        }
        result
    }

    pub fn timer(&mut self) -> PluginResult {
        self.now_ms += 1_000;
        self.held_up_timer()
    }

    /// One of several that come at once, since the host was busy.
    pub fn held_up_timer(&mut self) -> PluginResult {
        let answer = self.plugin.call_on_timer();
        self.answer(false, answer)
    }

    pub fn tick(&mut self, symbol: &str, price: &str) -> PluginResult {
        let price = price.parse().unwrap();
        let tick = PluginTick::new(symbol, price, Decimal::ONE, PluginSide::Sell, self.now_ms);
        let answer = self.plugin.call_on_tick(tick);
        self.answer(false, answer)
    }

    pub fn send_fill(&mut self, fill: &PluginFill) -> PluginResult {
        let answer = self
            .plugin
            .call_on_fill(serde_json::to_string(fill).unwrap());
        self.answer(true, answer)
    }

    pub fn fill(&mut self, order_id: &str, price: &str, quantity: &str) -> PluginResult {
        let (price, quantity) = (price.parse().unwrap(), quantity.parse().unwrap());
        self.send_fill(&PluginFill::new(
            order_id,
            "BTCUSDT",
            PluginSide::Buy,
            price,
            quantity,
        ))
    }

    /// A new instance gets the original context, then the given state.
    pub fn restart_from(&mut self, state: Option<String>) -> Result<(), String> {
        self.plugin = PluginRuntime::new();
        self.plugin.call_init(self.context.to_string())?;
        state.map_or(Ok(()), |state| self.plugin.call_restore(state))
    }
}

/// The default context with one value replaced; the path is a JSON pointer.
pub fn context_with(path: &str, value: Value) -> Value {
    let mut context = context();
    let (parent, name) = path.rsplit_once('/').unwrap();
    context.pointer_mut(parent).unwrap()[name] = value;
    context
}

pub fn placed(result: &PluginResult) -> Vec<&PluginOrderRequest> {
    let orders = result.orders.iter().map(|order| &order.action);
    orders
        .filter_map(|action| match action {
            PluginChildOrderAction::Place(order) => Some(order),
            PluginChildOrderAction::Amend(_) => None,
        })
        .collect()
}
