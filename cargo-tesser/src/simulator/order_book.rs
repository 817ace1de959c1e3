//! The order book of a market. In: snapshots and updates of a tape, and quantities that own orders take. Out: best prices,
//! quantities of levels, and the levels that a taker gets.
//!
//! The market does not see own orders. The quantity that they took from a level is missing until the market changes that level.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeBounds;

use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

/// A price, and the quantity at it in base currency.
pub(crate) type Level = (Decimal, Decimal);

/// Levels of both sides, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Levels {
    pub(crate) bids: Vec<Level>,
    pub(crate) asks: Vec<Level>,
}

/// One message of the exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BookChange {
    /// All known levels. Others are removed.
    Snapshot(Levels),
    /// New quantities of some levels. 0 removes a level.
    Update(Levels),
    /// Updates are missing: the order book is unknown until the next snapshot.
    Clear,
}

/// A change of an order book, and when it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BookUpdate {
    /// The symbol of the replay when the tape names none.
    pub(crate) symbol: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub(crate) time_ms: i64,
    pub(crate) change: BookChange,
}

/// The quantity at a price.
#[derive(Clone, Copy, Debug)]
struct Slot {
    /// The market's quantity.
    quantity: Decimal,
    /// The quantity that own orders took.
    taken: Decimal,
}

/// One side, by ascending price.
type Half = BTreeMap<Decimal, Slot>;

/// An order book.
#[derive(Clone, Debug, Default)]
pub(crate) struct OrderBook {
    bids: Half,
    asks: Half,
    is_known: bool,
}

impl OrderBook {
    /// Whether there was a snapshot and no gap since.
    pub(crate) fn is_known(&self) -> bool {
        self.is_known
    }

    /// Whether the best bid is not below the best ask, which happens only if a single message is crossed.
    pub(crate) fn is_crossed(&self) -> bool {
        match (self.best(PluginSide::Buy), self.best(PluginSide::Sell)) {
            (Some((bid, _)), Some((ask, _))) => bid >= ask,
            _ => false,
        }
    }

    /// The best bid or ask as the market shows it.
    pub(crate) fn best(&self, side: PluginSide) -> Option<Level> {
        let (price, slot) = match side {
            PluginSide::Buy => self.bids.last_key_value(),
            PluginSide::Sell => self.asks.first_key_value(),
        }?;
        Some((*price, slot.quantity))
    }

    /// The market's quantity at a price; `None` if it is unknown, beyond the worst known level.
    pub(crate) fn quantity_at(&self, side: PluginSide, price: Decimal) -> Option<Decimal> {
        let is_within = match side {
            PluginSide::Buy => {
                self.bids.first_key_value().is_some_and(|(worst, _)| price >= *worst)
            }
            PluginSide::Sell => {
                self.asks.last_key_value().is_some_and(|(worst, _)| price <= *worst)
            }
        };
        let half = match side {
            PluginSide::Buy => &self.bids,
            PluginSide::Sell => &self.asks,
        };
        is_within.then(|| half.get(&price).map_or(Decimal::ZERO, |slot| slot.quantity))
    }

    /// Applies one message.
    pub(crate) fn apply(&mut self, change: &BookChange) {
        match change {
            BookChange::Snapshot(levels) => {
                self.bids = replaced(&self.bids, &levels.bids);
                self.asks = replaced(&self.asks, &levels.asks);
                self.is_known = true;
            }
            BookChange::Update(levels) => {
                for (half, levels) in
                    [(&mut self.bids, &levels.bids), (&mut self.asks, &levels.asks)]
                {
                    for level in levels {
                        set(half, *level);
                    }
                }
                self.uncross(levels);
            }
            BookChange::Clear => *self = Self::default(),
        }
    }

