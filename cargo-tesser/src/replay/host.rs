//! The host loop: calls the plugin in the real host's order and reacts to its answers as that does.
//!
//! After every callback comes `snapshot`; when that does not answer JSON, the callback's orders are
//! dropped. An error in a fill or timer cancels the algorithm, one in a tick is logged. A trap ends the
//! instance. The timer fires for every second of the tape's time. State is persisted after fills, and
//! after ticks and timers that ordered something or completed; a restart gives that state back.

use std::time::{Duration, Instant};

use rust_decimal::Decimal;
use tesser_wasm::{
    PluginChildOrderAction, PluginFill, PluginInitContext, PluginOrderUpdateRequest, PluginResult,
    PluginSide, decimal,
};

use super::exchange::Exchange;
use super::ledger::{Ending, Ledger};
use super::model::Model;
use super::tape::{Event, Fill, Trade};
use crate::engine::{self, Compiled, DecimalValue, Plugin, Side, Tick, Usage};

/// Milliseconds between two timers.
const TIMER_MS: i64 = 1_000;

/// What an algorithm is started with.
pub(super) struct Setup {
    pub(super) context: PluginInitContext,
    pub(super) model: Model,
    /// When it starts.
    pub(super) now_ms: i64,
}

/// On the plain exchange, at the beginning of time.
impl From<PluginInitContext> for Setup {
    fn from(context: PluginInitContext) -> Self {
        Self { context, model: Model::default(), now_ms: 0 }
    }
}

/// One running algorithm.
pub(super) struct Host<'a> {
    compiled: &'a Compiled,
    context: PluginInitContext,
    /// `None` before the first instance, and once it is lost.
    plugin: Option<Plugin>,
    exchange: Exchange,
    ledger: Ledger,
    /// The tape's time.
    now_ms: i64,
    next_timer_ms: Option<i64>,
    persisted: Option<String>,
    /// The last state that was JSON: most callbacks change nothing, and comparing is quicker than reading.
    checked: String,
    /// The last answer that wanted nothing.
    idle: String,
    ending: Option<Ending>,
    /// Every call, where somebody wants to look at them.
    record: Option<Vec<Call>>,
}

/// One callback and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Name of the export.
    pub(crate) name: &'static str,
    /// Its answer; the error where it has none.
    pub(crate) answer: Result<String, String>,
    /// What `snapshot` answered after it.
    pub(crate) snapshot: Option<String>,
    /// Whether the host persisted that.
    pub(crate) persisted: bool,
    /// The actions that the host took from it.
    pub(crate) orders: Vec<PluginChildOrderAction>,
    /// What the callback took.
    pub(crate) usage: Usage,
    /// What the snapshot took.
    pub(crate) snapshot_usage: Usage,
    /// How long the callback and its snapshot took.
    pub(crate) time: Duration,
}

/// What the host does with one kind of callback.
#[derive(Clone, Copy)]
struct Rules {
    name: &'static str,
    /// Whether an error cancels the algorithm; otherwise it is logged.
    error_cancels: bool,
    /// Whether the state is persisted even when nothing was ordered.
    always_persists: bool,
}

const INIT: Rules = Rules { name: "init", error_cancels: true, always_persists: false };
const TICK: Rules = Rules { name: "on-tick", error_cancels: false, always_persists: false };
const FILL: Rules = Rules { name: "on-fill", error_cancels: true, always_persists: true };
const TIMER: Rules = Rules { name: "on-timer", error_cancels: true, always_persists: false };

impl<'a> Host<'a> {
    /// Starts the algorithm; an error of `init` ends it at once.
    pub(super) fn start(compiled: &'a Compiled, setup: impl Into<Setup>) -> Self {
        Self::started(compiled, setup.into(), None)
    }

    /// The same, with every call recorded.
    pub(super) fn recorded(compiled: &'a Compiled, context: PluginInitContext) -> Self {
        Self::started(compiled, context.into(), Some(Vec::new()))
    }

