//! The schedule: how much of the target is due, and the rule for catching up.
//!
//! In: the slice that one is in, and the target. Out: the quantity that is due. It knows neither orders
//! nor prices.

use rust_decimal::Decimal;

/// How the target is divided.
#[derive(Debug, Default, PartialEq)]
pub struct Plan {
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
