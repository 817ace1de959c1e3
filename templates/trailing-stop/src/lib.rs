//! Follows the best price, and works the signal once the market has turned back from it.
//!
//! This file wires the host's callbacks to the algorithm. When it fires is in `trail.rs`, what was sent and
//! filled in `ticket.rs`, the parameters in `params.rs`.

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
mod trail;

use serde::{Deserialize, Serialize};
use tesser_wasm::{
    ExecutionPlugin, PluginError, PluginFill, PluginInitContext, PluginResult, PluginTick,
    export_plugin, persist,
};

use params::Params;
use ticket::Ticket;
use trail::Trail;

#[derive(Default)]
pub struct TrailingStop {
    params: Params,
    saved: Saved,
}

/// All that a restart needs; nothing else may decide about orders.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    trail: Trail,
    ticket: Ticket,
}

impl Saved {
    fn check(&self, current: &Self) -> Result<(), String> {
        self.trail.check()?;
        self.ticket.check(&current.ticket)
    }
}

impl ExecutionPlugin for TrailingStop {
    /// Places nothing: after a restart `init` runs again and the host throws its orders away.
    fn init(&mut self, ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        let params = Params::from_context(&ctx)?;
        let ticket = Ticket::new(ctx, &params.sending)?;
        let mut trail = Trail::default();
        if let Some(price) = ticket.price() {
            trail.begin(&params.rule, ticket.side(), price);
        }
        let saved = Saved { trail, ticket };
        *self = Self { params, saved };
        Ok(PluginResult::new())
    }

    /// Runs for each trade of every symbol, so it does next to nothing. The tick that fires places the first
    /// order, the next ones come with timers.
    fn on_tick(&mut self, tick: PluginTick) -> Result<PluginResult, PluginError> {
        let Saved { trail, ticket } = &mut self.saved;
        let (true, Some(price)) = (ticket.take_tick(&tick), ticket.price()) else {
            return Ok(PluginResult::new());
        };
        if trail.has_fired() {
            return Ok(PluginResult::new());
        }
        trail.tick(&self.params.rule, ticket.side(), price);
        Ok(self.place())
    }

    /// It never answers an error, since that would cancel the algorithm and leave its orders open.
    fn on_timer(&mut self) -> Result<PluginResult, PluginError> {
        let Saved { trail, ticket } = &mut self.saved;
        if ticket.take_timer(&self.params.sending) {
            return Ok(PluginResult::new().completed());
        }
        trail.timer(&self.params.rule, ticket.side(), ticket.price());
        Ok(self.place())
    }

    fn on_fill(&mut self, fill: PluginFill) -> Result<PluginResult, PluginError> {
        Ok(self.saved.ticket.take_fill(&fill, &self.params.sending))
    }

    // After a restart the saved state replaces the one of `init`, if it is of the same work. An error
    // stops the plugin. That is right: on a wrong state it would place twice.
    persist!(saved, check = Saved::check);
}

impl TrailingStop {
    /// The next order, once the stop has fired.
    fn place(&mut self) -> PluginResult {
        let Saved { trail, ticket } = &mut self.saved;
        if !trail.has_fired() {
            return PluginResult::new();
        }
        let (target, market) = (ticket.target(), ticket.price());
        ticket
            .order(&self.params.sending, target, self.params.most, market)
            .map_or_else(PluginResult::new, PluginResult::from)
    }
}

export_plugin!(TrailingStop);
