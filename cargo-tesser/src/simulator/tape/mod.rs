//! A tape: what happened on the market, or what a host would do, in its order.
//!
//! In: a file of trades (CSV, Parquet) or of events (JSON lines), plain or compressed. Out: events one at a
//! time; the file is never held in memory. What a trade may be is checked here, for all formats alike.

mod archive;
pub(crate) mod book;
mod bytes;
mod csv;
mod error;
mod events;
mod gzip;
mod headless;
mod layout;
mod lines;
mod names;
mod order;
mod parquet;
pub(crate) mod recorder;
mod row;
#[cfg(test)]
mod tests;
pub(crate) mod times;
mod unpack;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde::Serialize;

use bytes::{Bytes, Source};
use error::SortKey;
pub use error::{Error, WayOut};
pub(crate) use events::event;
pub use names::Names;
use order::InOrder;
pub(crate) use unpack::is_stream;

use super::exchange::ScriptedFill;
use super::order::OrderStatus;
use super::trade::Trade;

/// The columns of Binance's trade files, which have them in this order when they have no header.
pub(crate) const HEADER: &str = "id,price,qty,quote_qty,time,is_buyer_maker";

/// In the year 5138; times in smaller units are beyond it.
const LATEST_MS: i64 = 100_000_000_000_000;

/// What comes next.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    /// A trade on the market: what is due before it happens, and the exchange fills.
    Trade(Trade),
    /// A tick and nothing else.
    Tick(Trade),
    /// The exchange fills an order and tells the host.
    Fill(Box<ScriptedFill>),
    /// It fills an order, and the host does not hear of it.
    FillUnseen(Box<ScriptedFill>),
    /// The exchange changes an order's status and tells the host.
    OrderUpdate { order: u64, status: OrderStatus },
    /// Time passes, and nothing else happens.
    Advance { ms: i64 },
    /// The host's timer.
    Timer,
    /// The host looks for stale orders.
    Poll,
    /// The host is dropped and made anew, with the orders that the exchange lists, or with none.
    Restart { lists_orders: bool },
    /// All executions since the last time are told again.
    Reconnect,
    /// All algorithms are cancelled.
    CancelAll,
    /// The exchange ends `ioc` and `fok` orders, and tells nobody.
    Expire,
}

/// Why a row gives no event.
#[derive(Debug)]
struct Bad {
    reason: String,
    wrong: Wrong,
    /// The file of a folder that it is in.
    path: Option<PathBuf>,
    /// Why that file cannot be opened at all.
    error: Option<Box<Error>>,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    /// The row, and the next one can be read. If none can, this helps.
    Row(Option<WayOut>),
    /// Where the row is: it can be read, and nobody knows whether it or another one is in the wrong place.
    Place(WayOut),
    /// The file: nothing after it can be read either.
    File,
}

impl Bad {
    fn row(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), wrong: Wrong::Row(None), path: None, error: None }
    }

    /// A row of which there is more to say where no row can be read.
    fn row_with(reason: String, way_out: WayOut) -> Self {
        Self { wrong: Wrong::Row(Some(way_out)), ..Self::row(reason) }
    }

    fn is_row(&self) -> bool {
        matches!(self.wrong, Wrong::Row(_))
    }

    fn place(reason: String, way_out: WayOut) -> Self {
        Self { reason, wrong: Wrong::Place(way_out), path: None, error: None }
    }

    fn file(reason: &impl ToString) -> Self {
        Self { reason: reason.to_string(), wrong: Wrong::File, path: None, error: None }
    }

    fn unopened(error: Error) -> Self {
        Self { error: Some(error.into()), ..Self::file(&"") }
    }
}

/// Events with the line that they are on, from 1; in Parquet the row.
type Rows = Box<dyn Iterator<Item = (u64, Result<Event, Bad>)>>;

/// An assumption about times.
const NO_ZONE: &str = "times without a zone were read as UTC";

/// What is taken for granted about a tape, in words.
type Notes = Rc<RefCell<Vec<&'static str>>>;

/// The rows of a file.
struct Read {
    rows: Rows,
    notes: Vec<&'static str>,
    sort_key: Option<SortKey>,
}

impl Read {
    fn new(rows: Rows) -> Self {
        Self { rows, notes: Vec::new(), sort_key: None }
    }
}

/// How a tape is read.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TapeOptions {
    /// Names of columns, where they are not the usual ones.
    #[serde(rename = "columns")]
    pub names: Names,
    /// Leave out rows that cannot be read, and count them.
    pub skip_bad_rows: bool,
}

/// An open tape.
pub(crate) struct Tape {
    path: PathBuf,
    source: Source,
    rows: Rows,
    notes: Notes,
    sort_key: Option<SortKey>,
    is_script: bool,
    /// Only of trades; a script's times are its author's.
    in_order: InOrder,
    /// Why nothing follows what is held.
    end: Option<Box<Error>>,
    skip_bad_rows: bool,
    skipped: u64,
    /// Whether a row was read.
    some: bool,
}

impl Tape {
    /// Opens a tape and finds its columns. What it is, its first bytes tell, not its name.
    pub(crate) fn open(path: &Path, options: &TapeOptions) -> Result<Self, Error> {
        Self::open_as(path, options, false)
    }

    /// Opens a tape whose hash is wanted at the end.
    pub(crate) fn open_hashed(path: &Path, options: &TapeOptions) -> Result<Self, Error> {
        Self::open_as(path, options, true)
    }

