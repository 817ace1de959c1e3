//! The host's side of one algorithm, for tests.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::exchange::Exchange;
use crate::exec::{Algorithm, Runner};
use crate::guest::PluginRuntime;
use crate::{
    PluginChildOrderAction, PluginFill, PluginOrderRequest, PluginOrderUpdateRequest, PluginResult,
    PluginSide, PluginTick,
};

/// Builder of a [`Host`]. By default the signal is to buy 1 `BTCUSDT` at a last price of 40000.
#[derive(Clone, Debug)]
pub struct Setup {
    context: Value,
}

impl Setup {
    /// A setup with these `params` of the execution hint.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "what `json!` makes")]
    pub fn new(params: Value) -> Self {
        let context = json!({
            "plugin": "test",
            "params": params,
            "signal": {
                "id": "signal-1", "symbol": "BTCUSDT", "side": "buy", "kind": "enter_long",
                "confidence": 1.0, "target_quantity": "1",
            },
            "risk": {
                "last_price": "40000", "portfolio_equity": "1", "exchange_equity": "1",
                "signed_position_qty": "0", "base_available": "0", "quote_available": "0",
                "settlement_available": "0",
            },
        });
        Self { context }
    }

    /// Sets the target quantity of the signal.
    #[must_use]
    pub fn quantity(mut self, quantity: &str) -> Self {
        self.context["signal"]["target_quantity"] = json!(quantity);
        self
    }

    /// Makes it a signal to sell.
    #[must_use]
    pub fn sell(mut self) -> Self {
        self.context["signal"]["side"] = json!("sell");
        self.context["signal"]["kind"] = json!("enter_short");
        self
    }

    /// Sets the last price at the start; `"0"` if the host does not know one.
    #[must_use]
    pub fn last_price(mut self, price: &str) -> Self {
        self.context["risk"]["last_price"] = json!(price);
        self
    }

    /// Sets the id of the signal.
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        self.context["signal"]["id"] = json!(id);
        self
    }

    /// Starts the algorithm.
    ///
    /// # Panics
    /// If the algorithm refuses the signal.
    #[must_use]
    pub fn start<A: Algorithm>(self) -> Host<A> {
        self.try_start().unwrap_or_else(|error| panic!("the signal is refused: {error}"))
    }

    /// Starts the algorithm.
    ///
    /// # Errors
    /// The algorithm's reason to refuse the signal.
    ///
    /// # Panics
    /// If `init` places an order.
    pub fn try_start<A: Algorithm>(self) -> Result<Host<A>, String> {
        let plugin = PluginRuntime::new();
        let answer = plugin.call_init(self.context.to_string())?;
        assert_eq!(answer, r#"{"orders":[],"logs":[],"completed":false}"#, "init placed something");
        let stored = plugin.call_snapshot()?;
        Ok(Host {
            context: self.context,
            plugin,
            stored,
            now_ms: 1_700_000_000_000,
            placed: Vec::new(),
            amended: Vec::new(),
            logs: Vec::new(),
            completed: false,
            fills: 0,
            exchange: Exchange::default(),
        })
    }
}

/// Acts as the host for one algorithm and checks every result: orders name the venue, amendments have price and quantity, the
/// state is JSON.
#[derive(Debug)]
pub struct Host<A: Algorithm> {
    context: Value,
    plugin: PluginRuntime<Runner<A>>,
    /// The stored state, after conversion through `serde_json::Value` as on the host.
    stored: String,
    pub(super) now_ms: i64,
    placed: Vec<PluginOrderRequest>,
    amended: Vec<PluginOrderUpdateRequest>,
    logs: Vec<String>,
    completed: bool,
    fills: u32,
    pub(super) exchange: Exchange,
}

#[expect(clippy::missing_panics_doc, reason = "a test that cannot go on fails")]
impl<A: Algorithm> Host<A> {
    /// All orders placed so far, oldest first.
    #[must_use]
    pub fn placed(&self) -> &[PluginOrderRequest] {
        &self.placed
    }

    /// All amendments so far.
    #[must_use]
    pub fn amended(&self) -> &[PluginOrderUpdateRequest] {
        &self.amended
    }

    /// All log lines so far.
    #[must_use]
    pub fn logs(&self) -> &[String] {
        &self.logs
    }

    /// Whether a log line contains this text.
    #[must_use]
    pub fn has_logged(&self, text: &str) -> bool {
        self.logs.iter().any(|line| line.contains(text))
    }

