//! Child orders: what was placed, what is filled, and which orders are certainly gone.
//!
//! In: placements, fills and time. Out: how much is filled and working. The host reports only fills, so everything else is inferred
//! from time.

use rust_decimal::Decimal;

use super::arithmetic::{add, apart, is_positive, is_usable, less, min, share, sub};
use super::clock::{Clock, Moment, hash};
use super::policy::worse;
use super::state::{Parts, State, StateError, StateWriter};
use super::{OrderPolicy, OrderType};
use crate::json::Json;
use crate::{PluginFill, PluginSide};

/// No order is placed while this many are in the list: each one makes the state larger, and exchanges have their own limits.
pub(super) const MAX_ORDERS: usize = 100;
/// How many executions and filled orders are remembered: after a reconnect an exchange delivers recent executions again.
const MAX_SEEN: usize = 128;
/// After this long without a fill the host has cancelled an order: 60 s, checked every 15 s.
const HOST_STALE_SECS: u32 = 75;
/// An order that crosses the spread is filled within this time.
const CROSSING_SECS: u32 = 5;

/// A placed order.
#[derive(Clone, Debug, PartialEq)]
pub struct ChildOrder {
    pub(super) id: Option<String>,
    /// Zero for a market order.
    pub(super) price: Decimal,
    pub(super) quantity: Decimal,
    pub(super) filled: Decimal,
    pub(super) order_type: OrderType,
    /// Time of the placement, last fill, amendment or restart.
    pub(super) since: Moment,
    /// Whether the host cancels it if no fill comes. Only a fill of a limit order ends that.
    pub(super) is_mortal: bool,
    /// Whether its unfilled quantity is already being worked again, while late fills are still possible.
    pub(super) is_given_back: bool,
    /// Whether it was meant to cross the spread.
    pub(super) crosses: bool,
}

impl ChildOrder {
    /// The exchange's id, known from the first fill on. An order without a known id cannot be amended.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Limit price in quote currency; `None` for a market order.
    #[must_use]
    pub fn price(&self) -> Option<Decimal> {
        (!self.price.is_zero()).then_some(self.price)
    }

    /// Total quantity in base currency.
    #[must_use]
    pub fn quantity(&self) -> Decimal {
        self.quantity
    }

    /// Filled quantity.
    #[must_use]
    pub fn filled(&self) -> Decimal {
        self.filled
    }

    /// Quantity that is not filled yet.
    #[must_use]
    #[inline(never)]
    pub fn unfilled(&self) -> Decimal {
        if self.filled.is_zero() { self.quantity } else { sub(self.quantity, self.filled) }
    }

    /// Type of the order.
    #[must_use]
    pub fn order_type(&self) -> OrderType {
        self.order_type
    }

    /// Whether its limit is more than `bps` basis points away from `price`.
    #[must_use]
    pub fn is_away(&self, price: Decimal, bps: Decimal) -> bool {
        !self.price.is_zero() && apart(price, self.price, bps)
    }

    /// Whether a fill is within its limit and its size.
    #[inline(never)]
    fn allows(&self, side: PluginSide, fill: &PluginFill) -> bool {
        let within_limit =
            self.price.is_zero() || worse(side, fill.fill_price, self.price) == self.price;
        within_limit && !less(self.unfilled(), fill.fill_quantity)
    }
}

/// A JSON array, like all of the kit's state: field names would be most of the text.
impl State for ChildOrder {
    fn write(&self, out: &mut StateWriter) {
        out.open(b'[');
        out.element();
        self.id.write(out);
        for number in [self.price, self.quantity, self.filled] {
            out.element();
            number.write(out);
        }
        let flags = [self.is_mortal, self.is_given_back, self.crosses];
        for number in [self.order_type as u32, self.since.secs, self.since.timers]
            .into_iter()
            .chain(flags.map(u32::from))
        {
            out.element();
            number.write(out);
        }
        out.close(b']');
    }

    fn read(value: Json<'_>) -> Result<Self, StateError> {
        let mut parts = Parts::list(value, 10);
        let order = Self {
            id: parts.read(),
            price: parts.decimal(),
            quantity: parts.decimal(),
            filled: parts.decimal(),
            order_type: saved_type(&mut parts),
            since: Moment { secs: parts.u32(), timers: parts.u32() },
            is_mortal: parts.u32() != 0,
            is_given_back: parts.u32() != 0,
            crosses: parts.u32() != 0,
        };
        let is_right = is_usable(order.quantity)
            && (order.price.is_zero() || is_usable(order.price))
            && !order.filled.is_sign_negative()
            && less(order.filled, order.quantity);
        if !is_right {
            parts.fail("a malformed order");
        }
        parts.end().map(|()| order)
    }
}

