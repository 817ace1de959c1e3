//! Tables of parts of a sweep, put together. In: the files of a table, in the order of the runs. Out: one file, with the bytes that
//! a table of all runs has; as many rows as a row group are in memory.

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use parquet::file::writer::SerializedFileWriter;

use super::parquet::{Error as TableError, GROUP, begin, schema};
use super::read::{Column, RowReader};
use super::{Error, TABLES, columns, file_name};
use crate::fs;

/// Runs that parts before have already, by the number of their part: the same run is counted once.
type Known = Vec<HashSet<String>>;

/// Writes the tables of a folder from those of its parts, which are folders.
///
/// # Errors
/// A part cannot be read, or a file cannot be written. What was there is then there still.
pub(in super::super) fn merge(
    dir: &Path,
    parts: &[PathBuf],
    progress: impl Fn(),
) -> Result<(), Error> {
    let schemas = [
        schema(TABLES[0], &columns::runs()),
        schema(TABLES[1], &columns::orders()),
        schema(TABLES[2], &columns::amendments()),
        schema(TABLES[3], &columns::fills()),
    ];
    let known = known(parts)?;
    let mut staged = Vec::new();
    for (table, schema) in TABLES.into_iter().zip(schemas) {
        let path = dir.join(file_name(table));
        let failed = |source| Error::Table { path: path.clone(), source };
        let schema = schema.map_err(failed)?;
        staged.push(fs::stage_by(&path, |file, _| -> Result<(), Error> {
            let file = std::io::BufWriter::new(file);
            let mut rows =
                Rows { writer: begin(file, schema, &[]).map_err(failed)?, waiting: None };
            for (part, known) in parts.iter().zip(&known) {
                let part = part.join(file_name(table));
                let unread = |source| Error::Unread { path: part.clone(), source };
                let mut reader = open(&part)?;
                if reader.schema() != rows.writer.schema_descr().root_schema() {
                    return Err(unread(TableError::OtherColumns));
                }
                while let Some(columns) = reader.next(|_| true).map_err(unread)? {
                    rows.add(columns, known).map_err(failed)?;
                }
                progress();
            }
            rows.end().map_err(failed)
        })?);
    }
    Ok(fs::replace_all(staged)?)
}

fn open(path: &Path) -> Result<RowReader, Error> {
    RowReader::open(fs::open(path)?)
        .map_err(|source| Error::Unread { path: path.to_owned(), source })
}

/// For each part its runs that an earlier one has, which are few or none.
fn known(parts: &[PathBuf]) -> Result<Known, Error> {
    let mut seen = HashSet::new();
    let mut known = Vec::new();
    for part in parts {
        let path = part.join(file_name(TABLES[0]));
        let mut reader = open(&path)?;
        let mut again = HashSet::new();
        let unread = |source| Error::Unread { path: path.clone(), source };
        while let Some(columns) = reader.next(|name| name == columns::RUN_ID).map_err(unread)? {
            let ids = columns.iter().flat_map(Column::texts).flatten();
            // An id has as many digits as such a number.
            let number = |id: &String| u128::from_str_radix(id, 16).unwrap_or_default();
            again.extend(ids.filter(|id| !seen.insert(number(id))));
        }
        known.push(again);
    }
    Ok(known)
}

/// Rows on their way into a file.
struct Rows<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    waiting: Option<Vec<Column>>,
}

impl<W: Write + Send> Rows<W> {
    fn add(&mut self, mut columns: Vec<Column>, known: &HashSet<String>) -> Result<(), TableError> {
        if !known.is_empty() {
            // The first column is the run's id, in each table.
            let ids = columns.first().map(Column::texts).unwrap_or_default();
            let is_new = |id: &Option<String>| id.as_ref().is_none_or(|id| !known.contains(id));
            let is_kept: Vec<_> = ids.iter().map(is_new).collect();
            for column in &mut columns {
                column.keep(&is_kept);
            }
        }
        match &mut self.waiting {
            None => self.waiting = Some(columns),
            Some(waiting) => waiting.iter_mut().zip(columns).for_each(|(all, new)| all.add(new)),
        }
        while self.count() >= GROUP {
            self.write(GROUP)?;
        }
        Ok(())
    }

    fn count(&self) -> usize {
        self.waiting.as_ref().and_then(|columns| columns.first()).map_or(0, Column::rows)
    }

    fn write(&mut self, rows: usize) -> Result<(), TableError> {
        let mut group = self.writer.next_row_group()?;
        for column in self.waiting.iter_mut().flatten() {
            if let Some(mut writer) = group.next_column()? {
                column.take(rows).write(&mut writer)?;
                writer.close()?;
            }
        }
        group.close()?;
        Ok(())
    }

    fn end(mut self) -> Result<(), TableError> {
        if self.count() > 0 {
            self.write(self.count())?;
        }
        self.writer.into_inner()?.flush().map_err(parquet::errors::ParquetError::from)?;
        Ok(())
    }
}
