//! Rows of a CSV file. In: text. Out: trades.

use std::io::BufRead;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord};

use super::Error;
use super::columns::{Columns, Names};
use super::{Bad, Event, Rows};

pub(super) fn rows(path: &Path, text: Box<dyn BufRead>, names: &Names) -> Result<Rows, Error> {
    let mut reader = ReaderBuilder::new().has_headers(false).from_reader(text);
    let mut record = StringRecord::new();
    let read = reader.read_record(&mut record);
    let row = |line, reason: csv::Error| Error::Row {
        path: path.to_owned(),
        line,
        reason: reason.to_string(),
    };
    if !read.map_err(|error| row(1, error))? || record.iter().all(|field| field.trim().is_empty()) {
        return Err(Error::Empty { path: path.to_owned() });
    }
    let mut binance = Columns::BINANCE;
    let headless = record.len() >= 6 && binance.trade(|index| field(&record, index)).is_ok();
    let columns = if headless {
        binance
    } else {
        Columns::find(&record.iter(), names)
            .map_err(|column| Error::Column { path: path.to_owned(), column })?
    };
    Ok(Box::new(Table { reader, record, columns, first: headless, ended: false }))
}

struct Table {
    reader: csv::Reader<Box<dyn BufRead>>,
    /// One row, read again and again.
    record: StringRecord,
    columns: Columns,
    /// The record holds a row that was read to find out whether it is a header.
    first: bool,
    ended: bool,
}

impl Iterator for Table {
    type Item = (u64, Result<Event, Bad>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        if !std::mem::take(&mut self.first) {
            match self.reader.read_record(&mut self.record) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    // A row of another length is one bad row; what cannot be read or unpacked is the end.
                    self.ended = error.is_io_error();
                    let bad = Bad { reason: error.to_string(), fatal: self.ended, path: None };
                    return Some((line, Err(bad)));
                }
            }
        }
        let line = self.record.position().map_or(0, csv::Position::line);
        let trade = self.columns.trade(|index| field(&self.record, index));
        Some((line, trade.map(Event::Trade).map_err(Bad::row)))
    }
}

fn field(record: &StringRecord, index: usize) -> &str {
    record.get(index).unwrap_or_default().trim()
}
