//! A tape of recorded trades. In: a CSV file with the header of Binance's public trade files. Out: trades
//! in the file's order, one at a time; the file is never held in memory.

use std::fs::File;
use std::path::{Path, PathBuf};

use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

use super::Error;
use crate::fs;
use crate::report::harmless;

/// The columns of Binance's trade files; `id` and `quote_qty` are not used.
pub(super) const HEADER: &str = "id,price,qty,quote_qty,time,is_buyer_maker";

/// In the year 5138; microseconds, which some files have, are beyond it.
const LATEST_MS: i64 = 100_000_000_000_000;

/// One day.
const LONGEST_GAP_MS: i64 = 86_400_000;

/// One trade.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Trade {
    /// In quote currency.
    pub(super) price: Decimal,
    /// In base currency.
    pub(super) quantity: Decimal,
    /// Milliseconds since the Unix epoch.
    pub(super) time_ms: i64,
    /// The taker's side.
    pub(super) side: PluginSide,
}

/// An open tape.
pub(super) struct Tape {
    path: PathBuf,
    records: csv::StringRecordsIntoIter<File>,
    columns: Columns,
    last_ms: Option<i64>,
}

struct Columns {
    price: usize,
    quantity: usize,
    time: usize,
    buyer_is_maker: usize,
}

impl Tape {
    /// Opens a tape and finds its columns.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let mut reader = csv::Reader::from_reader(fs::open(path)?);
        let header = reader.headers().map_err(|error| row(path, 1, &error))?.clone();
        if header.is_empty() {
            return Err(Error::EmptyTape { path: path.to_owned() });
        }
        let column = |column: &'static str| {
            let found = header.iter().position(|name| name.trim() == column);
            found.ok_or(Error::Column { path: path.to_owned(), column })
        };
        let columns = Columns {
            price: column("price")?,
            quantity: column("qty")?,
            time: column("time")?,
            buyer_is_maker: column("is_buyer_maker")?,
        };
        Ok(Self { path: path.to_owned(), records: reader.into_records(), columns, last_ms: None })
    }

    fn trade(&mut self, record: &csv::StringRecord) -> Result<Trade, Error> {
        let line = record.position().map_or(0, csv::Position::line);
        let bad = |reason: String| row(&self.path, line, &reason);
        let field = |index: usize| harmless(record.get(index).unwrap_or_default().trim());
        let decimal = |name: &str, index: usize| {
            let value = field(index).parse::<Decimal>().ok().filter(|value| *value > Decimal::ZERO);
            value.ok_or_else(|| {
                bad(format!("`{name}` is not a positive number: `{}`", field(index)))
            })
        };
        let side = match field(self.columns.buyer_is_maker).to_lowercase().as_str() {
            "true" => PluginSide::Sell,
            "false" => PluginSide::Buy,
            other => {
                return Err(bad(format!("`is_buyer_maker` is neither true nor false: `{other}`")));
            }
        };
        let time = field(self.columns.time);
        let time_ms = time.parse().map_err(|_| bad(format!("`time` is not a number: `{time}`")))?;
        self.check_time(time_ms).map_err(bad)?;
        let trade = Trade {
            price: decimal("price", self.columns.price)?,
            quantity: decimal("qty", self.columns.quantity)?,
            time_ms,
            side,
        };
        self.last_ms = Some(time_ms);
        Ok(trade)
    }

    /// The timer fires for every second between two trades, so a wrong time would run for ages.
    fn check_time(&self, time_ms: i64) -> Result<(), String> {
        if time_ms > LATEST_MS {
            return Err(format!("`time` is not in milliseconds: `{time_ms}`"));
        }
        match self.last_ms {
            Some(last) if time_ms < last => {
                Err(format!("`time` goes back from {last} to {time_ms}"))
            }
            Some(last) if time_ms.saturating_sub(last) > LONGEST_GAP_MS => {
                Err(format!("more than a day without a trade, from {last} to {time_ms}"))
            }
            _ => Ok(()),
        }
    }
}

impl Iterator for Tape {
    type Item = Result<Trade, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(match self.records.next()? {
            Ok(record) => self.trade(&record),
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                Err(row(&self.path, line, &error))
            }
        })
    }
}

fn row(path: &Path, line: u64, reason: &dyn std::fmt::Display) -> Error {
    Error::Row { path: path.to_owned(), line, reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Trade>, String> {
        let dir = fs::scratch_dir().unwrap();
        let path = dir.path().join("tape.csv");
        fs::write_new(&path, text.as_bytes()).unwrap();
        let tape = Tape::open(&path).map_err(|error| error.to_string())?;
        tape.collect::<Result<_, _>>()
            .map_err(|error| error.to_string().replace(&path.display().to_string(), "tape.csv"))
    }

    #[test]
    fn columns_are_found_by_name() {
        let trades =
            read("time,is_buyer_maker,price,qty\n1610064000278,true,39432.48,0.000263\n").unwrap();
        assert_eq!(
            trades,
            [Trade {
                price: Decimal::new(3_943_248, 2),
                quantity: Decimal::new(263, 6),
                time_ms: 1_610_064_000_278,
                side: PluginSide::Sell,
            }]
        );
    }

    #[test]
    fn a_bad_row_is_named_by_its_line() {
        let error = read("price,qty,time,is_buyer_maker\n1,1,1,true\n1,none,1,true\n").unwrap_err();
        assert_eq!(error, "`tape.csv`, line 3: `qty` is not a positive number: `none`");
        assert!(
            read("price,qty,time,is_buyer_maker\n1,1,1,true,9\n").unwrap_err().contains("line 2")
        );
    }

    #[test]
    fn times_that_cannot_be_are_refused() {
        let tape = |times: [&str; 2]| {
            let rows: String = times.map(|time| format!("1,1,{time},true\n")).concat();
            read(&format!("price,qty,time,is_buyer_maker\n{rows}"))
        };
        assert!(tape(["5000", "5000"]).is_ok());
        assert!(tape(["5000", "4999"]).unwrap_err().ends_with("goes back from 5000 to 4999"));
        assert!(
            tape(["0", "1610064000278"]).unwrap_err().contains("more than a day without a trade")
        );
        assert!(
            tape(["1610064000278000", "1"])
                .unwrap_err()
                .contains("line 2: `time` is not in milliseconds")
        );
    }

    #[test]
    fn a_missing_column_is_named() {
        assert!(read("price,quantity,time\n").unwrap_err().ends_with("has no column `qty`"));
    }
}
