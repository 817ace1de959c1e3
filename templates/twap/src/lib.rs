//! Works a signal in equal slices over a time.
//!
//! This file wires the host's callbacks to the algorithm. What was placed and filled is counted in
//! `orders.rs`, what is due is in `schedule.rs`, what an exchange takes in `steps.rs`, what a restart
//! needs in `state.rs` and `Saved`, the parameters in `params.rs`.

mod orders;
mod params;
mod schedule;
mod state;
mod steps;
#[cfg(test)]
mod tests;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tesser_wasm::{
    ExecutionPlugin, PluginError, PluginFill, PluginInitContext, PluginOrderRequest, PluginResult,
    PluginSide, PluginTick, export_plugin, persist,
};

use orders::LIMIT;
use params::Params;
use schedule::Clock;
use state::State;
use steps::SMALLEST;

#[derive(Default)]
pub struct Twap {
    params: Params,
    saved: Saved,
    /// Whether a fill that is not of our orders was logged. Once is enough.
    foreign_fill_logged: bool,
}

/// All that a restart needs; nothing else may decide about orders.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    clock: Clock,
    state: State,
}

impl Saved {
    fn check(&self, current: &Self) -> Result<(), String> {
        self.clock.check()?;
        self.state.check_same_work(&current.state)
    }
}

impl ExecutionPlugin for Twap {
    /// Places nothing: after a restart `init` runs again and the host throws its orders away.
    fn init(&mut self, mut ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        let params = Params::from_context(&ctx)?;
        ctx.signal.target_quantity = params.steps.target(ctx.signal.target_quantity)?;
        *self = Self {
            params,
            saved: Saved {
                clock: Clock::default(),
                state: State::new(ctx)?,
            },
            foreign_fill_logged: false,
        };
        Ok(PluginResult::new())
    }

    /// Runs for each trade of every symbol, so it does next to nothing.
    fn on_tick(&mut self, tick: PluginTick) -> Result<PluginResult, PluginError> {
        if tick.symbol == self.saved.state.work.symbol {
            self.saved.state.last_price = tick.price;
        }
        Ok(PluginResult::new())
    }

    /// The algorithm: place what is due, once per slice.
    /// It never answers an error, since that would cancel the algorithm and leave its orders open.
    fn on_timer(&mut self) -> Result<PluginResult, PluginError> {
        if self.is_done() {
            return Ok(PluginResult::new().completed());
        }
        let Some(slice) = self.saved.clock.tick(&self.params.plan) else {
            return Ok(PluginResult::new());
        };
        Ok(match self.order(slice) {
            Some(order) => {
                self.saved.clock.mark_ordered(slice);
                order.into()
            }
            None => PluginResult::new(),
        })
    }

    fn on_fill(&mut self, fill: PluginFill) -> Result<PluginResult, PluginError> {
        let mut result = PluginResult::new();
        if !self.saved.state.take_fill(&fill) {
            if !self.foreign_fill_logged {
                self.foreign_fill_logged = true;
                result.logs.push(format!(
                    "ignored a fill that fits none of our orders (order `{}`); further ones are not logged",
                    fill.order_id
                ));
            }
            return Ok(result);
        }
        if self.is_done() {
            let orders = &self.saved.state.work.orders;
            result.completed = true;
            result.logs.push(format!(
                "filled {} of {}, {} still in open orders",
                orders.filled,
                orders.target,
                orders.outstanding()
            ));
        }
        Ok(result)
    }

    // After a restart the saved state replaces the one of `init`, if it is of the same work. An error
    // stops the plugin. That is right: on a wrong state it would place twice.
    persist!(saved, check = Saved::check);
}

impl Twap {
    /// Whether the target is filled, or all orders are and what remains is too small for one more.
    fn is_done(&self) -> bool {
        let orders = &self.saved.state.work.orders;
        let room = orders.next_clip(orders.target).unwrap_or_default();
        orders.is_filled() || orders.open.is_empty() && room < self.params.steps.min_clip()
    }

    /// What is due in this slice and not placed yet, as an order that is counted.
    fn order(&mut self, slice: u32) -> Option<PluginOrderRequest> {
        let work = &self.saved.state.work;
        let (target, side) = (work.orders.target, work.side);
        let room = work.orders.next_clip(target)?;
        let wanted = self.params.plan.due(target, slice) - (target - room);
        let steps = &self.params.steps;
        let quantity = steps.clip(wanted, self.params.most(target), room)?;
        let limit = match self.params.offset_bps {
            Some(bps) => Some(steps.price(side, self.saved.state.price()?, bps, None)?),
            None => None,
        };
        let work = &mut self.saved.state.work;
        work.orders
            .place(quantity, limit.unwrap_or(worst_price(side)));
        Some(request(&work.symbol, side, quantity, limit))
    }
}

/// Change the kind of order here. Leave `client_order_id` alone (the host would lose the order at a
/// restart), and do not count on `post_only` (the host drops it).
fn request(
    symbol: &str,
    side: PluginSide,
    quantity: Decimal,
    limit: Option<Decimal>,
) -> PluginOrderRequest {
    match limit {
        Some(price) => PluginOrderRequest::limit(symbol, side, quantity, price),
        None => PluginOrderRequest::market(symbol, side, quantity),
    }
}

/// A market order can be filled at any price.
fn worst_price(side: PluginSide) -> Decimal {
    match side {
        PluginSide::Buy => Decimal::from(LIMIT),
        PluginSide::Sell => SMALLEST,
    }
}

export_plugin!(Twap);
