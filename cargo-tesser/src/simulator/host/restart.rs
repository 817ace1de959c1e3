//! A restart of the host: states from the store, and the open orders that the exchange lists.

use super::Host;
use crate::simulator::algorithm::{Algorithm, algorithm_uuid};
use crate::simulator::router::Router;
use crate::simulator::step::{Fault, Line, Observer, Step};
use crate::simulator::store::Stored;
use crate::simulator::symbol::Symbol;

impl<O: Observer> Host<O> {
    /// Restarts the host with the same store. `lists_orders` is whether the exchange lists the open orders.
    pub(crate) fn restart(&mut self, lists_orders: bool) {
        self.algorithms.clear();
        self.mapping.clear();
        self.pending.clear();
        self.contexts = self.settings.contexts.clone();
        self.plugins.forget_loaded();
        self.router = self.router.is_some().then(|| Router::new(&self.settings.venues));
        self.is_down = false;
        match self.store.load() {
            Ok(states) => {
                for stored in states {
                    self.restore(stored);
                    if self.is_down {
                        return;
                    }
                }
            }
            Err(error) => {
                self.is_down = true;
                return self.observer.step(&Step::Fails(Fault::Store(&error)));
            }
        }
        if lists_orders {
            self.adopt();
        }
    }

    fn restore(&mut self, stored: Stored) {
        let id = stored.algorithm;
        let failed = |host: &mut Self, words: &str, detail: &str, frames: &[String]| {
            host.line(Line::NotRestored { algorithm: id, error: words, detail, frames });
            host.store.delete(id);
            host.observer.step(&Step::Delete { algorithm: id });
        };
        let instance = match self.plugins.instantiate(&stored.context.plugin) {
            Ok(instance) => instance,
            Err((words, error)) => return failed(self, &words, &error, &[]),
        };
        let mut algorithm = Algorithm::new(id, instance, stored.context);
        algorithm.state = stored.state;
        algorithm.status = stored.status;
        algorithm.next_client_seq = stored.next_client_seq;
        match algorithm.restore(&mut self.instances, &mut self.observer) {
            Ok(()) => {
                self.line(Line::Restored { algorithm: id });
                self.algorithms.push(algorithm);
            }
            Err(error) if self.hangs(&error) => {}
            Err(error) => failed(self, &error.host_words(), &error.detail(), error.frames()),
        }
    }

    /// Assigns open orders to their algorithms by the host's client ids. The router's ids do not identify an algorithm.
    fn adopt(&mut self) {
        let mut found = Vec::new();
        for symbol in &self.settings.symbols {
            let venue = self.router.is_some().then(|| symbol.venue()).flatten();
            for order in self.exchange.open_orders(symbol.code(), venue) {
                // A venue lists its orders with its own name in the symbol.
                let listed = symbol.venue().or(self.settings.venues.first().map(String::as_str));
                let symbol = match listed {
                    Some(venue) => Symbol::parse(&format!("{venue}:{}", symbol.code())),
                    None => symbol.clone(),
                };
                let client_id = order.request.client_order_id.clone();
                found.push((order.id(), symbol, order.state, client_id));
            }
        }
        if let Some(router) = &mut self.router {
            for (order_id, symbol, ..) in found {
                router.learn(symbol.venue().unwrap_or_default(), &order_id);
            }
            return;
        }
        let mut touched = Vec::new();
        for (order_id, symbol, status, client_id) in found {
            let owner = |algorithm: &&Algorithm| {
                let uuid = algorithm_uuid(algorithm.id).replace('-', "");
                let rest = client_id.as_deref().and_then(|id| id.strip_prefix("plugin-"));
                rest.and_then(|rest| rest.rsplit_once('-')).is_some_and(|(id, _)| id == uuid)
            };
            let Some(id) = self.algorithms.iter().find(owner).map(|algorithm| algorithm.id) else {
                continue;
            };
            self.mapping.insert(order_id.clone(), id);
            self.watch(&order_id, &symbol);
            self.line(Line::Adopted {
                algorithm: id,
                order_id: &order_id,
                status,
                symbol: &symbol,
            });
            if !touched.contains(&id) {
                touched.push(id);
            }
        }
        for id in touched {
            self.persist(id);
        }
    }
}
