//! Time, in timers, and one order per interval.
//!
//! In: timers. Out: the interval that one is in. A timer has no time of its own and a sealed plugin
//! has no clock, so a timer is a second: the host's period. Timers that a restart forgets make the
//! schedule later, never faster.

use serde::{Deserialize, Serialize};

/// Where the schedule is. A restart needs it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Timers since the start.
    timers: u32,
    /// The interval in which the last order was placed, counted from one; zero before.
    ordered: u32,
}

impl Clock {
    /// Counts a timer. Answers the interval that it is in, counted from one, unless an order was placed in
    /// it already.
    pub fn tick(&mut self, interval_secs: u32) -> Option<u32> {
        let interval = self.timers / interval_secs + 1;
        self.timers = self.timers.saturating_add(1);
        (interval > self.ordered).then_some(interval)
    }

    /// One order per interval, also when there is much to catch up.
    pub fn mark_ordered(&mut self, interval: u32) {
        self.ordered = interval;
    }

    /// Refuses a clock that `tick` and `mark_ordered` cannot have left behind.
    pub fn check(&self) -> Result<(), String> {
        if self.ordered > self.timers {
            return Err("malformed state: `ordered` is more than `timers`".to_owned());
        }
        Ok(())
    }
}
