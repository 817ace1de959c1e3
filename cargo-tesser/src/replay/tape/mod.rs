//! A tape: what happened on the market, or what a host would do, in its order.
//!
//! In: a file of trades (CSV, Parquet) or of events (JSON lines), plain or compressed. Out: events one at a
//! time; the file is never held in memory. What a trade may be is checked here, for all formats alike.

mod columns;
mod csv;
mod events;
mod parquet;
mod unpack;

use std::path::{Path, PathBuf};

use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

use super::Error;
pub use columns::Names;
pub(super) use events::Fill;

/// The columns of Binance's trade files, which have them in this order when they have no header.
pub(super) const HEADER: &str = "id,price,qty,quote_qty,time,is_buyer_maker";

/// In the year 5138; times in smaller units are beyond it.
const LATEST_MS: i64 = 100_000_000_000_000;

/// One day.
const LONGEST_GAP_MS: i64 = 86_400_000;

/// One trade.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Trade {
    /// Of the trade; the symbol of the replay when the tape names none.
    pub(super) symbol: Option<String>,
    /// In quote currency.
    pub(super) price: Decimal,
    /// In base currency.
    pub(super) quantity: Decimal,
    /// Milliseconds since the Unix epoch.
    pub(super) time_ms: i64,
    /// The taker's side.
    pub(super) side: PluginSide,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Event {
    /// A trade: the clock goes on to its time, the exchange fills, and the plugin gets a tick.
    Trade(Trade),
    /// A tick alone, of a script.
    Tick(Trade),
    /// A fill, of a script.
    Fill(Fill),
    /// One second has passed, in a script.
    Timer,
    /// The host restarts.
    Restart,
}

/// Why a row gives no event.
#[derive(Debug)]
struct Bad {
    reason: String,
    /// Whether nothing after it can be read either.
    fatal: bool,
}

impl Bad {
    fn row(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), fatal: false }
    }

    fn file(reason: impl ToString) -> Self {
        Self { reason: reason.to_string(), fatal: true }
    }
}

/// Events with the line that they are on, from 1; in Parquet the row.
type Rows = Box<dyn Iterator<Item = (u64, Result<Event, Bad>)>>;

/// How a tape is read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Names of columns, where they are not the usual ones.
    pub names: Names,
    /// Leave out rows that cannot be read, and count them.
    pub skip_bad_rows: bool,
}

/// An open tape.
pub(super) struct Tape {
    path: PathBuf,
    rows: Rows,
    /// Only of trades; a script's times are its author's.
    last_ms: Option<i64>,
    skip_bad_rows: bool,
    skipped: u64,
}

impl Tape {
    /// Opens a tape and finds its columns. What it is, its first bytes tell, not its name.
    pub(super) fn open(path: &Path, reading: &Reading) -> Result<Self, Error> {
        let rows = match unpack::open(path)? {
            unpack::Content::Parquet(file) => parquet::rows(path, file, &reading.names)?,
            unpack::Content::Events(text) => events::rows(text),
            unpack::Content::Table(text) => csv::rows(path, text, &reading.names)?,
        };
        Ok(Self {
            path: path.to_owned(),
            rows,
            last_ms: None,
            skip_bad_rows: reading.skip_bad_rows,
            skipped: 0,
        })
    }

    /// Rows left out so far.
    pub(super) fn skipped(&self) -> u64 {
        self.skipped
    }

    fn check(&mut self, event: Event) -> Result<Event, Bad> {
        if let Event::Trade(trade) = &event {
            for (name, value) in [("price", trade.price), ("quantity", trade.quantity)] {
                if value <= Decimal::ZERO {
                    return Err(Bad::row(format!("the {name} is not positive: `{value}`")));
                }
            }
            self.check_time(trade.time_ms).map_err(Bad::row)?;
            self.last_ms = Some(trade.time_ms);
        }
        Ok(event)
    }

    /// The timer fires for every second between two trades, so a wrong time would run for ages.
    fn check_time(&self, time_ms: i64) -> Result<(), String> {
        if time_ms > LATEST_MS {
            return Err(format!("a time beyond the year 5000: `{time_ms}` ms"));
        }
        match self.last_ms {
            Some(last) if time_ms < last => {
                Err(format!("the time goes back from {last} to {time_ms}"))
            }
            Some(last) if time_ms.saturating_sub(last) > LONGEST_GAP_MS => {
                Err(format!("more than a day without a trade, from {last} to {time_ms}"))
            }
            _ => Ok(()),
        }
    }
}

impl Iterator for Tape {
    type Item = Result<Event, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (line, event) = self.rows.next()?;
            match event.and_then(|event| self.check(event)) {
                Ok(event) => return Some(Ok(event)),
                Err(bad) if self.skip_bad_rows && !bad.fatal => self.skipped += 1,
                Err(bad) => {
                    let (path, reason) = (self.path.clone(), bad.reason);
                    return Some(Err(Error::Row { path, line, reason }));
                }
            }
        }
    }
}
