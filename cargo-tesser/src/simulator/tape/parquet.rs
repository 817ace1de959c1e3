//! Rows of a Parquet file, as the host's recorder and many data sets have them. In: a file. Out: trades.

use std::fs::File;
use std::path::Path;

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

use super::Error;
use super::columns::{self, Columns, Names};
use super::{Bad, Event, Rows, Trade};

/// Names of the columns, and the rows.
pub(super) fn open(path: &Path, file: File) -> Result<(Vec<String>, RowIter<'static>), Error> {
    let reader = SerializedFileReader::new(file)
        .map_err(|error| Error::Damaged { path: path.to_owned(), reason: error.to_string() })?;
    let fields = reader.metadata().file_metadata().schema().get_fields();
    let header = fields.iter().map(|field| field.name().to_owned()).collect();
    Ok((header, RowIter::from_file_into(Box::new(reader))))
}

pub(super) fn rows(path: &Path, file: File, names: &Names) -> Result<Rows, Error> {
    let (header, rows) = open(path, file)?;
    let mut columns =
        Columns::find(&header.iter().map(String::as_str), names).map_err(|column| {
            Error::Column { path: path.to_owned(), column, columns: header.clone() }
        })?;
    Ok(Box::new((1..).zip(rows).map(move |(number, row)| {
        let row = row.map_err(|error| Bad::file(&error));
        let trade = row.and_then(|row| trade(&row, &mut columns).map_err(Bad::row));
        (number, trade.map(Event::Trade))
    })))
}

fn trade(row: &Row, columns: &mut Columns) -> Result<Trade, String> {
    let fields: Vec<_> = row.get_column_iter().collect();
    let field = |index: usize| fields.get(index).map_or(&Field::Null, |(_, field)| field);
    let bad = |index: usize, wanted: &str| {
        let name = fields.get(index).map_or("", |(name, _)| name);
        format!("column `{name}` is not {wanted}: `{}`", field(index))
    };
    let decimal = |index| decimal(field(index)).ok_or_else(|| bad(index, "a number"));
    let (price, quantity) = (decimal(columns.price)?, decimal(columns.quantity)?);
    let time_ms = match field(columns.time) {
        Field::TimestampMillis(time) => *time,
        Field::TimestampMicros(time) => time.div_euclid(1_000),
        Field::Long(time) => columns.time_ms(*time),
        Field::ULong(time) => columns.time_ms(i64::try_from(*time).unwrap_or(i64::MAX)),
        _ => return Err(bad(columns.time, "a time")),
    };
    let side = match field(columns.side) {
        Field::Bool(buyer_is_maker) if *buyer_is_maker => Some(PluginSide::Sell),
        // The bytes are as the host's recorder has it.
        Field::Bool(_) | Field::Byte(1) => Some(PluginSide::Buy),
        field @ (Field::Str(_) | Field::Bytes(_)) => text(field).and_then(columns::side),
        Field::Byte(-1) => Some(PluginSide::Sell),
        _ => None,
    };
    let side = side.ok_or_else(|| bad(columns.side, "one of true, false, buy, sell"))?;
    let symbol = columns.symbol.map(|index| match field(index) {
        // As an empty field of a table.
        Field::Null => Ok(String::new()),
        field => text(field).map(str::to_owned).ok_or_else(|| bad(index, "a text")),
    });
    let symbol = symbol.transpose()?;
    Ok(Trade { symbol, price, quantity, time_ms, side })
}

/// A text; some writers do not say that the bytes are one.
pub(super) fn text(field: &Field) -> Option<&str> {
    match field {
        Field::Str(text) => Some(text),
        Field::Bytes(bytes) => std::str::from_utf8(bytes.data()).ok(),
        _ => None,
    }
}

/// Numbers of all kinds. A float is the decimal with the fewest digits that gives it.
pub(super) fn decimal(field: &Field) -> Option<Decimal> {
    match field {
        Field::Str(_) | Field::Bytes(_) => text(field).and_then(columns::decimal),
        // The recorder gives all numbers 18 places.
        Field::Decimal(_) => columns::decimal(&field.to_string()).map(|value| value.normalize()),
        Field::Double(_) | Field::Float(_) => columns::decimal(&field.to_string()),
        Field::Int(number) => Some((*number).into()),
        Field::Long(number) => Some((*number).into()),
        Field::ULong(number) => Some((*number).into()),
        _ => None,
    }
}
