//! The exchange's rules: venue, lot size, tick size, minimum order.

use rust_decimal::Decimal;

use super::arithmetic::{
    LIMIT, add, cut, div, is_positive, is_usable, less, max, min, mul, round_down, round_up, sub,
};
use crate::{ParamError, PluginSide, decimal};

crate::params! {
    /// The exchange's rules for orders of the symbol. The host does not pass them to a plugin, and the plugin is not told when an
    /// order that breaks a rule is rejected, so set these to the exchange's own values.
    pub struct MarketRules {
        /// Venue to which orders are sent, as the host names it, for example `bybit_linear`.
        venue: String;
        /// Every quantity is a multiple of it.
        lot_size: Decimal = 0.00001, in 0.000000000001..=1_000_000_000_000_000, unit "base currency";
        /// Every price is a multiple of it.
        tick_size: Decimal = 0.01, in 0.000000000001..=1_000_000_000_000_000, unit "quote currency";
        /// Minimum quantity of an order.
        min_quantity: Decimal = 0, in 0..=1_000_000_000_000_000, unit "base currency";
        /// Minimum value (quantity times price) of an order.
        min_notional: Decimal = 0, in 0..=1_000_000_000_000_000, unit "quote currency";
    }
}

impl MarketRules {
    /// Checks rules that depend on several values. `price` is the price at the start.
    pub(super) fn checked(mut self, price: Decimal) -> Result<Self, ParamError> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if !self.venue.chars().all(is_plain) {
            return Err(ParamError::new(
                "venue",
                "must be the venue's name only, letters, digits and `_`, for example \"bybit_linear\"",
            ));
        }
        self.lot_size = cut(self.lot_size);
        self.tick_size = cut(self.tick_size);
        if is_usable(price) && less(price, mul(self.tick_size, Decimal::TEN)) {
            let message = decimal::to_string(self.tick_size)
                + " is more than a tenth of the price "
                + &decimal::to_string(price)
                + "; set the symbol's own tick size";
            return Err(ParamError::new("tick_size", message));
        }
        Ok(self)
    }

    /// Smallest quantity that can be ordered at this price, in whole lots.
    #[must_use]
    pub fn minimum(&self, price: Option<Decimal>) -> Decimal {
        let by_value = match price {
            Some(price) if !self.min_notional.is_zero() => div(self.min_notional, price),
            _ => Decimal::ZERO,
        };
        let least = min(max(self.min_quantity, by_value), Decimal::from(LIMIT));
        max(round_up(least, self.lot_size), self.lot_size)
    }

    /// The part of `wanted` that can be ordered: whole lots, at most `most` and `room`, at least the minimum, and so that
    /// the rest of
    /// `room` is zero or at least the minimum. `None` if nothing can be ordered.
    #[must_use]
    pub fn clip(
        &self,
        wanted: Decimal,
        most: Decimal,
        room: Decimal,
        price: Option<Decimal>,
    ) -> Option<Decimal> {
        let minimum = self.minimum(price);
        let room = round_down(room, self.lot_size);
        let wanted = min(wanted, room);
        if !is_positive(wanted) || less(room, minimum) {
            return None;
        }
        // A maximum below the exchange's minimum could never be kept.
        let most = max(most, minimum);
        let quantity = round_down(min(wanted, most), self.lot_size);
        if less(quantity, minimum) {
            return None;
        }
        let rest = sub(room, quantity);
        let quantity = if rest.is_zero() || !less(rest, minimum) {
            quantity
        } else if !less(add(most, minimum), room) {
            room
        } else {
            round_down(sub(room, minimum), self.lot_size)
        };
        Some(quantity)
    }

    /// Rounds a limit price to ticks: away from the market if `outward` is false, so that it is never worse than `price`;
    /// otherwise towards the other side. `None` if the result is not a valid price.
    #[must_use]
    pub fn price(&self, side: PluginSide, price: Decimal, outward: bool) -> Option<Decimal> {
        let down = (side == PluginSide::Buy) != outward;
        let rounded =
            if down { round_down(price, self.tick_size) } else { round_up(price, self.tick_size) };
        is_usable(rounded).then_some(rounded)
    }
}
