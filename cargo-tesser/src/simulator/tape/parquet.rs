//! Rows of a Parquet file, as the host's recorder and many data sets have them. In: a file. Out: trades.

use std::collections::VecDeque;
use std::fs::File;
use std::path::Path;

use parquet::basic::{Compression, LogicalType, TimeUnit, TimestampType};
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

use super::layout::{Layout, Side, Unfit};
use super::names::Names;
use super::row::{self, RowReader};
use super::times::{TimeFormat, Unit, UnitName};
use super::{Bad, Error, Event, Read, Trade};

/// So many rows are looked at for the format of times.
const SAMPLE: usize = 100;

/// A file of columns.
pub(super) struct Table {
    /// The names of its columns.
    pub(super) header: Vec<String>,
    types: Vec<Option<LogicalType>>,
    pub(super) rows: RowIter<'static>,
}

impl Table {
    pub(super) fn open(path: &Path, file: File) -> Result<Self, Error> {
        let reader = SerializedFileReader::new(file)
            .map_err(|error| Error::Damaged { path: path.to_owned(), reason: error.to_string() })?;
        check_codecs(path, &reader)?;
        let fields = reader.metadata().file_metadata().schema().get_fields();
        let header = fields.iter().map(|field| field.name().to_owned()).collect();
        let types =
            fields.iter().map(|field| field.get_basic_info().logical_type_ref().cloned()).collect();
        Ok(Self { header, types, rows: RowIter::from_file_into(Box::new(reader)) })
    }

    /// The format of a column of times, where its type says it and its values do not.
    pub(super) fn times(&self, index: usize) -> Option<TimeFormat> {
        let LogicalType::Timestamp(TimestampType { unit, .. }) = self.types.get(index)?.as_ref()?
        else {
            return None;
        };
        Some(TimeFormat::Number(Unit::given(match unit {
            TimeUnit::MILLIS => UnitName::Ms,
            TimeUnit::MICROS => UnitName::Us,
            TimeUnit::NANOS => UnitName::Ns,
        })))
    }

    /// Whether a column of times is of an unknown zone.
    fn is_local(&self, index: usize) -> bool {
        matches!(
            self.types.get(index),
            Some(Some(LogicalType::Timestamp(TimestampType { is_adjusted_to_u_t_c: false, .. })))
        )
    }
}

/// Whether all columns can be unpacked.
pub(super) fn check_codecs(path: &Path, reader: &SerializedFileReader<File>) -> Result<(), Error> {
    let groups = reader.metadata().row_groups().iter();
    for codec in groups.flat_map(RowGroupMetaData::columns).map(ColumnChunkMetaData::compression) {
        if matches!(codec, Compression::BROTLI(_) | Compression::LZO) {
            let codec = codec.to_string().split('(').next().unwrap_or_default().to_lowercase();
            return Err(Error::Codec { path: path.to_owned(), codec });
        }
    }
    Ok(())
}

pub(super) fn rows(path: &Path, file: File, names: &Names) -> Result<Read, Error> {
    let mut table = Table::open(path, file)?;
    let unfit = |unfit: Unfit| Error::unfit(path, unfit, table.header.clone());
    let mut layout = Layout::find(&table.header, names).map_err(unfit)?;
    if let Some(times) = table.times(layout.time) {
        layout.times = times;
    }
    let is_local = table.is_local(layout.time);
    let sample: VecDeque<_> = table.rows.by_ref().take(SAMPLE).collect();
    let times = |row: &Row| time_format(row.get_column_iter().nth(layout.time)?.1);
    if layout.times == TimeFormat::Unknown {
        layout.times = sample.iter().flatten().find_map(times).unwrap_or(TimeFormat::Unknown);
    }
    let mut notes = layout.assumptions();
    if is_local && !notes.contains(&super::NO_ZONE) {
        notes.push(super::NO_ZONE);
    }
    let mut reader = RowReader::new(layout);
    let rows = (1..).zip(sample.into_iter().chain(table.rows)).map(move |(number, row)| {
        let row = row.map_err(|error| Bad::file(&error));
        let trade = row.and_then(|row| trade(&row, &mut reader));
        (number, trade.map(Event::Trade))
    });
    Ok(Read { notes, ..Read::new(Box::new(rows)) })
}

/// The format of a column, by a time in it.
pub(super) fn time_format(field: &Field) -> Option<TimeFormat> {
    match number(field) {
        Some(number) => TimeFormat::of(&number.to_string()),
        None => TimeFormat::of(text(field)?),
    }
}

