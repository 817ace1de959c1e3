//! Order books of all layouts, read from files.

mod parquet_files;
mod refusals;
mod same_in_all;

use std::io::Write as _;

use rust_decimal::Decimal;

use super::*;
use crate::fs;
use crate::simulator::order_book::Levels;

const MS: i64 = 1_610_064_000_278;

fn skipping() -> TapeOptions {
    TapeOptions { skip_bad_rows: true, ..TapeOptions::default() }
}

/// All updates as text, and what was left out; an error with the file's name cut.
fn shown(path: &Path, options: &TapeOptions) -> Result<(Vec<String>, LeftOut), String> {
    let said = |error: Error| error.to_string().replace(&path.display().to_string(), "the tape");
    let mut tape = BookTape::open(path, options).map_err(said)?;
    let updates = tape.by_ref().map(|update| update.map(|update| text(&update)).map_err(said));
    Ok((updates.collect::<Result<_, _>>()?, tape.left_out()))
}

/// `BTCUSDT 278: snapshot 99x5 98x7 | 101x4`, with times since the test's first.
fn text(update: &BookUpdate) -> String {
    let side = |levels: &[(Decimal, Decimal)]| -> String {
        levels.iter().flat_map(|(price, quantity)| [format!(" {price}x{quantity}")]).collect()
    };
    let all = |Levels { bids, asks }: &Levels| format!("{} |{}", side(bids), side(asks));
    let change = match &update.change {
        BookChange::Snapshot(levels) => format!("snapshot{}", all(levels)),
        BookChange::Update(levels) => format!("update{}", all(levels)),
        BookChange::Clear => "clear".into(),
    };
    let symbol = update.symbol.as_deref().unwrap_or("-");
    format!("{symbol} {}: {change}", update.time_ms - MS)
}

fn read_with(bytes: &[u8], options: &TapeOptions) -> Result<(Vec<String>, LeftOut), String> {
    let dir = fs::scratch_dir().unwrap();
    let path = dir.path().join("tape");
    fs::write_new(&path, bytes).unwrap();
    shown(&path, options)
}

fn read(text: &str) -> Result<Vec<String>, String> {
    read_with(text.as_bytes(), &TapeOptions::default()).map(|(updates, _)| updates)
}

const TARDIS: &str = "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n";

/// Rows of `local time, is_snapshot, side, price, amount`, at as many microseconds after the test's first.
fn tardis(rows: &[(i64, i64, bool, &str, &str, &str)]) -> String {
    let rows = rows.iter().map(|(time, local, is_snapshot, side, price, amount)| {
        let (time, local) = (MS * 1_000 + time, MS * 1_000 + local);
        format!("binance-futures,BTCUSDT,{time},{local},{is_snapshot},{side},{price},{amount}\n")
    });
    format!("{TARDIS}{}", rows.collect::<String>())
}

#[test]
fn tardis_rows_of_one_local_timestamp_are_one_message() {
    let text = tardis(&[
        (0, 500, true, "bid", "99", "5"),
        (0, 500, true, "bid", "98.5", "7"),
        (0, 500, true, "ask", "101", "4"),
        (1_900, 2_500, false, "ask", "101", "0"),
        (1_900, 2_500, false, "bid", "99", "6"),
        // Another message at the same time of the exchange.
        (1_900, 2_600, false, "bid", "99", "0"),
    ]);
    assert_eq!(
        read(&text).unwrap(),
        [
            "BTCUSDT 0: snapshot 99x5 98.5x7 | 101x4",
            "BTCUSDT 1: update 99x6 | 101x0",
            "BTCUSDT 1: update 99x0 |",
        ]
    );
}

#[test]
fn tardis_snapshots_may_come_in_parts_and_updates_before_the_first_are_passed_over() {
    let text = tardis(&[
        (0, 0, false, "bid", "90", "1"),
        (1_000, 1_000, true, "bid", "99", "5"),
        // The rest of the snapshot.
        (1_000, 1_100, true, "ask", "101", "4"),
        (2_000, 2_000, false, "bid", "99", "6"),
        // After a connection anew, all is known anew. The exchange's own time goes back a little.
        (1_500, 3_000, true, "bid", "97", "1"),
    ]);
    let (updates, left_out) = read_with(text.as_bytes(), &TapeOptions::default()).unwrap();
    assert_eq!(
        updates,
        [
            "BTCUSDT 1: snapshot 99x5 |",
            "BTCUSDT 1: update | 101x4",
            "BTCUSDT 2: update 99x6 |",
            "BTCUSDT 2: snapshot 97x1 |",
        ]
    );
    assert_eq!(left_out, LeftOut { before_snapshot: 1, ..LeftOut::default() });
}

