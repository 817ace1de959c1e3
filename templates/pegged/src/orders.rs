//! Counts what was placed and filled, and decides how much may still be placed.
//!
//! In: sizes, prices and fills. Out: the next clip, and the open orders. It knows neither the host
//! nor the symbol.
//!
//! The host tells nothing about an order but its fills: no id, no reject, no cancel. So an order
//! counts as placed for good, and the sum of all orders never exceeds the target.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use tesser_wasm::{PluginFill, PluginSide, decimal};

/// Largest quantity and price that the algorithm works with. `Decimal` operators panic on overflow,
/// and a panic is fatal on the host; below this limit no operator used here can overflow.
pub const LIMIT: i64 = 1_000_000_000_000_000;

/// Decimals of the target and of every order. `Decimal` has 28 digits, so sums of such quantities
/// up to `LIMIT` are exact, and no rounding can free room for an order too many.
pub const DECIMALS: u32 = 12;

/// No clip is placed while this many orders are open. An exchange refuses orders above its own
/// limit, a refused order is lost for the run, and every open order makes the state larger.
pub const MAX_OPEN: usize = 100;

/// How many ids of filled orders are remembered, to tell their late fills from those of new orders.
const MAX_DONE: usize = 16;

/// A placed order that is not filled as far as we know.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Known from the first fill on. Only then can the order be amended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The worst price that it can be filled at.
    #[serde(with = "tesser_wasm::decimal")]
    pub price: Decimal,
    /// What is not filled yet.
    #[serde(with = "tesser_wasm::decimal")]
    pub rest: Decimal,
}

impl Order {
    /// Whether a fill can be of this order: within its limit and its size.
    fn allows(&self, fill: &PluginFill) -> bool {
        let within_limit = match fill.side {
            PluginSide::Buy => fill.fill_price <= self.price,
            PluginSide::Sell => fill.fill_price >= self.price,
        };
        within_limit && fill.fill_quantity <= self.rest
    }
}

/// `a + b`, as far as a decimal goes: a fill can say any number.
///
/// In one place, since `rust_decimal` puts all of an addition (1.7 KB) wherever `+` or `-` is written.
#[inline(never)]
pub fn plus(a: Decimal, b: Decimal) -> Decimal {
    a.saturating_add(b)
}

/// Cuts off the decimals that no order has.
pub fn cut(quantity: Decimal) -> Decimal {
    quantity.round_dp_with_strategy(DECIMALS, RoundingStrategy::ToZero)
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Orders {
    #[serde(with = "tesser_wasm::decimal")]
    pub target: Decimal,
    /// Sum of all orders placed, without what was given back of them.
    #[serde(with = "tesser_wasm::decimal")]
    pub placed: Decimal,
    /// Sum of all fills, those beyond what an order asked for included.
    #[serde(with = "tesser_wasm::decimal")]
    pub filled: Decimal,
    /// Oldest first.
    pub open: Vec<Order>,
    /// Ids of the orders that were filled last, oldest first.
    done: Vec<String>,
}

impl Orders {
    pub fn new(target: Decimal) -> Result<Self, String> {
        let quantity = cut(target);
        if quantity <= Decimal::ZERO || quantity > Decimal::from(LIMIT) {
            return Err(format!(
                "signal: `target_quantity`: {} is out of range; allowed: from 0.000000000001 to {LIMIT}",
                decimal::to_string(target)
            ));
        }
        Ok(Self {
            target: quantity,
            ..Self::default()
        })
    }

    pub fn is_filled(&self) -> bool {
        self.filled >= self.target
    }

    /// What open orders may still fill.
    pub fn outstanding(&self) -> Decimal {
        self.open
            .iter()
            .map(|order| order.rest)
            .fold(Decimal::ZERO, plus)
    }

    /// Quantity of the next order; `None` when nothing may be placed now.
    pub fn next_clip(&self, clip_size: Decimal) -> Option<Decimal> {
        // Fills beyond what an order asked for, and fills reported twice, make `filled` grow more
        // than `open` shrinks: they take room away. Nothing gives any back.
        let committed = self.placed.max(plus(self.filled, self.outstanding()));
        let room = cut(plus(self.target, -committed));
        let clip = clip_size.min(room);
        (clip > Decimal::ZERO && self.open.len() < MAX_OPEN).then_some(clip)
    }

    /// Counts an order of a size that `next_clip` gave.
    pub fn place(&mut self, quantity: Decimal, price: Decimal) {
        self.placed = plus(self.placed, quantity);
        self.open.push(Order {
            id: None,
            price,
            rest: quantity,
        });
    }

    /// Counts a fill of our symbol and side. Answers `false` if it cannot be of our orders.
    pub fn take_fill(&mut self, fill: &PluginFill) -> bool {
        if fill.fill_quantity <= Decimal::ZERO {
            return false;
        }
        let id = Some(fill.order_id.as_str());
        let known = self.open.iter().position(|order| order.id.as_deref() == id);
        if known.is_some() || !self.done.contains(&fill.order_id) {
            let Some(index) = known.or_else(|| self.first_fill_of(fill)) else {
                return false;
            };
            let order = &mut self.open[index];
            // An order is never filled beyond its limit or its size. Such a first fill still counts, but
            // its id is not learned: it may be somebody else's order, which must not be amended.
            let ours = known.is_some() || order.allows(fill);
            order.rest = plus(order.rest, -fill.fill_quantity.min(order.rest));
            if order.rest.is_zero() {
                self.open.remove(index);
                self.remember_done(fill.order_id.clone());
            } else if order.id.is_none() && ours {
                order.id = Some(fill.order_id.clone());
            }
        }
        self.count_fill(fill.fill_quantity);
        true
    }

    /// A fill can say any number.
    pub fn count_fill(&mut self, quantity: Decimal) {
        self.filled = plus(self.filled, quantity);
    }

    /// The order without id that a fill with a new id fits best: one of its price; else one whose
    /// limit allows its price; else any.
    fn first_fill_of(&self, fill: &PluginFill) -> Option<usize> {
        let misfit = |order: &Order| (fill.fill_price != order.price, !order.allows(fill));
        let unidentified = self
            .open
            .iter()
            .enumerate()
            .filter(|(_, order)| order.id.is_none());
        // Of equal ones `min_by_key` takes the first, which is the oldest.
        unidentified
            .min_by_key(|(_, order)| misfit(order))
            .map(|(index, _)| index)
    }

    /// Later fills of this order are not taken for those of another one.
    pub fn remember_done(&mut self, id: String) {
        if self.done.len() >= MAX_DONE {
            self.done.remove(0);
        }
        self.done.push(id);
    }

    /// Refuses numbers that the functions above cannot have left behind.
    pub fn check(&self) -> Result<(), String> {
        let positive = |value: Decimal| value > Decimal::ZERO && value <= Decimal::from(LIMIT);
        if !self
            .open
            .iter()
            .all(|order| positive(order.rest) && positive(order.price))
        {
            return Err("an order's `rest` or `price` is out of range".to_owned());
        }
        if self.filled < Decimal::ZERO {
            return Err("`filled` is negative".to_owned());
        }
        if self.placed > self.target || self.outstanding() > self.placed {
            return Err("`placed` does not agree with `target` and `open`".to_owned());
        }
        Ok(())
    }
}