    fn started(compiled: &'a Compiled, setup: Setup, record: Option<Vec<Call>>) -> Self {
        let Setup { context, model, now_ms } = setup;
        let signal = &context.signal;
        let mut host = Self {
            compiled,
            exchange: Exchange::new(model),
            ledger: Ledger::new(&signal.symbol, signal.side, signal.target_quantity),
            context,
            plugin: None,
            now_ms,
            next_timer_ms: None,
            persisted: None,
            checked: String::new(),
            idle: String::new(),
            ending: None,
            record,
        };
        match host.init() {
            Ok(Ok(answer)) => host.take_answer(INIT, &answer),
            Ok(Err(message)) => host.end(Ending::Refused(message)),
            Err(error) => host.end(Ending::Lost(error.to_string())),
        }
        host
    }

    /// A restart: a new instance, `init` with the original context, whose answer or error is thrown
    /// away, and `restore` with the state that was persisted last, if there is any.
    pub(super) fn restart(&mut self) {
        if !self.is_running() {
            return self.never_restarted();
        }
        self.ledger.restarts += 1;
        if let Err(error) = self.init() {
            return self.end(Ending::Lost(error.to_string()));
        }
        if let (Some(state), Some(plugin)) = (&self.persisted, &mut self.plugin) {
            self.ledger.calls += 1;
            if let Err(error) = plugin.restore(state) {
                self.end(Ending::Lost(error.to_string()));
            }
        }
    }

    /// A restart was asked for, and the tape or the algorithm ended first: nothing was shown by this run.
    pub(super) fn never_restarted(&mut self) {
        self.ledger.add_error("the restart that was asked for never came: the run was over".into());
    }

    /// A new instance and what its `init` answers.
    fn init(&mut self) -> Result<Result<String, String>, engine::Error> {
        let json = serde_json::to_string(&self.context).unwrap_or_default();
        self.ledger.calls += 1;
        let plugin = self.plugin.insert(self.compiled.instantiate()?);
        let start = Instant::now();
        let answer = plugin.init(&json);
        let said = answer.as_ref().map_err(ToString::to_string).and_then(Clone::clone);
        let usage = plugin.usage();
        self.note(INIT, said, usage, start);
        answer
    }

    /// Every call so far, if they are recorded.
    pub(super) fn calls(&self) -> &[Call] {
        self.record.as_deref().unwrap_or_default()
    }

    /// What is known of the run so far.
    pub(super) fn state(&self) -> (&Ledger, Option<&Ending>) {
        (&self.ledger, self.ending.as_ref())
    }

    fn note(&mut self, rules: Rules, answer: Result<String, String>, usage: Usage, start: Instant) {
        if let Some(record) = &mut self.record {
            record.push(Call {
                name: rules.name,
                answer,
                snapshot: None,
                persisted: false,
                orders: Vec::new(),
                usage,
                snapshot_usage: Usage::default(),
                time: start.elapsed(),
            });
        }
    }

    fn last(&mut self, note: impl FnOnce(&mut Call)) {
        if let Some(call) = self.record.as_mut().and_then(|record| record.last_mut()) {
            note(call);
        }
    }

    /// Whether the algorithm still gets callbacks.
    pub(super) fn is_running(&self) -> bool {
        self.ending.is_none()
    }

    /// What comes next on the tape. A script's events are one call each, or a restart.
    pub(super) fn event(&mut self, event: &Event) {
        match event {
            Event::Trade(trade) => self.trade(trade),
            Event::Tick(trade) => {
                self.now_ms = trade.time_ms;
                self.tick(trade);
            }
            Event::Fill(fill) => self.scripted(fill),
            Event::Timer => self.call(TIMER, Plugin::on_timer),
            Event::Restart => self.restart(),
        }
    }

    /// Timers that are due, then fills, then the tick.
    fn trade(&mut self, trade: &Trade) {
        let mut timer = self.next_timer_ms.unwrap_or(trade.time_ms.saturating_add(TIMER_MS));
        while timer <= trade.time_ms && self.is_running() {
            self.now_ms = timer;
            self.call(TIMER, Plugin::on_timer);
            timer = timer.saturating_add(TIMER_MS);
        }
        self.next_timer_ms = Some(timer);
        if !self.is_running() {
            return;
        }
        self.now_ms = trade.time_ms;
        let symbol = trade.symbol.as_ref().unwrap_or(&self.context.signal.symbol);
        if *symbol == self.context.signal.symbol {
            self.ledger.market.add(trade);
        }
        let fills = self.exchange.trade(symbol, trade);
        self.ledger.expired = self.exchange.expired();
        for fill in fills {
            self.fill(&fill);
        }
        self.tick(trade);
    }

