//! The host around the plugins: what one live session of Tesser does with signals, timers, fills and orders.
//!
//! In: events, one after the other, on a clock that the caller advances. Out: steps, for an [`Observer`]; the orders go to the
//! [`Exchange`]. It reproduces the real host's order of calls, checks, messages and error handling, and is tested against
//! recordings of it. The caller decides when an event happens (`session.rs`, a script, a recording).

mod orders;
mod restart;
mod stale_orders;

use std::collections::HashMap;
use std::sync::Arc;

use rust_decimal::Decimal;
use tesser_wasm::PluginFill;

use self::orders::Stop;
use self::stale_orders::Pending;
use super::algorithm::{Algorithm, CallError};
use super::answer::Action;
use super::exchange::Exchange;
use super::guest::{Argument, Export, PluginsFolder};
use super::order::OrderStatus;
use super::order_records::Fill;
use super::risk::{RiskContext, RiskLimits};
use super::router::Router;
use super::signal::{Signal, plugin_context};
use super::step::{AlgorithmId, Fault, Line, Observer, Status, Step};
use super::store::Store;
use super::symbol::Symbol;
use crate::engine::Tick;

/// Settings of a session.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Its exchanges; with two or more, orders go through the host's router.
    pub(crate) venues: Vec<String>,
    /// Its symbols: those with a risk context at the start and after a restart.
    pub(crate) contexts: HashMap<Symbol, RiskContext>,
    /// The same, in the order in which open orders are queried.
    pub(crate) symbols: Vec<Symbol>,
    pub(crate) limits: RiskLimits,
    /// Quantity of signals without one.
    pub(crate) default_quantity: Decimal,
    /// Time without a fill after which an order is cancelled.
    pub(crate) stale_after_ms: i64,
    /// Whether the state is also stored after ticks and timers without orders.
    pub(crate) stores_idle_calls: bool,
}

/// The host, with its exchange.
pub(crate) struct Host<O> {
    settings: Settings,
    pub(crate) plugins: PluginsFolder,
    pub(crate) exchange: Exchange,
    pub(crate) observer: O,
    algorithms: Vec<Algorithm>,
    /// The algorithm of an order, by the host's order id.
    mapping: HashMap<String, AlgorithmId>,
    /// Orders without a fill so far, in the order in which they were sent.
    pending: Vec<Pending>,
    contexts: HashMap<Symbol, RiskContext>,
    store: Store,
    router: Option<Router>,
    /// Current time, set by the caller.
    pub(crate) now_ms: i64,
    signals: usize,
    instances: usize,
    is_down: bool,
}

impl<O: Observer> Host<O> {
    pub(crate) fn new(settings: Settings, exchange: Exchange, observer: O) -> Self {
        let router = (settings.venues.len() > 1).then(|| Router::new(&settings.venues));
        Self {
            plugins: PluginsFolder::default(),
            exchange,
            observer,
            algorithms: Vec::new(),
            mapping: HashMap::new(),
            pending: Vec::new(),
            contexts: settings.contexts.clone(),
            store: Store::default(),
            router,
            now_ms: 0,
            signals: 0,
            instances: 0,
            is_down: false,
            settings,
        }
    }

    /// Makes the quantity limit refuse every order from now on.
    pub(crate) fn forbid_orders(&mut self) {
        self.settings.limits.max_order_quantity = Decimal::new(1, Decimal::MAX_SCALE);
    }

    /// Sets whether states are no longer written, as if the host crashed before it writes them.
    pub(crate) fn store_fails(&mut self, fails: bool) {
        self.store.is_read_only = fails;
    }

    /// Whether an algorithm may still get calls.
    pub(crate) fn has_algorithms(&self) -> bool {
        !self.algorithms.is_empty()
    }

    /// Whether the host has stopped or hangs.
    pub(crate) fn is_down(&self) -> bool {
        self.is_down
    }

    /// The algorithms with their status.
    pub(crate) fn statuses(&self) -> impl Iterator<Item = (AlgorithmId, Status)> {
        self.algorithms.iter().map(|algorithm| (algorithm.id, algorithm.status))
    }

    /// A candle: replaces the risk context of a symbol.
    pub(crate) fn set_context(&mut self, symbol: Symbol, context: RiskContext) {
        self.contexts.insert(symbol, context);
    }

    /// The same for a symbol of the session, which keeps it after a restart.
    pub(crate) fn renew_context(&mut self, symbol: &Symbol, context: RiskContext) {
        self.settings.contexts.insert(symbol.clone(), context.clone());
        self.contexts.insert(symbol.clone(), context);
    }