/// The type of a saved order, by its number.
fn saved_type(parts: &mut Parts<'_>) -> OrderType {
    let known = OrderType::ALL.get(parts.u32() as usize).copied();
    if known.is_none() {
        parts.fail("a malformed order");
    }
    known.unwrap_or(OrderType::Limit)
}

/// All orders of a parent order.
#[derive(Clone, Debug, Default)]
pub(super) struct Orders {
    /// Sum of the counted fills.
    filled: Decimal,
    /// Quantity filled when none of our orders was known to be open.
    late: Decimal,
    /// Oldest first, without filled and cancelled orders.
    open: Vec<ChildOrder>,
    /// Hashes of the counted executions, oldest first.
    seen: Vec<u64>,
    /// Hashes of the ids of filled orders, oldest first.
    done: Vec<u64>,
    /// Consecutive orders that crossed the spread and expired without a fill.
    misses: u32,
    /// Whether an order expired unfilled and no price has been seen since it was placed.
    blind: bool,
}

impl State for Orders {
    fn write(&self, out: &mut StateWriter) {
        out.open(b'{');
        out.field("filled", &self.filled);
        out.field("late", &self.late);
        out.field("open", &self.open);
        out.field("seen", &self.seen);
        out.field("done", &self.done);
        out.field("misses", &self.misses);
        out.field("blind", &u32::from(self.blind));
        out.close(b'}');
    }

    fn read(value: Json<'_>) -> Result<Self, StateError> {
        const NAMES: [&str; 7] = ["filled", "late", "open", "seen", "done", "misses", "blind"];
        let mut parts = Parts::fields(value, &NAMES);
        let orders = Self {
            filled: parts.decimal(),
            late: parts.decimal(),
            open: parts.read(),
            seen: parts.read(),
            done: parts.read(),
            misses: parts.u32(),
            blind: parts.u32() != 0,
        };
        parts.end().map(|()| orders)
    }
}

/// Whether a fill counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// It counts, up to the quantity of its order.
    Yes,
    /// It counts, although it matches no order that is known to be open.
    Late,
    /// It does not count: it was reported before, or exceeds its order's quantity.
    No,
}

impl Orders {
    pub(super) fn filled(&self) -> Decimal {
        self.filled
    }

    pub(super) fn late(&self) -> Decimal {
        self.late
    }

    pub(super) fn misses(&self) -> u32 {
        self.misses
    }

    pub(super) fn is_blind(&self) -> bool {
        self.blind
    }

    pub(super) fn saw_price(&mut self) {
        self.blind = false;
    }

    pub(super) fn list(&self) -> &[ChildOrder] {
        &self.open
    }

    pub(super) fn list_mut(&mut self) -> &mut [ChildOrder] {
        &mut self.open
    }

    /// Orders whose unfilled quantity may still be filled and is not being worked again.
    pub(super) fn working(&self) -> impl Iterator<Item = &ChildOrder> {
        self.open.iter().filter(|order| !order.is_given_back)
    }

    #[inline(never)]
    pub(super) fn working_quantity(&self) -> Decimal {
        sum(self.working())
    }

    /// Quantity that is being worked again while late fills are possible.
    #[inline(never)]
    pub(super) fn given_back(&self) -> Decimal {
        sum(self.open.iter().filter(|order| order.is_given_back))
    }

    pub(super) fn place(&mut self, order: ChildOrder) {
        self.open.push(order);
    }

    /// Counts a fill of our symbol and side.
    pub(super) fn fill(&mut self, side: PluginSide, fill: &PluginFill, now: Moment) -> Counted {
        if !is_positive(fill.fill_quantity) {
            return Counted::No;
        }
        let id = hash(&[fill.order_id.as_bytes()]);
        let execution = hash(&[
            fill.order_id.as_bytes(),
            &fill.fill_price.normalize().serialize(),
            &fill.fill_quantity.normalize().serialize(),
            &fill.timestamp_ms.to_le_bytes(),
        ]);
        if self.seen.contains(&execution) || self.done.contains(&id) {
            return Counted::No;
        }
        remember(&mut self.seen, execution);
        self.misses = 0;
        let known = self.open.iter().position(|order| order.id() == Some(&fill.order_id));
        let Some(index) = known.or_else(|| self.first_fill_of(side, fill, now)) else {
            self.filled = add(self.filled, fill.fill_quantity);
            self.late = add(self.late, fill.fill_quantity);
            return Counted::Late;
        };
        let order = &mut self.open[index];
        let is_ours = known.is_some() || order.allows(side, fill);
        let counted = min(fill.fill_quantity, order.unfilled());
        order.filled = add(order.filled, counted);
        self.filled = add(self.filled, counted);
        let was_given_back = order.is_given_back;
        if less(order.filled, order.quantity) {
            order.since = now;
            order.is_mortal = order.order_type != OrderType::Limit;
            // Someone else's order must not be amended.
            if is_ours && order.id.is_none() {
                order.id = Some(fill.order_id.clone());
            }
        } else {
            self.open.remove(index);
            remember(&mut self.done, id);
        }
        if was_given_back {
            self.late = add(self.late, counted);
            return Counted::Late;
        }
        Counted::Yes
    }

