//! Works a signal with limit orders that are pegged to the market.
//!
//! This file wires the host's callbacks to the algorithm. What orders are pegged to is in `peg.rs`,
//! what was sent and filled in `ticket.rs`, the parameters in `params.rs`.

mod clip;
mod orders;
mod params;
mod peg;
mod sending;
mod settle;
mod state;
mod steps;
#[cfg(test)]
mod tests;
mod ticket;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tesser_wasm::{
    ExecutionPlugin, PluginError, PluginFill, PluginInitContext, PluginOrderRequest,
    PluginOrderUpdateRequest, PluginResult, PluginTick, export_plugin, persist,
};

use orders::Order;
use params::Params;
use peg::{Takers, is_left_behind, requote};
use sending::OrderType;
use ticket::Ticket;

#[derive(Default)]
pub struct Pegged {
    params: Params,
    saved: Saved,
}

/// All that a restart needs; nothing else may decide about orders.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    takers: Takers,
    ticket: Ticket,
}

impl Saved {
    fn check(&self, current: &Self) -> Result<(), String> {
        self.takers.check()?;
        self.ticket.check(&current.ticket)
    }
}

impl ExecutionPlugin for Pegged {
    /// Places nothing: after a restart `init` runs again and the host throws its orders away.
    fn init(&mut self, ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        let params = Params::from_context(&ctx)?;
        let saved = Saved {
            ticket: Ticket::new(ctx, &params.sending)?,
            ..Saved::default()
        };
        *self = Self { params, saved };
        Ok(PluginResult::new())
    }

    /// Runs for each trade of every symbol, so it does next to nothing.
    fn on_tick(&mut self, tick: PluginTick) -> Result<PluginResult, PluginError> {
        let Saved { takers, ticket } = &mut self.saved;
        if let (true, Some(price)) = (ticket.take_tick(&tick), ticket.price()) {
            takers.take(tick.side, price);
        }
        Ok(PluginResult::new())
    }

    /// The algorithm: first let the open orders follow the pegged price, then place the next one if none
    /// is near it.
    /// It never answers an error, since that would cancel the algorithm and leave its orders open.
    fn on_timer(&mut self) -> Result<PluginResult, PluginError> {
        if self.saved.ticket.take_timer(&self.params.sending) {
            return Ok(PluginResult::new().completed());
        }
        let Some(market) = self.market() else {
            return Ok(PluginResult::new());
        };
        let mut result = PluginResult::new();
        for amendment in self.amendments(market) {
            result = result.amend(amendment);
        }
        if let Some(order) = self.order(market) {
            result = result.place(order);
        }
        Ok(result)
    }

    fn on_fill(&mut self, fill: PluginFill) -> Result<PluginResult, PluginError> {
        Ok(self.saved.ticket.take_fill(&fill, &self.params.sending))
    }

    // After a restart the saved state replaces the one of `init`, if it is of the same work. An error
    // stops the plugin. That is right: on a wrong state it would place twice.
    persist!(saved, check = Saved::check);
}

impl Pegged {
    /// The price of the reference; the last price while that is not known.
    fn market(&self) -> Option<Decimal> {
        let Saved { takers, ticket } = &self.saved;
        let last = ticket.price()?;
        Some(
            takers
                .price(self.params.reference, ticket.side())
                .unwrap_or(last),
        )
    }

    /// Changes prices alone. A quantity sent now would be wrong if a fill is on its way.
    fn amendments(&mut self, market: Decimal) -> Vec<PluginOrderUpdateRequest> {
        let (params, ticket) = (&self.params, &mut self.saved.ticket);
        let side = ticket.side();
        let may_amend = params.amend && params.sending.order_type == OrderType::Limit;
        let price = params.sending.limit(side, Some(market));
        let (true, Some(price)) = (may_amend, price) else {
            return Vec::new();
        };
        let work = &mut *ticket.state.work;
        requote(&mut work.orders.open, price, params.requote_bps)
            .into_iter()
            .map(|id| PluginOrderUpdateRequest::price(id, &work.symbol, side, price))
            .collect()
    }

    /// The next order, unless one is near the pegged price already.
    fn order(&mut self, market: Decimal) -> Option<PluginOrderRequest> {
        let (params, ticket) = (&self.params, &mut self.saved.ticket);
        let price = params.sending.limit(ticket.side(), Some(market))?;
        let open = &ticket.state.work.orders.open;
        let near = |order: &Order| !is_left_behind(order, price, params.requote_bps);
        if open.len() >= params.max_open || open.iter().any(near) {
            return None;
        }
        let target = ticket.target();
        ticket.order(&params.sending, target, params.most, Some(market))
    }
}

export_plugin!(Pegged);
