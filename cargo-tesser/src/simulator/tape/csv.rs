//! Rows of a table: fields between commas, semicolons, tabs, bars or spaces. In: text. Out: trades.
//!
//! A row is a line. Quotes never reach over its end, so that a stray one costs one row and not all that follow.

use std::path::Path;

use memchr::{memchr_iter, memchr3};

use super::error::SortKey;
use super::layout::{Layout, Unfit};
use super::lines::Lines;
use super::names::Names;
use super::row::RowReader;
use super::times::TimeFormat;
use super::{Bad, Error, Event, Read, Rows, Trade, headless};

/// What may stand between fields.
pub(super) const DELIMITERS: [u8; 5] = *b",;\t| ";

/// How a table of trades is written.
struct Format {
    delimiter: u8,
    has_header: bool,
    layout: Layout,
}

impl Format {
    /// Finds out from the first lines what is between fields and in which columns they are. The delimiter is that with which
    /// they are understood; otherwise the error is about the one that gives most fields.
    fn of(sample: &[Vec<u8>], names: &Names) -> Result<Self, (Unfit, Vec<String>)> {
        understood(sample, |delimiter, rows| {
            let (first, others) = rows.split_first().ok_or(Unfit::NoHeader)?;
            let has_header = !headless::is_row(first);
            let (layout, rows) = if has_header {
                (Layout::find(first, names)?, others)
            } else {
                (headless::layout(rows, names)?, rows)
            };
            let time = layout.time;
            let times = rows.iter().filter_map(|row| row.get(time)).map(String::as_str);
            Ok(Self { delimiter, has_header, layout: layout.with_times(times) })
        })
    }
}

/// Reads the first lines with each delimiter. An error has the fields of the first line.
pub(super) fn understood<T, E>(
    sample: &[Vec<u8>],
    read: impl Fn(u8, &[Vec<String>]) -> Result<T, E>,
) -> Result<T, (E, Vec<String>)> {
    let attempt = |delimiter| {
        let mut fields = Fields::new(delimiter);
        let row = |line: &Vec<u8>| {
            fields.split(line);
            fields.all()
        };
        let rows: Vec<Vec<String>> = sample.iter().map(row).collect();
        read(delimiter, &rows).map_err(|error| (error, rows.into_iter().next().unwrap_or_default()))
    };
    let [comma, others @ ..] = DELIMITERS;
    let mut best = match attempt(comma) {
        Ok(read) => return Ok(read),
        Err(error) => error,
    };
    for delimiter in others {
        match attempt(delimiter) {
            Ok(read) => return Ok(read),
            // Names may have spaces.
            Err(error)
                if error.1.len() > best.1.len() && (delimiter != b' ' || best.1.len() == 1) =>
            {
                best = error;
            }
            Err(_) => {}
        }
    }
    Err(best)
}

pub(super) fn rows(path: &Path, lines: Lines, names: &Names) -> Result<Read, Error> {
    if lines.sample().is_empty() {
        return Err(Error::Empty { path: path.to_owned() });
    }
    lines.check_first(path)?;
    let format = Format::of(lines.sample(), names).map_err(|(unfit, columns)| {
        lines.not_understood(path, Error::unfit(path, unfit, columns))
    })?;
    let notes = format.layout.assumptions();
    let sort_key = (!lines.is_packed).then(|| SortKey {
        delimiter: format.delimiter,
        column: format.layout.time + 1,
        has_header: format.has_header,
        is_number: matches!(format.layout.times, TimeFormat::Number(_)),
    });
    let table = Table::new(lines, format.delimiter, format.has_header);
    let rows: Rows = Box::new(Trades { table, reader: RowReader::new(format.layout) });
    Ok(Read { rows, notes, sort_key })
}

struct Trades {
    table: Table,
    reader: RowReader,
}

impl Iterator for Trades {
    type Item = (u64, Result<Event, Bad>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let number = match self.table.advance()? {
                Ok(number) => number,
                Err(bad) => return Some((0, Err(bad))),
            };
            match self.trade() {
                // That of the next one of several files that were put together.
                Err(_) if self.table.is_header() => {}
                trade => return Some((number, trade.map(Event::Trade))),
            }
        }
    }
}

