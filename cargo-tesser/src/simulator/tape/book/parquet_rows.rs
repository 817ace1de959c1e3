//! Rows of a Parquet file of levels. In: a file. Out: rows of messages, or messages.

use std::fs::File;
use std::path::Path;

use ::parquet::record::Field;

use super::super::parquet;
use super::cell::{Cell, Row};
use super::layout::Layout;
use super::{Bad, Error, Messages};
use crate::report::some_of;

struct Fields<'a>(Vec<&'a Field>);

impl Row for Fields<'_> {
    fn cell(&self, index: usize) -> Cell<'_> {
        Cell::Typed(self.0.get(index).copied().unwrap_or(&Field::Null))
    }
}

pub(super) fn rows(path: &Path, file: File, are_updates: bool) -> Result<Messages, Error> {
    let table = parquet::Table::open(path, file)?;
    let mut layout = Layout::find(&table.header, are_updates).ok_or_else(|| {
        let reason = format!("it has the columns {}", some_of(&table.header));
        Error::NotAnOrderBook { path: path.to_owned(), reason }
    })?;
    if let Some(times) = table.times(layout.time) {
        layout.times = times;
    }
    Ok(Box::new((1..).zip(table.rows).map(move |(number, row)| {
        let row = row.map_err(|error| Bad::file(&error));
        let message = row.and_then(|row| {
            let fields = Fields(row.get_column_iter().map(|(_, field)| field).collect());
            layout.message(&fields)
        });
        (number, message)
    })))
}
