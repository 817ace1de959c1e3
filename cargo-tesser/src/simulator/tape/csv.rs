//! Rows of a table: fields between commas, semicolons, tabs or bars. In: text. Out: trades.
//!
//! A row is a line. Quotes never reach over its end, so that a stray one costs one row and not all that follow.

use std::path::Path;

use super::columns::{Columns, Names, decimal};
use super::lines::Lines;
use super::{Bad, Error, Event, Rows, Trade};

/// What may stand between fields.
const DELIMITERS: [u8; 4] = *b",;\t|";

pub(super) fn rows(path: &Path, lines: Lines, names: &Names) -> Result<Rows, Error> {
    let Some(mut table) = Table::open(path, lines)? else {
        return Err(Error::Empty { path: path.to_owned() });
    };
    let fields = &table.fields;
    // Names of columns are no numbers. A row is one even if something else in it is wrong.
    table.is_row = fields.len() >= Columns::BINANCE.width
        && fields.iter().any(|field| decimal(field).is_some());
    let columns = if table.is_row {
        Columns::BINANCE
    } else {
        Columns::find(&fields.iter(), names).map_err(|column| Error::Column {
            path: path.to_owned(),
            column,
            columns: fields.iter().map(str::to_owned).collect(),
        })?
    };
    Ok(Box::new(Trades { table, columns }))
}

struct Trades {
    table: Table,
    columns: Columns,
}

impl Iterator for Trades {
    type Item = (u64, Result<Event, Bad>);

    fn next(&mut self) -> Option<Self::Item> {
        Some(match self.table.advance()? {
            Ok(number) => (number, self.trade().map_err(Bad::row)),
            Err(bad) => (0, Err(bad)),
        })
    }
}

impl Trades {
    fn trade(&mut self) -> Result<Event, String> {
        self.table.split(self.columns.width, self.columns.more)?;
        self.table.fields.trade(&mut self.columns).map(Event::Trade)
    }
}

/// Lines of fields, of which the first one may be a header.
pub(super) struct Table {
    lines: Lines,
    /// Of the line that was split last.
    pub(super) fields: Fields,
    /// The first line is a row, and was read to find out whether it is a header.
    pub(super) is_row: bool,
    ended: bool,
}

impl Table {
    /// Splits the first line; `None` where there is no line.
    pub(super) fn open(path: &Path, mut lines: Lines) -> Result<Option<Self>, Error> {
        let damaged = |error: std::io::Error| Error::Damaged {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        if !lines.advance().map_err(damaged)? {
            return Ok(None);
        }
        if lines.text().is_none_or(|line| line.contains('\0')) {
            return Err(Error::NotATape { path: path.to_owned() });
        }
        let fields = Fields::of(&lines.line);
        Ok(Some(Self { lines, fields, is_row: false, ended: false }))
    }

    /// Goes to the next row; returns the number of its line.
    pub(super) fn advance(&mut self) -> Option<Result<u64, Bad>> {
        if self.ended {
            return None;
        }
        if !std::mem::take(&mut self.is_row) {
            match self.lines.advance() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(Bad::file(&error)));
                }
            }
        }
        Some(Ok(self.lines.number))
    }

    /// Splits the row, which has so many fields, and further ones only if there may be more.
    pub(super) fn split(&mut self, width: usize, may_have_more: bool) -> Result<(), String> {
        if !self.lines.line.is_ascii() && self.lines.text().is_none() {
            return Err("the row is not UTF-8".into());
        }
        self.fields.split(&self.lines.line);
        let fields = self.fields.len();
        // Files without a header have more columns in some markets than in others, and some programs end a row with a
        // delimiter.
        let has_more = (width..fields).any(|index| !self.fields.get(index).is_empty());
        if fields < width || (has_more && !may_have_more) {
            return Err(format!("the row has {fields} fields, and needs {width}"));
        }
        Ok(())
    }
}

/// The fields of one line.
pub(super) struct Fields {
    parser: csv_core::Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
}

impl Fields {
    /// Of a first line, which tells what stands between fields.
    pub(super) fn of(line: &[u8]) -> Self {
        let with = |delimiter| {
            let parser = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
            let mut fields = Self { parser, text: Vec::new(), ends: Vec::new(), count: 0 };
            fields.split(line);
            fields
        };
        let [comma, others @ ..] = DELIMITERS.map(with);
        // The first of those with most fields.
        let more = |best: Self, next: Self| if next.len() > best.len() { next } else { best };
        others.into_iter().fold(comma, more)
    }

    pub(super) fn split(&mut self, line: &[u8]) {
        self.parser.reset();
        // Fields have no more bytes than the line, and there is at most one more than it has delimiters.
        self.text.resize(line.len() + 1, 0);
        self.ends.resize(line.len() + 2, 0);
        let (_, _, text, ends) = self.parser.read_record(line, &mut self.text, &mut self.ends);
        // No more input is the end of the record.
        let rest = (&mut self.text[text..], &mut self.ends[ends..]);
        let (_, _, _, more) = self.parser.read_record(&[], rest.0, rest.1);
        self.count = ends + more;
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// A field without spaces around it; empty if the line has fewer fields.
    pub(super) fn get(&self, index: usize) -> &str {
        let ends = self.ends.get(..self.count).unwrap_or_default();
        let start = index.checked_sub(1).and_then(|before| ends.get(before)).copied();
        let field = ends.get(index).and_then(|&end| self.text.get(start.unwrap_or(0)..end));
        field.and_then(|field| std::str::from_utf8(field).ok()).unwrap_or_default().trim()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        (0..self.count).map(|index| self.get(index))
    }

    fn trade(&self, columns: &mut Columns) -> Result<Trade, String> {
        columns.trade(|index| self.get(index))
    }
}
