//! The signal on its way to being filled: what was sent, what was heard of it, what is left to send.
//!
//! In: the host's events, and what the algorithm wants. Out: orders that are counted already, and
//! whether all is done. When to send, and how much, is the algorithm's business.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tesser_wasm::{
    PluginFill, PluginInitContext, PluginOrderRequest, PluginResult, PluginSide, PluginTick,
};

use crate::orders::plus;
use crate::sending::{OrderType, Sending};
use crate::settle::Settle;
use crate::state::State;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    settle: Settle,
    pub state: State,
    /// Whether a fill that is not of our orders was logged. Once is enough.
    #[serde(skip)]
    foreign_fill_logged: bool,
}

impl Ticket {
    /// Takes what of the signal can be worked: whole lots.
    pub fn new(mut ctx: PluginInitContext, sending: &Sending) -> Result<Self, String> {
        ctx.signal.target_quantity = sending.steps.target(ctx.signal.target_quantity)?;
        Ok(Self {
            state: State::new(ctx)?,
            ..Self::default()
        })
    }

    pub fn target(&self) -> Decimal {
        self.state.work.orders.target
    }

    pub fn side(&self) -> PluginSide {
        self.state.work.side
    }

    /// The last known price; `None` while there is none.
    pub fn price(&self) -> Option<Decimal> {
        self.state.price()
    }

    /// Whether an order is open, as far as its fills say.
    fn has_open_order(&self) -> bool {
        !self.state.work.orders.open.is_empty()
    }

    /// What no order has asked for yet.
    fn room(&self) -> Decimal {
        let orders = &self.state.work.orders;
        orders.next_clip(orders.target).unwrap_or_default()
    }

    /// Takes the price of a tick. Answers `false` if it is of another symbol.
    pub fn take_tick(&mut self, tick: &PluginTick) -> bool {
        let ours = tick.symbol == self.state.work.symbol;
        if ours {
            self.state.last_price = tick.price;
            self.settle.tick(tick.timestamp_ms);
        }
        ours
    }

    /// Counts a timer: what an `ioc` order left over becomes room again. Answers whether all is done.
    pub fn take_timer(&mut self, sending: &Sending) -> bool {
        let waits = sending.order_type == OrderType::Ioc && self.has_open_order();
        if waits && self.settle.timer(sending.settle_secs) {
            let budget = sending.budget(self.target());
            self.settle.give_back(&mut self.state.work.orders, budget);
        }
        self.is_done(sending)
    }

    /// Counts a fill. The answer says that it is completed, when it is.
    pub fn take_fill(&mut self, fill: &PluginFill, sending: &Sending) -> PluginResult {
        if !self.state.take_fill(fill) && !self.take_late_fill(fill) {
            return self.foreign_fill(fill);
        }
        self.settle.restart();
        if !self.is_done(sending) {
            return PluginResult::new();
        }
        let orders = &self.state.work.orders;
        PluginResult::new().completed().with_log(format!(
            "filled {} of {}, {} still in open orders",
            orders.filled,
            orders.target,
            orders.outstanding()
        ))
    }

    /// Once an order was given back, a fill that fits no other counts: rather too many than too few.
    fn take_late_fill(&mut self, fill: &PluginFill) -> bool {
        let work = &self.state.work;
        let ours = fill.symbol == work.symbol && fill.side == work.side;
        let late = ours && fill.fill_quantity > Decimal::ZERO && self.settle.has_expired_orders();
        if late {
            self.state.work.orders.count_fill(fill.fill_quantity);
        }
        late
    }

    /// Whether the target is filled, or all orders are and what remains is too small for one more.
    fn is_done(&self, sending: &Sending) -> bool {
        let orders = &self.state.work.orders;
        orders.is_filled() || orders.open.is_empty() && self.room() < sending.steps.min_clip()
    }

    /// An order for what of `due` none has asked for yet, of at most `most`, counted. `None` while an
    /// `ioc` order is open, while there is no price, and where nothing is left that can be ordered.
    pub fn order(
        &mut self,
        sending: &Sending,
        due: Decimal,
        most: Decimal,
        market: Option<Decimal>,
    ) -> Option<PluginOrderRequest> {
        if sending.order_type == OrderType::Ioc && self.has_open_order() {
            return None;
        }
        let room = self.room();
        // What is due, without what was asked for.
        let wanted = plus(plus(due, room), -self.target());
        let quantity = sending.steps.clip(wanted, most, room)?;
        let limit = sending.limit(self.side(), market)?;
        self.settle.restart();
        let work = &mut self.state.work;
        work.orders.place(quantity, limit);
        Some(sending.request(&work.symbol, work.side, quantity, limit))
    }

    /// `self` comes from a snapshot; `current` is what `init` just made of the original signal.
    pub fn check(&self, current: &Self) -> Result<(), String> {
        self.settle.check()?;
        self.state.check_same_work(&current.state)
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
