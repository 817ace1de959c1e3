//! The order-book tape of a run, read in step with its trades. In: a tape of messages. Out: changes of the exchange's order
//! book.

use std::path::Path;

use super::{Error, Options};
use crate::simulator::RunSummary;
use crate::simulator::order_book::BookUpdate;
use crate::simulator::session::Session;
use crate::simulator::tape::book::{BookTape, LeftOut};

/// Other symbols that are named.
const MOST_NAMES: usize = 11;

/// A tape of order books, if there is one.
pub(super) struct Books {
    tape: Option<BookTape>,
    /// The next message, already read.
    next: Option<BookUpdate>,
    /// Whether any message since `from_ms` was of the session's symbol.
    some: bool,
    /// Other symbols, until there is a message of the session's symbol.
    others: Vec<String>,
    /// Earlier messages build the order book, but do not count as messages of the run.
    pub(super) from_ms: i64,
    /// Whether all messages are treated as messages of the session's symbol.
    takes_all: bool,
}

impl Books {
    pub(super) fn open(options: &Options, is_hashed: bool) -> Result<Self, Error> {
        let open = if is_hashed { BookTape::open_hashed } else { BookTape::open };
        let Options { book, tape_options, .. } = options;
        let tape = book.as_ref().map(|path| open(path, tape_options)).transpose()?;
        let takes_all = tape_options.names.without_symbols();
        let (next, others, from_ms) = (None, Vec::new(), i64::MIN);
        let mut books = Self { tape, next, some: false, others, from_ms, takes_all };
        books.read()?;
        Ok(books)
    }

    fn read(&mut self) -> Result<(), Error> {
        self.next = self.tape.as_mut().and_then(Iterator::next).transpose()?;
        if let Some(update) = self.next.as_mut().filter(|_| self.takes_all) {
            update.symbol = None;
        }
        Ok(())
    }

    /// Applies all messages before a time. A message of the same millisecond as a trade comes after the trade, since it shows
    /// what the trade left.
    pub(super) fn before(
        &mut self,
        time_ms: i64,
        session: &mut Session<RunSummary>,
    ) -> Result<(), Error> {
        while let Some(update) = self.next.take_if(|update| update.time_ms < time_ms) {
            let is_own = session.book(&update);
            self.some |= is_own && update.time_ms >= self.from_ms;
            if let Some(other) = update.symbol.filter(|_| !is_own && !self.some)
                && self.others.len() < MOST_NAMES
                && !self.others.contains(&other)
            {
                self.others.push(other);
            }
            self.read()?;
        }
        Ok(())
    }

    /// Returns the hash of the tape; empty if there is no tape or it was not opened for hashing.
    pub(super) fn sha256(&mut self) -> Result<String, Error> {
        Ok(self.tape.as_mut().map(BookTape::sha256).transpose()?.unwrap_or_default())
    }

    /// Adds notes about what was left out to the summary.
    pub(super) fn report(&self, path: &Path, summary: &mut RunSummary) -> Result<(), Error> {
        let Some(tape) = &self.tape else { return Ok(()) };
        if !self.some {
            let (symbol, others) = (summary.symbol.clone(), self.others.clone());
            return Err(Error::NoBook { path: path.to_owned(), symbol, others });
        }
        let (trades, outside) = summary.trades_in_book;
        if outside * 2 > trades {
            summary.notes.add(format!(
                "order book: {outside} of {trades} trades are outside of its best prices; check that it is of the same market and time"
            ));
        }
        let LeftOut { bad_rows, before_snapshot, gaps, after_gap, late } = tape.left_out();
        for (count, what) in [
            (bad_rows, "rows that cannot be read were left out"),
            (before_snapshot, "updates before the first snapshot were left out"),
            (gaps, "gaps in the update numbers; until the next snapshot only trades are known"),
            (after_gap, "updates after a gap were left out"),
            (
                late,
                "messages were up to a second earlier than the one before them, and got its time",
            ),
        ] {
            if count > 0 {
                summary.notes.add(format!("order book: {count} {what}"));
            }
        }
        Ok(())
    }
}
