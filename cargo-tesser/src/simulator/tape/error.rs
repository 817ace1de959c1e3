//! Why a tape cannot be read, and what to do about it.

use std::path::{Path, PathBuf};

use super::HEADER;
use super::layout::{OtherTable, Unfit};
use super::unpack::Foreign;
use crate::fs;
use crate::report::{escape_untrusted, some_of};

/// Why a tape cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error(transparent)]
    Fs(#[from] fs::Error),
    /// The tape does not start with the columns that are needed.
    #[error("`{}` has no column `{}`; it has {}", .path.display(), escape_untrusted(.column), some_of(.columns))]
    Column {
        /// The tape.
        path: PathBuf,
        /// What is missing.
        column: String,
        /// What is there.
        columns: Vec<String>,
    },
    /// A tape of trades without sides.
    #[error("`{}` has no column for the taker's side; it has {}", .path.display(), some_of(.columns))]
    NoSide {
        /// The tape.
        path: PathBuf,
        /// What is there.
        columns: Vec<String>,
    },
    /// Sides of which nobody knows whose they are.
    #[error("`{}` looks like Coinbase's trades, whose `side` is the maker's; in other files it is the taker's", .path.display())]
    WhoseSide {
        /// The tape.
        path: PathBuf,
    },
    /// Columns without names.
    #[error("`{}` has no header, and its columns are not those of a known file without one: {}", .path.display(), some_of(.columns))]
    NoHeader {
        /// The tape.
        path: PathBuf,
        /// The first row.
        columns: Vec<String>,
    },
    /// A table of something else.
    #[error("`{}` has {}, not trades", .path.display(), .what.words())]
    NotTrades {
        /// The tape.
        path: PathBuf,
        /// What it has.
        what: OtherTable,
    },
    /// The tape has no trades.
    #[error("`{}` has no trades", .path.display())]
    Empty {
        /// The tape.
        path: PathBuf,
    },
    /// All rows were left out.
    #[error("`{}` has no row that can be read; {skipped} were left out", .path.display())]
    AllSkipped {
        /// The tape.
        path: PathBuf,
        /// How many rows.
        skipped: u64,
    },
    /// A row of the tape cannot be read.
    #[error("`{}`, line {line}: {reason}", .path.display())]
    Row {
        /// The tape.
        path: PathBuf,
        /// Line in the file, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
        /// What to do about it.
        way_out: WayOut,
    },
    /// A file of a recording or of Parquet cannot be read at all.
    #[error("cannot read `{}`: {reason}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Another program has to unpack or convert it.
    #[error("`{}` is {}, which is not read", .path.display(), .foreign.what())]
    Foreign {
        /// The tape.
        path: PathBuf,
        /// What it is.
        foreign: Foreign,
    },
    /// An archive that does not hold tables only.
    #[error("`{}` holds {}", .path.display(), match .names.len() {
        0 => "no file".to_owned(),
        _ => format!("{}, which are not all of one kind", some_of(.names)),
    })]
    Archive {
        /// The tape.
        path: PathBuf,
        /// The files in it.
        names: Vec<String>,
    },
    /// It is no text, and nothing else that is known.
    #[error("`{}` is neither CSV, Parquet nor JSON lines", .path.display())]
    NotATape {
        /// The tape.
        path: PathBuf,
    },
    /// A script among several files.
    #[error("`{}` is a script of events, and a folder has trades", .path.display())]
    OneScript {
        /// The file.
        path: PathBuf,
    },
    /// A column of Parquet is packed by something that is not read.
    #[error("`{}` is packed by {codec}, which is not read", .path.display())]
    Codec {
        /// The file.
        path: PathBuf,
        /// As Parquet names it.
        codec: String,
    },
    /// A file has no order book.
    #[error("`{}` is not an order book: {reason}", .path.display())]
    NotAnOrderBook {
        /// The file.
        path: PathBuf,
        /// What it is.
        reason: String,
    },
    /// A file or folder has no snapshot of an order book.
    #[error("`{}` has no snapshot of an order book{}", .path.display(), match .left_out {
        0 => String::new(),
        1 => "; 1 update or row was left out".to_owned(),
        _ => format!("; {left_out} updates and rows were left out"),
    })]
    NoOrderBook {
        /// The file or folder.
        path: PathBuf,
        /// Updates that need one, and rows that cannot be read.
        left_out: u64,
    },
    /// A file that should be an order book cannot be opened as one.
    #[error(transparent)]
    OrderBook(Box<Self>),
    /// A row is not what the host's recorder writes.
    #[error("`{}`, row {row}: {reason}", .path.display())]
    NotRecorded {
        /// The file.
        path: PathBuf,
        /// Row in the file, from 1.
        row: u64,
        /// What is wrong with it.
        reason: String,
    },
}

