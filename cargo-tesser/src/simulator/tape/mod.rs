//! A tape: what happened on the market, or what a host would do, in its order.
//!
//! In: a file of trades (CSV, Parquet) or of events (JSON lines), plain or compressed. Out: events one at a
//! time; the file is never held in memory. What a trade may be is checked here, for all formats alike.

mod columns;
mod csv;
mod events;
mod parquet;
pub(crate) mod recorder;
mod unpack;

use std::path::{Path, PathBuf};

use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

pub use columns::Names;
pub(crate) use events::event;

use super::exchange::ScriptedFill;
use super::order::OrderStatus;
use crate::fs;

/// The columns of Binance's trade files, which have them in this order when they have no header.
pub(crate) const HEADER: &str = "id,price,qty,quote_qty,time,is_buyer_maker";

/// In the year 5138; times in smaller units are beyond it.
const LATEST_MS: i64 = 100_000_000_000_000;

/// One day.
const LONGEST_GAP_MS: i64 = 86_400_000;

/// One trade.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trade {
    /// Of the trade; the symbol of the replay when the tape names none.
    pub(crate) symbol: Option<String>,
    /// In quote currency.
    pub(crate) price: Decimal,
    /// In base currency.
    pub(crate) quantity: Decimal,
    /// Milliseconds since the Unix epoch.
    pub(crate) time_ms: i64,
    /// The taker's side.
    pub(crate) side: PluginSide,
}

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

/// Why a tape cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error(transparent)]
    Fs(#[from] fs::Error),
    /// The tape does not start with the columns that are needed.
    #[error("`{}` has no column `{column}`", .path.display())]
    Column {
        /// The tape.
        path: PathBuf,
        /// What is missing.
        column: &'static str,
    },
    /// The tape has no trades.
    #[error("`{}` has no trades", .path.display())]
    Empty {
        /// The tape.
        path: PathBuf,
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
    },
    /// A file of a recording or of Parquet cannot be read at all.
    #[error("cannot read `{}`: {reason}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
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

impl Error {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Fs(error) => error.hint(),
            Self::Column { .. } => Some(format!(
                "a tape has the columns of `{HEADER}`, or `--columns` names them: `price=px,quantity=sz`"
            )),
            Self::Row { .. } => {
                Some("`--skip-bad-rows` leaves such rows out, and counts them".into())
            }
            Self::Damaged { .. } => Some(
                "the file is damaged or was not finished: copy it again, or move it out of the folder".into(),
            ),
            Self::NotRecorded { .. } => Some(
                "`--session` reads `signals`, `orders` and `fills` as the recorder of Tesser 0.9 writes them; other trades can be \
                 a `--tape`"
                    .into(),
            ),
            Self::Empty { .. } => None,
        }
    }
}

/// Why a row gives no event.
#[derive(Debug)]
struct Bad {
    reason: String,
    /// Whether nothing after it can be read either.
    fatal: bool,
    /// The file of a folder that it is in.
    path: Option<PathBuf>,
}

impl Bad {
    fn row(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), fatal: false, path: None }
    }

    fn file(reason: &impl ToString) -> Self {
        Self { reason: reason.to_string(), fatal: true, path: None }
    }
}

/// Events with the line that they are on, from 1; in Parquet the row.
type Rows = Box<dyn Iterator<Item = (u64, Result<Event, Bad>)>>;

/// How a tape is read.
#[derive(Clone, Debug, Default)]
pub struct TapeOptions {
    /// Names of columns, where they are not the usual ones.
    pub names: Names,
    /// Leave out rows that cannot be read, and count them.
    pub skip_bad_rows: bool,
}

/// An open tape.
pub(crate) struct Tape {
    path: PathBuf,
    rows: Rows,
    is_script: bool,
    /// Only of trades; a script's times are its author's.
    last_ms: Option<i64>,
    skip_bad_rows: bool,
    skipped: u64,
}

impl Tape {
    /// Opens a tape and finds its columns. What it is, its first bytes tell, not its name.
    pub(crate) fn open(path: &Path, options: &TapeOptions) -> Result<Self, Error> {
        let (rows, is_script) =
            if path.is_dir() { (recorded(path, options)?, false) } else { rows(path, options)? };
        Ok(Self {
            path: path.to_owned(),
            rows,
            is_script,
            last_ms: None,
            skip_bad_rows: options.skip_bad_rows,
            skipped: 0,
        })
    }

    /// Whether it says call by call what happens, rather than what was traded.
    pub(crate) fn is_script(&self) -> bool {
        self.is_script
    }

