//! Placing and amending orders.
//!
//! In: what an algorithm asks for. Out: what can be sent now.

use rust_decimal::Decimal;

use super::arithmetic::{LIMIT, add, is_positive, max, min, moved, mul, share, sub};
use super::child::{ChildOrder, MAX_ORDERS};
use super::clip::{Clip, Wanted};
use super::policy::worse;
use super::{AtEnd, OrderType, ParentOrder, WhenBlind};
use crate::{PluginOrderRequest, PluginOrderUpdateRequest, PluginTimeInForce, decimal};

/// After the end, an algorithm gives up after this many consecutive orders without a fill.
const MAX_MISSES: u32 = 8;
/// After the end, an algorithm gives up after this many timers at which nothing could be placed.
const MAX_IDLE: u32 = 120;

impl ParentOrder {
    /// Places an order, or as much of it as the target, the lot size and the exchange's minimum allow.
    ///
    /// Returns false if nothing can be placed now: nothing is left, there is no price yet, an order that crosses is on its
    /// way, or the
    /// requested quantity is below the exchange's minimum. It is fine to ask again at the next timer.
    #[expect(clippy::needless_pass_by_value, reason = "a clip is made for one call")]
    pub fn place(&mut self, clip: Clip) -> bool {
        self.try_place(&clip).is_some()
    }

    fn try_place(&mut self, clip: &Clip) -> Option<()> {
        if self.gave_up || self.orders.list().len() >= MAX_ORDERS {
            return None;
        }
        let room = self.unplaced();
        let wanted = match clip.wanted {
            Wanted::Remaining => room,
            Wanted::Exactly(quantity) => quantity,
            Wanted::UpTo(due) => sub(sub(due, self.filled()), self.working_quantity()),
        };
        if matches!(clip.wanted, Wanted::Exactly(_)) && !is_positive(wanted)
            || clip.limit.or(clip.market).is_some_and(|price| !is_positive(price))
        {
            self.say_impossible();
            return None;
        }
        if !is_positive(wanted) || room.is_zero() {
            return None;
        }
        let is_blind = self.orders.is_blind()
            && self.policy.when_blind == WhenBlind::Cross
            && self.policy.order_type == OrderType::Limit
            && clip.limit.is_none();
        let crosses = clip.crossing || is_blind;
        let order_type = match self.policy.order_type {
            own if !crosses => own,
            OrderType::Limit | OrderType::Market if self.policy.limit_price.is_none() => {
                OrderType::Market
            }
            _ => OrderType::Ioc,
        };
        let takes = |order: &ChildOrder| order.order_type() != OrderType::Limit;
        if order_type != OrderType::Limit && self.orders.working().any(takes) {
            return None;
        }
        let price = match order_type {
            OrderType::Market => None,
            OrderType::Limit => {
                let price = self.price_of(clip, crosses)?;
                Some(self.apart(price)?)
            }
            OrderType::Ioc => Some(self.price_of(clip, crosses)?),
        };
        let mut most = clip.at_most.unwrap_or(Decimal::from(LIMIT));
        if order_type == OrderType::Market || crosses {
            // A rejected order looks like one that found no liquidity, and the host rejects orders that are too large.
            most = min(most, self.most_after_misses(room));
        }
        let quantity = self.rules.clip(wanted, most, room, price.or(self.prices.last()))?;
        self.send(order_type, quantity, price, crosses);
        Some(())
    }

    /// `price`, or the next more passive one that no order without an id has: the price of a first fill is the only way to find
    /// out which order it belongs to.
    fn apart(&self, mut price: Decimal) -> Option<Decimal> {
        let is_taken = |price: Decimal| {
            self.orders.list().iter().any(|order| order.id.is_none() && order.price == price)
        };
        while is_taken(price) {
            price = self.rules.price(self.side, sub(price, self.signed_tick()), false)?;
        }
        Some(price)
    }

    #[inline(never)]
    fn signed_tick(&self) -> Decimal {
        mul(self.rules.tick_size, Decimal::from(self.side.as_multiplier()))
    }

