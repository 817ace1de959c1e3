//! One message of an exchange. In: rows of one level or of several. Out: what was sent at once, which is applied at once: between
//! its rows the order book may be crossed.

use std::path::Path;
use std::rc::Rc;

use super::{Bad, Messages};
use crate::simulator::order_book::Levels;

/// More than any exchange shows; the file is not held in memory.
const MOST_LEVELS: usize = 1_000_000;

/// Whether a message has all levels, or those that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Snapshot,
    Update,
}

/// The exchange's numbers of updates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Numbers {
    /// Of the last update in the message.
    pub(super) last: Option<i64>,
    /// Of the last update in the message before.
    pub(super) previous: Option<i64>,
}

/// A message, or a row of one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Message {
    pub(super) symbol: Option<String>,
    pub(super) time_ms: i64,
    /// When a recorder received it, in whatever unit; only compared.
    pub(super) received: Option<i64>,
    pub(super) kind: Kind,
    /// By Tardis's rules: each row says whether it is of a snapshot, which may come in several messages, and updates that were
    /// waiting for one are in the file before it.
    pub(super) is_marked: bool,
    /// No other row belongs to it.
    pub(super) is_whole: bool,
    pub(super) numbers: Numbers,
    pub(super) levels: Levels,
    /// The file of a folder that it is in.
    pub(super) path: Option<Rc<Path>>,
}

impl Message {
    fn has(&self, row: &Self) -> bool {
        !self.is_whole
            && self.received == row.received
            // One message has one time, though a snapshot's rows may each have that of their level.
            && (self.received.is_some() || self.time_ms == row.time_ms)
            && self.kind == row.kind
            && self.numbers == row.numbers
            && self.symbol == row.symbol
    }
}

/// Joins rows that were one message.
pub(super) fn joined(rows: Messages) -> Messages {
    Box::new(Joined { rows, open: None })
}

struct Joined {
    rows: Messages,
    open: Option<(u64, Message)>,
}

impl Iterator for Joined {
    type Item = (u64, Result<Message, Bad>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (line, row) = match self.rows.next() {
                Some((line, Ok(row))) => (line, row),
                // The row is left out, or nothing more is read.
                Some((line, Err(bad))) => return Some((line, Err(bad))),
                None => return self.open.take().map(|(line, message)| (line, Ok(message))),
            };
            match &mut self.open {
                Some((_, message)) if message.has(&row) => {
                    message.levels.bids.extend(row.levels.bids);
                    message.levels.asks.extend(row.levels.asks);
                    if message.levels.bids.len() + message.levels.asks.len() > MOST_LEVELS {
                        let words = format!("one message of more than {MOST_LEVELS} levels");
                        return Some((line, Err(Bad::file(&words))));
                    }
                }
                _ => {
                    if let Some((line, message)) = self.open.replace((line, row)) {
                        return Some((line, Ok(message)));
                    }
                }
            }
        }
    }
}
