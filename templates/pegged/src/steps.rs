//! What an exchange takes: rounds quantities and prices to its steps and keeps clips in bounds.
//!
//! In: quantities and prices that the algorithm wants. Out: those that can be sent. It remembers
//! nothing. The host tells a plugin neither steps nor minimums, so they are parameters.

use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

use crate::orders::{LIMIT, cut};

/// All are above zero, and `min_clip` is a multiple of `lot_step`.
#[derive(Debug, Default, PartialEq)]
pub struct Steps {
    lot_step: Decimal,
    price_step: Decimal,
    min_clip: Decimal,
}

/// Refuses a parameter that is out of range, by its name.
pub fn in_range(name: &str, value: Decimal, from: Decimal, to: Decimal) -> Result<(), String> {
    if value < from || value > to {
        return Err(format!(
            "params: `{name}`: {value} is out of range; allowed: from {from} to {to}"
        ));
    }
    Ok(())
}

/// Smallest quantity, price and step.
pub const SMALLEST: Decimal = Decimal::from_parts(1, 0, 0, false, 12);

impl Steps {
    pub fn new(lot_step: Decimal, price_step: Decimal, min_clip: Decimal) -> Result<Self, String> {
        let limit = Decimal::from(LIMIT);
        for (name, step) in [("lot_step", lot_step), ("price_step", price_step)] {
            in_range(name, step, SMALLEST, limit)?;
            if cut(step) != step {
                return Err(format!(
                    "params: `{name}`: {step} has more than twelve decimals"
                ));
            }
        }
        in_range("min_clip", min_clip, Decimal::ZERO, limit)?;
        let mut steps = Self {
            lot_step,
            price_step,
            min_clip: lot_step,
        };
        steps.min_clip = steps.lots_up(min_clip).max(lot_step);
        Ok(steps)
    }

    /// Smallest quantity that an order asks for.
    pub fn min_clip(&self) -> Decimal {
        self.min_clip
    }

    /// Rounds down to a quantity that can be ordered.
    pub fn lots(&self, quantity: Decimal) -> Decimal {
        floor(quantity, self.lot_step)
    }

    /// Rounds up to a quantity that can be ordered.
    pub fn lots_up(&self, quantity: Decimal) -> Decimal {
        let lots = self.lots(quantity);
        let up = if lots < quantity {
            self.lot_step
        } else {
            Decimal::ZERO
        };
        lots + up
    }

    /// What of the signal's quantity can be worked: whole lots.
    pub fn target(&self, quantity: Decimal) -> Result<Decimal, String> {
        // Out of range: `Orders::new` refuses it.
        if quantity <= Decimal::ZERO || quantity > Decimal::from(LIMIT) {
            return Ok(quantity);
        }
        let target = self.lots(quantity);
        if target < self.min_clip {
            return Err(format!(
                "signal: `target_quantity`: {quantity} is less than the smallest order of {}; see `lot_step` and `min_clip`",
                self.min_clip
            ));
        }
        Ok(target)
    }

    /// Refuses a price step that cannot be the one of a symbol with this price.
    pub fn check_price_step(&self, price: Decimal) -> Result<(), String> {
        let usable = price > Decimal::ZERO && price <= Decimal::from(LIMIT);
        if usable && self.price_step > price / Decimal::TEN {
            return Err(format!(
                "params: `price_step`: {} is more than a tenth of the price {price}",
                self.price_step
            ));
        }
        Ok(())
    }

    /// Quantity of an order: at most `wanted`, `most` and `room`. What would remain is never too
    /// small for an order: the last two orders share it, or the last one takes it along.
    /// `most` is `least_most` or more.
    pub fn clip(&self, wanted: Decimal, most: Decimal, room: Decimal) -> Option<Decimal> {
        let (room, most) = (self.lots(room), self.lots(most));
        let quantity = self.lots(wanted).min(most).min(room);
        if quantity < self.min_clip {
            return None;
        }
        let rest = room - quantity;
        let quantity = if rest.is_zero() || rest >= self.min_clip {
            quantity
        } else if room <= most {
            room
        } else {
            room - self.min_clip
        };
        Some(quantity.normalize())
    }

    /// Least that `most` of `clip` must be, so that there is a way: one lot, or twice `min_clip`.
    pub fn least_most(&self) -> Decimal {
        if self.min_clip > self.lot_step {
            self.min_clip * Decimal::TWO
        } else {
            self.lot_step
        }
    }

    /// The price `bps` basis points beyond `price` (above for a buy, below for a sell; negative: the
    /// other way), but never beyond `worst`. It is rounded away from the market, so never beyond either.
    pub fn price(
        &self,
        side: PluginSide,
        price: Decimal,
        bps: Decimal,
        worst: Option<Decimal>,
    ) -> Option<Decimal> {
        let bps = bps * Decimal::from(side.as_multiplier());
        let moved = price * (Decimal::from(10_000) + bps) / Decimal::from(10_000);
        let worst = worst.unwrap_or(moved);
        let step = self.price_step;
        let rounded = match side {
            PluginSide::Buy => floor(moved.min(worst), step),
            PluginSide::Sell => {
                let bounded = moved.max(worst);
                let down = floor(bounded, step);
                if down < bounded { down + step } else { down }
            }
        };
        let usable = rounded > Decimal::ZERO && rounded <= Decimal::from(LIMIT);
        usable.then(|| rounded.normalize())
    }
}

/// Rounds down to a multiple. `%` panics where there is no answer; then nothing is left.
fn floor(value: Decimal, step: Decimal) -> Decimal {
    value
        .checked_rem(step)
        .map_or(Decimal::ZERO, |rest| value - rest)
}