    fn price_of(&mut self, clip: &Clip, crosses: bool) -> Option<Decimal> {
        if let (true, Some(limit)) = (crosses, self.policy.limit_price) {
            // An order out of reach would only expire.
            let market = self.prices.confirmed();
            if market.is_some_and(|market| self.policy.is_out_of_reach(self.side, market)) {
                return None;
            }
            return self.rules.price(self.side, limit, false);
        }
        if let Some(limit) = clip.limit {
            let price = self.rules.price(self.side, limit, false)?;
            return self.policy.bounded(&self.rules, self.side, price);
        }
        let Some(market) = clip.market.or(self.prices.last()) else {
            if !std::mem::replace(&mut self.said.no_price, true) {
                self.log("no order can be placed: the host gave no price, and neither a tick nor a fill has told one");
            }
            return None;
        };
        if self.policy.order_type == OrderType::Ioc
            && self.policy.is_out_of_reach(self.side, market)
        {
            return None;
        }
        if crosses {
            return self.crossing_price(market);
        }
        let price = self.limit(market)?;
        match self.prices.last() {
            Some(last) if clip.passive && worse(self.side, price, last) != last => {
                self.rules.price(self.side, last, false)
            }
            _ => Some(price),
        }
    }

    /// A limit price that crosses the spread: `offset_bps` beyond the market and at least one tick, or `max_move_bps` if
    /// the price is old.
    #[inline(never)]
    fn crossing_price(&self, market: Decimal) -> Option<Decimal> {
        let bps = if self.orders.misses() == 0 && self.has_price_of_last(30) {
            max(self.policy.offset_bps, Decimal::ONE)
        } else {
            self.policy.max_move_bps
        };
        self.policy.limit(&self.rules, self.side, market, bps)
    }

    fn send(
        &mut self,
        order_type: OrderType,
        quantity: Decimal,
        price: Option<Decimal>,
        crosses: bool,
    ) {
        let (symbol, side) = (self.symbol.as_str(), self.side);
        let mut request = match price {
            Some(price) => PluginOrderRequest::limit(symbol, side, quantity, price),
            None => PluginOrderRequest::market(symbol, side, quantity),
        };
        if order_type == OrderType::Ioc {
            request = request.with_time_in_force(PluginTimeInForce::Ioc);
        }
        self.actions.push(request.into());
        self.orders.place(ChildOrder {
            id: None,
            price: price.unwrap_or_default(),
            quantity,
            filled: Decimal::ZERO,
            order_type,
            since: self.clock.now(),
            is_mortal: true,
            is_given_back: false,
            crosses,
        });
        self.placed = self.placed.saturating_add(1);
        self.work_json.clear();
    }

    /// Amends the limit orders for which `which` is true and whose id is known to `price`. `price` is rounded to ticks and
    /// bounded by
    /// `limit_price`. The amendment has the price and the total quantity, since venues require both, and it restarts the
    /// host's 60 s
    /// timeout of the order.
    pub fn reprice(&mut self, price: Decimal, which: impl Fn(&ChildOrder) -> bool) {
        for index in 0..self.orders.list().len() {
            let order = &self.orders.list()[index];
            if order.order_type == OrderType::Limit && which(order) {
                self.amend(index, price);
            }
        }
    }

    #[inline(never)]
    fn amend(&mut self, index: usize, price: Decimal) {
        let bounded = self.rules.price(self.side, price, false);
        let bounded = bounded.and_then(|price| self.policy.bounded(&self.rules, self.side, price));
        let now = self.clock.now();
        let (Some(price), Some(order)) = (bounded, self.orders.list_mut().get_mut(index)) else {
            return;
        };
        let Some(id) = order.id.clone().filter(|_| order.price != price) else {
            return;
        };
        order.price = price;
        order.since = now;
        order.is_mortal = true;
        let update = PluginOrderUpdateRequest {
            new_quantity: Some(order.quantity),
            ..PluginOrderUpdateRequest::price(id, self.symbol.as_str(), self.side, price)
        };
        self.actions.push(update.into());
        self.work_json.clear();
    }