    /// Removes levels that a newer one of the other side has crossed: their own update is late.
    fn uncross(&mut self, new: &Levels) {
        fn there(levels: &[Level]) -> impl Iterator<Item = Decimal> {
            let levels = levels.iter().filter(|(_, quantity)| *quantity > Decimal::ZERO);
            levels.map(|(price, _)| *price)
        }
        if let Some(bid) = there(&new.bids).max() {
            remove_older(&mut self.asks, ..=bid, &new.asks);
        }
        if let Some(ask) = there(&new.asks).min() {
            remove_older(&mut self.bids, ask.., &new.bids);
        }
    }

    /// Quantity available to a taker up to a limit, without what own orders took before.
    pub(crate) fn available(&self, taker: PluginSide, limit: Option<Decimal>) -> Decimal {
        match taker {
            PluginSide::Buy => left(within(self.asks.iter(), taker, limit)),
            PluginSide::Sell => left(within(self.bids.iter().rev(), taker, limit)),
        }
    }

    /// Takes a quantity, the best price first and not beyond the limit. Returns the quantities taken by price; less than the
    /// quantity if the order book has no more.
    pub(crate) fn take(
        &mut self,
        taker: PluginSide,
        limit: Option<Decimal>,
        quantity: Decimal,
    ) -> Vec<Level> {
        match taker {
            PluginSide::Buy => taken(within(self.asks.iter_mut(), taker, limit), quantity),
            PluginSide::Sell => taken(within(self.bids.iter_mut().rev(), taker, limit), quantity),
        }
    }
}

/// Levels within a limit, of levels with the best one first.
fn within<'a, S>(
    levels: impl Iterator<Item = (&'a Decimal, S)>,
    taker: PluginSide,
    limit: Option<Decimal>,
) -> impl Iterator<Item = (&'a Decimal, S)> {
    levels.take_while(move |(price, _)| match (limit, taker) {
        (None, _) => true,
        (Some(limit), PluginSide::Buy) => **price <= limit,
        (Some(limit), PluginSide::Sell) => **price >= limit,
    })
}

fn left<'a>(levels: impl Iterator<Item = (&'a Decimal, &'a Slot)>) -> Decimal {
    let left = levels.map(|(_, slot)| slot.quantity - slot.taken);
    left.fold(Decimal::ZERO, Decimal::saturating_add)
}

fn taken<'a>(
    levels: impl Iterator<Item = (&'a Decimal, &'a mut Slot)>,
    mut quantity: Decimal,
) -> Vec<Level> {
    let mut taken = Vec::new();
    for (price, slot) in levels {
        if quantity <= Decimal::ZERO {
            break;
        }
        let part = quantity.min(slot.quantity - slot.taken);
        if part > Decimal::ZERO {
            slot.taken += part;
            quantity -= part;
            taken.push((*price, part));
        }
    }
    taken
}

/// Replaces a side by that of a snapshot. Levels that did not change keep the quantity taken by own orders.
fn replaced(old: &Half, new: &[Level]) -> Half {
    let mut half = Half::new();
    for (price, quantity) in new.iter().filter(|(_, quantity)| *quantity > Decimal::ZERO) {
        let slot = old.get(price).filter(|slot| slot.quantity == *quantity);
        half.insert(*price, *slot.unwrap_or(&Slot { quantity: *quantity, taken: Decimal::ZERO }));
    }
    half
}

/// Removes levels, except those that are new.
fn remove_older(half: &mut Half, prices: impl RangeBounds<Decimal>, new: &[Level]) {
    let crossed: Vec<_> = half.range(prices).map(|(price, _)| *price).collect();
    if crossed.is_empty() {
        return;
    }
    let new: BTreeSet<_> = new.iter().map(|(price, _)| *price).collect();
    for price in crossed.iter().filter(|price| !new.contains(price)) {
        half.remove(price);
    }
}

