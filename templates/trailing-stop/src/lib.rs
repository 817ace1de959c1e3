//! Follows the best price, and works the signal once the market has turned back from it.

#[cfg(test)]
mod tests;
mod trail;

use rust_decimal::Decimal;
use tesser_wasm::exec::{Algorithm, AtEnd, Clip, OrderType, ParentOrder};
use tesser_wasm::{ParamError, PluginTick, export_algorithm, params};

use trail::{Rule, Trail};

params! {
    /// The parameters, in addition to those that every algorithm has.
    pub struct Params {
        /// How far the price may turn back from its best before the stop triggers.
        trail_bps: Decimal = 100, in 1..=5_000, unit "bps";
        /// Price at which following begins; at once if unset.
        activation_price: Option<Decimal>, in 0.000000000001..=1_000_000_000_000_000, unit "quote currency";
        /// Price that triggers in any case.
        stop_price: Option<Decimal>, in 0.000000000001..=1_000_000_000_000_000, unit "quote currency";
        /// Number of consecutive prices that must confirm a trigger.
        confirm_ticks: u32 = 2, in 1..=2, unit "ticks";
        /// Maximum quantity of one order; the target if unset.
        clip_size: Option<Decimal>, in 0.000000000001..=1_000_000_000_000_000, unit "base currency";
        /// Time after which `at_end` decides, whether or not it has triggered: `leave` gives up, `market` works the signal.
        expire_secs: u32 = 86_400, in 1..=31_536_000, unit "s";
    }
}

/// After this many seconds without a price, the log says that the stop protects nothing.
const SILENT_SECS: u32 = 60;

pub struct TrailingStop {
    params: Params,
    rule: Rule,
    clip_size: Decimal,
}

impl Algorithm for TrailingStop {
    type Params = Params;
    type State = Trail;

    const ORDER_TYPES: &'static [OrderType] =
        &[OrderType::Market, OrderType::Ioc, OrderType::Limit];
    const AT_END: AtEnd = AtEnd::Leave;

    fn new(params: Params, parent: &ParentOrder) -> Result<Self, ParamError> {
        let rule = Rule {
            side: parent.side(),
            trail_bps: params.trail_bps,
            activation_price: params.activation_price,
            stop_price: params.stop_price,
            confirms: params.confirm_ticks == 2,
        };
        let clip_size = params.clip_size.unwrap_or(parent.target());
        Ok(Self {
            params,
            rule,
            clip_size,
        })
    }

    fn initial_state(&self, _parent: &ParentOrder) -> Trail {
        Trail::default()
    }

    fn end_secs(&self) -> Option<u32> {
        Some(self.params.expire_secs)
    }

    /// The tick that triggers places the first order; timers place the next ones.
    fn on_trade(&self, trail: &mut Trail, parent: &mut ParentOrder, tick: &PluginTick) {
        if !trail.has_fired() && trail.observe(&self.rule, tick.price) {
            parent.place(Clip::remaining().at_most(self.clip_size));
        }
    }

    fn on_timer(&self, trail: &mut Trail, parent: &mut ParentOrder) {
        if trail.has_fired() {
            parent.place(Clip::remaining().at_most(self.clip_size));
        } else if parent.confirmed_price().is_none() && parent.elapsed_secs() == SILENT_SECS {
            parent.log(
                "no price so far: the host sends no ticks, and without them the stop cannot fire",
            );
        }
    }
}

export_algorithm!(TrailingStop);