impl Trades {
    fn trade(&mut self) -> Result<Trade, Bad> {
        let Layout { width, more, .. } = self.reader.layout;
        self.table.split(width, more).map_err(Bad::row)?;
        let fields = &self.table.fields;
        self.reader.trade(|index| fields.get(index))
    }
}

/// Lines of fields, of which the first one may be a header.
pub(super) struct Table {
    lines: Lines,
    /// Of the line that was split last.
    pub(super) fields: Fields,
    header: Option<Vec<u8>>,
    ended: bool,
}

impl Table {
    pub(super) fn new(lines: Lines, delimiter: u8, has_header: bool) -> Self {
        let header = lines.sample().first().filter(|_| has_header).cloned();
        Self { lines, fields: Fields::new(delimiter), header, ended: false }
    }

    /// Goes to the next row; returns the number of its line.
    pub(super) fn advance(&mut self) -> Option<Result<u64, Bad>> {
        if self.ended {
            return None;
        }
        match self.lines.advance() {
            Ok(true) => Some(Ok(self.lines.number)),
            Ok(false) => None,
            Err(error) => {
                self.ended = true;
                Some(Err(Bad::file(&error)))
            }
        }
    }

    /// Whether the row is the header.
    pub(super) fn is_header(&self) -> bool {
        self.header.as_ref() == Some(&self.lines.line)
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
    /// Where there is one between two fields; several spaces are as one.
    parser: Option<csv_core::Reader>,
    delimiter: u8,
    text: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
    /// Bytes between the end of a field and the next one.
    gap: usize,
}

impl Fields {
    pub(super) fn new(delimiter: u8) -> Self {
        let parser = || csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        let parser = (delimiter != b' ').then(parser);
        Self { parser, delimiter, text: Vec::new(), ends: Vec::new(), count: 0, gap: 0 }
    }

    pub(super) fn split(&mut self, line: &[u8]) {
        let Some(parser) = &mut self.parser else {
            return self.split_at_spaces(line);
        };
        // The parser goes from byte to byte, which only quotes and ends of lines need.
        if line.is_ascii() && memchr3(b'"', b'\r', b'\n', line).is_none() {
            return self.split_plain(line);
        }
        self.gap = 0;
        parser.reset();
        // Fields have no more bytes than the line, and there is at most one more than it has delimiters.
        self.text.resize(line.len() + 1, 0);
        self.ends.resize(line.len() + 2, 0);
        let (_, _, text, ends) = parser.read_record(line, &mut self.text, &mut self.ends);
        // No more input is the end of the record.
        let rest = (&mut self.text[text..], &mut self.ends[ends..]);
        let (_, _, _, more) = parser.read_record(&[], rest.0, rest.1);
        self.count = ends + more;
    }

    /// Splits a line in which nothing stands for something else.
    fn split_plain(&mut self, line: &[u8]) {
        self.text.clear();
        self.text.extend_from_slice(line);
        self.ends.clear();
        self.ends.extend(memchr_iter(self.delimiter, line));
        self.ends.push(line.len());
        (self.count, self.gap) = (self.ends.len(), 1);
    }

    fn split_at_spaces(&mut self, line: &[u8]) {
        self.text.clear();
        self.ends.clear();
        for field in line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty()) {
            self.text.extend(field);
            self.ends.push(self.text.len());
        }
        self.count = self.ends.len();
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// A field without spaces around it; empty if the line has fewer fields.
    pub(super) fn get(&self, index: usize) -> &str {
        let bytes = self.bytes(index);
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        // Mostly there are none.
        match bytes {
            [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => text,
            _ => text.trim(),
        }
    }

    /// All fields, which may be in another encoding.
    pub(super) fn all(&self) -> Vec<String> {
        let field = |index| String::from_utf8_lossy(self.bytes(index)).trim().to_owned();
        (0..self.count).map(field).collect()
    }

    fn bytes(&self, index: usize) -> &[u8] {
        let ends = self.ends.get(..self.count).unwrap_or_default();
        let before = index.checked_sub(1).and_then(|before| ends.get(before));
        let start = before.map_or(0, |end| end + self.gap);
        let field = ends.get(index).and_then(|&end| self.text.get(start..end));
        field.unwrap_or_default()
    }
}
