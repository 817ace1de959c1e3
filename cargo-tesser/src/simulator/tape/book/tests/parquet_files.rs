//! The same in Parquet, and the host's own files.

use std::sync::Arc;

use ::parquet::data_type::{
    BoolType, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int64Type,
};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::parser::parse_message_type;

use super::*;

/// A column of a file.
enum Column<'a> {
    Texts(&'a [&'a str]),
    Numbers(&'a [i64]),
    Floats(&'a [f64]),
    Flags(&'a [bool]),
    /// Decimals with 18 places, in one list for each row.
    Lists(&'a [&'a [i64]]),
}

impl Column<'_> {
    fn write(&self, column: &mut SerializedColumnWriter) {
        let written = match self {
            Self::Texts(texts) => {
                let texts: Vec<_> = texts.iter().map(|text| (*text).into()).collect();
                column.typed::<ByteArrayType>().write_batch(&texts, None, None)
            }
            Self::Numbers(numbers) => column.typed::<Int64Type>().write_batch(numbers, None, None),
            Self::Floats(floats) => column.typed::<DoubleType>().write_batch(floats, None, None),
            Self::Flags(flags) => column.typed::<BoolType>().write_batch(flags, None, None),
            Self::Lists(rows) => {
                let value = |number: &i64| {
                    let number = i128::from(*number) * 1_000_000_000_000_000_000;
                    FixedLenByteArray::from(number.to_be_bytes().to_vec())
                };
                let values: Vec<_> = rows.iter().copied().flatten().map(value).collect();
                // An empty list is there, and has nothing in it.
                let levels = |row: &&[i64]| match row.len() {
                    0 => vec![(1, 0)],
                    more => (0..more).map(|at| (3, i16::from(at > 0))).collect(),
                };
                let (defined, repeated): (Vec<i16>, Vec<i16>) =
                    rows.iter().flat_map(levels).unzip();
                let column = column.typed::<FixedLenByteArrayType>();
                column.write_batch(&values, Some(&defined), Some(&repeated))
            }
        };
        written.unwrap();
    }
}

