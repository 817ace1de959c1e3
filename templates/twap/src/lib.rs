//! Works a signal in equal slices over a period: TWAP.

#[cfg(test)]
mod tests;

use tesser_wasm::exec::{Algorithm, Clip, IntervalClock, ParentOrder};
use tesser_wasm::{ParamError, export_algorithm, params};

params! {
    /// The parameters, in addition to those that every algorithm has.
    pub struct Params {
        /// Time over which the target is worked; then `at_end` decides what happens to the remaining quantity.
        duration_secs: u32 = 600, in 1..=604_800, unit "s";
        /// Time between slices, at most `duration_secs`.
        interval_secs: u32 = 30, in 1..=604_800, unit "s";
        /// How many slices fills may be behind the schedule; quantity that is further behind crosses, and one order has at most this many slices.
        catch_up_slices: u32 = 2, in 1..=1_000, unit "slices";
        /// Maximum random difference of sizes and delay of slices.
        randomize_percent: u32 = 20, in 0..=50, unit "%";
    }
}

pub struct Twap {
    params: Params,
    slices: u32,
}

impl Algorithm for Twap {
    type Params = Params;
    type State = IntervalClock;

    fn new(params: Params, _parent: &ParentOrder) -> Result<Self, ParamError> {
        if params.interval_secs > params.duration_secs {
            return Err(ParamError::new(
                "interval_secs",
                "must not exceed `duration_secs`",
            ));
        }
        let slices = params.duration_secs.div_ceil(params.interval_secs);
        Ok(Self { params, slices })
    }

    fn initial_state(&self, _parent: &ParentOrder) -> IntervalClock {
        IntervalClock::default()
    }

    fn end_secs(&self) -> Option<u32> {
        Some(self.params.duration_secs)
    }

    /// Once per slice: crosses if too far behind the schedule, otherwise places the due quantity.
    fn on_timer(&self, clock: &mut IntervalClock, parent: &mut ParentOrder) {
        let Params {
            interval_secs,
            catch_up_slices,
            randomize_percent,
            ..
        } = self.params;
        let Some(slice) = clock.begun(parent, interval_secs, randomize_percent) else {
            return;
        };
        let overdue = parent.fraction(slice.saturating_sub(catch_up_slices), self.slices);
        let due = parent.fraction(slice, self.slices);
        let most = parent.fraction(catch_up_slices, self.slices);
        let size = parent.randomized(due, slice.into(), self.randomize(slice));
        if parent.place(Clip::up_to(overdue).at_most(most).crossing())
            || parent.place(Clip::up_to(size).at_most(most))
        {
            clock.done(slice);
        }
    }
}

impl Twap {
    /// The due quantity grows with every slice, so the random percentage shrinks; the last slice is the whole rest.
    fn randomize(&self, slice: u32) -> u32 {
        if slice >= self.slices {
            0
        } else {
            self.params.randomize_percent / slice.max(1)
        }
    }
}

export_algorithm!(Twap);
