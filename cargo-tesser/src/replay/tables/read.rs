//! The columns of a table, as they lie in its file. In: a file. Out: values and nulls of each column, a row group at a time.

use std::fs::File;

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::column::writer::ColumnWriterImpl;
use parquet::data_type::{BoolType, ByteArrayType, DataType, FixedLenByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::writer::SerializedColumnWriter;
use rust_decimal::Decimal;

use super::parquet::{Error, PLACES};

/// Some rows of one column.
pub(super) enum Column {
    Text(Values<ByteArrayType>),
    Bool(Values<BoolType>),
    Whole(Values<Int64Type>),
    Fixed(Values<FixedLenByteArrayType>),
}

/// Values, and for each row whether it has one.
pub(super) struct Values<T: DataType> {
    values: Vec<T::T>,
    levels: Vec<i16>,
}

impl<T: DataType> Values<T> {
    fn read(mut column: ColumnReaderImpl<T>, rows: usize) -> Result<Self, ParquetError> {
        let mut read = Self { values: Vec::new(), levels: Vec::new() };
        while read.levels.len() < rows {
            let more = rows - read.levels.len();
            let (records, ..) =
                column.read_records(more, Some(&mut read.levels), None, &mut read.values)?;
            if records == 0 {
                return Err(ParquetError::EOF("a column ends before its row group".into()));
            }
        }
        Ok(read)
    }

    /// Values by row.
    fn of_rows(&self) -> impl Iterator<Item = Option<&T::T>> {
        let mut values = self.values.iter();
        self.levels.iter().map(move |level| if *level > 0 { values.next() } else { None })
    }

    fn add(&mut self, other: Self) {
        self.values.extend(other.values);
        self.levels.extend(other.levels);
    }

    fn keep(&mut self, is_kept: &[bool]) {
        let kept = self.of_rows().zip(is_kept).filter(|(_, is_kept)| **is_kept);
        let kept: Vec<_> = kept.map(|(value, _)| value.cloned()).collect();
        self.levels = kept.iter().map(|value| i16::from(value.is_some())).collect();
        self.values = kept.into_iter().flatten().collect();
    }

    /// Takes the first rows away.
    fn take(&mut self, rows: usize) -> Self {
        let rest = self.levels.split_off(rows.min(self.levels.len()));
        let levels = std::mem::replace(&mut self.levels, rest);
        let rest = self.values.split_off(levels.iter().filter(|level| **level > 0).count());
        Self { values: std::mem::replace(&mut self.values, rest), levels }
    }

    fn write(&self, column: &mut ColumnWriterImpl<'_, T>) -> Result<(), ParquetError> {
        column.write_batch(&self.values, Some(&self.levels), None).map(drop)
    }
}

/// The same for the values of each kind.
macro_rules! each {
    ($column:expr, $values:pat => $do:expr) => {
        match $column {
            Column::Text($values) => $do,
            Column::Bool($values) => $do,
            Column::Whole($values) => $do,
            Column::Fixed($values) => $do,
        }
    };
}

impl Column {
    fn read(reader: ColumnReader, rows: usize) -> Result<Self, ParquetError> {
        Ok(match reader {
            ColumnReader::ByteArrayColumnReader(reader) => Self::Text(Values::read(reader, rows)?),
            ColumnReader::BoolColumnReader(reader) => Self::Bool(Values::read(reader, rows)?),
            ColumnReader::Int64ColumnReader(reader) => Self::Whole(Values::read(reader, rows)?),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                Self::Fixed(Values::read(reader, rows)?)
            }
            _ => return Err(ParquetError::General("it has a column of another kind".into())),
        })
    }

    /// The number of rows.
    pub(super) fn rows(&self) -> usize {
        each!(self, values => values.levels.len())
    }

    /// Adds the rows of the same column of another file.
    pub(super) fn add(&mut self, other: Self) {
        match (self, other) {
            (Self::Text(own), Self::Text(other)) => own.add(other),
            (Self::Bool(own), Self::Bool(other)) => own.add(other),
            (Self::Whole(own), Self::Whole(other)) => own.add(other),
            (Self::Fixed(own), Self::Fixed(other)) => own.add(other),
            // Files with other columns are refused when they are opened.
            _ => {}
        }
    }

    /// Leaves out rows.
    pub(super) fn keep(&mut self, is_kept: &[bool]) {
        each!(self, values => values.keep(is_kept));
    }

    /// Takes the first rows away.
    pub(super) fn take(&mut self, rows: usize) -> Self {
        match self {
            Self::Text(values) => Self::Text(values.take(rows)),
            Self::Bool(values) => Self::Bool(values.take(rows)),
            Self::Whole(values) => Self::Whole(values.take(rows)),
            Self::Fixed(values) => Self::Fixed(values.take(rows)),
        }
    }

    /// Writes all rows.
    pub(super) fn write(&self, column: &mut SerializedColumnWriter<'_>) -> Result<(), Error> {
        each!(self, values => Ok(values.write(column.typed())?))
    }

    /// Texts by row; of another column there are none.
    pub(super) fn texts(&self) -> Vec<Option<String>> {
        let Self::Text(values) = self else { return vec![None; self.rows()] };
        let text = |value: &parquet::data_type::ByteArray| {
            String::from_utf8_lossy(value.data()).into_owned()
        };
        values.of_rows().map(|value| value.map(text)).collect()
    }

    /// Whole numbers by row.
    pub(super) fn wholes(&self) -> Vec<Option<i64>> {
        let Self::Whole(values) = self else { return vec![None; self.rows()] };
        values.of_rows().map(Option::<&_>::copied).collect()
    }

    /// Truth by row.
    pub(super) fn flags(&self) -> Vec<Option<bool>> {
        let Self::Bool(values) = self else { return vec![None; self.rows()] };
        values.of_rows().map(Option::<&_>::copied).collect()
    }

    /// Decimals by row.
    pub(super) fn decimals(&self) -> Vec<Option<Decimal>> {
        let Self::Fixed(values) = self else { return vec![None; self.rows()] };
        let decimal = |value: &parquet::data_type::FixedLenByteArray| {
            let scaled = i128::from_be_bytes(value.data().try_into().ok()?);
            decimal(scaled)
        };
        values.of_rows().map(|value| value.and_then(decimal)).collect()
    }
}