    /// A partly filled limit order stays open at the exchange, whatever the market does. If it had no fill for `stale_secs`, it is
    /// amended to the current price: then it is filled, or the host cancels it.
    pub(super) fn look_after_partly_filled(&mut self) {
        let is_filled = self.remaining().is_zero();
        for index in 0..self.orders.list().len() {
            let order = &self.orders.list()[index];
            if order.is_mortal {
                continue;
            }
            let (since, price) = (order.since, order.price);
            // One tick is enough to be an amendment.
            let tick = self.signed_tick();
            let to = if is_filled {
                // Beyond the target: to a price at which it is not filled before the host cancels it.
                let away = Decimal::from(-200 * i64::from(self.side.as_multiplier()));
                moved(price, away)
            } else if self.clock.has_passed(since, self.policy.stale_secs) {
                let market = self.prices.last().and_then(|market| self.limit(market));
                market.filter(|market| *market != price).unwrap_or(sub(price, tick))
            } else {
                continue;
            };
            self.amend(index, to);
        }
    }

    /// The end of the algorithm: takes or gives up the remaining quantity.
    pub(super) fn end(&mut self) {
        if self.policy.at_end == AtEnd::Leave {
            return self.give_up("its time is over, and `at_end` is `leave`");
        }
        self.cross_partly_filled();
        if self.orders.misses() >= MAX_MISSES {
            return self.give_up("its time is over, and the last orders found nothing");
        }
        let clip = Clip::remaining().crossing();
        let takes_near = self.policy.at_end == AtEnd::Ioc;
        let is_placed = if takes_near { self.place_near() } else { self.place(clip) };
        let waits = is_placed || self.orders.working().next().is_some();
        self.idle = if waits { 0 } else { self.idle.saturating_add(1) };
        if self.idle >= MAX_IDLE {
            self.give_up("its time is over, and no order can be placed");
        }
    }

    /// The quantity halves after each order that crossed without a fill.
    #[inline(never)]
    fn most_after_misses(&self, room: Decimal) -> Decimal {
        share(room, 1, 1 << self.orders.misses().min(20))
    }

    /// Places all of the remaining quantity as an IOC order near the last price.
    fn place_near(&mut self) -> bool {
        let Some(market) = self.prices.last() else {
            return self.place(Clip::remaining());
        };
        let Some(limit) = self.crossing_price(market) else {
            return false;
        };
        let takes = |order: &ChildOrder| order.order_type() != OrderType::Limit;
        let room = self.unplaced();
        let most = self.most_after_misses(room);
        if self.orders.working().any(takes) {
            return false;
        }
        match self.rules.clip(room, most, room, Some(limit)) {
            Some(quantity) if !self.gave_up => {
                self.send(OrderType::Ioc, quantity, Some(limit), true);
                true
            }
            _ => false,
        }
    }

    /// Amends partly filled limit orders to a price at which they are filled at once, if there is liquidity.
    fn cross_partly_filled(&mut self) {
        let Some(price) = self.prices.last().and_then(|market| self.crossing_price(market)) else {
            return;
        };
        for index in 0..self.orders.list().len() {
            let order = &self.orders.list()[index];
            let is_behind = order.order_type == OrderType::Limit
                && !order.is_mortal
                && worse(self.side, price, order.price) == price;
            if is_behind {
                self.amend(index, price);
            }
        }
    }

    #[cold]
    fn say_impossible(&mut self) {
        if !std::mem::replace(&mut self.said.impossible, true) {
            self.log("the algorithm asked for an order with a quantity or price that is not positive; it is not placed");
        }
    }

    /// One tick in the direction of the other side of the market.
    #[must_use]
    pub fn tick_beyond(&self, price: Decimal) -> Decimal {
        add(price, self.signed_tick())
    }

    /// A decimal as text, for log lines: `Decimal`'s own `Display` would add 2 KB to every plugin.
    #[must_use]
    pub fn text(value: Decimal) -> String {
        decimal::to_string(value)
    }
}