    /// Whether the algorithm has completed.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.completed
    }

    /// Total quantity of all orders placed.
    #[must_use]
    pub fn placed_quantity(&self) -> Decimal {
        self.placed.iter().map(|order| order.quantity).sum()
    }

    /// The state that the algorithm returns now.
    #[must_use]
    pub fn state(&self) -> String {
        self.plugin.call_snapshot().unwrap_or_else(|error| panic!("{error}"))
    }

    /// Lets one second pass and calls the timer.
    pub fn timer(&mut self) -> PluginResult {
        self.now_ms += 1_000;
        self.burst(1)
    }

    /// Lets this many seconds pass, with one timer in each.
    pub fn timers(&mut self, count: u32) {
        for _ in 0..count {
            self.timer();
        }
    }

    /// Calls this many timers without letting time pass. Returns the last result.
    pub fn burst(&mut self, count: u32) -> PluginResult {
        let mut result = PluginResult::new();
        for _ in 0..count {
            let answer = self.plugin.call_on_timer();
            result = self.answer(false, answer);
        }
        result
    }

    /// Sends a trade of size 1 at this price.
    pub fn tick(&mut self, price: &str) -> PluginResult {
        self.trade(decimal(price), Decimal::ONE, PluginSide::Sell)
    }

    /// Sends a trade; `taker` is the side of the taker.
    pub fn trade(&mut self, price: Decimal, size: Decimal, taker: PluginSide) -> PluginResult {
        let code = self.code();
        let answer =
            self.plugin.call_on_tick(PluginTick::new(code, price, size, taker, self.now_ms));
        self.answer(false, answer)
    }

    /// Fills an order, by its index in [`placed`](Self::placed), at its limit price (the last price at the start for a
    /// market order). The
    /// order's id is `order-<index>`.
    pub fn fill(&mut self, index: usize, quantity: &str) -> PluginResult {
        let start = self.context["risk"]["last_price"].as_str().map(decimal).unwrap_or_default();
        let price = self.placed[index].price.unwrap_or(start);
        self.fill_at(index, price, decimal(quantity))
    }

    /// Fills an order, by its index in [`placed`](Self::placed), at this price.
    pub fn fill_at(&mut self, index: usize, price: Decimal, quantity: Decimal) -> PluginResult {
        let side = self.placed[index].side;
        self.fills += 1;
        let fill = PluginFill::new(format!("order-{index}"), self.code(), side, price, quantity);
        // Two different executions never have the same time.
        let timestamp_ms = self.now_ms + i64::from(self.fills % 500);
        self.send_fill(&PluginFill { timestamp_ms, ..fill })
    }

    /// Sends this fill.
    pub fn send_fill(&mut self, fill: &PluginFill) -> PluginResult {
        let json = serde_json::to_string(fill).unwrap_or_default();
        let answer = self.plugin.call_on_fill(json);
        self.answer(true, answer)
    }

    /// Restarts the host: a new instance, `init` with the original context, then `restore` with the stored state.
    pub fn restart(&mut self) {
        let stored = self.stored.clone();
        self.restart_from(&stored).unwrap_or_else(|error| panic!("restore failed: {error}"));
    }

    /// Restarts the host with this state.
    ///
    /// # Errors
    /// The algorithm's reason to refuse the state.
    pub fn restart_from(&mut self, state: &str) -> Result<(), String> {
        let plugin = PluginRuntime::new();
        plugin.call_init(self.context.to_string())?;
        plugin.call_restore(state.to_owned())?;
        self.plugin = plugin;
        self.exchange.restart();
        Ok(())
    }

    /// The state that the host has stored: after `init`, after fills, and after callbacks with orders or completion.
    #[must_use]
    pub fn stored(&self) -> &str {
        &self.stored
    }

    /// Stores an earlier state, as if the host had crashed between sending orders and storing the state.
    pub fn store(&mut self, state: String) {
        self.stored = state;
    }

    /// Checks the result of a callback and processes it as the host does.
    fn answer(&mut self, is_fill: bool, answer: Result<String, String>) -> PluginResult {
        let answer =
            answer.unwrap_or_else(|error| panic!("an error cancels the algorithm: {error}"));
        let result: PluginResult =
            serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
        let state = self.state();
        if is_fill || result.completed || !result.orders.is_empty() {
            let state: Value =
                serde_json::from_str(&state).unwrap_or_else(|error| panic!("{error}"));
            self.stored = state.to_string();
        }
        assert!(!result.completed || result.orders.is_empty(), "completed together with orders");
        for order in &result.orders {
            match &order.action {
                PluginChildOrderAction::Place(order) => self.take_order(order.clone()),
                PluginChildOrderAction::Amend(update) => self.take_amendment(update.clone()),
            }
        }
        self.logs.extend(result.logs.iter().cloned());
        self.completed |= result.completed;
        result
    }

    fn take_order(&mut self, order: PluginOrderRequest) {
        let venue = self.context["params"]["venue"].as_str().unwrap_or_default();
        assert_eq!(order.symbol, format!("{venue}:{}", self.code()), "the venue is missing");
        assert!(order.quantity > Decimal::ZERO, "quantity {}", order.quantity);
        assert!(order.price.is_none_or(|price| price > Decimal::ZERO), "price {:?}", order.price);
        assert!(order.client_order_id.is_none(), "an id of its own is lost at a restart");
        self.exchange.place(&order, self.now_ms);
        self.placed.push(order);
    }

    fn take_amendment(&mut self, update: PluginOrderUpdateRequest) {
        assert!(update.new_price.is_some() && update.new_quantity.is_some(), "{update:?}");
        self.exchange.amend(&update, self.now_ms);
        self.amended.push(update);
    }

    pub(super) fn code(&self) -> String {
        self.context["signal"]["symbol"].as_str().unwrap_or_default().to_owned()
    }

    /// The target of the signal.
    #[must_use]
    pub fn target(&self) -> Decimal {
        self.context["signal"]["target_quantity"].as_str().map(decimal).unwrap_or_default()
    }

    pub(super) fn start_price(&self) -> Decimal {
        let price = self.context["risk"]["last_price"].as_str().map(decimal).unwrap_or_default();
        if price.is_zero() { Decimal::from(40_000) } else { price }
    }
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}
