//! Tapes of all formats, read from files.

mod layouts;
mod packed;
mod parquet_types;
mod times;

use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

use std::io::Write as _;
use std::sync::Arc;

use ::parquet::basic::Compression;
use ::parquet::data_type::{ByteArrayType, DoubleType, Int64Type};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;

use super::*;
use crate::{digest, fs};

fn read_with(bytes: &[u8], options: &TapeOptions) -> Result<(Vec<Event>, u64), String> {
    let dir = fs::scratch_dir().unwrap();
    let path = dir.path().join("tape");
    fs::write_new(&path, bytes).unwrap();
    let said = |error: Error| error.to_string().replace(&path.display().to_string(), "the tape");
    let mut tape = Tape::open(&path, options).map_err(said)?;
    let events = tape.by_ref().collect::<Result<_, _>>().map_err(said)?;
    Ok((events, tape.skipped()))
}

fn read(bytes: &[u8]) -> Result<Vec<Event>, String> {
    read_with(bytes, &TapeOptions::default()).map(|(events, _)| events)
}

fn trade(time_ms: i64) -> Trade {
    Trade {
        symbol: None,
        price: Decimal::new(3_943_248, 2),
        quantity: Decimal::new(263, 6),
        time_ms,
        side: PluginSide::Sell,
    }
}

const MS: i64 = 1_610_064_000_278;

#[test]
fn columns_are_found_by_the_names_that_exchanges_use() {
    for header in [
        "time,is_buyer_maker,price,qty",
        "Timestamp,Buyer Maker,Last Price,Size",
        "ts,m,p,q",
        "transact_time,taker_side_sell,px,sz",
    ] {
        let text = format!("{header}\n{MS},true,39432.48,0.000263\n");
        assert_eq!(read(text.as_bytes()).unwrap(), [Event::Trade(trade(MS))], "{header}");
    }
    let names = "price=close,quantity=vol,time=when".parse().unwrap();
    let own = TapeOptions { names, ..TapeOptions::default() };
    let text = format!("when,vol,close,side,symbol\n{MS},0.000263,39432.48,sell,ETH\n");
    let expected = Trade { symbol: Some("ETH".into()), ..trade(MS) };
    assert_eq!(read_with(text.as_bytes(), &own).unwrap().0, [Event::Trade(expected)]);
    assert!("price".parse::<Names>().is_err());
    assert!("cost=x".parse::<Names>().unwrap_err().contains("there are `price`"));
}

#[test]
fn binances_files_are_read_without_a_header_and_in_any_unit_of_time() {
    for (time, expected) in [(MS, MS), (MS * 1_000, MS), (MS * 1_000_000, MS), (278, 278)] {
        let row = format!("1,39432.48,0.000263,10.37,{time},True,True\n");
        assert_eq!(read(row.as_bytes()).unwrap(), [Event::Trade(trade(expected))], "{time}");
    }
}

#[test]
fn what_is_packed_is_unpacked() {
    let text = format!("price,qty,time,is_buyer_maker\n39432.48,0.000263,{MS},true\n");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    assert_eq!(read(&gzip).unwrap(), [Event::Trade(trade(MS))]);
    let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
    assert_eq!(read(&zstd).unwrap(), [Event::Trade(trade(MS))]);
    // A file that was cut is an error, and no bad row to pass over.
    let cut = &gzip[..gzip.len() - 9];
    let options = TapeOptions { skip_bad_rows: true, ..TapeOptions::default() };
    assert!(read_with(cut, &options).is_err());
}

