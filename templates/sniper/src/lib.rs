//! Waits for a price, then takes what there is at it.
//!
//! This file wires the host's callbacks to the algorithm. What was sent and filled is in `ticket.rs`, how
//! orders are sent in `sending.rs`, the parameters in `params.rs`.

mod clip;
mod orders;
mod params;
mod sending;
mod settle;
mod state;
mod steps;
#[cfg(test)]
mod tests;
mod ticket;

use tesser_wasm::{
    ExecutionPlugin, PluginError, PluginFill, PluginInitContext, PluginOrderRequest, PluginResult,
    PluginSide, PluginTick, export_plugin, persist,
};

use params::Params;
use sending::OrderType;
use ticket::Ticket;

#[derive(Default)]
pub struct Sniper {
    params: Params,
    /// All that a restart needs; nothing else may decide about orders.
    ticket: Ticket,
}

impl ExecutionPlugin for Sniper {
    /// Places nothing: after a restart `init` runs again and the host throws its orders away.
    fn init(&mut self, ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        let params = Params::from_context(&ctx)?;
        let ticket = Ticket::new(ctx, &params.sending)?;
        *self = Self { params, ticket };
        Ok(PluginResult::new())
    }

    /// Runs for each trade of every symbol, so it does next to nothing unless the price is there.
    fn on_tick(&mut self, tick: PluginTick) -> Result<PluginResult, PluginError> {
        let ours = self.ticket.take_tick(&tick);
        // What was left of the order before is known at a timer.
        if ours && self.params.sending.order_type == OrderType::Ioc {
            return Ok(self.shoot());
        }
        Ok(PluginResult::new())
    }

    /// It never answers an error, since that would cancel the algorithm and leave its orders open.
    fn on_timer(&mut self) -> Result<PluginResult, PluginError> {
        if self.ticket.take_timer(&self.params.sending) {
            return Ok(PluginResult::new().completed());
        }
        Ok(self.shoot())
    }

    fn on_fill(&mut self, fill: PluginFill) -> Result<PluginResult, PluginError> {
        Ok(self.ticket.take_fill(&fill, &self.params.sending))
    }

    // After a restart the saved state replaces the one of `init`, if it is of the same work. An error
    // stops the plugin. That is right: on a wrong state it would place twice.
    persist!(ticket, check = Ticket::check);
}

impl Sniper {
    fn shoot(&mut self) -> PluginResult {
        self.order()
            .map_or_else(PluginResult::new, PluginResult::from)
    }

    /// One order at a time: an `ioc` order while the price is there, a limit order that waits for it in
    /// the book.
    fn order(&mut self) -> Option<PluginOrderRequest> {
        let (params, ticket) = (&self.params, &mut self.ticket);
        let waits = params.sending.order_type == OrderType::Limit;
        if !ticket.state.work.orders.open.is_empty() || !waits && !is_there(params, ticket) {
            return None;
        }
        let (target, price) = (ticket.target(), Some(params.trigger_price));
        ticket.order(&params.sending, target, params.most, price)
    }
}

/// Whether the last price is the one that is waited for, or better.
fn is_there(params: &Params, ticket: &Ticket) -> bool {
    ticket.price().is_some_and(|price| match ticket.side() {
        PluginSide::Buy => price <= params.trigger_price,
        PluginSide::Sell => price >= params.trigger_price,
    })
}

export_plugin!(Sniper);
