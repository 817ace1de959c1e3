//! Rows as a Parquet file. In: the fields of a table, with the value that each has of a row. Out: bytes, the same for the
//! same rows.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::column::writer::ColumnWriterImpl;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType,
    Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::TypePtr;
use rust_decimal::Decimal;

use super::super::run_settings::SCHEMA;
use crate::fs;

/// Keys of the file's metadata.
const TABLE_KEY: &str = "tesser.table";
const SCHEMA_KEY: &str = "tesser.schema";

/// Digits of decimals, and how many of them are behind the point: as the host's recorder has them.
const DIGITS: u32 = 38;
pub(super) const PLACES: u32 = 18;

/// A column, and its value of a row.
pub(super) struct Field<R> {
    pub(super) name: &'static str,
    value: Values<R>,
}

enum Values<R> {
    Text(fn(&R) -> Option<String>),
    Bool(fn(&R) -> Option<bool>),
    Count(fn(&R) -> Option<i64>),
    Decimal(fn(&R) -> Option<Decimal>),
    Time(fn(&R) -> Option<i64>),
}

pub(super) fn text<R>(name: &'static str, value: fn(&R) -> Option<String>) -> Field<R> {
    Field { name, value: Values::Text(value) }
}

pub(super) fn flag<R>(name: &'static str, value: fn(&R) -> Option<bool>) -> Field<R> {
    Field { name, value: Values::Bool(value) }
}

pub(super) fn count<R>(name: &'static str, value: fn(&R) -> Option<i64>) -> Field<R> {
    Field { name, value: Values::Count(value) }
}

/// Exact up to 18 places.
pub(super) fn decimal<R>(name: &'static str, value: fn(&R) -> Option<Decimal>) -> Field<R> {
    Field { name, value: Values::Decimal(value) }
}

/// Of milliseconds since the Unix epoch.
pub(super) fn time<R>(name: &'static str, value: fn(&R) -> Option<i64>) -> Field<R> {
    Field { name, value: Values::Time(value) }
}

/// Why a table cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A number has more digits than a column.
    #[error(
        "{value} does not fit into its column `{column}`, which has 20 digits before the point"
    )]
    TooLarge {
        /// The column.
        column: &'static str,
        /// The number.
        value: Decimal,
    },
    /// The file is of another version.
    #[error("it has other columns than this version writes")]
    OtherColumns,
    /// The library's reason.
    #[error(transparent)]
    Parquet(#[from] ParquetError),
}

impl Error {
    /// Whether there was no space for it.
    pub fn is_full_disk(&self) -> bool {
        let Self::Parquet(ParquetError::External(error)) = self else { return false };
        let error = error.downcast_ref::<std::io::Error>();
        error.is_some_and(|error| error.kind() == std::io::ErrorKind::StorageFull)
    }
}

/// Maximum number of rows in a row group: so many rows of a table are in memory.
pub(super) const GROUP: usize = 8_192;

/// The schema of a table.
pub(super) fn schema<R>(table: &str, fields: &[Field<R>]) -> Result<TypePtr, Error> {
    let columns: String = fields.iter().map(Field::declaration).collect();
    Ok(Arc::new(parse_message_type(&format!("message {table} {{ {columns} }}"))?))
}

/// Begins a table; `more` is in its metadata.
pub(super) fn begin<W: Write + Send>(
    file: W,
    schema: TypePtr,
    more: &[(&str, String)],
) -> Result<SerializedFileWriter<W>, Error> {
    let said = |key: &str, value: String| KeyValue::new(key.to_owned(), value);
    let mut metadata =
        vec![said(TABLE_KEY, schema.name().to_owned()), said(SCHEMA_KEY, SCHEMA.to_string())];
    metadata.extend(more.iter().map(|(key, value)| said(key, value.clone())));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(concat!("cargo-tesser ", env!("CARGO_PKG_VERSION")).into())
        .set_key_value_metadata(Some(metadata))
        .build();
    Ok(SerializedFileWriter::new(file, schema, Arc::new(properties))?)
}

