//! The due quantity: a share of the traded volume, and a part of the target for each second without ticks.

use rust_decimal::Decimal;
use tesser_wasm::exec::IntervalClock;
use tesser_wasm::exec::arithmetic::{add, cut, div, is_usable, mul};
use tesser_wasm::state;

state! {
    /// The due quantity.
    #[derive(Default)]
    pub struct Volume {
        due: Decimal,
        /// Timers since the last tick.
        silent: u32,
        clock: IntervalClock,
    }
}

impl Volume {
    /// Adds a trade of the market.
    pub fn trade(&mut self, size: Decimal, percent: Decimal, most: Decimal) {
        self.heard();
        if is_usable(size) {
            self.add(div(mul(size, percent), Decimal::ONE_HUNDRED), most);
        }
    }

    /// Records a tick.
    pub fn heard(&mut self) {
        self.silent = 0;
    }

    /// Counts a timer. Returns the number of timers since the last tick.
    pub fn timer(&mut self) -> u32 {
        self.silent = self.silent.saturating_add(1);
        self.silent
    }

    /// Adds to the due quantity, up to `most`.
    pub fn add(&mut self, quantity: Decimal, most: Decimal) {
        self.due = cut(add(self.due, quantity)).min(cut(most));
    }

    pub fn due(&self) -> Decimal {
        self.due
    }

    pub fn clock(&mut self) -> &mut IntervalClock {
        &mut self.clock
    }
}
