//! An algorithm to begin with: a clip every interval. The execution kit does everything else.

#[cfg(test)]
mod tests;

use tesser_wasm::exec::{Algorithm, Clip, IntervalClock, ParentOrder};
use tesser_wasm::{ParamError, export_algorithm, params};

params! {
    /// The parameters, in addition to those that every algorithm has.
    pub struct Params {
        /// Time between orders.
        interval_secs: u32 = 30, in 1..=86_400, unit "s";
        /// Share of the target in one order.
        clip_percent: u32 = 10, in 1..=100, unit "%";
        /// Time after which `at_end` decides what happens to the remaining quantity.
        expire_secs: u32 = 3_600, in 1..=31_536_000, unit "s";
    }
}

pub struct MyAlgorithm {
    params: Params,
}

impl Algorithm for MyAlgorithm {
    type Params = Params;
    type State = IntervalClock;

    fn new(params: Params, _parent: &ParentOrder) -> Result<Self, ParamError> {
        Ok(Self { params })
    }

    fn initial_state(&self, _parent: &ParentOrder) -> IntervalClock {
        IntervalClock::default()
    }

    fn end_secs(&self) -> Option<u32> {
        Some(self.params.expire_secs)
    }

    /// Your idea goes here.
    fn on_timer(&self, clock: &mut IntervalClock, parent: &mut ParentOrder) {
        let Some(interval) = clock.begun(parent, self.params.interval_secs, 0) else {
            return;
        };
        if parent.place(Clip::of(parent.fraction(self.params.clip_percent, 100))) {
            clock.done(interval);
        }
    }
}

export_algorithm!(MyAlgorithm);
