//! Works a signal with one limit order at a time, so that the book shows a small part of it.
//!
//! This file wires the host's callbacks to the algorithm. What was placed and filled is counted in
//! `orders.rs`, what an exchange takes is in `steps.rs`, what a restart needs in `state.rs`, the
//! parameters in `params.rs`.

mod orders;
mod params;
mod state;
mod steps;
#[cfg(test)]
mod tests;

use rust_decimal::Decimal;
use tesser_wasm::{
    ExecutionPlugin, PluginError, PluginFill, PluginInitContext, PluginOrderRequest, PluginResult,
    PluginTick, export_plugin, persist,
};

use params::Params;
use state::State;

#[derive(Default)]
pub struct Iceberg {
    params: Params,
    /// All that a restart needs; nothing else may decide about orders.
    state: State,
    /// Whether a fill that is not of our orders was logged. Once is enough.
    foreign_fill_logged: bool,
}

impl ExecutionPlugin for Iceberg {
    /// Places nothing: after a restart `init` runs again and the host throws its orders away.
    fn init(&mut self, mut ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        let params = Params::from_context(&ctx)?;
        ctx.signal.target_quantity = params.steps.target(ctx.signal.target_quantity)?;
        *self = Self {
            params,
            state: State::new(ctx)?,
            foreign_fill_logged: false,
        };
        Ok(PluginResult::new())
    }

    /// Runs for each trade of every symbol, so it does next to nothing.
    fn on_tick(&mut self, tick: PluginTick) -> Result<PluginResult, PluginError> {
        if tick.symbol == self.state.work.symbol {
            self.state.last_price = tick.price;
        }
        Ok(PluginResult::new())
    }

    /// Places the first clip, and any later one that had no price when it was its turn.
    /// It never answers an error, since that would cancel the algorithm and leave its orders open.
    fn on_timer(&mut self) -> Result<PluginResult, PluginError> {
        if self.is_done() {
            return Ok(PluginResult::new().completed());
        }
        Ok(self.place_next())
    }

    /// Places the next clip as soon as the one before is filled.
    fn on_fill(&mut self, fill: PluginFill) -> Result<PluginResult, PluginError> {
        if !self.state.take_fill(&fill) {
            return Ok(self.foreign_fill(&fill));
        }
        if !self.is_done() {
            return Ok(self.place_next());
        }
        let orders = &self.state.work.orders;
        let log = format!(
            "filled {} of {}, {} still in open orders",
            orders.filled,
            orders.target,
            orders.outstanding()
        );
        Ok(PluginResult::new().completed().with_log(log))
    }

    // After a restart the saved state replaces the one of `init`, if it is of the same work. An error
    // stops the plugin. That is right: on a wrong state it would place twice.
    persist!(state, check = State::check_same_work);
}

impl Iceberg {
    /// Whether the target is filled, or all orders are and what remains is too small for one more.
    fn is_done(&self) -> bool {
        let orders = &self.state.work.orders;
        let room = orders.next_clip(orders.target).unwrap_or_default();
        orders.is_filled() || orders.open.is_empty() && room < self.params.steps.min_clip()
    }

    fn place_next(&mut self) -> PluginResult {
        self.next_order()
            .map_or_else(PluginResult::new, PluginResult::from)
    }

    /// The next clip, counted; `None` while one is open or there is no price.
    ///
    /// Change the kind of order here. Leave `client_order_id` alone (the host would lose the order at
    /// a restart), and do not count on `post_only` (the host drops it).
    fn next_order(&mut self) -> Option<PluginOrderRequest> {
        let work = &self.state.work;
        if !work.orders.open.is_empty() {
            return None;
        }
        let clip_size = self.params.clip_size;
        let room = work.orders.next_clip(work.orders.target)?;
        let quantity = self.params.steps.clip(clip_size, clip_size, room)?;
        let price = self.price()?;
        let work = &mut self.state.work;
        work.orders.place(quantity, price);
        let order = PluginOrderRequest::limit(&work.symbol, work.side, quantity, price);
        Some(match self.params.display_quantity {
            // An exchange refuses to show as much as there is.
            Some(shown) if shown < quantity => order.with_display_quantity(shown),
            _ => order,
        })
    }

    /// The limit price; with an offset, or without a limit price, a price that follows the market
    /// within the limit.
    fn price(&self) -> Option<Decimal> {
        let (params, side) = (&self.params, self.state.work.side);
        let limit = params.limit_price;
        let from = match (limit, params.offset_bps) {
            (Some(limit), None) => limit,
            _ => self.state.price()?,
        };
        let bps = params.offset_bps.unwrap_or_default();
        params.steps.price(side, from, bps, limit)
    }

    fn foreign_fill(&mut self, fill: &PluginFill) -> PluginResult {
        if self.foreign_fill_logged {
            return PluginResult::new();
        }
        self.foreign_fill_logged = true;
        PluginResult::new().with_log(format!(
            "ignored a fill that fits none of our orders (order `{}`); further ones are not logged",
            fill.order_id
        ))
    }
}

export_plugin!(Iceberg);