fn set(half: &mut Half, (price, quantity): Level) {
    if quantity <= Decimal::ZERO {
        half.remove(&price);
    } else if half.get(&price).is_none_or(|slot| slot.quantity != quantity) {
        half.insert(price, Slot { quantity, taken: Decimal::ZERO });
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const BUY: PluginSide = PluginSide::Buy;
    const SELL: PluginSide = PluginSide::Sell;

    fn level(price: i64, quantity: i64) -> Level {
        (price.into(), quantity.into())
    }

    fn levels(bids: &[(i64, i64)], asks: &[(i64, i64)]) -> Levels {
        let all = |side: &[(i64, i64)]| side.iter().map(|&(p, q)| level(p, q)).collect();
        Levels { bids: all(bids), asks: all(asks) }
    }

    fn order_book(bids: &[(i64, i64)], asks: &[(i64, i64)]) -> OrderBook {
        let mut book = OrderBook::default();
        book.apply(&BookChange::Snapshot(levels(bids, asks)));
        book
    }

    fn update(book: &mut OrderBook, bids: &[(i64, i64)], asks: &[(i64, i64)]) {
        book.apply(&BookChange::Update(levels(bids, asks)));
    }

    #[test]
    fn an_update_sets_and_removes_levels_and_a_snapshot_replaces_all() {
        let mut book = order_book(&[(99, 5), (98, 7)], &[(101, 4), (102, 6)]);
        assert_eq!((book.best(BUY), book.best(SELL)), (Some(level(99, 5)), Some(level(101, 4))));
        update(&mut book, &[(99, 0), (97, 1)], &[(101, 3)]);
        assert_eq!((book.best(BUY), book.best(SELL)), (Some(level(98, 7)), Some(level(101, 3))));
        book.apply(&BookChange::Snapshot(levels(&[(50, 1), (49, 0)], &[])));
        assert_eq!((book.best(BUY), book.best(SELL)), (Some(level(50, 1)), None));
        assert!(book.is_known());
        book.apply(&BookChange::Clear);
        assert_eq!((book.is_known(), book.best(BUY)), (false, None));
    }

    #[test]
    fn a_price_between_levels_is_empty_and_one_beyond_them_is_unknown() {
        let book = order_book(&[(99, 5), (97, 7)], &[(101, 4), (103, 6)]);
        let at = |side, price: i64| book.quantity_at(side, price.into()).map(|q| q.to_string());
        let shown = [97, 98, 100, 96].map(|price| at(BUY, price).unwrap_or("unknown".into()));
        assert_eq!(shown, ["7", "0", "0", "unknown"]);
        let shown = [103, 102, 100, 104].map(|price| at(SELL, price).unwrap_or("unknown".into()));
        assert_eq!(shown, ["6", "0", "0", "unknown"]);
        assert_eq!(order_book(&[], &[]).quantity_at(BUY, Decimal::ONE), None);
    }

    #[test]
    fn a_taken_quantity_is_missing_until_its_level_changes() {
        let mut book = order_book(&[], &[(101, 4), (102, 6)]);
        assert_eq!(book.take(BUY, None, 5.into()), [level(101, 4), level(102, 1)]);
        assert_eq!(book.available(BUY, None), 5.into());
        // The market shows its own quantity.
        assert_eq!(book.best(SELL), Some(level(101, 4)));
        // A snapshot that repeats a level, and an update that does, change nothing.
        book.apply(&BookChange::Snapshot(levels(&[], &[(101, 4), (102, 6), (103, 1)])));
        update(&mut book, &[], &[(102, 6)]);
        assert_eq!(book.available(BUY, Some(102.into())), 5.into());
        update(&mut book, &[], &[(101, 3)]);
        assert_eq!(book.take(BUY, None, 9.into()), [level(101, 3), level(102, 5), level(103, 1)]);
        book.apply(&BookChange::Snapshot(levels(&[], &[(101, 3), (102, 7)])));
        assert_eq!(book.take(BUY, None, 9.into()), [level(102, 7)]);
    }

    #[test]
    fn a_newer_level_removes_older_ones_that_it_crosses() {
        let mut book = order_book(&[(99, 5), (98, 7)], &[(101, 4), (102, 6)]);
        update(&mut book, &[(101, 2)], &[]);
        assert_eq!((book.best(BUY), book.best(SELL)), (Some(level(101, 2)), Some(level(102, 6))));
        update(&mut book, &[], &[(99, 1)]);
        assert_eq!((book.best(BUY), book.best(SELL)), (Some(level(98, 7)), Some(level(99, 1))));
        assert!(!book.is_crossed());
        // A removed level does not cross anything.
        update(&mut book, &[(200, 0)], &[]);
        assert_eq!(book.best(SELL), Some(level(99, 1)));
        // It is unknown which side of a crossed message is right.
        update(&mut book, &[(105, 1)], &[(104, 1)]);
        assert!(book.is_crossed());
        assert!(order_book(&[(100, 1)], &[(100, 1)]).is_crossed());
    }

    #[test]
    fn the_example_in_the_docs_is_correct() {
        let mut book = order_book(&[(99, 5)], &[(101, 4), (102, 6)]);
        let finds = |book: &OrderBook| book.clone().take(BUY, None, Decimal::ONE_THOUSAND);
        assert_eq!(book.take(BUY, None, 5.into()), [level(101, 4), level(102, 1)]);
        assert_eq!(finds(&book), [level(102, 5)]);
        update(&mut book, &[], &[(101, 3)]);
        assert_eq!(finds(&book), [level(101, 3), level(102, 5)]);
        update(&mut book, &[(101, 2)], &[]);
        assert_eq!(finds(&book), [level(102, 5)]);
        assert_eq!((book.best(BUY), book.best(SELL)), (Some(level(101, 2)), Some(level(102, 6))));
    }

    fn half() -> impl Strategy<Value = Vec<(i64, i64)>> {
        vec((1_i64..40, 0_i64..20), 0..12)
    }

    proptest! {
        #[test]
        fn a_taker_gets_the_best_prices_within_its_limit_and_no_more_than_there_is(
            (bids, asks) in (half(), half()),
            changes in vec((half(), half()), 0..4),
            takes in vec((any::<bool>(), proptest::option::of(1_i64..40), 0_i64..60), 1..6),
        ) {
            let mut book = order_book(&bids, &asks);
            for (bids, asks) in changes {
                update(&mut book, &bids, &asks);
            }
            for (buys, limit, quantity) in takes {
                let taker = if buys { BUY } else { SELL };
                let limit = limit.map(Decimal::from);
                let there = book.available(taker, limit);
                let all = book.available(taker, None);
                let taken = book.take(taker, limit, quantity.into());
                let sum: Decimal = taken.iter().map(|(_, quantity)| *quantity).sum();
                // `available` predicts whether `fok` orders fill.
                prop_assert_eq!(sum, there.min(quantity.into()));
                prop_assert_eq!(book.available(taker, None), all - sum);
                for (price, part) in &taken {
                    prop_assert!(*part > Decimal::ZERO);
                    let is_allowed = |limit| if buys { *price <= limit } else { *price >= limit };
                    prop_assert!(limit.is_none_or(is_allowed));
                }
                let is_best_first = |pair: &[Level]| (pair[0].0 < pair[1].0) == buys;
                prop_assert!(taken.windows(2).all(is_best_first));
                // No better price is left, unless everything was taken.
                if let Some((worst, _)) = taken.last() {
                    let better = if buys { *worst - Decimal::ONE } else { *worst + Decimal::ONE };
                    prop_assert_eq!(book.available(taker, Some(better)), Decimal::ZERO);
                }
            }
        }

        #[test]
        fn updates_of_one_side_never_leave_the_order_book_crossed(
            (bids, asks) in (half(), half()),
            changes in vec((any::<bool>(), half()), 1..6),
        ) {
            let mut book = OrderBook::default();
            for (is_bid, levels) in [(true, bids), (false, asks)].into_iter().chain(changes) {
                let (bids, asks) = if is_bid { (levels, vec![]) } else { (vec![], levels) };
                update(&mut book, &bids, &asks);
                prop_assert!(!book.is_crossed());
            }
        }
    }
}