fn file(schema: &str, columns: &[Column]) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = Arc::new(WriterProperties::builder().build());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for column in columns {
        let mut there = group.next_column().unwrap().unwrap();
        column.write(&mut there);
        there.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn tardis_columns_are_read_from_parquet() {
    let us = MS * 1_000;
    let schema = "message book { required binary symbol (UTF8); required int64 timestamp (TIMESTAMP(MICROS,true)); \
        required int64 local_timestamp (TIMESTAMP(MICROS,true)); required boolean is_snapshot; \
        required binary side (UTF8); required double price; required double amount; }";
    let bytes = file(
        schema,
        &[
            Column::Texts(&["BTCUSDT"; 3]),
            Column::Numbers(&[us, us, us + 2_000]),
            Column::Numbers(&[us, us, us + 2_500]),
            Column::Flags(&[true, true, false]),
            Column::Texts(&["bid", "ask", "ask"]),
            Column::Floats(&[99.1, 101.0, 101.0]),
            Column::Floats(&[0.3, 4.0, 0.0]),
        ],
    );
    let (updates, _) = read_with(&bytes, &TapeOptions::default()).unwrap();
    let [snapshot, update] = &updates[..] else { panic!("{updates:?}") };
    assert!(snapshot.starts_with("BTCUSDT 0: snapshot 99.1x0.3 | 101"), "{snapshot}");
    assert!(update.starts_with("BTCUSDT 2: update | 101"), "{update}");
    assert!(read_with(&bytes[..bytes.len() / 2], &skipping()).is_err());
    // Levels that are not there are no numbers.
    let schema = "message book { required int64 timestamp; required double \"asks[0].price\"; }";
    let schema = schema.replace("\"asks[0].price\"", "asks[0].price");
    let names = ["asks[0].amount", "bids[0].price", "bids[0].amount"];
    let more: String = names.map(|name| format!("required double {name}; ")).concat();
    let bytes = file(
        &schema.replace('}', &format!("{more}}}")),
        &[
            Column::Numbers(&[us]),
            Column::Floats(&[f64::NAN]),
            Column::Floats(&[f64::NAN]),
            Column::Floats(&[98.5]),
            Column::Floats(&[0.5]),
        ],
    );
    let (updates, _) = read_with(&bytes, &TapeOptions::default()).unwrap();
    assert_eq!(updates, ["- 0: snapshot 98.5x0.5 |"]);
}

#[test]
fn binances_columns_are_read_from_parquet() {
    let schema = "message book { required binary symbol (UTF8); required int64 timestamp; required int64 last_update_id; \
        required binary side (UTF8); required binary update_type (UTF8); required binary price (UTF8); \
        required binary qty (UTF8); required int64 pu; }";
    let rows = |previous: i64| {
        file(
            schema,
            &[
                Column::Texts(&["BTCUSDT"; 2]),
                Column::Numbers(&[MS, MS + 1]),
                Column::Numbers(&[110, 120]),
                Column::Texts(&["b", "a"]),
                Column::Texts(&["snap", "set"]),
                Column::Texts(&["99.10", "101"]),
                Column::Texts(&["5", "4"]),
                Column::Numbers(&[-1, previous]),
            ],
        )
    };
    let (updates, _) = read_with(&rows(110), &TapeOptions::default()).unwrap();
    assert_eq!(updates, ["BTCUSDT 0: snapshot 99.10x5 |", "BTCUSDT 1: update | 101x4"]);
    let said = read_with(&rows(115), &TapeOptions::default()).unwrap_err();
    assert_eq!(said, "`the tape`, line 2: the updates after 110 and up to 115 are missing");
}

/// Time, bids and asks.
type HostRow<'a> = (i64, [&'a [i64]; 2], [&'a [i64]; 2]);

/// A file as the host reads them.
fn hosts(rows: &[HostRow]) -> Vec<u8> {
    let list = |name: &str| {
        format!(
            "optional group {name} (LIST) {{ repeated group list {{ optional fixed_len_byte_array(16) item (DECIMAL(38,18)); }} }} "
        )
    };
    let lists = ["bids_price", "bids_size", "asks_price", "asks_size"].map(list).concat();
    let schema = format!(
        "message book {{ required binary symbol (UTF8); {lists}required int64 timestamp (TIMESTAMP(NANOS,false)); }}"
    );
    let column = |at: usize| -> Vec<&[i64]> {
        rows.iter().map(|(_, bids, asks)| [bids[0], bids[1], asks[0], asks[1]][at]).collect()
    };
    let lists = [0, 1, 2, 3].map(column);
    let times: Vec<_> = rows.iter().map(|(time, ..)| (MS + time) * 1_000_000).collect();
    let [bids, bid_sizes, asks, ask_sizes] = &lists;
    file(
        &schema,
        &[
            Column::Texts(&vec!["BTCUSDT"; rows.len()]),
            Column::Lists(bids),
            Column::Lists(bid_sizes),
            Column::Lists(asks),
            Column::Lists(ask_sizes),
            Column::Numbers(&times),
        ],
    )
}

#[test]
fn the_hosts_order_books_are_snapshots_and_its_depth_is_updates() {
    let dir = fs::scratch_dir().unwrap();
    let write = |folder: &str, bytes: &[u8]| {
        let day = dir.path().join(folder).join("2021-01-08");
        fs::create_dir_all(&day).unwrap();
        fs::write_new(&day.join("part-20210108T000000-0000.parquet"), bytes).unwrap();
    };
    let snapshots =
        hosts(&[(0, [&[99, 98], &[5, 7]], [&[101], &[4]]), (9, [&[90], &[1]], [&[], &[]])]);
    write("order_books", &snapshots);
    write("depth", &hosts(&[(0, [&[99], &[6]], [&[], &[]]), (5, [&[], &[]], [&[101], &[0]])]));
    // The recorder's other files are none of its business.
    write("ticks", b"not read");
    let options = TapeOptions::default();
    assert_eq!(
        shown(dir.path(), &options).unwrap().0,
        [
            "BTCUSDT 0: snapshot 99x5 98x7 | 101x4",
            "BTCUSDT 0: update 99x6 |",
            "BTCUSDT 5: update | 101x0",
            "BTCUSDT 9: snapshot 90x1 |",
        ]
    );
    assert_eq!(shown(&dir.path().join("order_books"), &options).unwrap().0.len(), 2);
    assert_eq!(read_with(&snapshots, &options).unwrap().0.len(), 2);
    // Without a snapshot, updates are of no use, in whichever way they are given.
    for path in ["depth", "depth/2021-01-08/part-20210108T000000-0000.parquet"] {
        let said = shown(&dir.path().join(path), &options).unwrap_err();
        assert!(said.ends_with("line 1: an update before the first snapshot"), "{said}");
    }
    let uneven = hosts(&[(0, [&[99, 98], &[5]], [&[], &[]])]);
    let said = read_with(&uneven, &options).unwrap_err();
    assert_eq!(said, "`the tape`, line 1: the list of prices has 2, that of quantities 1");
}
