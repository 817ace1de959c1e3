//! Works a signal with one limit order at a time, so that the book shows a small part of it.
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

use rust_decimal::Decimal;
use tesser_wasm::{
    ExecutionPlugin, PluginError, PluginFill, PluginInitContext, PluginOrderRequest, PluginResult,
    PluginTick, export_plugin, persist,
};

use params::Params;
use ticket::Ticket;

#[derive(Default)]
pub struct Iceberg {
    params: Params,
    /// All that a restart needs; nothing else may decide about orders.
    ticket: Ticket,
}

impl ExecutionPlugin for Iceberg {
    /// Places nothing: after a restart `init` runs again and the host throws its orders away.
    fn init(&mut self, ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        let params = Params::from_context(&ctx)?;
        let ticket = Ticket::new(ctx, &params.sending)?;
        *self = Self { params, ticket };
        Ok(PluginResult::new())
    }

    /// Runs for each trade of every symbol, so it does next to nothing.
    fn on_tick(&mut self, tick: PluginTick) -> Result<PluginResult, PluginError> {
        self.ticket.take_tick(&tick);
        Ok(PluginResult::new())
    }

    /// Places the first clip, and any later one that had no price when it was its turn.
    /// It never answers an error, since that would cancel the algorithm and leave its orders open.
    fn on_timer(&mut self) -> Result<PluginResult, PluginError> {
        if self.ticket.take_timer(&self.params.sending) {
            return Ok(PluginResult::new().completed());
        }
        Ok(self
            .next_order()
            .map_or_else(PluginResult::new, PluginResult::from))
    }

    /// Places the next clip as soon as the one before is filled.
    fn on_fill(&mut self, fill: PluginFill) -> Result<PluginResult, PluginError> {
        let result = self.ticket.take_fill(&fill, &self.params.sending);
        if result.completed {
            return Ok(result);
        }
        Ok(match self.next_order() {
            Some(order) => result.place(order),
            None => result,
        })
    }

    // After a restart the saved state replaces the one of `init`, if it is of the same work. An error
    // stops the plugin. That is right: on a wrong state it would place twice.
    persist!(ticket, check = Ticket::check);
}

impl Iceberg {
    /// The next clip, counted; `None` while one is open or there is no price.
    fn next_order(&mut self) -> Option<PluginOrderRequest> {
        let (params, ticket) = (&self.params, &mut self.ticket);
        if !ticket.state.work.orders.open.is_empty() {
            return None;
        }
        let (target, price) = (ticket.target(), price(params, ticket));
        let order = ticket.order(&params.sending, target, params.clip_size, price)?;
        Some(match params.display_quantity {
            // An exchange refuses to show as much as there is.
            Some(shown) if shown < order.quantity => order.with_display_quantity(shown),
            _ => order,
        })
    }
}

/// The limit price; with an offset, or without a limit price, a price that follows the market within the
/// limit.
fn price(params: &Params, ticket: &Ticket) -> Option<Decimal> {
    match params.sending.limit_price {
        Some(limit) if !params.follows_market => Some(limit),
        _ => ticket.price(),
    }
}

export_plugin!(Iceberg);
