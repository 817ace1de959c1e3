//! What an algorithm asks to place.

use rust_decimal::Decimal;

/// A request to place a child order. The kit decides what of it can be placed now.
///
/// ```
/// use rust_decimal::Decimal;
/// use tesser_wasm::exec::Clip;
///
/// // What of a due quantity of 3 is neither filled nor working, 0.5 in one order at most, taken at once.
/// let clip = Clip::up_to(Decimal::from(3)).at_most(Decimal::new(5, 1)).crossing();
/// # let _ = clip;
/// ```
#[derive(Clone, Debug)]
#[must_use = "a clip does nothing until it is placed"]
pub struct Clip {
    pub(super) wanted: Wanted,
    pub(super) at_most: Option<Decimal>,
    pub(super) market: Option<Decimal>,
    pub(super) limit: Option<Decimal>,
    pub(super) crossing: bool,
    pub(super) passive: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted {
    Exactly(Decimal),
    UpTo(Decimal),
    Remaining,
}

impl Clip {
    const fn wanting(wanted: Wanted) -> Self {
        Self { wanted, at_most: None, market: None, limit: None, crossing: false, passive: false }
    }

    /// This quantity, in base currency.
    pub const fn of(quantity: Decimal) -> Self {
        Self::wanting(Wanted::Exactly(quantity))
    }

    /// What of `due`, a part of the target, is neither filled nor working.
    pub const fn up_to(due: Decimal) -> Self {
        Self::wanting(Wanted::UpTo(due))
    }

    /// What of the target is neither filled nor working.
    pub const fn remaining() -> Self {
        Self::wanting(Wanted::Remaining)
    }

    /// At most this quantity in one order.
    pub const fn at_most(mut self, quantity: Decimal) -> Self {
        self.at_most = Some(quantity);
        self
    }

    /// Counts `offset_bps` from this price instead of the last one.
    pub const fn from_market(mut self, price: Decimal) -> Self {
        self.market = Some(price);
        self
    }

    /// Has this limit, whatever the market and `offset_bps` are.
    pub const fn at(mut self, limit: Decimal) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Takes what there is at once: a market order, or an IOC order at `limit_price` where there is one.
    pub const fn crossing(mut self) -> Self {
        self.crossing = true;
        self
    }

    /// Never has a limit beyond the last price.
    pub const fn passive(mut self) -> Self {
        self.passive = true;
        self
    }
}
