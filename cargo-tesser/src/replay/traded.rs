//! Counts the rows of a tape by symbol, to explain a run without trades or fills.
//!
//! In: the events of a tape. Out: how many of them are trades of the session's symbol, and notes about a run that filled
//! nothing or skipped rows of other symbols.

use std::path::Path;

use rust_decimal::Decimal;

use super::{Error, Interval, Options, RunSummary};
use crate::report::{counted, escape_untrusted};
use crate::simulator::quick_decimal::is_less;
use crate::simulator::symbol::Symbol;
use crate::simulator::tape::times::shown;
use crate::simulator::tape::{self, Event, Tape};
use crate::simulator::trade::Trade;
use crate::simulator::{Order, OrderStatus};

/// Other symbols that are named.
const MOST_NAMES: usize = 5;

/// Symbols of a tape without trades of the session's symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Only {
    /// Rows whose symbol is empty.
    Empty,
    /// One other symbol.
    Symbol(String),
    /// More than one.
    Several,
}

/// Counts of the rows read so far.
#[derive(Clone)]
pub(super) struct Traded {
    symbol: Symbol,
    /// Of the session's symbol, and all events of a script.
    own: u64,
    lowest: Decimal,
    highest: Decimal,
    /// Times of the first own trade and of the last.
    times: Option<(i64, i64)>,
    /// Names of other symbols, in the order in which they came; an empty one is a row that names none.
    others: Vec<(String, u64)>,
    /// Rows of further symbols.
    further: u64,
}

impl Traded {
    pub(super) fn new(symbol: &Symbol) -> Self {
        Self {
            symbol: symbol.clone(),
            own: 0,
            lowest: Decimal::MAX,
            highest: Decimal::ZERO,
            times: None,
            others: Vec::new(),
            further: 0,
        }
    }

    /// Reads up to the first own event, with which the signal comes.
    pub(super) fn first(&mut self, options: &Options, tape: &mut Tape) -> Result<Event, Error> {
        let path = &options.tape;
        let Interval { from_ms, to_ms, .. } = options.interval;
        let mut early = self.clone();
        while let Some(event) = tape.next().transpose()? {
            let time_ms = time_of(&event);
            if time_ms.is_some_and(|time_ms| Some(time_ms) < from_ms) {
                early.count(&event);
            } else if self.count(&event) {
                let late = time_ms.zip(to_ms).filter(|(time_ms, to_ms)| time_ms > to_ms);
                let Some((first_ms, _)) = late else { return Ok(event) };
                return Err(Error::AfterTo { path: path.clone(), first: shown(first_ms) });
            }
        }
        Err(match early.times {
            Some((_, last_ms)) => Error::BeforeFrom {
                path: path.clone(),
                symbol: self.symbol.to_string(),
                last: shown(last_ms),
            },
            None if self.rows() == 0 => early.no_trades(path, tape.skipped()),
            None => self.no_trades(path, tape.skipped()),
        })
    }

    /// Counts an event; returns whether it concerns the session.
    pub(super) fn count(&mut self, event: &Event) -> bool {
        let Event::Trade(trade) = event else {
            self.own += 1;
            return true;
        };
        let other = trade.symbol.as_deref().filter(|_| !is_of(&self.symbol, trade));
        let Some(other) = other else {
            self.own += 1;
            if is_less(trade.price, self.lowest) {
                self.lowest = trade.price;
            }
            if is_less(self.highest, trade.price) {
                self.highest = trade.price;
            }
            self.times.get_or_insert((trade.time_ms, 0)).1 = trade.time_ms;
            return true;
        };
        let has_room = self.others.len() < MOST_NAMES;
        match self.others.iter_mut().find(|(name, _)| name == other) {
            Some((_, rows)) => *rows += 1,
            None if has_room => self.others.push((other.to_owned(), 1)),
            None => self.further += 1,
        }
        false
    }

    /// Rows read so far.
    pub(super) fn rows(&self) -> u64 {
        self.own + self.foreign()
    }

