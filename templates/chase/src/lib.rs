//! Works a signal with limit orders that follow the last price, one clip per timer.

#[cfg(test)]
mod tests;

use rust_decimal::Decimal;
use tesser_wasm::exec::{Algorithm, Clip, OrderType, ParentOrder};
use tesser_wasm::{ParamError, export_algorithm, params};

params! {
    /// The parameters, in addition to those that every algorithm has.
    pub struct Params {
        /// Maximum quantity of one order; a tenth of the target if unset.
        clip_size: Option<Decimal>, in 0.000000000001..=1_000_000_000_000_000, unit "base currency";
        /// How far the price must be from a partly filled order before the order follows it.
        reprice_bps: Decimal = 5, in 0..=10_000, unit "bps";
        /// Time after which `at_end` decides what happens to the remaining quantity.
        expire_secs: u32 = 3_600, in 1..=31_536_000, unit "s";
    }
}

pub struct Chase {
    params: Params,
    clip_size: Decimal,
}

impl Algorithm for Chase {
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

    /// First amends orders to follow the price, then places the next clip.
    fn on_timer(&self, _state: &mut (), parent: &mut ParentOrder) {
        if let Some(price) = parent.last_price().and_then(|market| parent.limit(market)) {
            parent.reprice(price, |order| order.is_away(price, self.params.reprice_bps));
        }
        parent.place(Clip::remaining().at_most(self.clip_size));
    }
}

export_algorithm!(Chase);
