//! A live session over a tape: when the host gets its timers, looks for stale orders and takes its risk contexts anew.
//!
//! In: trades in the order of their times, or events of a script. Out: events of the [`Host`]. Timers come each second in
//! the session's phase; those that are due while the host waits for the answers of an exchange come at once after it.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use rust_decimal::Decimal;
use tesser_wasm::{PluginSide, decimal};

use super::account::Account;
use super::exchange::{Exchange, ScriptedFill};
use super::exchange_model::ExchangeModel;
use super::host::{Host, Settings};
use super::order_book::BookUpdate;
use super::order_records::Fill;
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
    /// Its code, as ticks have it.
    code: Arc<str>,
    account: Account,
    /// The last trade of the symbol.
    last_price: Decimal,
    next_timer_ms: i64,
    next_poll_ms: i64,
    next_candle_ms: i64,
    reconnect_ms: Option<i64>,
    /// Until this time the host waits for answers of the exchange.
    busy_until_ms: i64,
    /// Until this time the host is down, and comes up then.
    down_until_ms: Option<i64>,
    fill_latency_ms: i64,
    /// Fills that the host will hear of, with the time when.
    untold: VecDeque<(i64, Fill)>,
    /// The last tick.
    tick: Option<Arc<Tick>>,
}

impl<O: Observer> Session<O> {
    /// A session that starts at a time, at a price.
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
            untold: VecDeque::new(),
            tick: None,
            world,
        }
    }

    /// The strategy emits a signal now.
    pub(crate) fn signal(&mut self, signal: &Signal) {
        let context = self.account.context(self.last_price);
        self.host.signal(signal, &context);
        self.wait_for_answers();
    }

    /// Whether trades reach `on-tick`.
    pub(crate) fn forwards_ticks(&self) -> bool {
        self.world.ticks
    }

    /// Whether anything can still happen that concerns an algorithm or its orders.
    pub(crate) fn is_over(&self) -> bool {
        !self.is_running() && self.host.exchange.is_idle() && self.untold.is_empty()
    }

    /// Whether an algorithm is at work, or will be after a restart.
    pub(crate) fn is_running(&self) -> bool {
        self.down_until_ms.is_some() || (self.host.has_algorithms() && !self.host.is_down())
    }

    /// A trade on the market: what is due before it, the fills that it brings, and a tick if ticks are forwarded.
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

    /// The order book changes: what is due before it, and the fills that it brings. Returns whether it is of this session's
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

    /// Reads a trade that is still to come, for what it tells of spread and depth.
    pub(crate) fn foresee(&mut self, trade: &Trade) {
        if let Some(code) = code_of(&self.symbol, trade) {
            self.host.exchange.foresee(&code, trade);
        }
    }

    /// Whether a trade is of the session's symbol; a tape may name it with its venue or without.
    pub(crate) fn is_own(&self, trade: &Trade) -> bool {
        is_of(&self.symbol, trade)
    }

    /// An event of a script: one thing that happens to the host, and nothing else.
    pub(crate) fn event(&mut self, event: &Event) {
        match event {
            Event::Trade(trade) => self.trade(trade),
            Event::Tick(trade) => {
                self.host.now_ms = self.host.now_ms.max(trade.time_ms);
                self.last_price = trade.price;
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

    /// A fill that a script says of an order. One of an order that is not there changes no account, and reaches nobody.
    fn scripted(&mut self, script: &ScriptedFill, is_told: bool) {
        let fill = self.host.exchange.fill(script);
        if self.host.exchange.order(&fill.order_id).is_some() {
            self.account.filled(fill.side, fill.price, fill.quantity);
        } else {
            let orders = self.host.exchange.orders().len();
            self.host.observer.step(&Step::UnknownFill { order_id: &fill.order_id, orders });
        }
        if is_told {
            self.host.fill(&fill);
        }
    }

    /// The host restarts now. While it is down nothing reaches it.
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
        // The new session has a phase of its own, and its stream connects.
        self.next_timer_ms = self.host.now_ms.saturating_add(self.world.timer_phase_ms);
        self.next_poll_ms = self.host.now_ms.saturating_add(self.world.rules.stale_poll_ms);
        if self.world.down_ms > 0 {
            self.host.reconnect();
        }
    }

    /// Runs what is due up to a time, in the order of time. What arrives at the exchange in that very millisecond does so
    /// after its trades.
    pub(crate) fn advance(&mut self, to_ms: i64) {
        loop {
            let told_ms = self.untold.front().map_or(i64::MAX, |(told_ms, _)| *told_ms);
            let arrival_ms = self.host.exchange.next_arrival_ms();
            let host_ms = self.next_of_host();
            if told_ms <= to_ms && told_ms <= host_ms && told_ms <= arrival_ms {
                self.tell_next(told_ms);
            } else if host_ms <= to_ms && host_ms <= arrival_ms {
                self.pass_to(host_ms);
                self.run_host(host_ms);
            } else if arrival_ms < to_ms {
                self.arrive(arrival_ms);
            } else {
                break;
            }
        }
        self.pass_to(to_ms);
    }

    /// The host hears of the next fill.
    fn tell_next(&mut self, told_ms: i64) {
        self.pass_to(told_ms);
        if let Some((_, fill)) = self.untold.pop_front() {
            self.tell(&fill);
        }
    }

    /// Something arrives at the exchange.
    fn arrive(&mut self, arrival_ms: i64) {
        self.pass_to(arrival_ms);
        let fills = self.host.exchange.arrive(arrival_ms);
        self.filled(fills);
    }

    fn pass_to(&mut self, to_ms: i64) {
        self.host.now_ms = self.host.now_ms.max(to_ms);
    }

    /// When the host does something by itself, if an algorithm runs.
    fn next_of_host(&self) -> i64 {
        if !self.is_running() {
            // The monitor of stale orders is the session's, and not the algorithm's.
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

    /// What the host does at the time that it named.
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
            self.wait_for_answers();
        }
    }

    /// Fills at the exchange, of which the host hears after a while.
    fn filled(&mut self, fills: Vec<Fill>) {
        for fill in fills {
            if self.fill_latency_ms == 0 {
                self.tell(&fill);
            } else {
                self.untold.push_back((fill.time_ms.saturating_add(self.fill_latency_ms), fill));
            }
        }
    }

    fn tell(&mut self, fill: &Fill) {
        self.account.filled(fill.side, fill.price, fill.quantity);
        if self.down_until_ms.is_none() {
            self.host.fill(fill);
            self.wait_for_answers();
        }
    }

    fn tick(&mut self, trade: &Trade) {
        let text = |value| DecimalValue { value: decimal::to_string(value) };
        let symbol = match trade.symbol.as_deref() {
            Some(text) if *text != *self.code => Symbol::parse(text).code().into(),
            _ => Arc::clone(&self.code),
        };
        let tick = Tick {
            symbol,
            price: text(trade.price),
            size: text(trade.quantity),
            side: match trade.side {
                PluginSide::Buy => Side::Buy,
                PluginSide::Sell => Side::Sell,
            },
            timestamp_ms: trade.time_ms,
        };
        // The last one's place, unless somebody has kept it.
        match self.tick.as_mut().and_then(Arc::get_mut) {
            Some(last) => *last = tick,
            None => self.tick = Some(Arc::new(tick)),
        }
        if let Some(tick) = &self.tick {
            self.host.tick(tick);
        }
        self.wait_for_answers();
    }

    /// The host waits for the answer to each order that it has just sent.
    fn wait_for_answers(&mut self) {
        self.busy_until_ms = self.busy_until_ms.max(self.host.exchange.free_ms());
    }

    /// A candle: the risk context is taken anew.
    fn refresh(&mut self) {
        let context = self.account.context(self.last_price);
        self.host.renew_context(&self.symbol, context);
    }
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
    /// A restart that the user asked for. After the end of the run nothing restarts, and the summary says so.
    pub(crate) fn restarts(&mut self) {
        if self.is_running() {
            self.host.observer.restarts += 1;
            self.restart();
        } else {
            self.host.observer.errors.add(NEVER_RESTARTED.into());
        }
    }

    /// Lets arrive what was sent by now, and be told what it fills, when no more trades come and the host does nothing more by
    /// itself. What the plugin sends then stays open.
    pub(crate) fn settle(&mut self) {
        let sent_ms = self.host.exchange.free_ms();
        loop {
            let told_ms = self.untold.front().map_or(i64::MAX, |(told_ms, _)| *told_ms);
            let arrival_ms = self.host.exchange.next_arrival_ms();
            if told_ms < i64::MAX && told_ms <= arrival_ms {
                self.tell_next(told_ms);
            } else if arrival_ms <= sent_ms {
                self.arrive(arrival_ms);
            } else {
                break;
            }
        }
    }

    /// Takes note of the market of now, which is what the end of the run is measured at.
    pub(crate) fn market_now(&self, side: PluginSide) -> Option<Closing> {
        let (exchange, code) = (&self.host.exchange, &self.code);
        Some(Closing { crossing: exchange.quote(code, side)?, spread: exchange.spread(code)? })
    }

    /// The summary, once all is over.
    pub(crate) fn finish(self, never_restarted: bool) -> RunSummary {
        let Host { mut observer, exchange, .. } = self.host;
        if never_restarted {
            observer.errors.add(NEVER_RESTARTED.into());
        }
        observer.take_records(exchange);
        observer
    }
}

/// Nothing was shown by such a run.
const NEVER_RESTARTED: &str = "the run ended before `--restart-after` was reached";

#[cfg(test)]
mod tactics;
#[cfg(test)]
mod tests;
