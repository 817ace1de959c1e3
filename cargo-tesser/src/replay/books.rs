//! The order book beside the trades of a tape, in the order of time. In: a tape of messages. Out: changes of the exchange's
//! order book.

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
    /// Read, and still to come.
    next: Option<BookUpdate>,
    /// Whether any was of the session's symbol.
    some: bool,
    /// Other symbols that it names, until there is one.
    others: Vec<String>,
    /// Messages before it make the order book, and are too old to be of the run.
    pub(super) from_ms: i64,
    /// Whether all messages are taken for those of the session's symbol.
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

    /// Lets everything happen that was before a time. A message of the same millisecond as a trade comes after it, since it
    /// says what the trade has left.
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

    /// The hash of the tape, if there is one that was opened for it.
    pub(super) fn sha256(&mut self) -> Result<String, Error> {
        Ok(self.tape.as_mut().map(BookTape::sha256).transpose()?.unwrap_or_default())
    }

    /// Says in the summary what was left out.
    pub(super) fn judge(&self, path: &Path, summary: &mut RunSummary) -> Result<(), Error> {
        let Some(tape) = &self.tape else { return Ok(()) };
        if !self.some {
            let (symbol, others) = (summary.symbol.clone(), self.others.clone());
            return Err(Error::NoBook { path: path.to_owned(), symbol, others });
        }
        let (trades, outside) = summary.trades_in_book;
        if outside * 2 > trades {
            summary.notes.add(format!(
                "order book: {outside} of {trades} trades are outside of its best prices; is it of this market, and of this time?"
            ));
        }
        let LeftOut { bad_rows, before_snapshot, gaps, after_gap, late } = tape.left_out();
        for (count, what) in [
            (bad_rows, "rows that cannot be read were left out"),
            (before_snapshot, "updates before the first snapshot were left out"),
            (gaps, "times updates are missing, and only trades are known until the next snapshot"),
            (after_gap, "updates after such a gap were left out"),
            (late, "messages were up to a second before the one before them, and got its time"),
        ] {
            if count > 0 {
                summary.notes.add(format!("order book: {count} {what}"));
            }
        }
        Ok(())
    }
}
