//! A live session over a tape: when timers, stale-order checks, candles and restarts happen.
//!
//! In: trades in the order of their times, or events of a script. Out: events of the [`Host`]. Timers come every second in the
//! session's phase; those that are due while the host waits for responses of an exchange come immediately afterwards.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

use super::account::Account;
use super::exchange::{Exchange, ScriptedFill};
use super::exchange_model::ExchangeModel;
use super::host::{Host, Settings};
use super::order_book::BookUpdate;
use super::order_records::Fill;
use super::quick_decimal;
use super::risk::Assets;
use super::run_summary::{Closing, RunSummary};
use super::signal::Signal;
use super::step::{Observer, Step};
use super::symbol::Symbol;
use super::tape::Event;
use super::trade::Trade;
use super::world::World;
use crate::engine::{DecimalValue, Side, Tick};

/// A session with one symbol.
pub(crate) struct Session<O> {
    pub(crate) host: Host<O>,
    world: World,
    symbol: Symbol,
    /// Its code, which ticks contain.
    code: Arc<str>,
    account: Account,
    /// The last trade of the symbol.
    last_price: Decimal,
    next_timer_ms: i64,
    next_poll_ms: i64,
    next_candle_ms: i64,
    reconnect_ms: Option<i64>,
    /// The host waits for responses of the exchange until this time.
    busy_until_ms: i64,
    /// The host is down until this time.
    down_until_ms: Option<i64>,
    fill_latency_ms: i64,
    /// Fills in transit to the host, with the time when they arrive.
    pending_fills: VecDeque<(i64, Fill)>,
    /// The last tick.
    tick: Arc<Tick>,
}

impl<O: Observer> Session<O> {
    /// Creates a session that starts at a time, at a price.
    pub(crate) fn new(
        world: World,
        model: ExchangeModel,
        observer: O,
        now_ms: i64,
        price: Decimal,
    ) -> Self {
        let symbol = Symbol::parse(&world.symbol);
        let account = Account::new(world.balance, world.kind, Assets::of(&symbol));
        let ExchangeModel { fill_latency_ms, .. } = model;
        let mut exchange = Exchange::new(model, world.amend_rule, Vec::new());
        if world.reconnect_after_ms.is_some() || world.down_ms > 0 {
            exchange.keep_executions();
        }
        let settings = Settings {
            venues: symbol.venue().map(str::to_owned).into_iter().collect(),
            contexts: HashMap::from([(symbol.clone(), account.context(price))]),
            symbols: vec![symbol.clone()],
            limits: world.limits,
            default_quantity: Decimal::ONE,
            stale_after_ms: world.rules.stale_after_ms,
            stores_idle_calls: world.rules.stores_idle_calls,
        };
        let mut host = Host::new(settings, exchange, observer);
        host.now_ms = now_ms;
        let candle_ms = world.rules.candle_ms.max(1);
        Self {
            host,
            code: symbol.code().into(),
            symbol,
            account,
            last_price: price,
            next_timer_ms: now_ms.saturating_add(world.timer_phase_ms),
            next_poll_ms: now_ms.saturating_add(world.rules.stale_poll_ms),
            next_candle_ms: (now_ms.div_euclid(candle_ms) + 1).saturating_mul(candle_ms),
            reconnect_ms: world.reconnect_after_ms.map(|after| now_ms.saturating_add(after)),
            busy_until_ms: now_ms,
            down_until_ms: None,
            fill_latency_ms,
            pending_fills: VecDeque::new(),
            tick: Arc::new(empty_tick()),
            world,
        }
    }

    /// The strategy emits a signal now.
    pub(crate) fn signal(&mut self, signal: &Signal) {
        let context = self.account.context(self.last_price);
        self.host.signal(signal, &context);
        self.wait_for_responses();
    }

    /// Whether trades reach `on-tick`.
    pub(crate) fn forwards_ticks(&self) -> bool {
        self.world.ticks
    }

    /// Whether anything can still happen that concerns an algorithm or its orders.
    pub(crate) fn is_over(&self) -> bool {
        !self.is_running() && self.host.exchange.is_idle() && self.pending_fills.is_empty()
    }