/// What helps against a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayOut {
    /// Other rows can be read.
    SkipBadRows,
    /// No row can be read.
    OtherColumns,
    /// No event can be read.
    OtherEvents,
    /// The rows are in another order than their times.
    Sort(Option<SortKey>),
    /// Numbers have commas.
    DecimalPoint,
    /// The time is in another unit.
    Unit,
    /// No row of an order book can be read.
    OtherLayout,
    /// An order book begins with a snapshot.
    SnapshotFirst,
    /// An order book is known again from its next snapshot on.
    NextSnapshot,
}

/// How the rows of a table are sorted by their times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// What is between fields.
    pub(super) delimiter: u8,
    /// The column of times, from 1.
    pub(super) column: usize,
    pub(super) has_header: bool,
    /// Whether times are numbers.
    pub(super) is_number: bool,
}

impl SortKey {
    fn hint(self, path: &Path) -> String {
        let Self { column, is_number, .. } = self;
        let between = match self.delimiter {
            b' ' => String::new(),
            b'\t' => r" -t$'\t'".to_owned(),
            other => format!(" -t'{}'", char::from(other)),
        };
        let kind = if is_number { "n" } else { "" };
        let (sort, path) = (format!("sort -s{between} -k{column},{column}{kind}"), path.display());
        let command = if self.has_header {
            format!("(head -n 1 {path}; tail -n +2 {path} | {sort}) > sorted.csv")
        } else {
            format!("{sort} {path} > sorted.csv")
        };
        format!("sort the rows by time: `{command}`")
    }
}

/// Which option names a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Input {
    Tape,
    Book,
}

impl Input {
    fn flag(self) -> &'static str {
        match self {
            Self::Tape => "--tape",
            Self::Book => "--book",
        }
    }
}

impl WayOut {
    /// What to do about a row of a file.
    fn hint(self, path: &Path) -> String {
        match self {
            Self::Sort(Some(key)) => key.hint(path),
            way_out => way_out.words().to_owned(),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::SkipBadRows => "`--skip-bad-rows` leaves such rows out, and counts them",
            Self::OtherColumns => {
                "no other row can be read either: `--columns price=px,quantity=sz,time=ts,side=taker` names the columns, and \
                 times are numbers of s, ms, us or ns since 1970, or `2024-01-31T08:00:00.123Z`"
            }
            Self::OtherEvents => {
                "no other line can be read either: a script has one event on each line, such as `\"timer\"`, and trades are a table: \
                 `duckdb -c \"COPY (FROM 'trades.jsonl') TO 'trades.csv'\"`"
            }
            Self::Sort(_) => {
                "sort the rows by time; `--skip-bad-rows` leaves out only rows that cannot be read"
            }
            Self::DecimalPoint => {
                "write numbers with a decimal point and no other separator, such as `93500.5`; `tr , .` replaces decimal commas, if fields are not \
                 separated by commas"
            }
            Self::Unit => {
                "the first time of a file sets its unit; `--columns time=ts:ms` sets another one (s, ms, us or ns), and files in a folder \
                 may have different units"
            }
            Self::OtherLayout => {
                "no other row can be read either: docs/order-book.md of cargo-tesser has the layouts that are read"
            }
            Self::SnapshotFirst => {
                "hand over the snapshot first: a folder with both files, or `cat snapshot.csv updates.csv | cargo tesser replay .. \
                 --book -`; `--skip-bad-rows` begins at the first snapshot"
            }
            Self::NextSnapshot => {
                "`--skip-bad-rows` goes on at the next snapshot; until then the order book is unknown"
            }
        }
    }
}