fn trade(row: &Row, reader: &mut RowReader) -> Result<Trade, Bad> {
    let layout = &reader.layout;
    let fields: Vec<_> = row.get_column_iter().collect();
    let field = |index: usize| fields.get(index).map_or(&Field::Null, |(_, field)| *field);
    let bad = |index: usize, wanted: &str| {
        let name = fields.get(index).map_or("", |(name, _)| name);
        Bad::row(format!("column `{name}` is not {wanted}: `{}`", field(index)))
    };
    let decimal = |index| decimal(field(index)).ok_or_else(|| bad(index, "a number"));
    let (price, quantity) = (decimal(layout.price)?, decimal(layout.quantity)?);
    let side = match layout.side {
        Side::Inferred => None,
        Side::Taker(index) | Side::Maker(index) => {
            let side = side(field(index)).ok_or_else(|| bad(index, "`buy` or `sell`"))?;
            Some(layout.side.taker(side))
        }
        Side::BuyerIsMaker(index) => {
            Some(taker_by_flag(field(index)).ok_or_else(|| bad(index, "true or false"))?)
        }
    };
    let symbol = layout.symbol.map(|index| match field(index) {
        // As an empty field of a table.
        Field::Null => Ok(""),
        field => text(field).ok_or_else(|| bad(index, "a text")),
    });
    let symbol = symbol.transpose()?;
    let time_ms = time_ms(field(layout.time), layout.times)
        .unwrap_or_else(|| Err(bad(layout.time, "a time")))?;
    Ok(reader.of(symbol, price, quantity, time_ms, side))
}

/// Milliseconds since 1970 of a time of any type.
pub(super) fn time_ms(field: &Field, times: TimeFormat) -> Option<Result<i64, Bad>> {
    match (field, times) {
        (Field::TimestampMillis(time), _) => Some(Ok(*time)),
        (Field::TimestampMicros(time), _) => Some(Ok(time.div_euclid(1_000))),
        (_, TimeFormat::Number(unit)) => match (integer(field), number(field)) {
            (Some(time), _) => Some(unit.ms(time)),
            (None, Some(time)) => Some(unit.ms_of(time)),
            (None, None) => times.ms(text(field)?),
        },
        _ => times.ms(text(field)?),
    }
}

fn side(field: &Field) -> Option<PluginSide> {
    match (text(field), integer(field)) {
        (Some(text), _) => row::side(text),
        // As the host's recorder has it.
        (None, Some(1)) => Some(PluginSide::Buy),
        (None, Some(-1)) => Some(PluginSide::Sell),
        _ => None,
    }
}

fn taker_by_flag(field: &Field) -> Option<PluginSide> {
    match (field, text(field), integer(field)) {
        (Field::Bool(true), ..) | (_, None, Some(1)) => Some(PluginSide::Sell),
        (Field::Bool(false), ..) | (_, None, Some(0)) => Some(PluginSide::Buy),
        (_, Some(text), _) => row::taker_by_flag(text),
        _ => None,
    }
}

/// A text; some writers do not say that the bytes are one.
pub(super) fn text(field: &Field) -> Option<&str> {
    match field {
        Field::Str(text) => Some(text),
        Field::Bytes(bytes) => std::str::from_utf8(bytes.data()).ok(),
        _ => None,
    }
}

/// A whole number of any width.
pub(super) fn integer(field: &Field) -> Option<i64> {
    Some(match field {
        Field::Byte(number) => (*number).into(),
        Field::Short(number) => (*number).into(),
        Field::Int(number) => (*number).into(),
        Field::Long(number) => *number,
        Field::UByte(number) => (*number).into(),
        Field::UShort(number) => (*number).into(),
        Field::UInt(number) => (*number).into(),
        Field::ULong(number) => i64::try_from(*number).ok()?,
        _ => return None,
    })
}

/// Numbers of all kinds. A float is the decimal with the fewest digits that gives it.
fn number(field: &Field) -> Option<Decimal> {
    match field {
        // The recorder gives all numbers 18 places.
        Field::Decimal(_) => row::decimal(&field.to_string()).map(|value| value.normalize()),
        Field::Double(_) | Field::Float(_) | Field::Float16(_) => row::decimal(&field.to_string()),
        Field::ULong(number) => Some((*number).into()),
        _ => integer(field).map(Decimal::from),
    }
}

/// The same, and numbers that are written as text.
pub(super) fn decimal(field: &Field) -> Option<Decimal> {
    number(field).or_else(|| text(field).and_then(row::decimal))
}