/// A table as a file.
pub(super) fn file<R>(
    table: &str,
    fields: &[Field<R>],
    rows: &[R],
    more: &[(&str, String)],
) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut writer = begin(&mut bytes, schema(table, fields)?, more)?;
    for rows in rows.chunks(GROUP) {
        let mut group = writer.next_row_group()?;
        for field in fields {
            if let Some(mut column) = group.next_column()? {
                field.write(&mut column, rows)?;
                column.close()?;
            }
        }
        group.close()?;
    }
    writer.close()?;
    Ok(bytes)
}

/// Whether a file is such a table.
pub(super) fn is_ours(path: &Path) -> bool {
    let Ok(file) = fs::open(path) else { return false };
    let Ok(reader) = SerializedFileReader::new(file) else { return false };
    let said = reader.metadata().file_metadata().key_value_metadata();
    said.is_some_and(|said| said.iter().any(|pair| pair.key == TABLE_KEY))
}

impl<R> Field<R> {
    fn declaration(&self) -> String {
        let (kind, meaning) = match self.value {
            Values::Text(_) => ("binary", "(STRING)".to_owned()),
            Values::Bool(_) => ("boolean", String::new()),
            Values::Count(_) => ("int64", String::new()),
            Values::Decimal(_) => {
                ("fixed_len_byte_array(16)", format!("(DECIMAL({DIGITS},{PLACES}))"))
            }
            Values::Time(_) => ("int64", "(TIMESTAMP(MILLIS,true))".to_owned()),
        };
        format!("optional {kind} {} {meaning};", self.name)
    }

    fn write(
        &self,
        column: &mut parquet::file::writer::SerializedColumnWriter<'_>,
        rows: &[R],
    ) -> Result<(), Error> {
        match self.value {
            Values::Text(of) => {
                let values =
                    rows.iter().map(|row| of(row).map(|text| ByteArray::from(text.into_bytes())));
                write(column.typed::<ByteArrayType>(), values)
            }
            Values::Bool(of) => write(column.typed::<BoolType>(), rows.iter().map(of)),
            Values::Count(of) | Values::Time(of) => {
                write(column.typed::<Int64Type>(), rows.iter().map(of))
            }
            Values::Decimal(of) => {
                let fixed =
                    |value| fixed(value).ok_or(Error::TooLarge { column: self.name, value });
                let values = rows.iter().map(|row| of(row).map(fixed).transpose());
                let values = values.collect::<Result<Vec<_>, _>>()?;
                write(column.typed::<FixedLenByteArrayType>(), values.into_iter())
            }
        }
    }
}

fn write<T: DataType>(
    column: &mut ColumnWriterImpl<'_, T>,
    values: impl Iterator<Item = Option<T::T>>,
) -> Result<(), Error> {
    let values: Vec<_> = values.collect();
    let levels: Vec<_> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let values: Vec<_> = values.into_iter().flatten().collect();
    column.write_batch(&values, Some(&levels), None)?;
    Ok(())
}

/// With so many places, as 16 bytes; none if it has too many digits before them.
fn fixed(value: Decimal) -> Option<FixedLenByteArray> {
    let value = value.round_dp(PLACES);
    let shift = 10_i128.pow(PLACES.saturating_sub(value.scale()));
    let scaled = value.mantissa().checked_mul(shift)?;
    (scaled.unsigned_abs() < 10_u128.pow(DIGITS))
        .then(|| ByteArray::from(scaled.to_be_bytes().to_vec()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_up_to_18_places_and_20_digits() {
        let bytes = |text: &str| fixed(text.parse().unwrap()).map(|bytes| bytes.data().to_vec());
        let scaled = |value: i128| Some(value.to_be_bytes().to_vec());
        assert_eq!(bytes("1.5"), scaled(1_500_000_000_000_000_000));
        assert_eq!(bytes("-0.000000000000000001"), scaled(-1));
        assert_eq!(bytes("0.0000000000000000015"), scaled(2));
        assert_eq!(
            bytes("99999999999999999999"),
            scaled(99_999_999_999_999_999_999 * 10_i128.pow(18))
        );
        assert_eq!(bytes("100000000000000000000"), None);
        assert_eq!(bytes("79228162514264337593543950335"), None);
    }
}