    fn open_as(path: &Path, options: &TapeOptions, is_hashed: bool) -> Result<Self, Error> {
        let notes = Notes::default();
        let (Read { rows, sort_key, .. }, is_script, source) = if path.is_dir() {
            let files = recorder::tapes(path)?;
            let rows = several(path, files.clone(), options, &notes)?;
            (Read::new(rows), false, Source::folder(files))
        } else {
            let (read, is_script, bytes) = read(path, options, is_hashed)?;
            notes.borrow_mut().extend(&read.notes);
            (read, is_script, Source::File(bytes))
        };
        Ok(Self {
            path: path.to_owned(),
            source,
            rows,
            notes,
            sort_key,
            is_script,
            in_order: InOrder::default(),
            end: None,
            skip_bad_rows: options.skip_bad_rows,
            skipped: 0,
            some: false,
        })
    }

    /// Whether it says call by call what happens, rather than what was traded.
    pub(crate) fn is_script(&self) -> bool {
        self.is_script
    }

    /// What is worth knowing about how it was read, in words.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes: Vec<_> = self.notes.borrow().iter().map(|note| (*note).to_owned()).collect();
        notes.extend(self.in_order.late().words());
        notes
    }

    /// Rows left out so far.
    pub(crate) fn skipped(&self) -> u64 {
        self.skipped
    }

    /// The hash of a tape that was opened for it: see [`Source::sha256`].
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn sha256(&mut self) -> Result<String, Error> {
        self.source.sha256(&self.path)
    }

    /// Takes an event. Trades come in the order of their times, and so a little later; others at once.
    fn in_order(&mut self, event: Event) -> Result<Option<Event>, Bad> {
        let Event::Trade(trade) = event else { return Ok(Some(event)) };
        for (name, value) in [("price", trade.price), ("quantity", trade.quantity)] {
            if value.is_sign_negative() || value.is_zero() {
                return Err(Bad::row(format!("the {name} is not positive: `{value}`")));
            }
        }
        let time_ms = trade.time_ms;
        if time_ms > LATEST_MS {
            let reason = format!("a time beyond the year 5000: `{time_ms}` ms");
            return Err(Bad::place(reason, WayOut::Unit));
        }
        match self.in_order.add(trade) {
            Ok(()) => Ok(self.in_order.ready().map(Event::Trade)),
            Err(latest_ms) => {
                self.in_order.clear();
                Err(Bad::place(times::goes_back(latest_ms, time_ms), WayOut::Sort(self.sort_key)))
            }
        }
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
            Wrong::Row(_) if self.others_can_be_read() => WayOut::SkipBadRows,
            Wrong::Place(way_out) | Wrong::Row(Some(way_out)) => way_out,
            Wrong::Row(None) if self.is_script => WayOut::OtherEvents,
            Wrong::Row(None) => WayOut::OtherColumns,
        };
        Error::Row { path, line, reason, way_out }
    }

    /// Whether it would help to leave out a row: some other one gives an event.
    fn others_can_be_read(&mut self) -> bool {
        const MOST: usize = 1_000;
        self.some || self.rows.by_ref().take(MOST).any(|(_, row)| row.is_ok())
    }
}

/// The rows of a file, whether they are a script, and what they are read from.
fn read(path: &Path, options: &TapeOptions, is_hashed: bool) -> Result<(Read, bool, Bytes), Error> {
    let (content, bytes) = unpack::open(path, is_hashed)?;
    Ok(match content {
        unpack::Content::Parquet(file) => {
            (parquet::rows(path, file, &options.names)?, false, bytes)
        }
        unpack::Content::Events(lines) => (Read::new(events::rows(lines)), true, bytes),
        unpack::Content::Table(lines) => (csv::rows(path, lines, &options.names)?, false, bytes),
    })
}

/// All rows of several files, one file after the other.
fn several(
    dir: &Path,
    files: Vec<PathBuf>,
    options: &TapeOptions,
    notes: &Notes,
) -> Result<Rows, Error> {
    if files.is_empty() {
        return Err(Error::Empty { path: dir.to_owned() });
    }
    let (options, notes) = (options.clone(), Rc::clone(notes));
    Ok(Box::new(files.into_iter().flat_map(move |file| -> Rows {
        match read(&file, &options, false) {
            Ok((_, true, _)) => {
                Box::new(std::iter::once((0, Err(Bad::unopened(Error::OneScript { path: file })))))
            }
            Ok((read, ..)) => {
                let mut notes = notes.borrow_mut();
                notes.extend(read.notes);
                notes.dedup();
                Box::new(read.rows.map(move |(line, row)| {
                    (line, row.map_err(|bad| Bad { path: Some(file.clone()), ..bad }))
                }))
            }
            Err(error) => Box::new(std::iter::once((0, Err(Bad::unopened(error))))),
        }
    })))
}

impl Iterator for Tape {
    type Item = Result<Event, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(trade) = self.in_order.ready() {
            return Some(Ok(Event::Trade(trade)));
        }
        while self.end.is_none() {
            let Some((line, event)) = self.rows.next() else { break };
            match event.and_then(|event| self.in_order(event)) {
                Ok(event) => {
                    self.some = true;
                    if let Some(event) = event {
                        return Some(Ok(event));
                    }
                }
                Err(bad) if self.skip_bad_rows && bad.is_row() => self.skipped += 1,
                Err(bad) => self.end = Some(self.error(line, bad).into()),
            }
        }
        // What was before the end comes before it.
        let trade = self.in_order.rest().map(|trade| Ok(Event::Trade(trade)));
        trade.or_else(|| self.end.take().map(|error| Err(*error)))
    }
}
