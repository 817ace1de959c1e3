//! Time: one timer per second, held back by the timestamps of ticks and fills.
//!
//! The host calls missed timers in a burst, so many timers can arrive at once. While ticks come, the schedule's time
//! therefore never runs more than [`LEAD_SECS`] ahead of the timestamps, and a timestamp that contradicts it sets it back.

use super::ParentOrder;
use super::state::{Parts, State, StateError, StateWriter};
use crate::json::Json;

/// How far the schedule may be ahead of the last timestamp.
const LEAD_SECS: u32 = 30;
/// After this many timers without a tick, only timers count.
const SILENT_SECS: u32 = 600;

/// The current time of an algorithm.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    /// Timers since the start.
    timers: u32,
    /// Seconds of the schedule; never more than `timers`.
    secs: u32,
    /// Timestamp at which the schedule began, in milliseconds; zero before the first one.
    begin_ms: i64,
    /// Last timestamp; zero before the first one.
    last_ms: i64,
    /// Timers since the last tick.
    silent: u32,
    /// Whether any tick has come.
    ticks: bool,
}

/// A JSON array, since the host asks for it after every callback. The timestamp of the beginning is stored with the part that
/// seldom changes.
impl State for Clock {
    fn write(&self, out: &mut StateWriter) {
        out.literal(b"[");
        for number in [self.timers, self.secs, self.silent, u32::from(self.ticks)] {
            number.write(out);
            out.literal(b",");
        }
        self.passed_ms().write(out);
        out.literal(b"]");
    }

    fn read(value: Json<'_>) -> Result<Self, StateError> {
        let mut parts = Parts::list(value, 5);
        let clock = Self {
            timers: parts.u32(),
            secs: parts.u32(),
            silent: parts.u32(),
            ticks: parts.u32() != 0,
            begin_ms: 0,
            last_ms: parts.i64(),
        };
        if clock.secs > clock.timers {
            parts.fail("a number is out of range");
        }
        parts.end().map(|()| clock)
    }
}

/// A moment, as stored with an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) secs: u32,
    pub(super) timers: u32,
}

impl Clock {
    /// Seconds of the schedule: zero at the first timer.
    pub(super) fn elapsed(&self) -> u32 {
        self.secs.saturating_sub(1)
    }

    pub(super) fn timers(&self) -> u32 {
        self.timers
    }

    pub(super) fn now(&self) -> Moment {
        Moment { secs: self.secs, timers: self.timers }
    }

    /// Whether `secs` seconds have passed.
    pub(super) fn has_passed(&self, since: Moment, secs: u32) -> bool {
        self.secs.saturating_sub(since.secs) >= secs
    }

    /// The same, except that three times as many timers are enough when timestamps hold time back.
    pub(super) fn has_settled(&self, since: Moment, secs: u32) -> bool {
        // One second more: an order placed at a tick is up to a second younger than the timer before it.
        self.has_passed(since, secs.saturating_add(1))
            || self.timers.saturating_sub(since.timers) >= secs.saturating_mul(3)
    }

    pub(super) fn timer(&mut self) {
        self.timers = self.timers.saturating_add(1);
        self.silent = self.silent.saturating_add(1);
        let held = self.ticks
            && self.silent <= SILENT_SECS
            && self.secs >= self.told().saturating_add(LEAD_SECS);
        if !held {
            self.secs = self.secs.saturating_add(1).min(self.timers);
        }
    }

    pub(super) fn tick(&mut self, timestamp_ms: i64) {
        self.ticks = true;
        self.silent = 0;
        // The common case: the timestamps advance by less than the schedule does.
        self.timestamp(timestamp_ms);
    }

    #[inline(never)]
    pub(super) fn timestamp(&mut self, timestamp_ms: i64) {
        if timestamp_ms <= 0 {
            return;
        }
        let stepped_back = timestamp_ms < self.last_ms.saturating_sub(60_000);
        if self.begin_ms <= 0 || stepped_back {
            self.anchor(timestamp_ms);
        }
        if timestamp_ms < self.last_ms && !stepped_back {
            return;
        }
        self.last_ms = timestamp_ms;
        // In milliseconds, since this runs for every tick, and a division would take longer than everything else here.
        let passed_ms = self.passed_ms();
        if passed_ms >= (i64::from(self.timers) + 1) * 1_000 {
            // The host was down or skipped timers: the schedule continues later, not faster.
            self.anchor(timestamp_ms);
        } else if passed_ms < (i64::from(self.secs) - i64::from(LEAD_SECS)) * 1_000 {
            self.secs = self.told().saturating_add(LEAD_SECS);
        } else if passed_ms >= (i64::from(self.secs) + 1) * 1_000 {
            self.secs = self.told();
        }
    }

