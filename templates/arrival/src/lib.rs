//! Works a signal close to its arrival price: implementation shortfall.
//!
//! The schedule is front-loaded by urgency. Orders are passive first; quantity that falls behind the schedule crosses, and
//! the remaining quantity is taken at the end.

#[cfg(test)]
mod tests;

use rust_decimal::Decimal;
use tesser_wasm::exec::{Algorithm, Clip, IntervalClock, OrderType, ParentOrder};
use tesser_wasm::{ParamError, choices, export_algorithm, params};

choices! {
    /// How to weigh the risk of a price move against the cost of crossing the spread.
    pub enum Urgency {
        /// Equal parts over the duration.
        Low = "low",
        /// Three quarters in the first half.
        Medium = "medium",
        /// Seven eighths in the first half.
        High = "high",
    }
}

params! {
    /// The parameters, in addition to those that every algorithm has.
    pub struct Params {
        /// How front-loaded the schedule is: in the first half `low` works 50 %, `medium` 75 % and `high` 88 % of the target.
        urgency: Urgency = "medium";
        /// Time over which the target is worked; then `at_end` decides what happens to the remaining quantity.
        duration_secs: u32 = 600, in 1..=604_800, unit "s";
        /// Time between orders.
        interval_secs: u32 = 10, in 1..=604_800, unit "s";
        /// How long fills may be behind the schedule before an order crosses.
        passive_secs: u32 = 60, in 0..=604_800, unit "s";
        /// Maximum random delay of an order, in percent of the interval.
        randomize_percent: u32 = 20, in 0..=50, unit "%";
    }
}

pub struct Arrival {
    params: Params,
}

impl Algorithm for Arrival {
    type Params = Params;
    type State = IntervalClock;

    const ORDER_TYPES: &'static [OrderType] = &[OrderType::Limit];

    fn new(params: Params, _parent: &ParentOrder) -> Result<Self, ParamError> {
        if params.interval_secs > params.duration_secs {
            return Err(ParamError::new(
                "interval_secs",
                "must not exceed `duration_secs`",
            ));
        }
        Ok(Self { params })
    }

    fn initial_state(&self, _parent: &ParentOrder) -> IntervalClock {
        IntervalClock::default()
    }

    fn end_secs(&self) -> Option<u32> {
        Some(self.params.duration_secs)
    }

    fn on_timer(&self, clock: &mut IntervalClock, parent: &mut ParentOrder) {
        let Params {
            interval_secs,
            passive_secs,
            randomize_percent,
            ..
        } = self.params;
        let Some(interval) = clock.begun(parent, interval_secs, randomize_percent) else {
            return;
        };
        let now = (interval - 1).saturating_mul(interval_secs);
        let overdue = self.due(parent, now.saturating_sub(passive_secs));
        if parent.filled() < overdue {
            self.cross_resting(parent);
        }
        if parent.place(Clip::up_to(overdue).crossing())
            || parent.place(Clip::up_to(
                self.due(parent, now.saturating_add(interval_secs)),
            ))
        {
            clock.done(interval);
        }
    }
}

impl Arrival {
    /// The quantity that should be filled after this many seconds: the target without `(time left / duration)` to the power of the urgency.
    fn due(&self, parent: &ParentOrder, secs: u32) -> Decimal {
        const WHOLE: i64 = 10_000;
        let duration = i64::from(self.params.duration_secs);
        let left = (duration - i64::from(secs)).max(0) * WHOLE / duration;
        let power = match self.params.urgency {
            Urgency::Low => 1,
            Urgency::Medium => 2,
            Urgency::High => 3,
        };
        let rest = (1..power).fold(left, |rest, _| rest * left / WHOLE);
        parent.fraction(WHOLE - rest, WHOLE)
    }

    /// Partly filled orders can be amended: they are moved beyond the last price. Other orders can be neither amended nor cancelled.
    fn cross_resting(&self, parent: &mut ParentOrder) {
        if let Some(last) = parent.confirmed_price() {
            let beyond = parent.tick_beyond(last);
            let behind = |price| parent.worse(price, last) != price;
            let prices: Vec<_> = parent
                .working_orders()
                .filter_map(|order| order.price())
                .filter(|price| behind(*price))
                .collect();
            parent.reprice(beyond, |order| {
                order.price().is_some_and(|price| prices.contains(&price))
            });
        }
    }
}

export_algorithm!(Arrival);