    fn tick(&mut self, trade: &Trade) {
        let symbol = trade.symbol.as_ref().unwrap_or(&self.context.signal.symbol);
        let text = |value| DecimalValue { value: decimal::to_string(value) };
        let tick = Tick {
            symbol: symbol.clone(),
            price: text(trade.price),
            size: text(trade.quantity),
            side: match trade.side {
                PluginSide::Buy => Side::Buy,
                PluginSide::Sell => Side::Sell,
            },
            timestamp_ms: trade.time_ms,
        };
        self.call(TICK, |plugin| plugin.on_tick(tick));
    }

    fn fill(&mut self, fill: &PluginFill) {
        self.ledger.add_fill(fill);
        let json = serde_json::to_string(fill).unwrap_or_default();
        self.call(FILL, |plugin| plugin.on_fill(&json));
    }

    /// A script's fill reaches the plugin whatever it says; of an order that is there, it takes the rest away.
    fn scripted(&mut self, fill: &Fill) {
        let id = self.exchange.fill(fill.order, fill.price, fill.quantity, self.now_ms);
        let signal = &self.context.signal;
        let fill = PluginFill::new(id, &signal.symbol, signal.side, fill.price, fill.quantity);
        self.fill(&fill);
    }

    /// What happened, once the tape is over.
    pub(super) fn finish(self, trades: u64, sha256: String) -> Ledger {
        let mut ledger = self.ledger;
        ledger.trades = trades;
        ledger.sha256 = sha256;
        ledger.outstanding = self.exchange.outstanding();
        (ledger.rows, ledger.fill_rows) = self.exchange.records();
        ledger.quality = ledger.market.quality(ledger.side, ledger.target, &ledger.fill_rows);
        ledger.ending = self.ending.unwrap_or(Ending::TapeOver);
        ledger
    }

    fn call(
        &mut self,
        rules: Rules,
        callback: impl FnOnce(&mut Plugin) -> Result<String, engine::Error>,
    ) {
        let (true, Some(plugin)) = (self.ending.is_none(), &mut self.plugin) else { return };
        self.ledger.calls += 1;
        let start = self.record.is_some().then(Instant::now);
        let answer = callback(plugin);
        if let Some(start) = start {
            let usage = plugin.usage();
            let said = answer.as_ref().map(Clone::clone).map_err(ToString::to_string);
            self.note(rules, said, usage, start);
        }
        match answer {
            Ok(answer) => self.take_answer(rules, &answer),
            Err(error) => self.end(Ending::Lost(error.to_string())),
        }
    }

    fn take_answer(&mut self, rules: Rules, answer: &str) {
        let name = rules.name;
        if !rules.always_persists && !answer.is_empty() && answer == self.idle {
            self.snapshot(rules, 0);
            return;
        }
        let result: PluginResult = match serde_json::from_str(answer) {
            Ok(result) => result,
            Err(error) if rules.error_cancels => {
                return self.end(Ending::Cancelled(format!("{name}: {error}")));
            }
            Err(error) => return self.ledger.add_error(format!("{name}: {error}")),
        };
        if result.orders.is_empty() && result.logs.is_empty() && !result.completed {
            answer.clone_into(&mut self.idle);
        }
        if !self.snapshot(rules, result.orders.len()) {
            return;
        }
        if rules.always_persists || result.completed || !result.orders.is_empty() {
            self.persisted = Some(self.checked.clone());
            self.last(|call| call.persisted = true);
        }
        for log in result.logs {
            self.ledger.logs.add(log);
        }
        for order in result.orders {
            self.order(name, order.action);
        }
        if result.completed {
            self.end(Ending::Completed);
        }
    }

