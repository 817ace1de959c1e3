//! The market of one symbol as trades show it: the best bid and ask, and what takers find there.
//!
//! In: trades as they happen, and a little before. Out: prices and quantities. A taker that buys has paid the ask, so each
//! trade shows one side of the book; the other one is a spread away.

use std::collections::VecDeque;

use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

use super::super::exchange_model::{Depth, ExchangeModel};
use super::super::trade::Trade;

/// Price differences of which the median is taken.
const GAPS: usize = 99;

#[derive(Debug, Default)]
pub(super) struct Market {
    last: Option<(PluginSide, Decimal)>,
    last_quantity: Decimal,
    buyers: Takers,
    sellers: Takers,
    /// Trades that have not happened yet, as far as they were read.
    coming: VecDeque<Coming>,
    gaps: Gaps,
}

/// What takers of one side do.
#[derive(Debug, Default)]
struct Takers {
    /// Quantity of their last trade.
    last: Decimal,
    /// What the plugin's own orders took, and when.
    taken: VecDeque<(i64, Decimal)>,
}

#[derive(Clone, Copy, Debug)]
struct Coming {
    time_ms: i64,
    side: PluginSide,
    quantity: Decimal,
}

impl Market {
    /// Takes note of a trade that is still to come.
    pub(super) fn foresee(&mut self, trade: &Trade) {
        self.gaps.add(trade);
        let Trade { time_ms, side, quantity, .. } = *trade;
        self.coming.push_back(Coming { time_ms, side, quantity });
    }

    /// A trade happens.
    pub(super) fn trade(&mut self, trade: &Trade) {
        if self.coming.pop_front().is_none() {
            self.gaps.add(trade);
        }
        self.last = Some((trade.side, trade.price));
        self.last_quantity = trade.quantity;
        self.takers(trade.side).last = trade.quantity;
    }

    /// Price of the last trade.
    pub(super) fn last_price(&self) -> Option<Decimal> {
        self.last.map(|(_, price)| price)
    }

    /// The price at which a taker of this side would trade now, if the market is known.
    pub(super) fn quote(&self, model: &ExchangeModel, taker: PluginSide) -> Option<Decimal> {
        let (side, price) = self.last?;
        let spread = || model.spread.at(price, || self.gaps.median());
        Some(match taker {
            _ if taker == side => price,
            PluginSide::Buy => price.saturating_add(spread()),
            PluginSide::Sell => price.saturating_sub(spread()).max(Decimal::ZERO),
        })
    }

    /// Whether a limit of this side is no better than what rests on that side: where the other side's last taker traded.
    pub(super) fn rests_at(&self, side: PluginSide, limit: Decimal) -> bool {
        self.last == Some((side.opposite(), limit))
    }

    /// How much a taker of this side finds now at that price.
    pub(super) fn depth(
        &mut self,
        model: &ExchangeModel,
        taker: PluginSide,
        now_ms: i64,
    ) -> Decimal {
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

    /// Takes so much of it.
    pub(super) fn take(&mut self, taker: PluginSide, quantity: Decimal, now_ms: i64) {
        self.takers(taker).taken.push_back((now_ms, quantity));
    }

    fn takers(&mut self, side: PluginSide) -> &mut Takers {
        match side {
            PluginSide::Buy => &mut self.buyers,
            PluginSide::Sell => &mut self.sellers,
        }
    }
}

/// How far the prices of neighbouring trades of opposite takers are apart, for the last of them.
#[derive(Debug, Default)]
struct Gaps {
    last: Option<(PluginSide, Decimal)>,
    kept: VecDeque<Decimal>,
}

impl Gaps {
    fn add(&mut self, trade: &Trade) {
        let before = self.last.replace((trade.side, trade.price));
        let Some((_, price)) = before.filter(|(side, _)| *side != trade.side) else { return };
        if self.kept.len() == GAPS {
            self.kept.pop_front();
        }
        self.kept.push_back(match trade.side {
            PluginSide::Buy => trade.price.saturating_sub(price),
            PluginSide::Sell => price.saturating_sub(trade.price),
        });
    }

    /// Moves of the market make some differences too large and some too small, so the one in the middle is taken.
    fn median(&self) -> Decimal {
        let mut sorted: Vec<_> = self.kept.iter().copied().collect();
        sorted.sort();
        sorted.get(sorted.len() / 2).copied().unwrap_or_default().max(Decimal::ZERO)
    }
}