fn parquet_of_one_trade() -> Vec<u8> {
    let schema = "message ticks { required binary price (UTF8); required double size; \
            required binary side (UTF8); required int64 timestamp (TIMESTAMP(MICROS,true)); }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut index = 0;
    while let Some(mut column) = group.next_column().unwrap() {
        match index {
            0 => column.typed::<ByteArrayType>().write_batch(&["39432.48".into()], None, None),
            1 => column.typed::<DoubleType>().write_batch(&[0.000_263], None, None),
            2 => column.typed::<ByteArrayType>().write_batch(&["Sell".into()], None, None),
            _ => column.typed::<Int64Type>().write_batch(&[MS * 1_000], None, None),
        }
        .unwrap();
        column.close().unwrap();
        index += 1;
    }
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn parquet_of_texts_floats_and_timestamps_is_read() {
    let bytes = parquet_of_one_trade();
    assert_eq!(read(&bytes).unwrap(), [Event::Trade(trade(MS))]);
    assert!(read(&bytes[..bytes.len() / 2]).is_err());
}

#[test]
fn a_script_is_events_call_by_call() {
    let script = br#"{"tick": {"price": "39432.48", "size": "0.000263", "side": "sell", "timestamp_ms": 278}}

"timer"
{"fill": {"order": 1, "price": "1.5", "quantity": 2}}
"restart"
"#;
    let fill = ScriptedFill {
        order: super::super::exchange::OrderRef::Number(1),
        price: Decimal::new(15, 1),
        quantity: Decimal::TWO,
        fee: None,
        fee_asset: None,
        time_ms: 0,
    };
    assert_eq!(
        read(script).unwrap(),
        [
            Event::Tick(trade(278)),
            Event::Timer,
            Event::Fill(Box::new(fill)),
            Event::Restart { lists_orders: true }
        ]
    );
    let error = read(b"\"timer\"\n{\"fil\": {}}\n").unwrap_err();
    assert!(error.starts_with("`the tape`, line 2: unknown variant `fil`"), "{error}");
}

#[test]
fn a_bad_row_is_named_or_left_out_and_counted() {
    let text = b"price,qty,time,is_buyer_maker\n1,1,1,true\n1,none,1,true\n1,0,1,true\n1,1,2\n1,1,3,false\n";
    let error = read(text).unwrap_err();
    assert_eq!(error, "`the tape`, line 3: column `qty` is not a number: `none`");
    let options = TapeOptions { skip_bad_rows: true, ..TapeOptions::default() };
    let (events, skipped) = read_with(text, &options).unwrap();
    assert_eq!((events.len(), skipped), (2, 3));
    let error = read(b"price,qty,time,is_buyer_maker\n1,1,1,maybe\n").unwrap_err();
    assert!(error.contains("column `is_buyer_maker` is not `true` or `false`"), "{error}");
}

#[test]
fn times_that_cannot_be_are_refused() {
    let tape = |times: [&str; 2]| {
        let rows: String = times.map(|time| format!("1,1,{time},true\n")).concat();
        read(format!("price,qty,time,is_buyer_maker\n{rows}").as_bytes())
    };
    assert!(tape(["5000", "5000"]).is_ok());
    assert!(tape(["5000", "4000"]).is_ok());
    assert!(tape(["5000", "3999"]).unwrap_err().contains("goes back by 1.001 s"));
    let other = tape(["5000", "1610064000278"]).unwrap_err();
    assert!(
        other.ends_with("line 3: the time `1610064000278` is not in ms, unlike the first one"),
        "{other}"
    );
}

#[test]
fn a_missing_column_is_named_beside_those_that_are_there() {
    let said = read(b"price,quantity,side\n").unwrap_err();
    let expected = "has no column `time`; it has `price`, `quantity`, `side`";
    assert!(said.ends_with(expected), "{said}");
}

#[test]
fn a_name_that_was_given_must_be_there_and_comes_before_usual_ones() {
    let with = |names: &str, header: &str| {
        let options = TapeOptions { names: names.parse().unwrap(), ..TapeOptions::default() };
        let text = format!("{header}\n1,1,{MS},true,sell\n");
        read_with(text.as_bytes(), &options).map(|(events, _)| match &events[0] {
            Event::Trade(trade) => (trade.side, trade.symbol.clone()),
            event => panic!("{event:?}"),
        })
    };
    let header = "price,qty,time,is_buyer_maker,taker";
    assert_eq!(with("side=taker", header), Ok((PluginSide::Sell, None)));
    let said = with("symbol=pair", header).unwrap_err();
    assert!(said.contains("has no column `pair`"), "{said}");
    // A header of pandas has an empty name.
    assert_eq!(with("symbol=", "price,qty,time,m,"), Ok((PluginSide::Sell, None)));
    assert_eq!(with("symbol=", "price,qty,time,m,symbol"), Ok((PluginSide::Sell, None)));
    assert!("price=".parse::<Names>().is_err());
}

#[test]
fn fields_stand_between_commas_semicolons_tabs_or_bars() {
    let text = format!("price,qty,time,is_buyer_maker\r\n\"39432.48\", 0.000263 ,{MS},true\r\n");
    for delimiter in [",", ";", "\t", "|"] {
        let text = text.replace(',', delimiter);
        assert_eq!(read(text.as_bytes()).unwrap(), [Event::Trade(trade(MS))], "{delimiter}");
        // Without a header, and with the ends of lines of old Excel files.
        let row = format!("1,39432.48,0.000263,10.37,{MS},True\r").replace(',', delimiter);
        let rows = row.repeat(2);
        assert_eq!(read(rows.as_bytes()).unwrap(), [trade(MS), trade(MS)].map(Event::Trade));
    }
}

#[test]
fn zeros_after_gzip_and_skippable_frames_of_zstd_are_passed_over() {
    let text = format!("price,qty,time,is_buyer_maker\n39432.48,0.000263,{MS},true\n");
    let gzip = |text: &[u8]| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text).unwrap();
        gzip.finish().unwrap()
    };
    let (first, second) = text.as_bytes().split_at(20);
    let members = [&gzip(first)[..], &[0; 3], &gzip(second), &[0; 512]].concat();
    assert_eq!(read(&members).unwrap(), [Event::Trade(trade(MS))]);
    let said = read(&[&gzip(text.as_bytes())[..], b"junk"].concat()).unwrap_err();
    assert!(said.ends_with("something else follows its end"), "{said}");
    let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
    let skippable = b"\x5E\x2A\x4D\x18\x04\0\0\0abcd";
    let frames = [&skippable[..], &zstd, skippable].concat();
    assert_eq!(read(&frames).unwrap(), [Event::Trade(trade(MS))]);
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let mark = "\u{feff}";
    let table = format!("{mark}price,qty,time,is_buyer_maker\n39432.48,0.000263,{MS},true\n");
    assert_eq!(read(table.as_bytes()).unwrap(), [Event::Trade(trade(MS))]);
    assert_eq!(read(format!("{mark}\"timer\"\n").as_bytes()).unwrap(), [Event::Timer]);
    assert_eq!(read(format!("{mark}{{\"advance_ms\": 5}}\n").as_bytes()).unwrap().len(), 1);
}