    /// Whether an algorithm is running, or will be after a restart.
    pub(crate) fn is_running(&self) -> bool {
        self.down_until_ms.is_some() || (self.host.has_algorithms() && !self.host.is_down())
    }

    /// Processes a trade on the market: everything due before it, its fills, and a tick if ticks are forwarded.
    pub(crate) fn trade(&mut self, trade: &Trade) {
        self.advance(trade.time_ms);
        let own = self.is_own(trade);
        if own {
            self.last_price = trade.price;
        }
        if let Some(code) = code_of(&self.symbol, trade) {
            let fills = self.host.exchange.trade(&code, trade);
            self.filled(fills);
        }
        if self.world.ticks && self.down_until_ms.is_none() {
            self.tick(trade);
        }
    }

    /// Processes a change of the order book: everything due before it, and its fills. Returns whether it is of this session's
    /// symbol.
    pub(crate) fn book(&mut self, update: &BookUpdate) -> bool {
        let is_own = update.symbol.as_deref().is_none_or(|text| self.symbol.is_meant_by(text));
        if is_own {
            self.advance(update.time_ms);
            let fills = self.host.exchange.book(&self.code, &update.change, update.time_ms);
            self.filled(fills);
        }
        is_own
    }

    /// Registers a trade that has not happened yet, for the estimates of spread and depth.
    pub(crate) fn look_ahead(&mut self, trade: &Trade) {
        if let Some(code) = code_of(&self.symbol, trade) {
            self.host.exchange.look_ahead(&code, trade);
        }
    }

    /// Whether a trade is of the session's symbol; a tape may name it with its venue or without.
    pub(crate) fn is_own(&self, trade: &Trade) -> bool {
        is_of(&self.symbol, trade)
    }

    /// Processes an event of a script, without anything else that may be due.
    pub(crate) fn event(&mut self, event: &Event) {
        match event {
            Event::Trade(trade) => self.trade(trade),
            Event::Tick(trade) => {
                self.host.now_ms = self.host.now_ms.max(trade.time_ms);
                if self.is_own(trade) {
                    self.last_price = trade.price;
                }
                self.tick(trade);
            }
            Event::Fill(script) => self.scripted(script, true),
            Event::FillUnseen(script) => self.scripted(script, false),
            Event::Timer => self.host.timer(),
            Event::Restart { lists_orders } => {
                self.refresh();
                self.host.restart(*lists_orders);
            }
            Event::Reconnect => self.host.reconnect(),
            Event::OrderUpdate { order, status } => {
                let now_ms = self.host.now_ms;
                self.host.exchange.set_status(*order, *status, now_ms);
                self.host.order_update(&format!("order-{order}"), *status);
            }
            Event::Advance { ms } => self.host.now_ms = self.host.now_ms.saturating_add(*ms),
            Event::Poll => self.host.poll_stale(),
            Event::CancelAll => self.host.cancel_all(),
            Event::Expire => {
                let now_ms = self.host.now_ms;
                self.host.exchange.expire_immediate(now_ms);
            }
        }
    }

    /// Processes a fill from a script. A fill of an unknown order does not change the account or reach an algorithm.
    fn scripted(&mut self, script: &ScriptedFill, is_reported: bool) {
        let fill = self.host.exchange.fill(script);
        if self.host.exchange.order(&fill.order_id).is_some() {
            self.account.filled(fill.side, fill.price, fill.quantity);
        } else {
            let orders = self.host.exchange.orders().len();
            self.host.observer.step(&Step::UnknownFill { order_id: &fill.order_id, orders });
        }
        if is_reported {
            self.host.fill(&fill);
        }
    }

    /// Restarts the host. Nothing reaches it while it is down.
    pub(crate) fn restart(&mut self) {
        if self.world.down_ms > 0 {
            self.down_until_ms = Some(self.host.now_ms.saturating_add(self.world.down_ms));
        } else {
            self.come_up();
        }
    }