#[test]
fn tardis_snapshots_of_some_levels_are_one_row_each() {
    let header = "exchange,symbol,timestamp,local_timestamp,asks[0].price,asks[0].amount,bids[0].price,bids[0].amount,\
                  asks[1].price,asks[1].amount,bids[1].price,bids[1].amount";
    let us = MS * 1_000;
    let text = format!(
        "{header}\nbybit,BTCUSDT,{us},{us},101,4,99,5,102,6,98,7\nbybit,BTCUSDT,{us},{us},101,3,99,5,,,98,7\n"
    );
    assert_eq!(
        read(&text).unwrap(),
        ["BTCUSDT 0: snapshot 99x5 98x7 | 101x4 102x6", "BTCUSDT 0: snapshot 99x5 98x7 | 101x3",]
    );
    let said = read(&text.replace("102,6", "102,")).unwrap_err();
    assert_eq!(said, "`the tape`, line 2: column `asks[1].amount` is not a number: ``");
}

const BINANCE: &str =
    "symbol,timestamp,first_update_id,last_update_id,side,update_type,price,qty,pu\n";

/// `time, first, last, side, type, price, quantity, previous`.
type BinanceRow<'a> = (i64, i64, i64, &'a str, &'a str, &'a str, &'a str, &'a str);

fn binance(rows: &[BinanceRow]) -> String {
    let rows = rows.iter().map(|(time, first, last, side, kind, price, qty, previous)| {
        let time = MS + time;
        format!("BTCUSDT,{time},{first},{last},{side},{kind},{price},{qty},{previous}\n")
    });
    rows.collect()
}

#[test]
fn binances_updates_begin_where_its_snapshot_ends() {
    let rows = binance(&[
        (0, 110, 110, "b", "snap", "99", "5", "-1"),
        (0, 110, 110, "a", "snap", "101", "4", "-1"),
        // The snapshot has it.
        (1, 90, 105, "b", "set", "99", "9", "89"),
        // It reaches back before the snapshot.
        (2, 106, 120, "b", "set", "98", "7", "105"),
        (2, 106, 120, "a", "set", "101", "0.000", "105"),
        (3, 121, 130, "b", "delete", "99", "5", "120"),
    ]);
    let expected = [
        "BTCUSDT 0: snapshot 99x5 | 101x4",
        "BTCUSDT 2: update 98x7 | 101x0.000",
        "BTCUSDT 3: update 99x0 |",
    ];
    assert_eq!(read(&format!("{BINANCE}{rows}")).unwrap(), expected);
    // Two files that were put together, the first without a last column.
    let (snapshot, updates) = rows.split_at(rows.find("BTCUSDT,1610064000279").unwrap());
    let snapshot = format!("{BINANCE}{snapshot}").replace(",pu\n", "\n").replace(",-1\n", "\n");
    assert_eq!(read(&format!("{snapshot}{BINANCE}{updates}")).unwrap(), expected);
    // Older files have no header, a column more, and no number of the message before.
    let old: String = rows
        .lines()
        .map(|row| {
            let mut fields: Vec<_> = row.split(',').collect();
            fields.insert(2, "77");
            fields[..9].join(",") + "\n"
        })
        .collect();
    assert_eq!(read(&old).unwrap(), expected);
}

