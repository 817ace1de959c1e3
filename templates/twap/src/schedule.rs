//! The schedule: how much of the target is due, and the rule for catching up.
//!
//! In: timers, counted, and the target. Out: the quantity that is due. It knows neither orders nor
//! prices.
//!
//! A timer has no time of its own and a sealed plugin has no clock, so a timer is a second: the
//! host's period. Timers that a restart forgets make the schedule later, never faster.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// How the target is divided.
#[derive(Debug, Default, PartialEq)]
pub struct Plan {
    pub interval_secs: u32,
    /// How many slices there are.
    pub slices: u32,
    /// How many slices one order may ask for.
    pub catch_up_slices: u32,
}

impl Plan {
    /// What is due when `slice` has begun: all of the target from the last slice on.
    pub fn due(&self, target: Decimal, slice: u32) -> Decimal {
        if slice >= self.slices {
            return target;
        }
        // The product has at most 21 digits before the point, and `Decimal` rounds those behind it.
        (target * Decimal::from(slice) / Decimal::from(self.slices)).min(target)
    }

    /// Most that one order may ask for.
    pub fn most(&self, target: Decimal) -> Decimal {
        target * Decimal::from(self.catch_up_slices) / Decimal::from(self.slices)
    }
}

/// Where the schedule is. A restart needs it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Timers since the start.
    timers: u32,
    /// The slice in which the last order was placed, counted from one; zero before.
    ordered: u32,
}

impl Clock {
    /// Counts a timer. Answers the slice that it is in, unless an order was placed in it already.
    pub fn tick(&mut self, plan: &Plan) -> Option<u32> {
        let slice = self.timers / plan.interval_secs + 1;
        self.timers = self.timers.saturating_add(1);
        (slice > self.ordered).then_some(slice)
    }

    /// One order per slice, also when there is much to catch up.
    pub fn mark_ordered(&mut self, slice: u32) {
        self.ordered = slice;
    }

    /// Refuses a clock that `tick` and `mark_ordered` cannot have left behind.
    pub fn check(&self) -> Result<(), String> {
        if self.ordered > self.timers {
            return Err("malformed state: `ordered` is more than `timers`".to_owned());
        }
        Ok(())
    }
}