    /// A strategy emits a signal; `context` is the risk context of its symbol.
    pub(crate) fn signal(&mut self, signal: &Signal, context: &RiskContext) {
        if self.down() {
            return;
        }
        self.contexts.insert(signal.symbol.clone(), context.clone());
        let quantity = signal.quantity.unwrap_or(self.settings.default_quantity);
        if quantity <= Decimal::ZERO {
            let (plugin, symbol) = (signal.plugin.as_str(), &signal.symbol);
            return self.line(Line::ZeroQuantity { plugin, symbol });
        }
        let instance = match self.plugins.instantiate(&signal.plugin) {
            Ok(instance) => instance,
            Err((_, error)) => {
                let error = format!("failed to instantiate plugin {}: {error}", signal.plugin);
                return self.observer.step(&Step::Fails(Fault::Load(&error)));
            }
        };
        self.signals += 1;
        let id = self.signals;
        self.line(Line::Starting {
            algorithm: id,
            plugin: &signal.plugin,
            quantity,
            symbol: &signal.symbol,
        });
        let plugin_context = plugin_context(signal, quantity, context);
        let mut algorithm = Algorithm::new(id, instance, plugin_context);
        let started = algorithm.init(&mut self.instances, &mut self.observer);
        let actions = match started {
            Ok(actions) => actions,
            Err(error) if self.hangs(&error) => return,
            Err(error) => return self.observer.step(&Step::Fails(Fault::Init(&error))),
        };
        self.algorithms.push(algorithm);
        self.persist(id);
        for action in actions {
            match self.send(id, action, Some(context)) {
                Ok(()) => {}
                Err(Stop::Panic) => return,
                Err(Stop::NotSent(error)) => {
                    return self.observer.step(&Step::Fails(Fault::Order(&error)));
                }
            }
        }
    }

    /// A second has passed: all algorithms get their timer, and only then are orders sent.
    pub(crate) fn timer(&mut self) {
        if self.down() {
            return;
        }
        let mut over = Vec::new();
        let mut orders = Vec::new();
        for at in 0..self.algorithms.len() {
            let id = self.algorithms[at].id;
            if self.algorithms[at].status != Status::Working {
                over.push(id);
                continue;
            }
            match self.call(at, Export::OnTimer, Argument::None) {
                Ok(actions) if !actions.is_empty() => orders.push((id, actions)),
                Ok(_) if self.algorithms[at].status != Status::Working => over.push(id),
                Ok(idle) if self.settings.stores_idle_calls => orders.push((id, idle)),
                Ok(_) => {}
                Err(error) if self.hangs(&error) => return,
                Err(error) => {
                    self.call_failed(id, Export::OnTimer, &error);
                    self.algorithms[at].status = Status::Cancelled;
                    over.push(id);
                }
            }
        }
        for (id, actions) in orders {
            if self.send_all(id, actions, false).is_err() {
                return;
            }
            self.persist(id);
        }
        for id in over {
            self.clean_up(id);
        }
    }

    /// A trade reaches the algorithms. This does not happen in a live session of Tesser 0.9.
    pub(crate) fn tick(&mut self, tick: &Arc<Tick>) {
        if self.down() {
            return;
        }
        let mut at = 0;
        while at < self.algorithms.len() {
            let id = self.algorithms[at].id;
            if self.algorithms[at].status != Status::Working {
                at += 1;
                continue;
            }
            let mut actions = Vec::new();
            let mut is_over = false;
            match self.call(at, Export::OnTick, Argument::Tick(tick)) {
                Ok(wanted) => {
                    actions = wanted;
                    is_over = self.algorithms[at].status != Status::Working;
                }
                Err(error) if self.hangs(&error) => return,
                Err(error) => self.call_failed(id, Export::OnTick, &error),
            }
            let has_orders = !actions.is_empty();
            if self.send_all(id, actions, true).is_err() {
                return;
            }
            if has_orders || is_over || self.settings.stores_idle_calls {
                self.persist(id);
            }
            if is_over {
                self.clean_up(id);
            } else {
                at += 1;
            }
        }
    }