    /// Makes `timestamp_ms` correspond to the current moment of the schedule.
    fn anchor(&mut self, timestamp_ms: i64) {
        self.begin_ms =
            timestamp_ms.saturating_sub(i64::from(self.secs).saturating_mul(1_000)).max(1);
    }

    fn passed_ms(&self) -> i64 {
        self.last_ms.saturating_sub(self.begin_ms)
    }

    /// Seconds since the start according to the last timestamp.
    fn told(&self) -> u32 {
        let passed_ms = self.passed_ms();
        u32::try_from(passed_ms / 1_000).unwrap_or(if passed_ms < 0 { 0 } else { u32::MAX })
    }

    pub(super) fn begin_ms(&self) -> i64 {
        self.begin_ms
    }

    /// Sets the timestamp of the beginning, after [`State::read`].
    pub(super) fn begins_at(&mut self, begin_ms: i64) {
        self.begin_ms = begin_ms;
        self.last_ms = self.last_ms.saturating_add(begin_ms);
    }
}

crate::state! {
    /// Allows at most one action in each interval of the schedule. Use it as an algorithm's state, or as a part of it.
    ///
    /// ```
    /// use tesser_wasm::exec::{IntervalClock, ParentOrder};
    ///
    /// fn on_timer(clock: &mut IntervalClock, parent: &mut ParentOrder) {
    ///     // Every 30 s, up to 20 % earlier or later.
    ///     if let Some(interval) = clock.begun(parent, 30, 20) {
    ///         // Place what is due in interval 1, 2, ..; then:
    ///         clock.done(interval);
    ///     }
    /// }
    /// ```
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    pub struct IntervalClock {
        /// The last interval that is done, counted from one; zero at the start.
        done: u32,
    }
}

impl IntervalClock {
    /// Returns the current interval of the schedule, counted from one; `None` once it is [done](Self::done). The first interval
    /// begins with the first timer. Each later one is delayed by a random part of `secs`, up to `randomize_percent`, which is the
    /// same after a restart.
    #[must_use]
    pub fn begun(&self, parent: &ParentOrder, secs: u32, randomize_percent: u32) -> Option<u32> {
        let secs = secs.max(1);
        let elapsed = parent.elapsed_secs();
        let mut interval = elapsed / secs;
        let delay = u64::from(secs) * u64::from(randomize_percent.min(99)) / 100;
        if interval > 0 && delay > 0 {
            let delay = parent.random(u64::from(interval)) % (delay + 1);
            if u64::from(elapsed % secs) < delay {
                interval -= 1;
            }
        }
        (interval + 1 > self.done).then_some(interval + 1)
    }

    /// Marks this interval as done: [`begun`](Self::begun) returns `None` until the next one begins.
    pub fn done(&mut self, interval: u32) {
        self.done = interval;
    }
}

/// A pseudorandom number from a seed, by `SplitMix64`.
pub(super) fn random(seed: u64, index: u64) -> u64 {
    let mut z = seed.wrapping_add(index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// FNV-1a, for seeds and for telling executions apart; 48 bits, so that JSON of any kind keeps it.
#[inline(never)]
pub(super) fn hash(parts: &[&[u8]]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        for byte in *part {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
        hash = (hash ^ 0xff).wrapping_mul(0x100_0000_01b3);
    }
    hash >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_placed_between_two_timers_settles_no_sooner_than_its_seconds() {
        let mut clock = Clock::default();
        clock.timer();
        let placed = clock.now();
        // The next timer may come right after it.
        clock.timer();
        assert!(!clock.has_settled(placed, 1));
        clock.timer();
        assert!(clock.has_settled(placed, 1));
    }
}
