//! The market of one symbol, from its order book or only from trades: best bid and ask, and the quantities there.
//!
//! In: changes of the order book, and trades with a look-ahead. Out: prices and quantities. A taker that buys has paid the
//! ask, so each trade shows the best price of one side; the other side is one spread away.

use std::collections::VecDeque;

use rust_decimal::Decimal;
use tesser_wasm::{PluginSide, PluginTimeInForce};

use super::super::exchange_model::{Depth, ExchangeModel};
use super::super::order_book::{Level, OrderBook};
use super::super::order_records::Order;
use super::super::trade::Trade;
use super::matching::is_beyond;

/// Number of price differences in the median.
const GAPS: usize = 99;

/// Number of later trades whose price differences count, so that the spread is known from the first order on.
pub(crate) const TRADES_AHEAD: usize = 200;

#[derive(Debug, Default)]
pub(super) struct Market {
    last: Option<(PluginSide, Decimal)>,
    last_quantity: Decimal,
    buyers: Takers,
    sellers: Takers,
    /// Trades that were read but have not happened yet.
    coming: VecDeque<Coming>,
    gaps: Gaps,
    pub(super) book: OrderBook,
    /// Number of trades while the order book was known, and how many of them were outside of its best prices.
    in_book: u64,
    outside: u64,
}

/// The trades of takers of one side.
#[derive(Debug, Default)]
struct Takers {
    /// Quantity of their last trade.
    last: Decimal,
    /// The quantities that the plugin's orders took, and when.
    taken: VecDeque<(i64, Decimal)>,
}

#[derive(Clone, Copy, Debug)]
struct Coming {
    time_ms: i64,
    side: PluginSide,
    quantity: Decimal,
    gap: Option<Decimal>,
}

impl Market {
    /// Registers a trade that has not happened yet.
    pub(super) fn look_ahead(&mut self, trade: &Trade) {
        let gap = self.gaps.after(trade);
        let Trade { time_ms, side, quantity, .. } = *trade;
        if self.coming.len() < TRADES_AHEAD {
            self.gaps.keep(gap);
        }
        self.coming.push_back(Coming { time_ms, side, quantity, gap });
    }

    /// Applies a trade.
    pub(super) fn trade(&mut self, trade: &Trade) {
        if self.coming.pop_front().is_none() {
            let gap = self.gaps.after(trade);
            self.gaps.keep(gap);
        } else if let Some(next) = self.coming.get(TRADES_AHEAD - 1) {
            self.gaps.keep(next.gap);
        }
        if let (Some(bid), Some(ask)) = (self.best(PluginSide::Buy), self.best(PluginSide::Sell)) {
            self.in_book += 1;
            self.outside += u64::from(trade.price < bid || trade.price > ask);
        }
        self.last = Some((trade.side, trade.price));
        self.last_quantity = trade.quantity;
        self.takers(trade.side).last = trade.quantity;
    }

    /// Whether there was an order book or a trade.
    pub(super) fn is_known(&self) -> bool {
        self.last.is_some() || self.book.is_known()
    }

    /// Number of trades while the order book was known, and how many of them were outside of its best prices.
    pub(super) fn trades_in_book(&self) -> (u64, u64) {
        (self.in_book, self.outside)
    }

    /// Price of the last trade.
    pub(super) fn last_price(&self) -> Option<Decimal> {
        self.last.map(|(_, price)| price)
    }

    /// The price at which a taker of this side would trade now, if the market is known.
    pub(super) fn quote(&self, model: &ExchangeModel, taker: PluginSide) -> Option<Decimal> {
        if let Some(best) = self.best(taker.opposite()) {
            return Some(best);
        }
        let (side, price) = self.last?;
        let spread = || model.spread.at(price, || self.gaps.median());
        Some(match taker {
            _ if taker == side => price,
            PluginSide::Buy => price.saturating_add(spread()),
            PluginSide::Sell => price.saturating_sub(spread()).max(Decimal::ZERO),
        })
    }

    /// Whether a limit of this side is not better than the best price of that side, where the last taker of the other side traded.
    fn rests_at(&self, side: PluginSide, limit: Decimal) -> bool {
        !self.book.is_known() && self.last == Some((side.opposite(), limit))
    }

    /// Whether a limit reaches a price at which the other side trades.
    fn reaches(&self, side: PluginSide, limit: Decimal, price: Decimal) -> bool {
        !is_beyond(side, limit, price) && !self.rests_at(side, limit)
    }

