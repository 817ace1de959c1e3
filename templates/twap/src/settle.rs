//! What becomes of an `ioc` order: the exchange drops at once what it cannot fill, and tells nobody.
//!
//! In: timers and the times of ticks. Out: the rest of an order that must be over by now, as room for
//! another one. It is given back late rather than early, and only up to a budget: an order whose
//! fills are still on their way is sent a second time, and the budget bounds what that can cost.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::orders::{Orders, plus};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settle {
    /// Timers since the last order or fill.
    quiet: u32,
    /// Time of the last tick in milliseconds; zero before the first.
    tick_ms: i64,
    /// The same at the last order or fill.
    since_ms: i64,
    /// Sum of what was given back.
    #[serde(with = "tesser_wasm::decimal")]
    expired: Decimal,
}

impl Settle {
    /// A first tick, and a clock that jumped back, start the delay anew.
    pub fn tick(&mut self, time_ms: i64) {
        if self.tick_ms == 0 || time_ms < self.since_ms {
            self.since_ms = time_ms;
        }
        self.tick_ms = time_ms;
    }

    /// An order or a fill: whatever was waited for so far does not count.
    pub fn restart(&mut self) {
        self.quiet = 0;
        self.since_ms = self.tick_ms;
    }

    /// Counts a timer. Answers whether an open order has had `secs` seconds since its last word.
    ///
    /// A host that was held up sends the timers that it missed all at once. So where ticks come,
    /// their clock has to agree.
    pub fn timer(&mut self, secs: u32) -> bool {
        self.quiet = self.quiet.saturating_add(1);
        let passed_ms = self.tick_ms.saturating_sub(self.since_ms);
        let ticks_agree = self.tick_ms == 0 || passed_ms >= i64::from(secs) * 1_000;
        self.quiet > secs && ticks_agree
    }

    /// Gives back the rest of open orders while the sum stays within `budget`. The others stay open
    /// for good.
    pub fn give_back(&mut self, orders: &mut Orders, budget: Decimal) {
        for order in std::mem::take(&mut orders.open) {
            if plus(self.expired, order.rest) > budget {
                orders.open.push(order);
                continue;
            }
            self.expired = plus(self.expired, order.rest);
            orders.placed = plus(orders.placed, -order.rest);
            if let Some(id) = order.id {
                orders.remember_done(id);
            }
        }
    }

    /// Whether a fill that fits no open order can be the late one of an order that was given back.
    pub fn has_expired_orders(&self) -> bool {
        !self.expired.is_zero()
    }

    /// Refuses numbers that the functions above cannot have left behind.
    pub fn check(&self) -> Result<(), String> {
        if self.expired < Decimal::ZERO {
            return Err("malformed state: `expired` is negative".to_owned());
        }
        Ok(())
    }
}