#[test]
fn bybits_lines_are_read_at_the_time_of_the_matching_engine() {
    let line = |kind: &str, ts: i64, cts: &str, levels: &str, u: i64| {
        let (topic, ts) = ("orderbook.500.BTCUSDT", MS + ts);
        format!(
            "{{\"topic\":\"{topic}\",\"type\":\"{kind}\",\"ts\":{ts},\"data\":{{\"s\":\"BTCUSDT\",{levels},\"u\":{u},\"seq\":9}}{cts}}}\n"
        )
    };
    let text = [
        line(
            "snapshot",
            3,
            &format!(",\"cts\":{}", MS + 1),
            r#""b":[["99.5","5"],["98","7"]],"a":[["101","4"]]"#,
            18,
        ),
        line("delta", 5, "", r#""b":[],"a":[["101","0"],["102","1"]]"#, 19),
        line("delta", 9, &format!(",\"cts\":{}", MS + 8), r#""b":[["99.5","6"]]"#, 20),
        // The service was started again.
        line("snapshot", 11, "", r#""b":[["90","1"]],"a":[]"#, 1),
        line("delta", 12, "", r#""b":[["91","1"]],"a":[]"#, 2),
    ];
    assert_eq!(
        read(&text.concat()).unwrap(),
        [
            "BTCUSDT 1: snapshot 99.5x5 98x7 | 101x4",
            "BTCUSDT 5: update | 101x0 102x1",
            "BTCUSDT 8: update 99.5x6 |",
            "BTCUSDT 11: snapshot 90x1 |",
            "BTCUSDT 12: update 91x1 |",
        ]
    );
}

#[test]
fn okx_lines_are_read_as_files_and_as_streams_have_them() {
    let text = format!(
        r#"{{"instId":"BTC-USDT","action":"snapshot","ts":"{MS}","asks":[["101","4","12"]],"bids":[["99","5","3"]]}}
{{"instId":"BTC-USDT","action":"update","ts":"{}","asks":[["101","0","0"]],"bids":[]}}
"#,
        MS + 10
    );
    let expected = ["BTC-USDT 0: snapshot 99x5 | 101x4", "BTC-USDT 10: update | 101x0"];
    assert_eq!(read(&text).unwrap(), expected);
    let line = |action: &str, ts: i64, levels: &str, ids: [i64; 2]| {
        let (ts, [id, previous]) = (MS + ts, ids);
        format!(
            "{{\"arg\":{{\"channel\":\"books\",\"instId\":\"BTC-USDT\"}},\"action\":\"{action}\",\"data\":[{{{levels},\"ts\":\"{ts}\",\
             \"checksum\":-5,\"seqId\":{id},\"prevSeqId\":{previous}}}]}}\n"
        )
    };
    let text = [
        line(
            "snapshot",
            0,
            r#""asks":[["101","4","0","12"]],"bids":[["99","5","0","3"]]"#,
            [7, -1],
        ),
        line("update", 10, r#""asks":[["101","0","0","0"]],"bids":[]"#, [12, 7]),
        // Nothing has changed for a minute, and then the exchange counts anew.
        line("update", 60_010, r#""asks":[],"bids":[]"#, [12, 12]),
        line("update", 60_020, r#""asks":[],"bids":[["98","1","0","1"]]"#, [3, 12]),
        line("update", 60_030, r#""asks":[],"bids":[["98","2","0","1"]]"#, [5, 3]),
    ];
    assert_eq!(
        read(&text.concat()).unwrap(),
        [
            expected[0],
            expected[1],
            "BTC-USDT 60010: update |",
            "BTC-USDT 60020: update 98x1 |",
            "BTC-USDT 60030: update 98x2 |",
        ]
    );
}

#[test]
fn symbols_have_order_books_of_their_own() {
    let rows = tardis(&[
        (0, 0, true, "bid", "99", "5"),
        (1_000, 1_000, true, "bid", "20", "1"),
        (2_000, 2_000, false, "bid", "99", "6"),
        (2_000, 2_000, false, "bid", "20", "2"),
    ]);
    let rows = rows.lines().map(|row| {
        let of_eth = row.contains(",20,");
        (if of_eth { row.replace("BTCUSDT", "ETHUSDT") } else { row.to_owned() }) + "\n"
    });
    assert_eq!(
        read(&rows.collect::<String>()).unwrap(),
        [
            "BTCUSDT 0: snapshot 99x5 |",
            "ETHUSDT 1: snapshot 20x1 |",
            "BTCUSDT 2: update 99x6 |",
            "ETHUSDT 2: update 20x2 |",
        ]
    );
}

#[test]
fn what_is_packed_is_unpacked() {
    let text = tardis(&[(0, 0, true, "bid", "99", "5")]);
    let expected = ["BTCUSDT 0: snapshot 99x5 |"];
    let options = TapeOptions::default();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("2024-12-01_XRPUSDT.csv", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(text.as_bytes()).unwrap();
    let zip = zip.finish().unwrap().into_inner();
    for packed in [gzip.finish().unwrap(), zstd, zip] {
        assert_eq!(read_with(&packed, &options).unwrap().0, expected);
    }
}

#[test]
fn a_folder_is_one_tape() {
    let dir = fs::scratch_dir().unwrap();
    let write = |name: &str, text: &str| fs::write_new(&dir.path().join(name), text.as_bytes());
    // Two days of Tardis's. Each begins with a snapshot.
    let day = |time: i64, price: &str| {
        tardis(&[(time, time, true, "bid", price, "5"), (time, time, false, "bid", price, "6")])
    };
    write("binance_incremental_book_L2_2020-09-02.csv", &day(9_000, "98")).unwrap();
    write("binance_incremental_book_L2_2020-09-01.csv", &day(0, "99")).unwrap();
    write(".DS_Store", "x").unwrap();
    let options = TapeOptions::default();
    let expected = [
        "BTCUSDT 0: snapshot 99x5 |",
        "BTCUSDT 0: update 99x6 |",
        "BTCUSDT 9: snapshot 98x5 |",
        "BTCUSDT 9: update 98x6 |",
    ];
    assert_eq!(shown(dir.path(), &options).unwrap().0, expected);
    // Binance's snapshots and updates are files of their own.
    let dir = fs::scratch_dir().unwrap();
    let write = |name: &str, rows: &[_]| {
        let path = dir.path().join(format!("BTCUSDT_T_DEPTH_2022-11-01_{name}.csv"));
        fs::write_new(&path, format!("{BINANCE}{}", binance(rows)).as_bytes()).unwrap();
    };
    write(
        "depth_snap",
        &[
            (0, 110, 110, "b", "snap", "99", "5", "-1"),
            (50, 200, 200, "b", "snap", "97", "1", "-1"),
        ],
    );
    write(
        "depth_update",
        &[
            (0, 90, 111, "b", "set", "99", "6", "89"),
            (10, 112, 120, "b", "set", "98", "7", "111"),
            (60, 201, 201, "b", "set", "97", "2", "200"),
        ],
    );
    let expected = [
        "BTCUSDT 0: snapshot 99x5 |",
        "BTCUSDT 0: update 99x6 |",
        "BTCUSDT 10: update 98x7 |",
        "BTCUSDT 50: snapshot 97x1 |",
        "BTCUSDT 60: update 97x2 |",
    ];
    assert_eq!(shown(dir.path(), &options).unwrap().0, expected);
}
