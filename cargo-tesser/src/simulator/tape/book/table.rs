//! Rows of a table of levels. In: text. Out: rows of messages.

use std::path::Path;

use super::super::csv::Fields;
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

pub(super) fn rows(path: &Path, mut lines: Lines) -> Result<Messages, Error> {
    let damaged =
        |error: std::io::Error| Error::Damaged { path: path.to_owned(), reason: error.to_string() };
    if !lines.advance().map_err(damaged)? {
        return Err(Error::NoOrderBook { path: path.to_owned(), left_out: 0 });
    }
    if lines.text().is_none_or(|line| line.contains('\0')) {
        return Err(Error::NotATape { path: path.to_owned() }.of_order_book());
    }
    let fields = Fields::of(&lines.line);
    let headless = Layout::headless(&fields, fields.len());
    let is_row = headless.is_some();
    let layout = headless.or_else(|| Layout::find(&fields.iter(), false)).ok_or_else(|| {
        let names: Vec<_> = fields.iter().map(str::to_owned).collect();
        let reason = format!("it has the columns {}", some_of(&names));
        Error::NotAnOrderBook { path: path.to_owned(), reason }
    })?;
    Ok(Box::new(Table { lines, fields, layout, is_row, ended: false }))
}

struct Table {
    lines: Lines,
    fields: Fields,
    layout: Layout,
    /// The first line is a row, and was read to find out whether it is a header.
    is_row: bool,
    ended: bool,
}

impl Iterator for Table {
    type Item = (u64, Result<Message, Bad>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.ended {
                return None;
            }
            if !std::mem::take(&mut self.is_row) {
                match self.lines.advance() {
                    Ok(true) => {}
                    Ok(false) => return None,
                    Err(error) => {
                        self.ended = true;
                        return Some((0, Err(Bad::file(&error))));
                    }
                }
            }
            match self.row() {
                Ok(message) => return Some((self.lines.number, Ok(message))),
                // The header of the next one of several files that were put together.
                Err(_) if self.is_header() => {}
                Err(reason) => return Some((self.lines.number, Err(Bad::row(reason)))),
            }
        }
    }
}

impl Table {
    fn row(&mut self) -> Result<Message, String> {
        if !self.lines.line.is_ascii() && self.lines.text().is_none() {
            return Err("the row is not UTF-8".into());
        }
        self.fields.split(&self.lines.line);
        let (width, fields) = (self.layout.width, self.fields.len());
        let has_more = (width..fields).any(|index| !self.fields.get(index).is_empty());
        if fields < width || has_more {
            return Err(format!("the row has {fields} fields, and needs {width}"));
        }
        self.layout.message(&self.fields)
    }

    fn is_header(&mut self) -> bool {
        match Layout::find(&self.fields.iter(), false) {
            Some(layout) => {
                self.layout = layout;
                true
            }
            None => false,
        }
    }
}