    /// Hands an order on. What a risk desk would stop is noted, and handed on all the same.
    fn order(&mut self, name: &str, action: PluginChildOrderAction) {
        self.last(|call| call.orders.push(action.clone()));
        let signal = &self.context.signal;
        let (symbol, side) = match &action {
            PluginChildOrderAction::Place(order) => (&order.symbol, order.side),
            PluginChildOrderAction::Amend(update) => (&update.symbol, update.side),
        };
        if *symbol != signal.symbol || side != signal.side {
            let message = format!("{name}: an order of the other side or of another symbol");
            self.ledger.add_error(message);
        }
        match action {
            PluginChildOrderAction::Place(order) if order.quantity <= Decimal::ZERO => {
                let message = format!("{name}: places a quantity of {}", order.quantity);
                self.ledger.add_error(message);
            }
            PluginChildOrderAction::Amend(PluginOrderUpdateRequest {
                new_quantity: Some(quantity),
                ..
            }) if quantity <= Decimal::ZERO => {
                self.ledger.add_error(format!("{name}: amends to a quantity of {quantity}"));
            }
            PluginChildOrderAction::Place(order) => {
                let quantity = order.quantity;
                self.exchange.place(order, self.now_ms);
                self.ledger.refused = self.exchange.refused();
                self.ledger.add_order(quantity);
            }
            PluginChildOrderAction::Amend(update) => {
                if let Some(more) = self.exchange.amend(&update, self.now_ms) {
                    self.ledger.add_amendment(more);
                } else {
                    let message =
                        format!("{name}: amends `{}`, which is not open", update.order_id);
                    self.ledger.add_error(message);
                }
            }
        }
    }

    /// Asks for the state and keeps it, if it is JSON; else the callback's orders are dropped.
    fn snapshot(&mut self, rules: Rules, orders: usize) -> bool {
        let Some(plugin) = &mut self.plugin else { return false };
        self.ledger.calls += 1;
        let start = self.record.is_some().then(Instant::now);
        let snapshot = plugin.snapshot();
        if let Some(start) = start {
            let usage = plugin.usage();
            self.last(|call| {
                call.snapshot = snapshot.as_ref().ok().cloned();
                call.snapshot_usage = usage;
                call.time += start.elapsed();
            });
        }
        let state = match snapshot {
            Ok(state) => state,
            Err(error) => {
                self.end(Ending::Lost(error.to_string()));
                return false;
            }
        };
        if !state.is_empty() && same_but_a_number(&self.checked, &state) {
            self.checked = state;
            return true;
        }
        match serde_json::from_str::<serde::de::IgnoredAny>(&state) {
            Ok(_) => self.checked = state,
            Err(error) => {
                self.ledger.add_error(format!(
                    "snapshot after {}: {error}; {orders} orders dropped",
                    rules.name
                ));
                return false;
            }
        }
        true
    }

    fn end(&mut self, ending: Ending) {
        self.ending.get_or_insert(ending);
    }
}

/// Whether a state differs from one that is JSON in the digits of one number alone, and is JSON for that: after a
/// tick that is the last price, and to read all of the state for it is a tenth of a replay.
fn same_but_a_number(json: &str, state: &str) -> bool {
    let (json, state) = (json.as_bytes(), state.as_bytes());
    if json.len() != state.len() {
        return false;
    }
    let pairs = || json.iter().zip(state);
    let Some(start) = pairs().position(|(old, new)| old != new) else { return true };
    let in_number = |(old, new): (&u8, &u8)| {
        old.is_ascii_digit() && new.is_ascii_digit() || (*old, *new) == (b'.', b'.')
    };
    let end = start + pairs().skip(start).take_while(|pair| in_number(*pair)).count();
    // A number must not begin with a zero.
    let zero_first = state[start] == b'0' && !state[..start].last().is_some_and(u8::is_ascii_digit);
    !zero_first && json[end..] == state[end..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_only_differs_in_a_number_is_json_like_the_last() {
        let json = r#"{"price":"40056.86","n":10,"id":"a1"}"#;
        for (state, same) in [
            (json, true),
            (r#"{"price":"40057.01","n":10,"id":"a1"}"#, true),
            (r#"{"price":"40056.86","n":20,"id":"a1"}"#, true),
            // Another length, two numbers, a zero in front, not a digit.
            (r#"{"price":"4057.01","n":10,"id":"a1"}"#, false),
            (r#"{"price":"40057.01","n":11,"id":"a1"}"#, false),
            (r#"{"price":"40056.86","n":00,"id":"a1"}"#, false),
            (r#"{"price":"40056"86","n":10,"id":"a1"}"#, false),
            (r#"{"price":"40056.86","n":10,"id":"a1""#, false),
        ] {
            assert_eq!(same_but_a_number(json, state), same, "{state}");
        }
    }
}