#[test]
fn what_is_no_text_or_has_no_lines_is_no_tape() {
    let said = read(b"\xD0\xCF\x11\xE0 some old office file\n").unwrap_err();
    assert_eq!(said, "`the tape` is neither CSV, Parquet nor JSON lines");
    let said = read(&vec![b'7'; 3 << 20]).unwrap_err();
    assert_eq!(said, "cannot read `the tape`: line 1 has more than 1 MiB");
}

fn skipping(rows: &str) -> Result<(usize, u64), String> {
    let text = format!("price,qty,time,is_buyer_maker\n{rows}");
    let options = TapeOptions { skip_bad_rows: true, ..TapeOptions::default() };
    read_with(text.as_bytes(), &options).map(|(events, skipped)| (events.len(), skipped))
}

#[test]
fn good_rows_after_a_bad_one_are_never_left_out() {
    // A quote without an end.
    assert_eq!(skipping("1,1,1,true\n1,\"1,1,true\n1,1,2,true\n1,1,3,true\n"), Ok((3, 1)));
    // Bytes that are no text.
    let mut text = b"price,qty,time,side\n1,1,1,buy\n1,1,\xFF,buy\n1,1,2,buy\n".to_vec();
    let options = TapeOptions { skip_bad_rows: true, ..TapeOptions::default() };
    assert_eq!(
        read_with(&text, &options).map(|(events, skipped)| (events.len(), skipped)),
        Ok((2, 1))
    );
    // The first row of a file without a header.
    text =
        format!("1,none,1,1,{MS},true,true\n{}", format!("2,1,1,1,{MS},true\n").repeat(2)).into();
    assert_eq!(
        read_with(&text, &options).map(|(events, skipped)| (events.len(), skipped)),
        Ok((2, 1))
    );
    // A time that is too late makes the times after it go back: nobody knows which of the rows are good, so none is left out.
    let late = skipping("1,1,1000,true\n1,1,9000,true\n1,1,2000,true\n1,1,3000,true\n");
    assert!(late.unwrap_err().contains("line 4: the time goes back by 7 s"));
    // After a gap all is good.
    assert_eq!(
        skipping("1,1,1000,true\n1,1,90000000,true\n1,x,1,true\n1,1,90000001,true\n"),
        Ok((3, 1))
    );
    let unit = skipping(&format!("1,1,5,true\n1,1,{MS}000,true\n"));
    assert!(unit.unwrap_err().contains("is not in ms"));
}