    fn foreign(&self) -> u64 {
        self.others.iter().map(|(_, rows)| rows).sum::<u64>() + self.further
    }

    /// Returns why nothing can be run: there are no trades, or none of the symbol.
    fn no_trades(&self, path: &Path, skipped: u64) -> Error {
        if self.others.is_empty() {
            let path = path.to_owned();
            return match skipped {
                0 => tape::Error::Empty { path }.into(),
                skipped => tape::Error::AllSkipped { path, skipped }.into(),
            };
        }
        let only = match &self.others[..] {
            [(name, _)] if name.trim().is_empty() => Only::Empty,
            [(name, _)] => Only::Symbol(escape_untrusted(name)),
            _ => Only::Several,
        };
        Error::NoTrades {
            path: path.to_owned(),
            symbol: self.symbol.to_string(),
            rows: self.words(),
            only,
        }
    }

    /// Describes the other rows: "120 rows are of `ETHUSDT`, 3 rows have an empty symbol".
    fn words(&self) -> String {
        let mut words: Vec<_> = self.others.iter().map(|(name, rows)| of(name, *rows)).collect();
        if self.further > 0 {
            words.push(format!("{} of other symbols", counted(self.further, "row")));
        }
        words.join(", ")
    }

    /// Adds notes about the tape to the summary, if they explain the result.
    pub(super) fn report(&self, summary: &mut RunSummary) {
        if self.foreign() > 0 {
            let of = format!("{} of {} rows", self.foreign(), self.rows());
            let words = format!("{of} are not trades of `{}`: {}", self.symbol, self.words());
            summary.notes.add(words);
        }
        if summary.ok() && summary.filled.is_zero() {
            let trades = counted(self.own, "trade");
            let prices = if self.lowest == self.highest {
                self.lowest.normalize().to_string()
            } else {
                format!("{} to {}", self.lowest.normalize(), self.highest.normalize())
            };
            let (first, last) = self.times.unwrap_or_default();
            let time = Decimal::new(last.saturating_sub(first), 3).normalize();
            let asked = asked(&summary.rows);
            let target = summary.target.normalize();
            summary.filled_nothing = true;
            summary.errors.add(format!(
                "nothing of the target of {target} was filled: the tape has {trades} of `{}` at {prices} in {time} s, and {asked}",
                self.symbol
            ));
        }
    }
}

/// When a trade was.
pub(super) fn time_of(event: &Event) -> Option<i64> {
    match event {
        Event::Trade(trade) => Some(trade.time_ms),
        _ => None,
    }
}

/// Whether a trade is of a symbol, which the tape may name without its venue, or not at all.
pub(super) fn is_of(symbol: &Symbol, trade: &Trade) -> bool {
    trade.symbol.as_deref().is_none_or(|text| symbol.is_meant_by(text))
}

fn of(name: &str, rows: u64) -> String {
    let (count, verb) = (counted(rows, "row"), if rows == 1 { "is" } else { "are" });
    match name.trim() {
        "" if rows == 1 => format!("{count} has an empty symbol"),
        "" => format!("{count} have an empty symbol"),
        name => format!("{count} {verb} of `{}`", escape_untrusted(name)),
    }
}

/// Describes the plugin's orders.
fn asked(orders: &[Order]) -> String {
    let Some(first) = orders.first() else { return "no order reached the exchange".into() };
    if orders.iter().all(|order| order.state == OrderStatus::Rejected) {
        return "the exchange refused all orders".into();
    }
    let count = counted(orders.len() as u64, &format!("{} order", first.side));
    let prices = orders.iter().filter_map(|order| order.price);
    match (prices.clone().min(), prices.max()) {
        (Some(low), Some(high)) if low == high => format!("{count} asked for {}", low.normalize()),
        (Some(low), Some(high)) => {
            format!("{count} asked for {} to {}", low.normalize(), high.normalize())
        }
        _ => format!("{count} came too late for it"),
    }
}
