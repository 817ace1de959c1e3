//! One row of trades. In: a layout, and fields as text. Out: a trade.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

use super::layout::{Layout, Side};
use super::{Bad, Trade, WayOut};
use crate::report::escape_untrusted;

/// What reading the next row needs to know of those before it.
pub(super) struct RowReader {
    pub(super) layout: Layout,
    symbols: Symbols,
    ticks: TickRule,
}

impl RowReader {
    pub(super) fn new(layout: Layout) -> Self {
        Self { layout, symbols: Symbols::default(), ticks: TickRule::default() }
    }

    /// The trade of a row of text.
    pub(super) fn trade<'a>(&mut self, field: impl Fn(usize) -> &'a str) -> Result<Trade, Bad> {
        let layout = &self.layout;
        let bad = |name: &str, index: usize, wanted: &str| {
            let shown = escape_untrusted(field(index));
            Bad::row(format!("column `{name}` is not {wanted}: `{shown}`"))
        };
        let decimal = |name: &str, index: usize| {
            decimal(field(index)).ok_or_else(|| match bad(name, index, "a number") {
                bad if field(index).contains(',') => {
                    Bad::row_with(bad.reason, WayOut::DecimalPoint)
                }
                bad => bad,
            })
        };
        let (price, quantity) = (decimal("price", layout.price)?, decimal("qty", layout.quantity)?);
        let side = match layout.side {
            Side::Inferred => None,
            Side::Taker(index) | Side::Maker(index) => {
                let side =
                    side(field(index)).ok_or_else(|| bad("side", index, "`buy` or `sell`"))?;
                Some(layout.side.taker(side))
            }
            Side::BuyerIsMaker(index) => Some(
                taker_by_flag(field(index))
                    .ok_or_else(|| bad("is_buyer_maker", index, "`true` or `false`"))?,
            ),
        };
        let symbol = layout.symbol.map(&field);
        // Last, as no row in a wrong unit is left out: it may as well be damaged.
        let time_ms = layout
            .times
            .ms(field(layout.time))
            .unwrap_or_else(|| Err(bad("time", layout.time, "a time")))?;
        Ok(self.of(symbol, price, quantity, time_ms, side))
    }

    /// A trade of what was read; a side that is not there is inferred.
    pub(super) fn of(
        &mut self,
        symbol: Option<&str>,
        price: Decimal,
        quantity: Decimal,
        time_ms: i64,
        side: Option<PluginSide>,
    ) -> Trade {
        let symbol = symbol.map(|text| self.symbols.of(text));
        let side = side.unwrap_or_else(|| self.ticks.side(symbol.as_ref(), price));
        Trade { symbol, price, quantity, time_ms, side }
    }
}

/// Symbols of a tape, each of which is in memory once.
#[derive(Default)]
struct Symbols {
    last: Option<Arc<str>>,
    all: HashSet<Arc<str>>,
}

impl Symbols {
    /// More than any exchange lists: the column may hold something else.
    const MOST: usize = 10_000;

    fn of(&mut self, text: &str) -> Arc<str> {
        if let Some(last) = self.last.as_ref().filter(|last| ***last == *text) {
            return Arc::clone(last);
        }
        let symbol = self.all.get(text).map_or_else(|| text.into(), Arc::clone);
        if self.all.len() < Self::MOST {
            self.all.insert(Arc::clone(&symbol));
        }
        Arc::clone(self.last.insert(symbol))
    }
}

/// The tick rule: who bought after a lower price took, and who bought after a higher one was hit. At the same price it is as
/// before.
#[derive(Default)]
struct TickRule(HashMap<Option<Arc<str>>, (Decimal, PluginSide)>);

impl TickRule {
    fn side(&mut self, symbol: Option<&Arc<str>>, price: Decimal) -> PluginSide {
        let last = self.0.entry(symbol.cloned()).or_insert((price, PluginSide::Buy));
        let side = match price.cmp(&last.0) {
            std::cmp::Ordering::Greater => PluginSide::Buy,
            std::cmp::Ordering::Less => PluginSide::Sell,
            std::cmp::Ordering::Equal => last.1,
        };
        *last = (price, side);
        side
    }
}

/// A plain number, or one in scientific notation.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    tesser_wasm::decimal::parse(text)
}

/// A side in words; 1 and -1 as the host's recorder has them.
pub(super) fn side(text: &str) -> Option<PluginSide> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("sell") || is("s") || text == "-1" {
        Some(PluginSide::Sell)
    } else if is("buy") || is("b") || text == "1" {
        Some(PluginSide::Buy)
    } else {
        None
    }
}

/// The taker's side, of whether the buyer was the maker.
pub(super) fn taker_by_flag(text: &str) -> Option<PluginSide> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") || is("t") || text == "1" {
        Some(PluginSide::Sell)
    } else if is("false") || is("f") || text == "0" {
        Some(PluginSide::Buy)
    } else {
        None
    }
}
