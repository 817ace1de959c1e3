//! Sends orders and amendments of an answer to the exchange: symbol, limits, router.

use super::Host;
use crate::simulator::answer::Action;
use crate::simulator::order::{AmendRequest, OrderRequest};
use crate::simulator::risk::{Refusal, RiskContext};
use crate::simulator::step::{AlgorithmId, Line, NotSent, Observer, Step};

/// Why sending stops.
pub(super) enum Stop {
    NotSent(NotSent),
    /// The host panicked.
    Panic,
}

impl From<NotSent> for Stop {
    fn from(error: NotSent) -> Self {
        Self::NotSent(error)
    }
}

impl<O: Observer> Host<O> {
    /// Sends the orders of an answer; those that cannot be sent are logged, without notifying the plugin.
    pub(super) fn send_all(
        &mut self,
        id: AlgorithmId,
        actions: Vec<Action>,
        from_tick: bool,
    ) -> Result<(), ()> {
        for action in actions {
            match self.send(id, action, None) {
                Ok(()) => {}
                Err(Stop::Panic) => return Err(()),
                Err(Stop::NotSent(error)) => {
                    self.line(Line::NotSent { algorithm: id, from_tick, error: &error });
                }
            }
        }
        Ok(())
    }

    pub(super) fn send(
        &mut self,
        id: AlgorithmId,
        action: Action,
        context: Option<&RiskContext>,
    ) -> Result<(), Stop> {
        match action {
            Action::Place(request) => self.place(id, request, context),
            Action::Amend(request) => self.amend(id, request),
        }
    }

    /// Places an order, which needs a risk context under exactly its symbol. A context that an order of `init` creates stays,
    /// but is not refreshed.
    fn place(
        &mut self,
        id: AlgorithmId,
        mut request: OrderRequest,
        context: Option<&RiskContext>,
    ) -> Result<(), Stop> {
        let symbol = request.symbol.clone();
        let Some(context) = context.or_else(|| self.contexts.get(&symbol)).cloned() else {
            return Err(NotSent::NoContext(symbol).into());
        };
        self.contexts.insert(symbol.clone(), context.clone());
        match self.settings.limits.check(&request, &context) {
            Ok(()) => {}
            Err(Refusal::Limit(words)) => {
                return Err(NotSent::Refused(format!("invalid request: {words}")).into());
            }
            Err(Refusal::Panic(words)) => {
                self.is_down = true;
                self.algorithms.clear();
                self.observer.step(&Step::HostPanics { words });
                return Err(Stop::Panic);
            }
        }
        let venue = match &mut self.router {
            None => None,
            Some(router) => {
                let route = router
                    .route(&symbol)
                    .map_err(|words| NotSent::Refused(format!("invalid request: {words}")))?;
                request.client_order_id = Some(route.client_id);
                Some(route.venue)
            }
        };
        let placed = self.exchange.place(request.clone(), self.now_ms);
        self.observer.step(&Step::Place {
            request: &request,
            venue: venue.as_deref(),
            outcome: placed.as_deref().map_err(|words| *words),
        });
        let external = placed.map_err(|words| NotSent::ByModel(self.exchange.error(words)))?;
        let order_id = match (&mut self.router, venue) {
            (Some(router), Some(venue)) => router.record(&venue, &external),
            _ => external,
        };
        self.mapping.insert(order_id.clone(), id);
        self.watch(&order_id, &symbol);
        Ok(())
    }

    /// Sends an amendment. No limits apply, and the stale-order monitor watches the order again.
    fn amend(&mut self, id: AlgorithmId, mut request: AmendRequest) -> Result<(), Stop> {
        let order_id = request.order_id.clone();
        let mut venue = None;
        if let Some(router) = &self.router {
            let (name, external) = router.external(&order_id).ok_or_else(|| {
                NotSent::Refused(format!("invalid request: unknown order id {order_id}"))
            })?;
            request.order_id = external.to_owned();
            venue = Some(name.to_owned());
            if let Some(order) = self.exchange.order(&request.order_id) {
                request.symbol = order.request.symbol.clone();
            }
        }
        let amended = self.exchange.amend(&request, self.now_ms);
        self.observer.step(&Step::Amend {
            request: &request,
            venue: venue.as_deref(),
            refused: amended.as_ref().err().map(String::as_str),
        });
        amended.map_err(NotSent::Refused)?;
        let symbol = match self.exchange.order(&request.order_id) {
            Some(order) => order.request.symbol.clone(),
            None => request.symbol,
        };
        self.watch(&order_id, &symbol);
        self.mapping.entry(order_id).or_insert(id);
        Ok(())
    }
}
