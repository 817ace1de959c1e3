//! Works a signal over a period in slices that follow the market's volume: VWAP.

mod curve;
#[cfg(test)]
mod tests;

use rust_decimal::Decimal;
use tesser_wasm::exec::arithmetic::mul;
use tesser_wasm::exec::{Algorithm, Clip, ParentOrder};
use tesser_wasm::{ParamError, PluginTick, export_algorithm, params};

use curve::{Curve, Volume};

params! {
    /// The parameters, in addition to those that every algorithm has.
    pub struct Params {
        /// Time over which the target is worked; then `at_end` decides what happens to the remaining quantity.
        duration_secs: u32 = 600, in 1..=604_800, unit "s";
        /// Time between slices, at most `duration_secs`.
        interval_secs: u32 = 30, in 1..=604_800, unit "s";
        /// Usual volume in equal parts of the duration, in any unit; if unset, learned from ticks, or equal without ticks.
        curve: Option<Vec<Decimal>>, in 0..=1_000_000;
        /// How far the learned curve may be from equal slices, in percent of the target.
        band_percent: u32 = 25, in 0..=100, unit "%";
        /// How many slices fills may be behind the schedule; quantity that is further behind crosses.
        catch_up_slices: u32 = 2, in 1..=1_000, unit "slices";
        /// Maximum random delay of slices.
        randomize_percent: u32 = 20, in 0..=50, unit "%";
    }
}

pub struct Vwap {
    params: Params,
    curve: Curve,
}

impl Algorithm for Vwap {
    type Params = Params;
    type State = Volume;

    fn new(params: Params, _parent: &ParentOrder) -> Result<Self, ParamError> {
        if params.interval_secs > params.duration_secs {
            return Err(ParamError::new(
                "interval_secs",
                "must not exceed `duration_secs`",
            ));
        }
        let slices = params.duration_secs.div_ceil(params.interval_secs);
        let curve = match &params.curve {
            Some(weights) => Curve::given(weights, slices)?,
            None => Curve::learned(params.band_percent, slices),
        };
        Ok(Self { params, curve })
    }

    fn initial_state(&self, _parent: &ParentOrder) -> Volume {
        Volume::default()
    }

    fn end_secs(&self) -> Option<u32> {
        Some(self.params.duration_secs)
    }

    fn on_trade(&self, volume: &mut Volume, _parent: &mut ParentOrder, tick: &PluginTick) {
        volume.trade(tick.size);
    }

    /// Once per slice: crosses if too far behind the schedule, otherwise places the due quantity.
    fn on_timer(&self, volume: &mut Volume, parent: &mut ParentOrder) {
        let Params {
            interval_secs,
            catch_up_slices,
            randomize_percent,
            ..
        } = self.params;
        let Some(slice) = volume
            .clock()
            .begun(parent, interval_secs, randomize_percent)
        else {
            return;
        };
        volume.begin(slice);
        let late = slice.saturating_sub(catch_up_slices);
        let overdue = mul(parent.target(), self.curve.due(late, volume));
        let due = mul(parent.target(), self.curve.due(slice, volume));
        // As much as fits into these slices, but at least an equal slice.
        let most = (due - overdue).max(parent.fraction(catch_up_slices, self.curve.slices()));
        if parent.place(Clip::up_to(overdue).at_most(most).crossing())
            || parent.place(Clip::up_to(due).at_most(most))
        {
            volume.clock().done(slice);
        }
    }
}

export_algorithm!(Vwap);
