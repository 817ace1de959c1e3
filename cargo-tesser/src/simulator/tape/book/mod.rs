//! Files of order books. In: the layouts of Tardis, Binance, Bybit, OKX and the host, as CSV, Parquet or JSON lines, plain or
//! compressed. Out: snapshots and updates, one message at a time; the file is never held in memory.
//!
//! An order book that misses an update is wrong from there on and looks right. So an update before the first snapshot and a
//! gap in the update numbers are errors, or the order book is unknown until the next snapshot.
//!
//! | file | what it does |
//! | --- | --- |
//! | `layout`, `cell` | which column holds what; rows -> levels, of tables and of Parquet |
//! | `table`, `parquet_rows`, `json` | rows of the three formats |
//! | `message` | rows that belong together -> one message |
//! | `sequence` | whether a message follows the one before it |
//! | `folder` | several files as one tape |

mod cell;
mod folder;
mod json;
mod layout;
mod message;
mod parquet_rows;
mod sequence;
mod table;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use self::message::Message;
use self::sequence::{Sequence, Verdict};
use super::bytes::{Bytes, Source};
use super::order::BOUND_MS;
use super::times::goes_back;
use super::{Bad, Error, LATEST_MS, TapeOptions, WayOut, Wrong, unpack};
use crate::simulator::order_book::{BookChange, BookUpdate};

/// Messages with the line that they begin on, from 1; in Parquet the row.
type Messages = Box<dyn Iterator<Item = (u64, Result<Message, Bad>)>>;

/// What a tape holds and a replay did not get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LeftOut {
    /// Rows that cannot be read.
    pub(crate) bad_rows: u64,
    /// Updates before the first snapshot.
    pub(crate) before_snapshot: u64,
    /// Times at which updates are missing.
    pub(crate) gaps: u64,
    /// Updates between a gap and the next snapshot.
    pub(crate) after_gap: u64,
    /// Messages whose time is a little before that of the last one, which they got. None of them is missing.
    pub(crate) late: u64,
}

/// An open tape of an order book, or of several.
pub(crate) struct BookTape {
    path: PathBuf,
    source: Source,
    messages: Messages,
    /// By symbol.
    sequences: HashMap<Option<String>, Sequence>,
    last_ms: Option<i64>,
    /// As the tape has it, of tapes that say when a message was received.
    last_received: Option<i64>,
    go_on: bool,
    left_out: LeftOut,
    has_snapshot: bool,
    ended: bool,
}

impl BookTape {
    /// Opens a file, a folder, or `-` for stdin. What it is, its first bytes and its columns tell, not its name. Of the
    /// options, only `skip_bad_rows` counts: it leaves out rows that cannot be read, and what a snapshot is missing for.
    pub(crate) fn open(path: &Path, options: &TapeOptions) -> Result<Self, Error> {
        Self::open_as(path, options, false)
    }

    /// The same, of a tape whose hash is wanted at the end.
    pub(crate) fn open_hashed(path: &Path, options: &TapeOptions) -> Result<Self, Error> {
        Self::open_as(path, options, true)
    }

    fn open_as(path: &Path, options: &TapeOptions, is_hashed: bool) -> Result<Self, Error> {
        let (messages, source) = if path.is_dir() {
            let (messages, files) = folder::messages(path)?;
            (messages, Source::folder(files))
        } else {
            let (messages, bytes) = messages(path, false, is_hashed)?;
            (messages, Source::File(bytes))
        };
        Ok(Self {
            path: path.to_owned(),
            source,
            messages,
            sequences: HashMap::new(),
            last_ms: None,
            last_received: None,
            go_on: options.skip_bad_rows,
            left_out: LeftOut::default(),
            has_snapshot: false,
            ended: false,
        })
    }