impl OtherTable {
    fn words(self) -> &'static str {
        match self {
            Self::Candles => "candles (open, high, low, close)",
            Self::OrderBook => "levels of an order book",
            Self::Quotes => "quotes (best bid and ask)",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Self::Candles | Self::Quotes => {
                "use the trades or aggregated trades (`trades`, `aggTrades`) of the same time: a replay needs each trade"
            }
            Self::OrderBook => "use it as `--book`, with the trades of the same time as `--tape`",
        }
    }
}

impl Error {
    /// Columns that are not those of trades.
    pub(super) fn unfit(path: &Path, unfit: Unfit, columns: Vec<String>) -> Self {
        let path = path.to_owned();
        match unfit {
            Unfit::Column(column) => Self::Column { path, column, columns },
            Unfit::NoSide => Self::NoSide { path, columns },
            Unfit::WhoseSide => Self::WhoseSide { path },
            Unfit::NoHeader => Self::NoHeader { path, columns },
            Unfit::Other(what) => Self::NotTrades { path, what },
        }
    }

    /// The same about a file that should be an order book.
    pub(super) fn of_order_book(self) -> Self {
        Self::OrderBook(Box::new(self))
    }

    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::OrderBook(error) => error.hint_for(Input::Book),
            _ => self.hint_for(Input::Tape),
        }
    }

    fn hint_for(&self, input: Input) -> Option<String> {
        let flag = input.flag();
        match self {
            Self::Fs(error) => error.hint(),
            Self::Column { columns, .. } if columns.len() == 1 => Some(
                "separate the fields by commas, semicolons, tabs, bars or spaces: `tr '^' ,` replaces the separator".into(),
            ),
            Self::Column { .. } => Some(format!(
                "a tape has the columns of `{HEADER}`, or `--columns` names them: `price=px,quantity=sz`"
            )),
            Self::NoSide { .. } => Some(
                "name it with `--columns side=NAME`, or infer each side from price changes (tick rule) with `--columns side=`".into(),
            ),
            Self::WhoseSide { .. } => Some(
                "use `--columns maker_side=side` if it is the maker's, or `--columns side=side` if it is the taker's".into(),
            ),
            Self::NoHeader { .. } => Some(
                "number the columns from 1: `--columns price=2,quantity=3,time=1,side=4`".into(),
            ),
            Self::OneScript { path } => Some(format!("replay it on its own: `--tape {}`", path.display())),
            Self::Codec { path, .. } => Some(format!(
                "convert it: `duckdb -c \"COPY (FROM '{}') TO 'tape.parquet' (CODEC zstd)\"`",
                path.display()
            )),
            Self::NotTrades { what, .. } => Some(what.hint().into()),
            Self::Row { path, way_out, .. } => Some(way_out.hint(path)),
            Self::Damaged { .. } => Some(
                "the file is damaged or was not finished: copy it again, or move it out of the folder".into(),
            ),
            Self::Foreign { path, foreign } => Some(format!(
                "hand it over unpacked: `{} {} | cargo tesser replay .. {flag} -`",
                foreign.command(),
                path.display()
            )),
            Self::Archive { path, names } => names.first().map(|name| {
                format!(
                    "hand one over: `unzip -p {} {} | cargo tesser replay .. {flag} -`",
                    path.display(),
                    escape_untrusted(name)
                )
            }),
            Self::NotATape { .. } if input == Input::Book => {
                Some("docs/order-book.md of cargo-tesser has the layouts that are read".into())
            }
            Self::NotATape { .. } => Some(
                "a tape is a table of trades, or a script of events; see `cargo tesser help replay`".into(),
            ),
            Self::NotRecorded { .. } => Some(
                "`--session` reads `signals`, `orders` and `fills` as the recorder of Tesser 0.9 writes them; other trades can be \
                 a `--tape`"
                    .into(),
            ),
            Self::AllSkipped { .. } => {
                Some("without `--skip-bad-rows`, the first row says what is wrong with it".into())
            }
            Self::NoOrderBook { .. } => Some(
                "updates need a snapshot to begin with; the recorder of Tesser 0.9 writes no order books".into(),
            ),
            Self::NotAnOrderBook { .. } => Some(
                "docs/order-book.md of cargo-tesser has the layouts that are read; trades are a `--tape`".into(),
            ),
            Self::OrderBook(error) => error.hint_for(input),
            Self::Empty { .. } => None,
        }
    }
}
