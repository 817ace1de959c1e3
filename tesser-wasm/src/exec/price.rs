//! The last known market price: a hint at the start, then the prices of ticks and fills.

use rust_decimal::Decimal;

use super::arithmetic::{add, apart, div, is_usable, mul, sub, with_places};
use super::state::{Parts, State, StateError, StateWriter};
use crate::json::Json;

/// The prices; zero means unknown.
#[derive(Clone, Debug, Default)]
pub(super) struct Prices {
    /// `risk.last_price`, which may be from an earlier session.
    hint: Decimal,
    /// The last price that counts.
    last: Decimal,
    /// A price too far from `last` to count before it is confirmed.
    candidate: Decimal,
    /// Number of timers at the last price.
    news: u32,
}

/// A JSON array, since the host asks for it after every callback. The hint comes from `init` again.
impl State for Prices {
    fn write(&self, out: &mut StateWriter) {
        out.literal(b"[");
        self.last.write(out);
        out.literal(b",");
        self.candidate.write(out);
        out.literal(b",");
        self.news.write(out);
        out.literal(b"]");
    }

    fn read(value: Json<'_>) -> Result<Self, StateError> {
        let mut parts = Parts::list(value, 3);
        let prices = Self {
            hint: Decimal::ZERO,
            last: parts.decimal(),
            candidate: parts.decimal(),
            news: parts.u32(),
        };
        if ![prices.last, prices.candidate].iter().all(|price| price.is_zero() || is_usable(*price))
        {
            parts.fail("a price is out of range");
        }
        parts.end().map(|()| prices)
    }
}

/// Two bounds; a price between them needs no further check. Not part of the state: computed when needed.
#[derive(Debug, Default)]
pub(super) struct Band {
    low: Decimal,
    high: Decimal,
}

impl Prices {
    pub(super) fn new(hint: Decimal) -> Self {
        Self { hint: if is_usable(hint) { hint } else { Decimal::ZERO }, ..Self::default() }
    }

    /// The last price, or the hint until there is one.
    pub(super) fn last(&self) -> Option<Decimal> {
        let price = if self.last.is_zero() { self.hint } else { self.last };
        (!price.is_zero()).then_some(price)
    }

    /// The last price of a tick or fill.
    pub(super) fn confirmed(&self) -> Option<Decimal> {
        (!self.last.is_zero()).then_some(self.last)
    }

    /// Number of timers at the last price.
    pub(super) fn news(&self) -> u32 {
        self.news
    }

    /// Processes the price of a trade; false if it does not count (yet).
    pub(super) fn tick(
        &mut self,
        price: Decimal,
        timers: u32,
        max_move: Decimal,
        band: &mut Band,
    ) -> bool {
        if price < band.low || price > band.high {
            if !self.counts(price, max_move) {
                return false;
            }
            // Two prices within the bounds are less than `max_move` apart.
            let half = mul(div(price, Decimal::from(20_000)), max_move);
            let places = price.scale();
            *band = Band {
                low: with_places(sub(price, half), places),
                high: with_places(add(price, half), places),
            };
        }
        self.last = price;
        self.news = timers;
        true
    }

    #[inline(never)]
    fn counts(&mut self, price: Decimal, max_move: Decimal) -> bool {
        if !is_usable(price) {
            return false;
        }
        let near = |other: Decimal| !other.is_zero() && !apart(price, other, max_move);
        let reference = if self.last.is_zero() { self.hint } else { self.last };
        let counts = near(reference) || near(self.candidate);
        self.candidate = if counts { Decimal::ZERO } else { price };
        counts
    }

    /// Processes the price of our own fill, which needs no confirmation.
    #[inline(never)]
    pub(super) fn fill(&mut self, price: Decimal, timers: u32) {
        if is_usable(price) {
            self.last = price;
            self.candidate = Decimal::ZERO;
            self.news = timers;
        }
    }

    /// Prices of a saved state, with the hint of this start.
    pub(super) fn restore(&mut self, saved: &Self) {
        *self = Self { hint: self.hint, ..saved.clone() };
    }
}
