//! Rows of a Parquet file of levels. In: a file. Out: rows of messages, or messages.

use std::fs::File;
use std::path::Path;

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use parquet::record::reader::RowIter;

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
    let bad = |reason: parquet::errors::ParquetError| Error::Damaged {
        path: path.to_owned(),
        reason: reason.to_string(),
    };
    let reader = SerializedFileReader::new(file).map_err(bad)?;
    let schema = reader.metadata().file_metadata().schema().clone();
    let header = schema.get_fields().iter().map(|field| field.name());
    let mut layout = Layout::find(&header, are_updates).ok_or_else(|| {
        let names: Vec<_> = header.map(str::to_owned).collect();
        let reason = format!("it has the columns {}", some_of(&names));
        Error::NotAnOrderBook { path: path.to_owned(), reason }
    })?;
    let rows = RowIter::from_file_into(Box::new(reader));
    Ok(Box::new((1..).zip(rows).map(move |(number, row)| {
        let row = row.map_err(|error| Bad::file(&error));
        let message = row.and_then(|row| {
            let fields = Fields(row.get_column_iter().map(|(_, field)| field).collect());
            layout.message(&fields).map_err(Bad::row)
        });
        (number, message)
    })))
}
