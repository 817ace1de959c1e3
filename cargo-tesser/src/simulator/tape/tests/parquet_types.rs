//! Types of Parquet's columns that other programs write.

use ::parquet::data_type::{BoolType, DataType, FixedLenByteArrayType, FloatType, Int32Type};

use super::*;

type Write = fn(&mut ::parquet::file::writer::SerializedColumnWriter<'_>);

fn put<T: DataType>(column: &mut ::parquet::file::writer::SerializedColumnWriter<'_>, value: T::T) {
    column.typed::<T>().write_batch(&[value], None, None).unwrap();
}

/// A file of one row.
fn file(columns: [(&str, Write); 4], codec: Compression) -> Vec<u8> {
    let names = columns.map(|(column, _)| format!("required {column};")).concat();
    let schema = Arc::new(parse_message_type(&format!("message trades {{ {names} }}")).unwrap());
    let properties = WriterProperties::builder().set_compression(codec).build();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for (_, write) in columns {
        let mut column = group.next_column().unwrap().unwrap();
        write(&mut column);
        column.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

const PRICE: (&str, Write) = ("int64 price (DECIMAL(18,2))", |c| put::<Int64Type>(c, 3_943_248));
const SIZE: (&str, Write) = ("double size", |c| put::<DoubleType>(c, 0.000_263));
const TIME: (&str, Write) = ("int64 time", |c| put::<Int64Type>(c, MS));
const SIDE: (&str, Write) = ("binary side (UTF8)", |c| put::<ByteArrayType>(c, "sell".into()));

#[test]
fn numbers_times_and_sides_of_all_types_are_read() {
    let none = Compression::UNCOMPRESSED;
    let prices: [(&str, Write); 3] = [
        ("int32 price (DECIMAL(9,2))", |c| put::<Int32Type>(c, 3_943_248)),
        ("fixed_len_byte_array(16) price (DECIMAL(38,18))", |c| {
            let price = 3_943_248_i128 * 10_i128.pow(16);
            put::<FixedLenByteArrayType>(c, price.to_be_bytes().to_vec().into());
        }),
        ("binary price (UTF8)", |c| put::<ByteArrayType>(c, "39432.48".into())),
    ];
    for price in prices {
        let bytes = file([price, SIZE, TIME, SIDE], none);
        assert_eq!(read(&bytes).unwrap(), [Event::Trade(trade(MS))], "{}", price.0);
    }
    let times: [(&str, Write); 8] = [
        ("int64 time (TIMESTAMP(MILLIS,true))", |c| put::<Int64Type>(c, MS)),
        ("int64 time (TIMESTAMP(MICROS,false))", |c| put::<Int64Type>(c, MS * 1_000)),
        ("int64 time (TIMESTAMP(NANOS,true))", |c| put::<Int64Type>(c, MS * 1_000_000)),
        ("int64 time (INTEGER(64,false))", |c| put::<Int64Type>(c, MS)),
        ("int64 time", |c| put::<Int64Type>(c, MS * 1_000_000)),
        ("double time", |c| put::<DoubleType>(c, 1_610_064_000.278)),
        ("double time", |c| put::<DoubleType>(c, 1_610_064_000_278.0)),
        ("binary time (UTF8)", |c| put::<ByteArrayType>(c, "2021-01-08 00:00:00.278".into())),
    ];
    for time in times {
        let bytes = file([PRICE, SIZE, time, SIDE], none);
        assert_eq!(read(&bytes).unwrap(), [Event::Trade(trade(MS))], "{}", time.0);
    }
    let sides: [(&str, Write); 6] = [
        ("boolean is_buyer_maker", |c| put::<BoolType>(c, true)),
        ("int32 is_buyer_maker (INTEGER(8,false))", |c| put::<Int32Type>(c, 1)),
        ("int64 is_buyer_maker", |c| put::<Int64Type>(c, 1)),
        ("int32 side (INTEGER(8,true))", |c| put::<Int32Type>(c, -1)),
        ("int64 side", |c| put::<Int64Type>(c, -1)),
        ("binary maker_side", |c| put::<ByteArrayType>(c, "buy".into())),
    ];
    for side in sides {
        let bytes = file([PRICE, SIZE, TIME, side], none);
        assert_eq!(read(&bytes).unwrap(), [Event::Trade(trade(MS))], "{}", side.0);
    }
}

#[test]
fn small_numbers_of_all_widths_are_read() {
    for width in ["8,false", "16,false", "32,false", "8,true", "16,true", "32,true"] {
        let price = format!("int32 price (INTEGER({width}))");
        let bytes = file(
            [
                (&price, |c| put::<Int32Type>(c, 100)),
                ("float size", |c| put::<FloatType>(c, 0.5)),
                TIME,
                SIDE,
            ],
            Compression::UNCOMPRESSED,
        );
        let expected =
            Trade { price: Decimal::ONE_HUNDRED, quantity: Decimal::new(5, 1), ..trade(MS) };
        assert_eq!(read(&bytes).unwrap(), [Event::Trade(expected)], "{width}");
    }
}

#[test]
fn a_time_in_seconds_is_one_and_one_of_another_unit_is_refused() {
    let seconds = file(
        [PRICE, SIZE, ("int64 time", |c| put::<Int64Type>(c, 1_610_064_000)), SIDE],
        Compression::UNCOMPRESSED,
    );
    assert_eq!(read(&seconds).unwrap(), [Event::Trade(trade(1_610_064_000_000))]);
    let options = TapeOptions { names: "time=time:s".parse().unwrap(), ..TapeOptions::default() };
    let said = read_with(&file([PRICE, SIZE, TIME, SIDE], Compression::UNCOMPRESSED), &options)
        .unwrap_err();
    assert!(
        said.ends_with("line 1: the time `1610064000278` is not in s, unlike the first one"),
        "{said}"
    );
}

#[test]
fn codecs_are_unpacked() {
    use ::parquet::basic::{GzipLevel, ZstdLevel};
    for codec in [
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
    ] {
        let bytes = file([PRICE, SIZE, TIME, SIDE], codec);
        assert_eq!(read(&bytes).unwrap(), [Event::Trade(trade(MS))], "{codec}");
    }
}
