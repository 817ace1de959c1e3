//! Matching: an order takes liquidity when it arrives; resting orders are filled by later trades.
//!
//! In: orders and amendments that are due, and trades. Out: fills. An order that arrives meets the market as it is after all
//! trades up to that millisecond. A trade beyond its price fills a resting order completely, since nobody trades there while a
//! better price is available; a trade at its price, with a taker of the other side, fills it after the quantity ahead.

use std::collections::VecDeque;

use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

use super::super::order::AmendRequest;
use super::super::order_book::BookChange;
use super::super::order_records::{Fill, Liquidity};
use super::super::queue_model::QueuePosition;
use super::super::trade::Trade;
use super::market::Market;
use super::{Exchange, OrderStatus};

/// An order that may still fill.
#[derive(Debug)]
pub(super) struct Working {
    pub(super) index: usize,
    /// Index of its market.
    pub(super) market: usize,
    pub(super) phase: Phase,
    /// Its queue position.
    pub(super) queue: QueuePosition,
    /// Amendments in transit.
    pub(super) changes: VecDeque<(Arrival, AmendRequest)>,
}

/// When a request arrives; requests of one millisecond arrive in the order of sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Arrival {
    pub(super) ms: i64,
    pub(super) number: u64,
}

/// Where an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// In transit to the exchange.
    OnItsWay(Arrival),
    /// It takes liquidity again after each trade.
    Taking,
    /// It rests at its limit.
    Resting,
}

impl Working {
    /// Its next request to arrive.
    fn next(&self) -> Option<Arrival> {
        let order = match self.phase {
            Phase::OnItsWay(arrival) => Some(arrival),
            Phase::Taking | Phase::Resting => None,
        };
        order.into_iter().chain(self.changes.front().map(|(arrival, _)| *arrival)).min()
    }
}

/// The order book at the price of a resting order.
#[derive(Clone, Copy)]
struct Shown {
    /// Quantity on its side.
    quantity: Option<Decimal>,
    /// Whether the other side has reached the price.
    is_crossed: bool,
}

impl Exchange {
    /// Registers a trade that has not happened yet, for the estimates of spread and depth.
    pub(crate) fn look_ahead(&mut self, code: &str, trade: &Trade) {
        let at = self.market(code);
        self.markets[at].1.look_ahead(trade);
    }

    /// The next request to arrive, and the index of its working order.
    fn next_arrival(&self) -> Option<(Arrival, usize)> {
        let next =
            self.working.iter().enumerate().filter_map(|(at, order)| Some((order.next()?, at)));
        next.min()
    }

    /// When the next order or amendment arrives.
    pub(crate) fn next_arrival_ms(&self) -> i64 {
        self.next_arrival().map_or(i64::MAX, |(arrival, _)| arrival.ms)
    }

    /// Processes all requests that arrive up to now.
    pub(crate) fn arrive(&mut self, now_ms: i64) -> Vec<Fill> {
        let mut fills = Vec::new();
        while let Some((arrival, at)) = self.next_arrival().filter(|(next, _)| next.ms <= now_ms) {
            if self.working[at].phase == Phase::OnItsWay(arrival) {
                self.meet(at, now_ms, &mut fills);
            } else if let Some((_, change)) = self.working[at].changes.pop_front() {
                self.amended(at, &change, now_ms);
            }
        }
        fills
    }

    /// Applies a trade of a code.
    pub(crate) fn trade(&mut self, code: &str, trade: &Trade) -> Vec<Fill> {
        let market = self.market(code);
        self.markets[market].1.trade(trade);
        let mut fills = Vec::new();
        if self.working.is_empty() {
            return fills;
        }
        let mut volume = trade.quantity;
        // Without `--participation`, a trade beyond an order's price fills it completely.
        let mut own = self.model.participation.map_or(Decimal::MAX, |_| self.model.share(volume));
        for (index, limit) in
            self.resting(market, |side, limit| is_beyond(side, trade.price, limit))
        {
            let quantity = self.orders[index].rest().min(own);
            if quantity > Decimal::ZERO {
                own = own.saturating_sub(quantity);
                volume = volume.saturating_sub(quantity).max(Decimal::ZERO);
                fills.push(self.filled(index, (limit, quantity), Liquidity::Maker, trade.time_ms));
            }
        }
        self.trade_at(market, trade, volume, own.min(trade.quantity), &mut fills);
        self.meet_again(market, trade.time_ms, &mut fills);
        fills
    }