#[test]
fn rows_may_end_with_a_delimiter() {
    assert_eq!(skipping("1,1,1,true,\n1,1,2,true\n1,1,3,true,,\n1,1,4,true,x\n"), Ok((3, 1)));
    let said = read(b"price;qty;time;side\n1,5;1;1;buy\n").unwrap_err();
    assert!(said.ends_with("column `price` is not a number: `1,5`"), "{said}");
}

#[test]
fn the_hint_at_skipping_rows_is_given_only_where_it_helps() {
    let way_out = |text: &[u8]| {
        let dir = fs::scratch_dir().unwrap();
        let path = dir.path().join("tape");
        fs::write_new(&path, text).unwrap();
        let mut tape = Tape::open(&path, &TapeOptions::default()).unwrap();
        let error = tape.find_map(Result::err);
        match error.expect("a row is bad") {
            Error::Row { way_out, .. } => way_out,
            error => panic!("{error}"),
        }
    };
    let table = |rows: &str| way_out(format!("price,qty,time,side\n{rows}").as_bytes());
    assert_eq!(table("x,1,1,buy\n1,1,1,buy\n"), WayOut::SkipBadRows);
    assert_eq!(table("1,1,1,buy\nx,1,1,buy\n"), WayOut::SkipBadRows);
    assert_eq!(table("1,1,2021-01-08,buy\n1,1,2021-01-08,buy\n"), WayOut::OtherColumns);
    assert!(matches!(table("1,1,9000,buy\n1,1,800,buy\n"), WayOut::Sort(Some(_))));
    assert_eq!(way_out(b"{\"tik\": 1}\n{\"tok\": 1}\n"), WayOut::OtherEvents);
    assert_eq!(way_out(b"{\"tik\": 1}\n\"timer\"\n"), WayOut::SkipBadRows);
}

#[test]
fn the_hash_is_that_of_the_whole_file_however_much_of_it_was_read() {
    let row = "1,2,3,4,1700000000000,true\n";
    let text = format!("{HEADER}\n{}", row.repeat(5_000));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
    let files = [text.into_bytes(), gzip.finish().unwrap(), zstd, parquet_of_one_trade()];
    let dir = fs::scratch_dir().unwrap();
    for (index, bytes) in files.iter().enumerate() {
        let path = dir.path().join(format!("{index}"));
        fs::write_new(&path, bytes).unwrap();
        for rows in [0, 1, usize::MAX] {
            let mut tape = Tape::open_hashed(&path, &TapeOptions::default()).unwrap();
            assert!(tape.by_ref().take(rows).all(|row| row.is_ok()));
            assert_eq!(
                tape.sha256().unwrap(),
                digest::sha256(bytes),
                "{rows} rows of file {index}"
            );
        }
    }
}

#[test]
fn a_file_of_a_folder_that_is_no_tape_is_named_with_its_own_way_out() {
    let dir = fs::scratch_dir().unwrap();
    let day = dir.path().join("ticks").join("2021-01-08");
    fs::create_dir_all(&day).unwrap();
    let schema = Arc::new(parse_message_type("message ticks { required double size; }").unwrap());
    let mut bytes = Vec::new();
    let writer = SerializedFileWriter::new(&mut bytes, schema, Arc::default()).unwrap();
    writer.close().unwrap();
    fs::write_new(&day.join("ticks-20210108T000000-0000.parquet"), &bytes).unwrap();
    let mut tape = Tape::open(dir.path(), &TapeOptions::default()).unwrap();
    let error = tape.find_map(Result::err).unwrap();
    assert!(matches!(error, Error::Column { .. }), "{error}");
}
