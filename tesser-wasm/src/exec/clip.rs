//! A request to place an order.

use rust_decimal::Decimal;

/// A request to place a child order. The kit decides how much of it can be placed now.
///
/// ```
/// use rust_decimal::Decimal;
/// use tesser_wasm::exec::Clip;
///
/// // The part of a due quantity of 3 that is neither filled nor working, at most 0.5 in one order, crossing the spread.
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

    /// Requests this quantity, in base currency.
    pub const fn of(quantity: Decimal) -> Self {
        Self::wanting(Wanted::Exactly(quantity))
    }

    /// Requests the part of `due` that is neither filled nor working. `due` is a part of the target.
    pub const fn up_to(due: Decimal) -> Self {
        Self::wanting(Wanted::UpTo(due))
    }

    /// Requests the part of the target that is neither filled nor working.
    pub const fn remaining() -> Self {
        Self::wanting(Wanted::Remaining)
    }

    /// Limits one order to this quantity.
    pub const fn at_most(mut self, quantity: Decimal) -> Self {
        self.at_most = Some(quantity);
        self
    }

    /// Applies `offset_bps` to this price instead of the last one.
    pub const fn from_market(mut self, price: Decimal) -> Self {
        self.market = Some(price);
        self
    }

    /// Sets the limit price, whatever the market and `offset_bps` are.
    pub const fn at(mut self, limit: Decimal) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Takes liquidity at once: a market order, or an IOC order at `limit_price` if that is set.
    pub const fn crossing(mut self) -> Self {
        self.crossing = true;
        self
    }

    /// Keeps the limit price from going beyond the last price.
    pub const fn passive(mut self) -> Self {
        self.passive = true;
        self
    }
}
