//! Rows of a table of levels. In: text. Out: rows of messages.

use std::path::Path;

use super::super::csv::{Fields, Table};
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
    let Some(mut table) = Table::open(path, lines).map_err(not_a_tape)? else {
        return Err(Error::NoOrderBook { path: path.to_owned(), left_out: 0 });
    };
    let fields = &table.fields;
    let headless = Layout::headless(fields, fields.len());
    table.is_row = headless.is_some();
    let layout = headless.or_else(|| Layout::find(&fields.iter(), false)).ok_or_else(|| {
        let names: Vec<_> = fields.iter().map(str::to_owned).collect();
        let reason = format!("it has the columns {}", some_of(&names));
        Error::NotAnOrderBook { path: path.to_owned(), reason }
    })?;
    Ok(Box::new(Levels { table, layout }))
}

fn not_a_tape(error: Error) -> Error {
    match error {
        Error::NotATape { .. } => error.of_order_book(),
        error => error,
    }
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
                Err(reason) => return Some((number, Err(Bad::row(reason)))),
            }
        }
    }
}

impl Levels {
    fn message(&mut self) -> Result<Message, String> {
        self.table.split(self.layout.width, false)?;
        self.layout.message(&self.table.fields)
    }

    fn is_header(&mut self) -> bool {
        match Layout::find(&self.table.fields.iter(), false) {
            Some(layout) => {
                self.layout = layout;
                true
            }
            None => false,
        }
    }
}
