//! Works a signal with one limit order at a time, so that the order book shows a small part of it.

#[cfg(test)]
mod tests;

use rust_decimal::Decimal;
use tesser_wasm::exec::{Algorithm, Clip, OrderType, ParentOrder};
use tesser_wasm::{ParamError, PluginFill, export_algorithm, params};

params! {
    /// The parameters, in addition to those that every algorithm has.
    pub struct Params {
        /// Quantity of one order; a tenth of the target if unset.
        clip_size: Option<Decimal>, in 0.000000000001..=1_000_000_000_000_000, unit "base currency";
        /// Maximum random difference of sizes.
        randomize_percent: u32 = 20, in 0..=50, unit "%";
        /// Time after which `at_end` decides what happens to the remaining quantity.
        expire_secs: u32 = 3_600, in 1..=31_536_000, unit "s";
    }
}

pub struct Iceberg {
    params: Params,
    clip_size: Decimal,
}

impl Algorithm for Iceberg {
    type Params = Params;
    type State = ();

    const ORDER_TYPES: &'static [OrderType] = &[OrderType::Limit];

    fn new(params: Params, parent: &ParentOrder) -> Result<Self, ParamError> {
        let clip_size = params.clip_size.unwrap_or(parent.fraction(1, 10));
        Ok(Self { params, clip_size })
    }

    fn initial_state(&self, _parent: &ParentOrder) {}

    fn end_secs(&self) -> Option<u32> {
        Some(self.params.expire_secs)
    }

    fn on_timer(&self, _state: &mut (), parent: &mut ParentOrder) {
        self.show_next(parent);
    }

    /// Places the next clip as soon as the previous one is filled.
    fn on_fill(&self, _state: &mut (), parent: &mut ParentOrder, _fill: &PluginFill) {
        self.show_next(parent);
    }
}

impl Iceberg {
    /// With a limit price and no offset the order rests there; otherwise it follows the last price.
    fn show_next(&self, parent: &mut ParentOrder) {
        if parent.working_orders().next().is_some() {
            return;
        }
        let number = parent.placed_orders().into();
        let size = parent.randomized(self.clip_size, number, self.params.randomize_percent);
        let clip = Clip::remaining().at_most(size);
        let policy = parent.policy();
        let clip = match policy.limit_price {
            Some(limit) if policy.offset_bps.is_zero() => clip.at(limit),
            _ => clip,
        };
        parent.place(clip);
    }
}

export_algorithm!(Iceberg);