    /// Applies a change of the order book of a code. It fills resting orders whose price the other side has reached.
    pub(crate) fn book(&mut self, code: &str, change: &BookChange, time_ms: i64) -> Vec<Fill> {
        let market = self.market(code);
        let resting = self.resting(market, |_, _| true);
        let before: Vec<_> = resting.iter().map(|(index, _)| self.shown(market, *index)).collect();
        self.markets[market].1.book.apply(change);
        let mut fills = Vec::new();
        for ((index, limit), before) in resting.into_iter().zip(before) {
            let now = self.shown(market, index);
            if now.is_crossed && !before.is_crossed {
                let rest = self.orders[index].rest();
                fills.push(self.filled(index, (limit, rest), Liquidity::Maker, time_ms));
            } else if let (Some(before), Some(now), Some(at)) =
                (before.quantity, now.quantity, self.position(index))
            {
                self.working[at].queue.level_changed(before, now);
            }
        }
        self.meet_again(market, time_ms, &mut fills);
        fills
    }

    /// The order book at the price of a resting order, without the quantity that orders have taken.
    fn shown(&self, market: usize, index: usize) -> Shown {
        let (order, book) = (&self.orders[index], &self.markets[market].1.book);
        let finds = book.is_known()
            && !book.is_crossed()
            && book.available(order.side, order.price) > Decimal::ZERO;
        let quantity = order.price.and_then(|limit| book.quantity_at(order.side, limit));
        Shown { quantity, is_crossed: finds }
    }

    /// Lets marketable orders take liquidity again.
    fn meet_again(&mut self, market: usize, now_ms: i64, fills: &mut Vec<Fill>) {
        let takes = |working: &&Working| working.phase == Phase::Taking && working.market == market;
        let taking = self.working.iter().filter(takes).map(|working| working.index);
        for index in taking.collect::<Vec<_>>() {
            if let Some(at) = self.position(index) {
                self.meet(at, now_ms, fills);
            }
        }
    }

    /// Applies a trade at the price of resting orders: it fills the quantity ahead first, then the orders by priority.
    fn trade_at(
        &mut self,
        market: usize,
        trade: &Trade,
        mut volume: Decimal,
        mut own: Decimal,
        fills: &mut Vec<Fill>,
    ) {
        let at_price = |side, limit| side != trade.side && limit == trade.price;
        for (index, limit) in self.resting(market, at_price) {
            let Some(at) = self.position(index) else { continue };
            // All of them wait behind the same queue, so it reduces the volume only once.
            let passed = self.working[at].queue.traded(volume);
            let quantity = self.orders[index].rest().min(passed).min(own);
            if quantity > Decimal::ZERO {
                volume -= quantity;
                own -= quantity;
                fills.push(self.filled(index, (limit, quantity), Liquidity::Maker, trade.time_ms));
            }
        }
    }

    /// An order takes liquidity; its remaining quantity rests, stays marketable, or ends.
    fn meet(&mut self, at: usize, now_ms: i64, fills: &mut Vec<Fill>) {
        let Working { index, market, .. } = self.working[at];
        let order = &self.orders[index];
        let (side, limit, is_immediate) = (order.side, order.limit(), order.request.is_immediate());
        let taken = self.markets[market].1.take(&self.model, order, now_ms);
        let is_known = taken.is_some();
        for level in taken.unwrap_or_default() {
            fills.push(self.filled(index, level, Liquidity::Taker, now_ms));
        }
        let Some(at) = self.position(index) else { return };
        match limit {
            _ if is_known && is_immediate => self.expire(index, now_ms),
            // An order that crosses the market takes more at each later trade, until the market moves away from its price.
            Some(limit)
                if !is_immediate && !self.markets[market].1.crosses(&self.model, side, limit) =>
            {
                self.rest(at, side, limit);
            }
            _ => {
                // From its arrival on, behind what came before it.
                let mut working = self.working.remove(at);
                let is_new = std::mem::replace(&mut working.phase, Phase::Taking) != Phase::Taking;
                let at = if is_new { self.working.len() } else { at };
                self.working.insert(at, working);
            }
        }
    }

