//! Works a signal as a share of the volume that the market trades.

#[cfg(test)]
mod tests;
mod volume;

use rust_decimal::Decimal;
use tesser_wasm::exec::{Algorithm, Clip, ParentOrder};
use tesser_wasm::{ParamError, PluginTick, export_algorithm, params};

use volume::Volume;

params! {
    /// The parameters, in addition to those that every algorithm has.
    pub struct Params {
        /// Share of the traded volume.
        participation_percent: Decimal = 10, in 0.01..=100, unit "%";
        /// Time between orders.
        interval_secs: u32 = 5, in 1..=604_800, unit "s";
        /// Time without a tick after which it continues without the market's volume.
        silence_secs: u32 = 60, in 1..=604_800, unit "s";
        /// Time over which it then works the target in equal parts; with 0 it waits for ticks.
        fallback_duration_secs: u32 = 3_600, in 0..=604_800, unit "s";
        /// Maximum quantity of one order, and maximum to catch up after a pause; a tenth of the target if unset.
        clip_size: Option<Decimal>, in 0.000000000001..=1_000_000_000_000_000, unit "base currency";
        /// Time after which `at_end` decides what happens to the remaining quantity.
        expire_secs: u32 = 14_400, in 1..=31_536_000, unit "s";
    }
}

pub struct Pov {
    params: Params,
    clip_size: Decimal,
}

impl Algorithm for Pov {
    type Params = Params;
    type State = Volume;

    fn new(params: Params, parent: &ParentOrder) -> Result<Self, ParamError> {
        let clip_size = params.clip_size.unwrap_or(parent.fraction(1, 10));
        // Quantities that are rounded away would never become due.
        let clip_size = clip_size.max(parent.rules().minimum(parent.last_price()));
        Ok(Self { params, clip_size })
    }

    fn initial_state(&self, _parent: &ParentOrder) -> Volume {
        Volume::default()
    }

    fn end_secs(&self) -> Option<u32> {
        Some(self.params.expire_secs)
    }

    /// Volume beyond `limit_price` does not count, now or later.
    fn on_trade(&self, volume: &mut Volume, parent: &mut ParentOrder, tick: &PluginTick) {
        let limit = parent.policy().limit_price.unwrap_or(tick.price);
        if parent.worse(tick.price, limit) == limit {
            volume.trade(
                tick.size,
                self.params.participation_percent,
                self.most(parent),
            );
        } else {
            volume.heard();
        }
    }

    /// Places the due quantity once per interval.
    fn on_timer(&self, volume: &mut Volume, parent: &mut ParentOrder) {
        let Params {
            interval_secs,
            silence_secs,
            fallback_duration_secs,
            ..
        } = self.params;
        let silent = volume.timer();
        if silent >= silence_secs && fallback_duration_secs > 0 {
            volume.add(
                parent.fraction(1, fallback_duration_secs),
                self.most(parent),
            );
        } else if silent == silence_secs {
            parent.log("no ticks, so there is no volume to follow; waiting for them");
        }
        let Some(interval) = volume.clock().begun(parent, interval_secs, 0) else {
            return;
        };
        if parent.place(Clip::up_to(volume.due()).at_most(self.clip_size)) {
            volume.clock().done(interval);
        }
    }
}

impl Pov {
    /// Maximum due quantity: one clip more than is filled or working, so that participation stays a rate after a pause.
    fn most(&self, parent: &ParentOrder) -> Decimal {
        parent.filled() + parent.working_quantity() + self.clip_size
    }
}

export_algorithm!(Pov);