    /// Whether a limit still crosses the market as known from trades. An order that has walked the order book up to its limit rests.
    pub(super) fn crosses(&self, model: &ExchangeModel, side: PluginSide, limit: Decimal) -> bool {
        let price = self.quote(model, side).filter(|_| !self.book.is_known());
        price.is_some_and(|price| self.reaches(side, limit, price))
    }

    /// The best price of a side in the order book, if it is known.
    fn best(&self, side: PluginSide) -> Option<Decimal> {
        let best = self.book.best(side).filter(|_| self.book.is_known());
        best.map(|(price, _)| price)
    }

    /// Takes liquidity for an order, up to its limit: from the order book, the best price first, or at the price known from
    /// trades. `None` if the market is unknown.
    pub(super) fn take(
        &mut self,
        model: &ExchangeModel,
        order: &Order,
        now_ms: i64,
    ) -> Option<Vec<Level>> {
        let (side, limit, rest) = (order.side, order.limit(), order.rest());
        let price = self.quote(model, side)?;
        if limit.is_some_and(|limit| !self.reaches(side, limit, price)) {
            return Some(Vec::new());
        }
        let is_known = self.book.is_known();
        let there = if is_known {
            model.share(self.book.available(side, limit))
        } else {
            self.depth(model, side, now_ms)
        };
        let quantity = there.min(rest);
        let all_or_none = order.request.time_in_force == Some(PluginTimeInForce::Fok);
        if quantity <= Decimal::ZERO || (all_or_none && quantity < rest) {
            return Some(Vec::new());
        }
        if is_known {
            return Some(self.book.take(side, limit, quantity));
        }
        self.takers(side).taken.push_back((now_ms, quantity));
        Some(vec![(price, quantity)])
    }

    /// Quantity that a taker of this side finds now at that price.
    fn depth(&mut self, model: &ExchangeModel, taker: PluginSide, now_ms: i64) -> Decimal {
        let there = match model.depth {
            Depth::Unlimited => return Decimal::MAX,
            Depth::Fixed(quantity) => quantity,
            Depth::Traded => {
                let until_ms = now_ms.saturating_add(model.depth_ms);
                let near = self.coming.iter().take_while(|trade| trade.time_ms <= until_ms);
                let near = near.filter(|trade| trade.side == taker && trade.time_ms > now_ms);
                let next =
                    near.fold(Decimal::ZERO, |sum, trade| sum.saturating_add(trade.quantity));
                let last = self.takers(taker).last;
                next.max(if last.is_zero() { self.last_quantity } else { last })
            }
        };
        let own = &mut self.takers(taker).taken;
        while own.front().is_some_and(|(at_ms, _)| at_ms.saturating_add(model.depth_ms) <= now_ms) {
            own.pop_front();
        }
        let missing = own.iter().fold(Decimal::ZERO, |sum, (_, took)| sum.saturating_add(*took));
        model.share(there).saturating_sub(missing).max(Decimal::ZERO)
    }

    fn takers(&mut self, side: PluginSide) -> &mut Takers {
        match side {
            PluginSide::Buy => &mut self.buyers,
            PluginSide::Sell => &mut self.sellers,
        }
    }
}

/// The last price differences between consecutive trades of opposite takers.
#[derive(Debug, Default)]
struct Gaps {
    last: Option<(PluginSide, Decimal)>,
    kept: VecDeque<Decimal>,
}

impl Gaps {
    /// The difference to the previous trade, if its taker was of the other side.
    fn after(&mut self, trade: &Trade) -> Option<Decimal> {
        let before = self.last.replace((trade.side, trade.price));
        let (_, price) = before.filter(|(side, _)| *side != trade.side)?;
        Some(match trade.side {
            PluginSide::Buy => trade.price.saturating_sub(price),
            PluginSide::Sell => price.saturating_sub(trade.price),
        })
    }

    fn keep(&mut self, gap: Option<Decimal>) {
        if gap.is_some() && self.kept.len() == GAPS {
            self.kept.pop_front();
        }
        self.kept.extend(gap);
    }

    /// The median, since market moves make some differences too large and others too small.
    fn median(&self) -> Decimal {
        let mut sorted: Vec<_> = self.kept.iter().copied().collect();
        sorted.sort();
        sorted.get(sorted.len() / 2).copied().unwrap_or_default().max(Decimal::ZERO)
    }
}