    /// The hash of a tape that was opened for it, as that of trades.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn sha256(&mut self) -> Result<String, Error> {
        self.source.sha256(&self.path)
    }

    /// What was left out so far.
    pub(crate) fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// The update of a message; `None` where it is left out.
    fn update(&mut self, mut message: Message) -> Result<Option<BookUpdate>, Bad> {
        let time_ms = self.time_ms(&message)?;
        let symbol = message.symbol.take();
        let sequence = self.sequences.entry(symbol.clone()).or_default();
        let change = match sequence.judge(&message) {
            Verdict::Snapshot => {
                self.has_snapshot = true;
                BookChange::Snapshot(message.levels)
            }
            Verdict::Update => BookChange::Update(message.levels),
            Verdict::InSnapshot => return Ok(None),
            Verdict::Early if self.go_on || message.is_marked => {
                self.left_out.before_snapshot += 1;
                return Ok(None);
            }
            Verdict::Early => {
                let reason = "an update before the first snapshot".to_owned();
                return Err(Bad::place(reason, WayOut::SnapshotFirst));
            }
            Verdict::AfterGap => {
                self.left_out.after_gap += 1;
                return Ok(None);
            }
            Verdict::Gap { .. } if self.go_on => {
                self.left_out.gaps += 1;
                self.left_out.after_gap += 1;
                BookChange::Clear
            }
            Verdict::Gap { after, up_to } => {
                let reason = format!("the updates after {after} and up to {up_to} are missing");
                return Err(Bad::place(reason, WayOut::NextSnapshot));
            }
            Verdict::Back { from, to } => {
                let reason = format!("the update numbers go back from {from} to {to}");
                return Err(Bad::place(reason, WayOut::Sort(None)));
            }
        };
        Ok(Some(BookUpdate { symbol, time_ms, change }))
    }

    /// The time of a message. Files are in the order in which messages were received, and the exchange's times may go back a
    /// little in them: the last one holds then. Messages are never sorted, since one changes what the others left.
    fn time_ms(&mut self, message: &Message) -> Result<i64, Bad> {
        let time_ms = message.time_ms;
        if time_ms > LATEST_MS {
            let reason = format!("a time beyond the year 5000: `{time_ms}` ms");
            return Err(Bad::place(reason, WayOut::Unit));
        }
        if let Some(received) = message.received {
            if let Some(last) = self.last_received.replace(received).filter(|last| received < *last)
            {
                let reason = format!("the time goes back from {last} to {received}");
                return Err(Bad::place(reason, WayOut::Sort(None)));
            }
        } else if let Some(last_ms) = self.last_ms.filter(|last_ms| time_ms < *last_ms) {
            if last_ms.saturating_sub(time_ms) > BOUND_MS {
                return Err(Bad::place(goes_back(last_ms, time_ms), WayOut::Sort(None)));
            }
            self.left_out.late += 1;
        }
        Ok(*self.last_ms.insert(self.last_ms.map_or(time_ms, |last| last.max(time_ms))))
    }

    fn error(&mut self, line: u64, bad: Bad) -> Error {
        if let Some(error) = bad.error {
            return *error;
        }
        let (path, reason) = (bad.path.unwrap_or_else(|| self.path.clone()), bad.reason);
        let way_out = match bad.wrong {
            Wrong::File if line == 0 => return Error::Damaged { path, reason },
            Wrong::File => {
                return Error::Damaged { path, reason: format!("row {line}: {reason}") };
            }
            Wrong::Place(way_out) => way_out,
            Wrong::Row(_) if self.others_can_be_read() => WayOut::SkipBadRows,
            Wrong::Row(_) => WayOut::OtherLayout,
        };
        Error::Row { path, line, reason, way_out }
    }

    /// Whether it would help to leave out a row: some other one can be read.
    fn others_can_be_read(&mut self) -> bool {
        const MOST: usize = 1_000;
        !self.sequences.is_empty() || self.messages.by_ref().take(MOST).any(|(_, row)| row.is_ok())
    }

    /// Without a snapshot there was no order book.
    fn end(&mut self) -> Option<Error> {
        let is_missing = !std::mem::replace(&mut self.ended, true) && !self.has_snapshot;
        let LeftOut { bad_rows, before_snapshot, .. } = self.left_out;
        is_missing.then(|| Error::NoOrderBook {
            path: self.path.clone(),
            left_out: bad_rows + before_snapshot,
        })
    }
}

impl Iterator for BookTape {
    type Item = Result<BookUpdate, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some((line, message)) = self.messages.next() else {
                return self.end().map(Err);
            };
            let path = message.as_ref().ok().and_then(|message| message.path.clone());
            match message.and_then(|message| self.update(message)) {
                Ok(Some(update)) => return Some(Ok(update)),
                Ok(None) => {}
                Err(bad) if self.go_on && bad.is_row() => self.left_out.bad_rows += 1,
                Err(bad) => {
                    self.ended = true;
                    let path = bad.path.or_else(|| path.map(|path| path.to_path_buf()));
                    return Some(Err(self.error(line, Bad { path, ..bad })));
                }
            }
        }
    }
}

/// The messages of a file, and what they are read from. Files of the host's updates look like those of its snapshots.
fn messages(path: &Path, are_updates: bool, is_hashed: bool) -> Result<(Messages, Bytes), Error> {
    let (content, bytes) = unpack::open(path, is_hashed).map_err(Error::of_order_book)?;
    let messages = match content {
        unpack::Content::Parquet(file) => {
            let are_updates = are_updates || folder::are_updates(path);
            message::joined(parquet_rows::rows(path, file, are_updates)?)
        }
        unpack::Content::Events(lines) => json::messages(path, lines)?,
        unpack::Content::Table(lines) => message::joined(table::rows(path, lines)?),
    };
    Ok((messages, bytes))
}