    /// The order without an id that a fill with a new id fits best.
    ///
    /// A resting order is filled at its limit, and no two of them have the same one (see `ParentOrder::apart`). A better
    /// price belongs to an order that crossed when it was placed, so to the newest one. An order older than the host's
    /// timeout has been cancelled, if the host could cancel it.
    #[inline(never)]
    fn first_fill_of(&self, side: PluginSide, fill: &PluginFill, now: Moment) -> Option<usize> {
        let rank = |index: usize, order: &ChildOrder| {
            let age = now.secs.saturating_sub(order.since.secs);
            let newest_first = MAX_ORDERS.saturating_sub(index);
            match fill.fill_price == order.price {
                _ if !order.allows(side, fill) => 4_000 + index,
                true if age < HOST_STALE_SECS => index,
                false if age <= CROSSING_SECS => 1_000 + newest_first,
                true => 2_000 + index,
                false => 3_000 + newest_first,
            }
        };
        let mut best = None;
        for (index, order) in self.open.iter().enumerate() {
            if order.id.is_none() {
                let rank = rank(index, order);
                if best.is_none_or(|(least, _)| rank < least) {
                    best = Some((rank, index));
                }
            }
        }
        best.map(|(_, index)| index)
    }

    /// Releases the unfilled quantity of IOC orders that must have ended, and forgets orders that are certainly gone.
    /// Returns for each
    /// of the latter the unfilled quantity that was not released before.
    pub(super) fn expire(
        &mut self,
        policy: &OrderPolicy,
        target: Decimal,
        clock: &Clock,
        news: u32,
    ) -> Vec<Decimal> {
        let mut dead = Vec::new();
        let mut open = std::mem::take(&mut self.open);
        let mut at = 0;
        while let Some(order) = open.get(at) {
            if !order.is_mortal || !clock.has_passed(order.since, policy.stale_secs) {
                at += 1;
                continue;
            }
            if !order.is_given_back {
                self.miss(order, news);
                dead.push(order.unfilled());
            }
            open.remove(at);
        }
        let budget = share(target, policy.resend_percent.into(), 100);
        let mut given_back = sum(open.iter().filter(|order| order.is_given_back));
        for order in &mut open {
            let settled = order.order_type == OrderType::Ioc
                && !order.is_given_back
                && clock.has_settled(order.since, policy.settle_secs);
            if !settled {
                continue;
            }
            let with_it = add(given_back, order.unfilled());
            if !less(budget, with_it) {
                given_back = with_it;
                order.is_given_back = true;
                self.miss(order, news);
            }
        }
        self.open = open;
        dead
    }

    /// Counts a miss if the order expired without a fill.
    #[inline(never)]
    fn miss(&mut self, order: &ChildOrder, news: u32) {
        if !order.filled.is_zero() {
            return;
        }
        if order.order_type == OrderType::Market || order.crosses {
            self.misses = self.misses.saturating_add(1);
        }
        self.blind |= order.order_type == OrderType::Limit && news <= order.since.timers;
    }

    /// After a restart the host starts its timeout anew for each open order, including partly filled ones.
    pub(super) fn restart(&mut self, now: Moment) {
        for order in &mut self.open {
            order.since = now;
            order.is_mortal = true;
        }
    }

    pub(super) fn check(&self, target: Decimal) -> Result<(), StateError> {
        if self.filled.is_sign_negative()
            || self.late.is_sign_negative()
            || self.open.len() > MAX_ORDERS
        {
            return Err(StateError::new("`orders`: a number is out of range"));
        }
        if less(target, self.working_quantity()) {
            return Err(StateError::new("`orders`: more is working than the target"));
        }
        Ok(())
    }
}

/// Sum of the unfilled quantities of these orders.
fn sum<'a>(orders: impl Iterator<Item = &'a ChildOrder>) -> Decimal {
    orders.fold(Decimal::ZERO, |sum, order| add(sum, order.unfilled()))
}

fn remember(list: &mut Vec<u64>, hash: u64) {
    if list.len() >= MAX_SEEN {
        list.remove(0);
    }
    list.push(hash);
}
