//! Waits for a price, then takes the liquidity at that price.

#[cfg(test)]
mod tests;

use rust_decimal::Decimal;
use tesser_wasm::exec::{Algorithm, AtEnd, Clip, OrderType, ParentOrder};
use tesser_wasm::{ParamError, PluginFill, PluginTick, export_algorithm, params};

params! {
    /// The parameters, in addition to those that every algorithm has.
    pub struct Params {
        /// The price to wait for.
        trigger_price: Decimal, in 0.000000000001..=1_000_000_000_000_000, unit "quote currency";
        /// Maximum quantity of one order; if unset, the target, or a fifth of it with `ioc`.
        clip_size: Option<Decimal>, in 0.000000000001..=1_000_000_000_000_000, unit "base currency";
        /// Time after which `at_end` decides what happens to the remaining quantity.
        expire_secs: u32 = 3_600, in 1..=31_536_000, unit "s";
    }
}

pub struct Sniper {
    params: Params,
    clip_size: Decimal,
    /// The limit of every order.
    limit: Decimal,
}

impl Algorithm for Sniper {
    type Params = Params;
    type State = ();

    /// A limit order waits in the order book, so it needs no ticks.
    const ORDER_TYPES: &'static [OrderType] = &[OrderType::Limit, OrderType::Ioc];
    /// A sniper waits for its price, so it does not take another one at the end.
    const AT_END: AtEnd = AtEnd::Leave;

    fn new(params: Params, parent: &ParentOrder) -> Result<Self, ParamError> {
        let is_ioc = parent.policy().order_type == OrderType::Ioc;
        // `resend_percent` allows this much to be sent again soon.
        let clip_size = params
            .clip_size
            .unwrap_or(parent.fraction(1, if is_ioc { 5 } else { 1 }));
        let limit = parent.limit(params.trigger_price);
        let limit = limit
            .ok_or_else(|| ParamError::new("trigger_price", "is less than one `tick_size`"))?;
        Ok(Self {
            params,
            clip_size,
            limit,
        })
    }

    fn initial_state(&self, _parent: &ParentOrder) {}

    fn end_secs(&self) -> Option<u32> {
        Some(self.params.expire_secs)
    }

    fn on_timer(&self, _state: &mut (), parent: &mut ParentOrder) {
        self.shoot(parent);
    }

    fn on_trade(&self, _state: &mut (), parent: &mut ParentOrder, _tick: &PluginTick) {
        if parent.policy().order_type == OrderType::Ioc {
            self.shoot(parent);
        }
    }

    fn on_fill(&self, _state: &mut (), parent: &mut ParentOrder, _fill: &PluginFill) {
        self.shoot(parent);
    }
}

impl Sniper {
    /// One order at a time: a limit order that waits for the price, or an IOC order while the price is there. The price at the
    /// start may be old, so it does not trigger anything.
    fn shoot(&self, parent: &mut ParentOrder) {
        let trigger = self.params.trigger_price;
        let is_there = |price| parent.better(price, trigger) == price;
        let waits = parent.policy().order_type == OrderType::Limit;
        if parent.working_orders().next().is_none()
            && (waits || parent.confirmed_price().is_some_and(is_there))
        {
            parent.place(Clip::remaining().at_most(self.clip_size).at(self.limit));
        }
    }
}

export_algorithm!(Sniper);
