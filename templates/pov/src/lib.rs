//! Works a signal as a share of the volume that the market trades.
//!
//! This file wires the host's callbacks to the algorithm. What is due is in `volume.rs`, when in
//! `clock.rs`, what was sent and filled in `ticket.rs`, the parameters in `params.rs`.

mod clip;
mod clock;
mod orders;
mod params;
mod sending;
mod settle;
mod state;
mod steps;
#[cfg(test)]
mod tests;
mod ticket;
mod volume;

use serde::{Deserialize, Serialize};
use tesser_wasm::{
    ExecutionPlugin, PluginError, PluginFill, PluginInitContext, PluginOrderRequest, PluginResult,
    PluginTick, export_plugin, persist,
};

use clock::Clock;
use params::Params;
use ticket::Ticket;
use volume::Volume;

#[derive(Default)]
pub struct Pov {
    params: Params,
    saved: Saved,
}

/// All that a restart needs; nothing else may decide about orders.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    clock: Clock,
    volume: Volume,
    ticket: Ticket,
}

impl Saved {
    fn check(&self, current: &Self) -> Result<(), String> {
        self.clock.check()?;
        self.volume.check()?;
        self.ticket.check(&current.ticket)
    }
}

impl ExecutionPlugin for Pov {
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
        if self.saved.ticket.take_tick(&tick) {
            self.saved.volume.trade(tick.size);
        }
        Ok(PluginResult::new())
    }

    /// The algorithm: place what is due, once per interval.
    /// It never answers an error, since that would cancel the algorithm and leave its orders open.
    fn on_timer(&mut self) -> Result<PluginResult, PluginError> {
        let saved = &mut self.saved;
        if saved.ticket.take_timer(&self.params.sending) {
            return Ok(PluginResult::new().completed());
        }
        saved.volume.timer(&self.params.pace, saved.ticket.target());
        let Some(interval) = saved.clock.tick(self.params.interval_secs) else {
            return Ok(PluginResult::new());
        };
        let Some(order) = self.order() else {
            return Ok(PluginResult::new());
        };
        self.saved.clock.mark_ordered(interval);
        Ok(order.into())
    }

    fn on_fill(&mut self, fill: PluginFill) -> Result<PluginResult, PluginError> {
        Ok(self.saved.ticket.take_fill(&fill, &self.params.sending))
    }

    // After a restart the saved state replaces the one of `init`, if it is of the same work. An error
    // stops the plugin. That is right: on a wrong state it would place twice.
    persist!(saved, check = Saved::check);
}

impl Pov {
    /// What is due and not placed yet.
    fn order(&mut self) -> Option<PluginOrderRequest> {
        let Params {
            pace,
            most,
            sending,
            ..
        } = &self.params;
        let ticket = &mut self.saved.ticket;
        let due = self.saved.volume.due(pace, ticket.target());
        ticket.order(sending, due, *most, ticket.price())
    }
}

export_plugin!(Pov);