    fn come_up(&mut self) {
        self.down_until_ms = None;
        self.refresh();
        self.host.restart(true);
        // Timers and checks of the new session count from its start, and its private stream connects.
        self.next_timer_ms = self.host.now_ms.saturating_add(self.world.timer_phase_ms);
        self.next_poll_ms = self.host.now_ms.saturating_add(self.world.rules.stale_poll_ms);
        if self.world.down_ms > 0 {
            self.host.reconnect();
        }
    }

    /// Processes everything that is due up to a time, in the order of time. Requests that reach the exchange in that
    /// millisecond arrive after its trades.
    pub(crate) fn advance(&mut self, to_ms: i64) {
        loop {
            let due_ms = self.pending_fills.front().map_or(i64::MAX, |(due_ms, _)| *due_ms);
            let arrival_ms = self.host.exchange.next_arrival_ms();
            let host_ms = self.next_of_host();
            if due_ms <= to_ms && due_ms <= host_ms && due_ms <= arrival_ms {
                self.deliver_next_fill(due_ms);
            } else if host_ms <= to_ms && host_ms <= arrival_ms {
                self.set_time(host_ms);
                self.run_host(host_ms);
            } else if arrival_ms < to_ms {
                self.arrive(arrival_ms);
            } else {
                break;
            }
        }
        self.set_time(to_ms);
    }

    /// Delivers the next fill to the host.
    fn deliver_next_fill(&mut self, due_ms: i64) {
        self.set_time(due_ms);
        if let Some((_, fill)) = self.pending_fills.pop_front() {
            self.deliver_fill(&fill);
        }
    }

    /// Processes the next request that reaches the exchange.
    fn arrive(&mut self, arrival_ms: i64) {
        self.set_time(arrival_ms);
        let fills = self.host.exchange.arrive(arrival_ms);
        self.filled(fills);
    }

    fn set_time(&mut self, to_ms: i64) {
        self.host.now_ms = self.host.now_ms.max(to_ms);
    }

    /// Time of the host's next timer, check, candle or restart.
    fn next_of_host(&self) -> i64 {
        if !self.is_running() {
            // The stale-order monitor belongs to the session, not to an algorithm.
            let watches = !self.host.is_down() && self.host.watches_orders();
            return if watches { self.next_poll_ms } else { i64::MAX };
        }
        if let Some(up_ms) = self.down_until_ms {
            return up_ms;
        }
        let timer_ms = self.next_timer_ms.max(self.busy_until_ms);
        let reconnect_ms = self.reconnect_ms.unwrap_or(i64::MAX);
        timer_ms.min(self.next_poll_ms).min(self.next_candle_ms).min(reconnect_ms)
    }

    /// Runs what is due at the time from [`Self::next_of_host`].
    fn run_host(&mut self, now_ms: i64) {
        let rules = &self.world.rules;
        if self.down_until_ms.is_some() {
            self.come_up();
        } else if Some(now_ms) == self.reconnect_ms {
            self.reconnect_ms = None;
            self.host.reconnect();
        } else if now_ms == self.next_candle_ms && self.is_running() {
            self.next_candle_ms = now_ms.saturating_add(rules.candle_ms.max(1));
            self.refresh();
        } else if now_ms == self.next_poll_ms {
            self.next_poll_ms = now_ms.saturating_add(rules.stale_poll_ms.max(1));
            self.host.poll_stale();
        } else {
            self.next_timer_ms = self.next_timer_ms.saturating_add(rules.timer_ms.max(1));
            self.host.timer();
            self.wait_for_responses();
        }
    }

    /// Sends fills of the exchange to the host, with latency.
    fn filled(&mut self, fills: Vec<Fill>) {
        for fill in fills {
            if self.fill_latency_ms == 0 {
                self.deliver_fill(&fill);
            } else {
                self.pending_fills
                    .push_back((fill.time_ms.saturating_add(self.fill_latency_ms), fill));
            }
        }
    }

    fn deliver_fill(&mut self, fill: &Fill) {
        self.account.filled(fill.side, fill.price, fill.quantity);
        if self.down_until_ms.is_none() {
            self.host.fill(fill);
            self.wait_for_responses();
        }
    }