/// A number of so many places; digits that a decimal has no room for are cut off at its end.
fn decimal(scaled: i128) -> Option<Decimal> {
    let (mut scaled, mut places) = (scaled, PLACES);
    loop {
        let is_short = scaled % 10 == 0;
        match Decimal::try_from_i128_with_scale(scaled, places) {
            Ok(number) if !is_short || places == 0 => return Some(number),
            _ => places = places.checked_sub(1)?,
        }
        scaled /= 10;
    }
}

/// A table's file, for reading it a row group at a time.
pub(super) struct RowReader {
    file: SerializedFileReader<File>,
    next: usize,
}

impl RowReader {
    /// Opens a file.
    ///
    /// # Errors
    /// It is not a Parquet file.
    pub(super) fn open(file: File) -> Result<Self, Error> {
        Ok(Self { file: SerializedFileReader::new(file)?, next: 0 })
    }

    /// The names of its columns.
    pub(super) fn names(&self) -> Vec<String> {
        let schema = self.file.metadata().file_metadata().schema_descr();
        schema.columns().iter().map(|column| column.name().to_owned()).collect()
    }

    /// Its schema, as text.
    pub(super) fn schema(&self) -> &parquet::schema::types::Type {
        self.file.metadata().file_metadata().schema()
    }

    /// All columns of the next row group, or those that are wanted.
    ///
    /// # Errors
    /// They cannot be read.
    pub(super) fn next(
        &mut self,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<Option<Vec<Column>>, Error> {
        if self.next >= self.file.num_row_groups() {
            return Ok(None);
        }
        let group = self.file.get_row_group(self.next)?;
        self.next += 1;
        let rows = usize::try_from(group.metadata().num_rows()).unwrap_or_default();
        let columns = (0..group.num_columns())
            .filter(|column| is_wanted(group.metadata().column(*column).column_descr().name()));
        let columns: Result<Vec<_>, ParquetError> =
            columns.map(|column| Column::read(group.get_column_reader(column)?, rows)).collect();
        Ok(Some(columns?))
    }
}