    /// Rows left out so far.
    pub(crate) fn skipped(&self) -> u64 {
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

/// The rows of a file, and whether they are a script.
fn rows(path: &Path, options: &TapeOptions) -> Result<(Rows, bool), Error> {
    Ok(match unpack::open(path)? {
        unpack::Content::Parquet(file) => (parquet::rows(path, file, &options.names)?, false),
        unpack::Content::Events(text) => (events::rows(text), true),
        unpack::Content::Table(text) => (csv::rows(path, text, &options.names)?, false),
    })
}

/// All ticks of the host's recorder, one file after the other.
fn recorded(dir: &Path, options: &TapeOptions) -> Result<Rows, Error> {
    let files = recorder::files(dir, "ticks")?;
    if files.is_empty() {
        return Err(Error::Empty { path: dir.to_owned() });
    }
    let options = options.clone();
    Ok(Box::new(files.into_iter().flat_map(move |file| -> Rows {
        match rows(&file, &options) {
            Ok((rows, _)) => Box::new(rows.map(move |(line, row)| {
                (line, row.map_err(|bad| Bad { path: Some(file.clone()), ..bad }))
            })),
            Err(Error::Damaged { path, reason }) => {
                let bad = Bad { reason, fatal: true, path: Some(path) };
                Box::new(std::iter::once((0, Err(bad))))
            }
            Err(error) => Box::new(std::iter::once((0, Err(Bad::file(&error))))),
        }
    })))
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
                    let (path, reason) =
                        (bad.path.unwrap_or_else(|| self.path.clone()), bad.reason);
                    return Some(Err(match line {
                        0 => Error::Damaged { path, reason },
                        line => Error::Row { path, line, reason },
                    }));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::Arc;

    use ::parquet::basic::Compression;
    use ::parquet::data_type::{ByteArrayType, DoubleType, Int64Type};
    use ::parquet::file::properties::WriterProperties;
    use ::parquet::file::writer::SerializedFileWriter;
    use ::parquet::schema::parser::parse_message_type;

    use super::*;
    use crate::fs;

    fn read_with(bytes: &[u8], options: &TapeOptions) -> Result<(Vec<Event>, u64), String> {
        let dir = fs::scratch_dir().unwrap();
        let path = dir.path().join("tape");
        fs::write_new(&path, bytes).unwrap();
        let said =
            |error: Error| error.to_string().replace(&path.display().to_string(), "the tape");
        let mut tape = Tape::open(&path, options).map_err(said)?;
        let events = tape.by_ref().collect::<Result<_, _>>().map_err(said)?;
        Ok((events, tape.skipped()))
    }

    fn read(bytes: &[u8]) -> Result<Vec<Event>, String> {
        read_with(bytes, &TapeOptions::default()).map(|(events, _)| events)
    }

    fn trade(time_ms: i64) -> Trade {
        Trade {
            symbol: None,
            price: Decimal::new(3_943_248, 2),
            quantity: Decimal::new(263, 6),
            time_ms,
            side: PluginSide::Sell,
        }
    }

    const MS: i64 = 1_610_064_000_278;

    #[test]
    fn columns_are_found_by_the_names_that_exchanges_use() {
        for header in [
            "time,is_buyer_maker,price,qty",
            "Timestamp,Buyer Maker,Last Price,Size",
            "ts,m,p,q",
            "transact_time,side,px,sz",
        ] {
            let text = format!("{header}\n{MS},true,39432.48,0.000263\n");
            assert_eq!(read(text.as_bytes()).unwrap(), [Event::Trade(trade(MS))], "{header}");
        }
        let names = "price=close,quantity=vol,time=when".parse().unwrap();
        let own = TapeOptions { names, ..TapeOptions::default() };
        let text = format!("when,vol,close,side,symbol\n{MS},0.000263,39432.48,sell,ETH\n");
        let expected = Trade { symbol: Some("ETH".into()), ..trade(MS) };
        assert_eq!(read_with(text.as_bytes(), &own).unwrap().0, [Event::Trade(expected)]);
        assert!("price".parse::<Names>().is_err());
        assert!("cost=x".parse::<Names>().unwrap_err().contains("there are `price`"));
    }

    #[test]
    fn binances_files_are_read_without_a_header_and_in_any_unit_of_time() {
        for (time, expected) in [(MS, MS), (MS * 1_000, MS), (MS * 1_000_000, MS), (278, 278)] {
            let row = format!("1,39432.48,0.000263,10.37,{time},True,True\n");
            assert_eq!(read(row.as_bytes()).unwrap(), [Event::Trade(trade(expected))], "{time}");
        }
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        let text = format!("price,qty,time,is_buyer_maker\n39432.48,0.000263,{MS},true\n");
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();
        let gzip = gzip.finish().unwrap();
        assert_eq!(read(&gzip).unwrap(), [Event::Trade(trade(MS))]);
        let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
        assert_eq!(read(&zstd).unwrap(), [Event::Trade(trade(MS))]);
        // A file that was cut is an error, and no bad row to pass over.
        let cut = &gzip[..gzip.len() - 9];
        let options = TapeOptions { skip_bad_rows: true, ..TapeOptions::default() };
        assert!(read_with(cut, &options).is_err());
    }

    #[test]
    fn parquet_of_texts_floats_and_timestamps_is_read() {
        let schema = "message ticks { required binary price (UTF8); required double size; \
            required binary side (UTF8); required int64 timestamp (TIMESTAMP(MICROS,true)); }";
        let schema = Arc::new(parse_message_type(schema).unwrap());
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let mut bytes = Vec::new();
        let mut writer =
            SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).unwrap();
        let mut group = writer.next_row_group().unwrap();
        let mut index = 0;
        while let Some(mut column) = group.next_column().unwrap() {
            match index {
                0 => column.typed::<ByteArrayType>().write_batch(&["39432.48".into()], None, None),
                1 => column.typed::<DoubleType>().write_batch(&[0.000_263], None, None),
                2 => column.typed::<ByteArrayType>().write_batch(&["Sell".into()], None, None),
                _ => column.typed::<Int64Type>().write_batch(&[MS * 1_000], None, None),
            }
            .unwrap();
            column.close().unwrap();
            index += 1;
        }
        group.close().unwrap();
        writer.close().unwrap();
        assert_eq!(read(&bytes).unwrap(), [Event::Trade(trade(MS))]);
        assert!(read(&bytes[..bytes.len() / 2]).is_err());
    }

    #[test]
    fn a_script_is_events_call_by_call() {
        let script = br#"{"tick": {"price": "39432.48", "size": "0.000263", "side": "sell", "timestamp_ms": 278}}

"timer"
{"fill": {"order": 1, "price": "1.5", "quantity": 2}}
"restart"
"#;
        let fill = ScriptedFill {
            order: super::super::exchange::OrderRef::Number(1),
            price: Decimal::new(15, 1),
            quantity: Decimal::TWO,
            fee: None,
            fee_asset: None,
            time_ms: 0,
        };
        assert_eq!(
            read(script).unwrap(),
            [
                Event::Tick(trade(278)),
                Event::Timer,
                Event::Fill(Box::new(fill)),
                Event::Restart { lists_orders: true }
            ]
        );
        let error = read(b"\"timer\"\n{\"fil\": {}}\n").unwrap_err();
        assert!(error.starts_with("`the tape`, line 2: unknown variant `fil`"), "{error}");
    }

    #[test]
    fn a_bad_row_is_named_or_left_out_and_counted() {
        let text = b"price,qty,time,is_buyer_maker\n1,1,1,true\n1,none,1,true\n1,0,1,true\n1,1,2\n1,1,3,false\n";
        let error = read(text).unwrap_err();
        assert_eq!(error, "`the tape`, line 3: column `qty` is not a number: `none`");
        let options = TapeOptions { skip_bad_rows: true, ..TapeOptions::default() };
        let (events, skipped) = read_with(text, &options).unwrap();
        assert_eq!((events.len(), skipped), (2, 3));
        let error = read(b"price,qty,time,is_buyer_maker\n1,1,1,maybe\n").unwrap_err();
        assert!(error.contains("column `side` is not one of true, false, buy, sell"), "{error}");
    }

    #[test]
    fn times_that_cannot_be_are_refused() {
        let tape = |times: [&str; 2]| {
            let rows: String = times.map(|time| format!("1,1,{time},true\n")).concat();
            read(format!("price,qty,time,is_buyer_maker\n{rows}").as_bytes())
        };
        assert!(tape(["5000", "5000"]).is_ok());
        assert!(tape(["5000", "4999"]).unwrap_err().ends_with("goes back from 5000 to 4999"));
        assert!(tape(["0", "1610064000278"]).unwrap_err().contains("more than a day"));
        assert!(tape(["5000", "1610064000278000"]).unwrap_err().contains("beyond the year 5000"));
    }

    #[test]
    fn a_missing_column_is_named() {
        assert!(
            read(b"price,quantity,time\n").unwrap_err().ends_with("has no column `is_buyer_maker`")
        );
    }
}