    /// A new order at a price queues behind the quantity there; an order between bid and ask is first.
    fn rest(&mut self, at: usize, side: PluginSide, limit: Decimal) {
        let mut working = self.working.remove(at);
        let market = &self.markets[working.market].1;
        let best = market.quote(&self.model, side.opposite());
        let is_first = best.is_none_or(|best| is_beyond(side, best, limit));
        let ahead = if is_first {
            Decimal::ZERO
        } else {
            market.book.quantity_at(side, limit).unwrap_or(self.model.queue)
        };
        // Behind own orders that arrived earlier, and the quantity ahead of them.
        let before = self.working.iter().filter(|other| {
            let order = &self.orders[other.index];
            other.phase == Phase::Resting
                && other.market == working.market
                && order.side == side
                && order.price == Some(limit)
        });
        let ahead = before.map(|other| other.queue.ahead()).fold(ahead, Decimal::max);
        working.phase = Phase::Resting;
        working.queue = QueuePosition::joined(self.model.queue_model, ahead);
        self.working.push(working);
    }

    /// Applies an amendment at the exchange. A new price or a larger quantity loses the queue position; a quantity that is
    /// already filled ends the order.
    pub(super) fn amended(&mut self, at: usize, request: &AmendRequest, now_ms: i64) {
        let index = self.working[at].index;
        let before = (self.orders[index].price, self.orders[index].quantity);
        self.change(index, |order| {
            order.amend(request, now_ms);
            if order.filled > Decimal::ZERO && order.filled >= order.quantity {
                order.end(OrderStatus::Filled, now_ms);
            }
        });
        let order = &self.orders[index];
        if !order.state.is_working() || (order.price == before.0 && order.quantity <= before.1) {
            return;
        }
        let mut moved = self.working.remove(at);
        let is_there = !matches!(moved.phase, Phase::OnItsWay(_));
        if is_there && self.orders[index].limit().is_some() {
            // It meets the market before anything else arrives.
            moved.phase = Phase::OnItsWay(Arrival { ms: now_ms, number: 0 });
        }
        self.working.push(moved);
    }

    /// Resting orders with a side and limit that match, by priority.
    fn resting(
        &self,
        market: usize,
        holds: impl Fn(PluginSide, Decimal) -> bool,
    ) -> Vec<(usize, Decimal)> {
        let rests =
            |working: &&Working| working.phase == Phase::Resting && working.market == market;
        let limits = self.working.iter().filter(rests).filter_map(|working| {
            let order = &self.orders[working.index];
            let limit = order.price.filter(|limit| holds(order.side, *limit))?;
            Some((working.index, limit))
        });
        limits.collect()
    }

    /// Index of an order among the working ones.
    fn position(&self, index: usize) -> Option<usize> {
        self.working.iter().position(|working| working.index == index)
    }

    /// The market of a code.
    pub(super) fn market(&mut self, code: &str) -> usize {
        let known = self.markets.iter().position(|(known, _)| known == code);
        known.unwrap_or_else(|| {
            self.markets.push((code.to_owned(), Market::default()));
            self.markets.len() - 1
        })
    }
}

/// Whether a price is worse for the other side than a limit: below that of a buyer, above that of a seller.
pub(super) fn is_beyond(side: PluginSide, price: Decimal, limit: Decimal) -> bool {
    match side {
        PluginSide::Buy => price < limit,
        PluginSide::Sell => price > limit,
    }
}
