//! Files of the host's flight recorder: `KIND/YYYY-MM-DD/KIND-YYYYMMDDTHHMMSS-NNNN.parquet` for ticks, orders, fills and
//! signals.
//!
//! In: the recorder's folder. Out: the files of a kind in the order in which they were written, and their rows.

use std::fs::File;
use std::path::{Path, PathBuf};

use parquet::file::reader::SerializedFileReader;
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use rust_decimal::Decimal;

use super::parquet::check_codecs;
use super::{Error, row};
use crate::fs;

/// The files of a kind below a folder, which may be the recorder's, that of the kind or that of a day.
///
/// # Errors
/// A folder cannot be read.
pub(crate) fn files(dir: &Path, kind: &str) -> Result<Vec<PathBuf>, Error> {
    let of_kind = dir.join(kind);
    let mut folders = vec![if fs::is_there(&of_kind) { of_kind } else { dir.to_owned() }];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in fs::entries(&folder)? {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "parquet") {
                files.push(path);
            }
        }
    }
    // The day comes first in the path, and the time in the name.
    files.sort();
    Ok(files)
}

/// The files of trades in a folder: those of the recorder, or else all that are not hidden, by name.
///
/// # Errors
/// A folder cannot be read.
pub(super) fn tapes(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let recorded = files(dir, "ticks")?;
    if !recorded.is_empty() {
        return Ok(recorded);
    }
    plain_files(dir)
}

/// The files in a folder that are not hidden, by name.
///
/// # Errors
/// It cannot be read.
pub(super) fn plain_files(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let is_hidden = |path: &Path| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
    };
    let mut files = fs::entries(dir)?;
    files.retain(|path| !is_hidden(path) && !path.is_dir());
    files.sort();
    Ok(files)
}

/// When each start of the host wrote its first file, as the names have it: the numbers of files begin with each start.
pub(crate) fn starts(files: &[PathBuf]) -> Vec<String> {
    let mut starts: Vec<_> = files
        .iter()
        .filter_map(|path| path.file_stem()?.to_str()?.strip_suffix("-0000"))
        .filter_map(|name| name.rsplit('-').next())
        .map(str::to_owned)
        .collect();
    starts.sort();
    starts.dedup();
    starts
}

/// A row with its fields by name.
pub(crate) struct Record {
    path: PathBuf,
    number: u64,
    row: Row,
}

/// The rows of files.
///
/// # Errors
/// A file is not Parquet, or is damaged.
pub(crate) fn records(files: &[PathBuf]) -> Result<Vec<Record>, Error> {
    let mut records = Vec::new();
    for path in files {
        let bad = |error: parquet::errors::ParquetError| Error::Damaged {
            path: path.clone(),
            reason: error.to_string(),
        };
        let file: File = fs::open(path)?;
        let reader = SerializedFileReader::new(file).map_err(bad)?;
        check_codecs(path, &reader)?;
        for (number, row) in (1..).zip(RowIter::from_file_into(Box::new(reader))) {
            let row = row.map_err(bad)?;
            records.push(Record { path: path.clone(), number, row });
        }
    }
    Ok(records)
}

impl Record {
    fn field(&self, name: &str) -> Option<&Field> {
        let mut fields = self.row.get_column_iter();
        fields.find(|(known, _)| *known == name).map(|(_, field)| field)
    }

    /// An error that names this row.
    pub(crate) fn bad(&self, reason: impl Into<String>) -> Error {
        Error::NotRecorded { path: self.path.clone(), row: self.number, reason: reason.into() }
    }

    /// A text; `None` where it is null.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Error> {
        match self.field(name) {
            Some(Field::Str(text)) => Ok(Some(text.clone())),
            Some(Field::Null) => Ok(None),
            _ => Err(self.bad(format!("there is no text `{name}`"))),
        }
    }

    /// A text that must be there.
    pub(crate) fn needed(&self, name: &str) -> Result<String, Error> {
        self.text(name)?.ok_or_else(|| self.bad(format!("`{name}` is null")))
    }

    /// A decimal; `None` where it is null.
    pub(crate) fn decimal(&self, name: &str) -> Result<Option<Decimal>, Error> {
        match self.field(name) {
            Some(Field::Null) => Ok(None),
            Some(field @ Field::Decimal(_)) => {
                let value = row::decimal(&field.to_string()).map(|value| value.normalize());
                value.map(Some).ok_or_else(|| self.bad(format!("`{name}` has too many digits")))
            }
            _ => Err(self.bad(format!("there is no decimal `{name}`"))),
        }
    }

    /// A decimal that must be there.
    pub(crate) fn number(&self, name: &str) -> Result<Decimal, Error> {
        self.decimal(name)?.ok_or_else(|| self.bad(format!("`{name}` is null")))
    }

    /// A float.
    pub(crate) fn float(&self, name: &str) -> Result<f64, Error> {
        match self.field(name) {
            Some(Field::Double(value)) => Ok(*value),
            _ => Err(self.bad(format!("there is no float `{name}`"))),
        }
    }

    /// A small integer: 1 buys and -1 sells.
    pub(crate) fn byte(&self, name: &str) -> Result<i8, Error> {
        match self.field(name) {
            Some(Field::Byte(value)) => Ok(*value),
            _ => Err(self.bad(format!("there is no small integer `{name}`"))),
        }
    }

    /// A time in milliseconds, of one in nanoseconds.
    pub(crate) fn time_ms(&self, name: &str) -> Result<i64, Error> {
        match self.field(name) {
            Some(Field::Long(nanoseconds)) => Ok(nanoseconds.div_euclid(1_000_000)),
            Some(Field::TimestampMicros(time)) => Ok(time.div_euclid(1_000)),
            Some(Field::TimestampMillis(time)) => Ok(*time),
            _ => Err(self.bad(format!("there is no time `{name}`"))),
        }
    }
}