    /// The exchange reports a fill. It goes to the algorithm of the order, if there is one.
    pub(crate) fn fill(&mut self, fill: &Fill) {
        if self.down() {
            return;
        }
        let venue = fill.symbol.venue().unwrap_or_default();
        let order_id = match &self.router {
            None => fill.order_id.clone(),
            Some(router) => match router.internal(venue, &fill.order_id) {
                Some(id) => id.to_owned(),
                None => return,
            },
        };
        self.pending.retain(|pending| pending.order_id != order_id);
        let Some(&id) = self.mapping.get(&order_id) else { return };
        let Some(at) = self.position(id) else { return };
        let told = PluginFill {
            order_id,
            symbol: fill.symbol.code().to_owned(),
            side: fill.side,
            fill_price: fill.price,
            fill_quantity: fill.quantity,
            fee: fill.fee,
            fee_asset: fill.fee_asset.clone(),
            timestamp_ms: fill.time_ms,
        };
        let json = serde_json::to_string(&told).unwrap_or_default();
        match self.call(at, Export::OnFill, Argument::Text(&json)) {
            Ok(actions) => {
                if self.send_all(id, actions, false).is_err() {
                    return;
                }
            }
            Err(error) if self.hangs(&error) => return,
            Err(error) => {
                self.call_failed(id, Export::OnFill, &error);
                self.algorithms[at].status = Status::Cancelled;
            }
        }
        self.persist(id);
        if self.position(id).is_some_and(|at| self.algorithms[at].status != Status::Working) {
            self.clean_up(id);
        }
    }

    /// The private stream reconnects: the connector reports all executions since the last connect again.
    pub(crate) fn reconnect(&mut self) {
        for fill in self.exchange.reconnect() {
            self.fill(&fill);
        }
    }

    /// The exchange reports the status of an order.
    pub(crate) fn order_update(&mut self, order_id: &str, status: OrderStatus) {
        if !status.is_working() {
            let internal = self.internal_id(order_id);
            self.pending.retain(|pending| pending.order_id != internal);
        }
    }

    /// All algorithms are cancelled, without a call; their orders stay open.
    pub(crate) fn cancel_all(&mut self) {
        if self.down() {
            return;
        }
        let all: Vec<_> = self.algorithms.iter().map(|algorithm| algorithm.id).collect();
        for id in all {
            if let Some(at) = self.position(id) {
                self.algorithms[at].status = Status::Cancelled;
            }
            self.persist(id);
            self.clean_up(id);
        }
    }

    /// Whether the host is down; if so, logs it.
    fn down(&mut self) -> bool {
        if self.is_down {
            self.line(Line::Down);
        }
        self.is_down
    }

    fn line(&mut self, line: Line<'_>) {
        self.observer.step(&Step::Line(line));
    }

    fn position(&self, id: AlgorithmId) -> Option<usize> {
        self.algorithms.iter().position(|algorithm| algorithm.id == id)
    }

    fn call(
        &mut self,
        at: usize,
        export: Export,
        argument: Argument<'_>,
    ) -> Result<Vec<Action>, CallError> {
        let algorithm = &mut self.algorithms[at];
        algorithm.callback(export, argument, &mut self.instances, &mut self.observer)
    }

    fn call_failed(&mut self, algorithm: AlgorithmId, export: Export, error: &CallError) {
        self.line(Line::CallFailed { algorithm, export, error });
    }

    /// A call that does not return stops the host, which has no limit for calls.
    fn hangs(&mut self, error: &CallError) -> bool {
        let Some((export, lost)) = error.endless() else { return false };
        self.is_down = true;
        self.observer.step(&Step::HostHangs { export, lost });
        true
    }

    fn internal_id(&self, external: &str) -> String {
        let venue = self.exchange.order(external).and_then(|order| order.request.symbol.venue());
        let router = self.router.as_ref();
        let internal =
            router.and_then(|router| router.internal(venue.unwrap_or_default(), external));
        internal.unwrap_or(external).to_owned()
    }

    fn external_id(&self, internal: &str) -> String {
        let router = self.router.as_ref();
        let external = router.and_then(|router| router.external(internal)).map(|(_, id)| id);
        external.unwrap_or(internal).to_owned()
    }

    fn persist(&mut self, id: AlgorithmId) {
        let Some(at) = self.position(id) else { return };
        let algorithm = &self.algorithms[at];
        self.store.save(algorithm);
        self.observer.step(&Step::Persist {
            algorithm: id,
            status: algorithm.status,
            next_client_seq: algorithm.next_client_seq,
            state: &algorithm.state,
        });
    }

    /// Removes an algorithm that has ended: its orders stay open without an owner, and are not monitored.
    fn clean_up(&mut self, id: AlgorithmId) {
        let Some(at) = self.position(id) else { return };
        let algorithm = self.algorithms.remove(at);
        let mapping = &mut self.mapping;
        self.pending.retain(|pending| mapping.get(&pending.order_id) != Some(&id));
        mapping.retain(|_, owner| *owner != id);
        self.store.delete(id);
        self.observer.step(&Step::Delete { algorithm: id });
        self.line(Line::CleanedUp { algorithm: id, status: algorithm.status });
    }
}
