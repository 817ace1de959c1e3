//! Rows of a table of levels. In: text. Out: rows of messages.

use std::path::Path;

use super::super::csv::{Fields, Table, understood};
use super::super::lines::Lines;
use super::cell::{Cell, Row};
use super::layout::Layout;
use super::message::Message;
use super::{Bad, Error, Messages};
use crate::report::some_of;

impl Row for Fields {
    fn cell(&self, index: usize) -> Cell<'_> {
        Cell::Text(self.get(index))
    }
}

pub(super) fn rows(path: &Path, lines: Lines) -> Result<Messages, Error> {
    if lines.sample().is_empty() {
        return Err(Error::NoOrderBook { path: path.to_owned(), left_out: 0 });
    }
    lines.check_first(path).map_err(Error::of_order_book)?;
    let found = understood(lines.sample(), |delimiter, rows| {
        let first = rows.first().ok_or(())?;
        let headless = Layout::headless(first);
        let has_header = headless.is_none();
        let layout = headless.or_else(|| Layout::find(first, false)).ok_or(())?;
        Ok((delimiter, has_header, layout))
    });
    let (delimiter, has_header, layout) = found.map_err(|((), names)| {
        let reason = format!("it has the columns {}", some_of(&names));
        let error = Error::NotAnOrderBook { path: path.to_owned(), reason };
        lines.not_understood(path, error).of_order_book()
    })?;
    Ok(Box::new(Levels { table: Table::new(lines, delimiter, has_header), layout }))
}

struct Levels {
    table: Table,
    layout: Layout,
}

impl Iterator for Levels {
    type Item = (u64, Result<Message, Bad>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let number = match self.table.advance()? {
                Ok(number) => number,
                Err(bad) => return Some((0, Err(bad))),
            };
            match self.message() {
                Ok(message) => return Some((number, Ok(message))),
                // The header of the next one of several files that were put together.
                Err(_) if self.is_header() => {}
                Err(bad) => return Some((number, Err(bad))),
            }
        }
    }
}

impl Levels {
    fn message(&mut self) -> Result<Message, Bad> {
        self.table.split(self.layout.width, false).map_err(Bad::row)?;
        self.layout.message(&self.table.fields)
    }

    fn is_header(&mut self) -> bool {
        match Layout::find(&self.table.fields.all(), false) {
            Some(layout) => {
                self.layout = layout;
                true
            }
            None => false,
        }
    }
}