    fn tick(&mut self, trade: &Trade) {
        // Reuse the last tick's memory, texts included, unless somebody else holds it.
        let tick = Arc::make_mut(&mut self.tick);
        match trade.symbol.as_deref() {
            Some(text) if *text != *self.code => tick.symbol = Symbol::parse(text).code().into(),
            _ if tick.symbol == self.code => {}
            _ => tick.symbol = Arc::clone(&self.code),
        }
        quick_decimal::write(trade.price, &mut tick.price.value);
        quick_decimal::write(trade.quantity, &mut tick.size.value);
        tick.side = match trade.side {
            PluginSide::Buy => Side::Buy,
            PluginSide::Sell => Side::Sell,
        };
        tick.timestamp_ms = trade.time_ms;
        self.host.tick(&self.tick);
        self.wait_for_responses();
    }

    /// Lets the host wait for the response to each order that it has just sent.
    fn wait_for_responses(&mut self) {
        self.busy_until_ms = self.busy_until_ms.max(self.host.exchange.free_ms());
    }

    /// A candle: updates the risk context.
    fn refresh(&mut self) {
        let context = self.account.context(self.last_price);
        self.host.renew_context(&self.symbol, context);
    }
}

fn empty_tick() -> Tick {
    let value = || DecimalValue { value: String::new() };
    Tick { symbol: "".into(), price: value(), size: value(), side: Side::Buy, timestamp_ms: 0 }
}

/// Whether a trade is of a symbol.
fn is_of(symbol: &Symbol, trade: &Trade) -> bool {
    trade.symbol.as_deref().is_none_or(|text| symbol.is_meant_by(text))
}

/// The code whose orders a trade can fill, in a session of a symbol. The same code at another venue fills nothing here.
fn code_of<'a>(symbol: &'a Symbol, trade: &Trade) -> Option<Cow<'a, str>> {
    if is_of(symbol, trade) {
        return Some(Cow::Borrowed(symbol.code()));
    }
    let foreign = Symbol::parse(trade.symbol.as_deref()?);
    (foreign.code() != symbol.code()).then(|| foreign.code().to_owned().into())
}

impl Session<RunSummary> {
    /// The restart of `--restart-after`. After the end of the run it is an error in the summary.
    pub(crate) fn restart_on_request(&mut self) {
        if self.is_running() {
            self.host.observer.restarts += 1;
            self.restart();
        } else {
            self.host.observer.errors.add(NEVER_RESTARTED.into());
        }
    }

    /// Ends the session: orders in transit arrive and their fills are delivered, without more trades or timers. Orders that the
    /// plugin sends during this stay open.
    pub(crate) fn settle(&mut self) {
        let sent_ms = self.host.exchange.free_ms();
        loop {
            let due_ms = self.pending_fills.front().map_or(i64::MAX, |(due_ms, _)| *due_ms);
            let arrival_ms = self.host.exchange.next_arrival_ms();
            if due_ms < i64::MAX && due_ms <= arrival_ms {
                self.deliver_next_fill(due_ms);
            } else if arrival_ms <= sent_ms {
                self.arrive(arrival_ms);
            } else {
                break;
            }
        }
    }

    /// The current market, against which the end of the run is measured.
    pub(crate) fn market_now(&self, side: PluginSide) -> Option<Closing> {
        let (exchange, code) = (&self.host.exchange, &self.code);
        Some(Closing { crossing: exchange.quote(code, side)?, spread: exchange.spread(code)? })
    }

    /// Returns the summary.
    pub(crate) fn finish(self, never_restarted: bool) -> RunSummary {
        let Host { mut observer, exchange, .. } = self.host;
        if never_restarted {
            observer.errors.add(NEVER_RESTARTED.into());
        }
        observer.take_records(exchange);
        observer
    }
}

/// An error, since such a run did not test a restart.
const NEVER_RESTARTED: &str = "the run ended before `--restart-after` was reached";

#[cfg(test)]
mod tactics;
#[cfg(test)]
mod tests;
