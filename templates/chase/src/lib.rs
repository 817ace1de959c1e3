//! Works a signal with limit orders at the last price, one clip per timer.
//!
//! This file wires the host's callbacks to the algorithm. What was placed and filled is counted in
//! `orders.rs`, which orders follow the price is in `reprice.rs`, what a restart needs in `state.rs`,
//! the parameters in `params.rs`, what an exchange takes in `steps.rs`.

mod orders;
mod params;
mod reprice;
mod state;
mod steps;
#[cfg(test)]
mod tests;

use rust_decimal::Decimal;
use tesser_wasm::{
    ExecutionPlugin, PluginChildOrderAction, PluginError, PluginFill, PluginInitContext,
    PluginOrderRequest, PluginOrderUpdateRequest, PluginResult, PluginTick, decimal, export_plugin,
    persist,
};

use params::Params;
use reprice::reprice;
use state::State;

#[derive(Default)]
pub struct Chase {
    params: Params,
    /// All that a restart needs; nothing else may decide about orders.
    state: State,
    /// Whether a fill that is not of our orders was logged. Once is enough.
    foreign_fill_logged: bool,
}

impl ExecutionPlugin for Chase {
    /// Places nothing: after a restart `init` runs again and the host throws its orders away.
    fn init(&mut self, mut ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        let params = Params::from_context(&ctx)?;
        let signal = &mut ctx.signal;
        signal.target_quantity = params.target(signal.target_quantity)?;
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

    /// The algorithm: first let the resting orders follow the price, then place the next clip.
    /// It never answers an error, since that would cancel the algorithm and leave its orders open.
    fn on_timer(&mut self) -> Result<PluginResult, PluginError> {
        let mut result = PluginResult::new();
        if self.is_done() {
            return Ok(result.completed());
        }
        let side = self.state.work.side;
        let market = self.state.price();
        let Some(price) = market.and_then(|price| self.params.limit(side, price)) else {
            return Ok(result);
        };
        let open = &mut self.state.work.orders.open;
        for order_id in reprice(open, price, self.params.reprice_bps) {
            result = result.with_order(self.amendment(order_id, price));
        }
        if let Some(quantity) = self.next_clip() {
            self.state.work.orders.place(quantity, price);
            result = result.with_order(self.limit_order(quantity, price));
        }
        Ok(result)
    }

    fn on_fill(&mut self, fill: PluginFill) -> Result<PluginResult, PluginError> {
        let mut result = PluginResult::new();
        if !self.state.take_fill(&fill) {
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
            let orders = &self.state.work.orders;
            result.completed = true;
            result.logs.push(format!(
                "filled {} of {}, {} still in open orders",
                decimal::to_string(orders.filled),
                decimal::to_string(orders.target),
                decimal::to_string(orders.outstanding())
            ));
        }
        Ok(result)
    }

    // After a restart the saved state replaces the one of `init`, if it is of the same work. An error
    // stops the plugin. That is right: on a wrong state it would place twice.
    persist!(state, check = State::check_same_work);
}

impl Chase {
    /// Whether the target is filled, or all orders are and what remains is less than a lot.
    fn is_done(&self) -> bool {
        let orders = &self.state.work.orders;
        orders.is_filled() || orders.open.is_empty() && self.next_clip().is_none()
    }

    /// Quantity of the next order, whole lots; `None` when nothing may be placed now.
    fn next_clip(&self) -> Option<Decimal> {
        let clip = self.state.work.orders.next_clip(self.params.clip_size)?;
        let quantity = self.params.lots(clip);
        (!quantity.is_zero()).then_some(quantity)
    }

    /// Change the kind of order here. Leave `client_order_id` alone (the host would lose the order
    /// at a restart), and do not count on `post_only` (the host drops it).
    fn limit_order(&self, quantity: Decimal, price: Decimal) -> PluginChildOrderAction {
        let work = &self.state.work;
        PluginOrderRequest::limit(&work.symbol, work.side, quantity, price).into()
    }

    /// Changes the price alone. A quantity sent now would be wrong if a fill is on its way.
    fn amendment(&self, order_id: String, price: Decimal) -> PluginChildOrderAction {
        let work = &self.state.work;
        PluginOrderUpdateRequest::price(order_id, &work.symbol, work.side, price).into()
    }
}

export_plugin!(Chase);
