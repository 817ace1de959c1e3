//! Works a signal in equal slices over a time.
//!
//! This file wires the host's callbacks to the algorithm. What is due is in `schedule.rs`, when in
//! `clock.rs`, what was sent and filled in `ticket.rs`, the parameters in `params.rs`.

mod clock;
mod orders;
mod params;
mod schedule;
mod sending;
mod settle;
mod state;
mod steps;
#[cfg(test)]
mod tests;
mod ticket;

use serde::{Deserialize, Serialize};
use tesser_wasm::{
    ExecutionPlugin, PluginError, PluginFill, PluginInitContext, PluginOrderRequest, PluginResult,
    PluginTick, export_plugin, persist,
};

use clock::Clock;
use params::Params;
use ticket::Ticket;

#[derive(Default)]
pub struct Twap {
    params: Params,
    saved: Saved,
}

/// All that a restart needs; nothing else may decide about orders.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    clock: Clock,
    ticket: Ticket,
}

impl Saved {
    fn check(&self, current: &Self) -> Result<(), String> {
        self.clock.check()?;
        self.ticket.check(&current.ticket)
    }
}

impl ExecutionPlugin for Twap {
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
        self.saved.ticket.take_tick(&tick);
        Ok(PluginResult::new())
    }

    /// The algorithm: place what is due, once per slice.
    /// It never answers an error, since that would cancel the algorithm and leave its orders open.
    fn on_timer(&mut self) -> Result<PluginResult, PluginError> {
        let saved = &mut self.saved;
        if saved.ticket.take_timer(&self.params.sending) {
            return Ok(PluginResult::new().completed());
        }
        let Some(slice) = saved.clock.tick(self.params.interval_secs) else {
            return Ok(PluginResult::new());
        };
        let Some(order) = self.order(slice) else {
            return Ok(PluginResult::new());
        };
        self.saved.clock.mark_ordered(slice);
        Ok(order.into())
    }

    fn on_fill(&mut self, fill: PluginFill) -> Result<PluginResult, PluginError> {
        Ok(self.saved.ticket.take_fill(&fill, &self.params.sending))
    }

    // After a restart the saved state replaces the one of `init`, if it is of the same work. An error
    // stops the plugin. That is right: on a wrong state it would place twice.
    persist!(saved, check = Saved::check);
}

impl Twap {
    /// What is due in this slice and not placed yet.
    fn order(&mut self, slice: u32) -> Option<PluginOrderRequest> {
        let ticket = &mut self.saved.ticket;
        let target = ticket.target();
        let due = self.params.plan.due(target, slice);
        let most = self.params.most(target);
        ticket.order(&self.params.sending, due, most, ticket.price())
    }
}

export_plugin!(Twap);
