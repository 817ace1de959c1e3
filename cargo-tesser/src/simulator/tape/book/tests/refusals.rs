//! What is refused, in which words, and what to do about it.

use super::*;

/// The error and its hint, of reading all of a file.
fn refused(bytes: &[u8]) -> (String, String) {
    let dir = fs::scratch_dir().unwrap();
    let path = dir.path().join("tape");
    fs::write_new(&path, bytes).unwrap();
    let error = match BookTape::open(&path, &TapeOptions::default()) {
        Ok(mut tape) => tape.find_map(Result::err).expect("it is refused"),
        Err(error) => error,
    };
    let cut = |text: String| text.replace(&path.display().to_string(), "the tape");
    (cut(error.to_string()), cut(error.hint().expect("there is a way out")))
}

const SNAPSHOT: BinanceRow = (0, 110, 110, "b", "snap", "99", "5", "");

#[test]
fn an_update_before_any_snapshot_is_refused_or_left_out() {
    let early = (0, 90, 100, "b", "set", "99", "9", "89");
    let text = format!("{BINANCE}{}", binance(&[early, SNAPSHOT]));
    let (said, hint) = refused(text.as_bytes());
    assert_eq!(said, "`the tape`, line 2: an update before the first snapshot");
    assert!(
        hint.contains("`cat snapshot.csv updates.csv | cargo tesser replay .. --book -`"),
        "{hint}"
    );
    let (updates, left_out) = read_with(text.as_bytes(), &skipping()).unwrap();
    assert_eq!(updates, ["BTCUSDT 0: snapshot 99x5 |"]);
    assert_eq!(left_out.before_snapshot, 1);
    let (said, hint) = refused(tardis(&[(0, 0, false, "bid", "99", "9")]).as_bytes());
    assert_eq!(said, "`the tape` has no snapshot of an order book; 1 update or row was left out");
    assert!(hint.starts_with("updates need a snapshot"), "{hint}");
    assert_eq!(refused(TARDIS.as_bytes()).0, "`the tape` has no snapshot of an order book");
    assert_eq!(refused(b"").0, "`the tape` has no snapshot of an order book");
}

#[test]
fn a_gap_is_named_or_makes_the_order_book_unknown_until_the_next_snapshot() {
    let rows = [
        SNAPSHOT,
        (1, 111, 120, "b", "set", "98", "1", "110"),
        (2, 126, 130, "b", "set", "97", "1", "125"),
        (3, 131, 140, "b", "set", "96", "1", "130"),
        (4, 150, 150, "b", "snap", "95", "1", ""),
        (5, 151, 160, "b", "set", "94", "1", "150"),
    ];
    let text = format!("{BINANCE}{}", binance(&rows));
    let (said, hint) = refused(text.as_bytes());
    assert_eq!(said, "`the tape`, line 4: the updates after 120 and up to 125 are missing");
    assert!(hint.starts_with("`--skip-bad-rows` goes on at the next snapshot"), "{hint}");
    let (updates, left_out) = read_with(text.as_bytes(), &skipping()).unwrap();
    assert_eq!(
        updates[1..],
        [
            "BTCUSDT 1: update 98x1 |",
            "BTCUSDT 2: clear",
            "BTCUSDT 4: snapshot 95x1 |",
            "BTCUSDT 5: update 94x1 |",
        ]
    );
    assert_eq!(left_out, LeftOut { gaps: 1, after_gap: 2, ..LeftOut::default() });
    // A snapshot that is too old.
    let text =
        format!("{BINANCE}{}", binance(&[SNAPSHOT, (1, 115, 120, "b", "set", "98", "1", "114")]));
    assert!(
        refused(text.as_bytes()).0.ends_with("the updates after 110 and up to 114 are missing")
    );
    let line = |kind: &str, u: i64| {
        format!(
            "{{\"type\":\"{kind}\",\"ts\":{MS},\"data\":{{\"s\":\"BTCUSDT\",\"b\":[],\"a\":[],\"u\":{u}}}}}\n"
        )
    };
    let (said, _) = refused([line("snapshot", 5), line("delta", 7)].concat().as_bytes());
    assert_eq!(said, "`the tape`, line 2: the updates after 5 and up to 6 are missing");
}

#[test]
fn rows_out_of_order_are_refused_even_where_bad_rows_are_left_out() {
    let back = |rows: &[_]| {
        let text = format!("{BINANCE}{}", binance(rows));
        let (said, hint) = refused(text.as_bytes());
        assert!(hint.starts_with("sort the rows by time"), "{hint}");
        assert_eq!(read_with(text.as_bytes(), &skipping()).unwrap_err(), said);
        said
    };
    let next = (5, 111, 120, "b", "set", "98", "1", "110");
    let said = back(&[SNAPSHOT, next, (-996, 121, 130, "b", "set", "97", "1", "120")]);
    assert!(
        said.starts_with("`the tape`, line 4: the time goes back by 1.001 s, from 20"),
        "{said}"
    );
    let said = back(&[SNAPSHOT, next, (6, 101, 105, "b", "set", "97", "1", "100")]);
    assert_eq!(said, "`the tape`, line 4: the update numbers go back from 120 to 105");
    // Tardis's files are in the order in which messages were received.
    let text = tardis(&[(0, 9, true, "bid", "99", "5"), (10, 8, false, "bid", "99", "6")]);
    let us = MS * 1_000;
    let expected = format!("the time goes back from {} to {}", us + 9, us + 8);
    assert!(refused(text.as_bytes()).0.ends_with(&expected));
    let late = TARDIS.to_owned()
        + "x,BTCUSDT,1,1,true,bid,1,1\nx,BTCUSDT,1610064000278000,2,false,bid,1,1\n";
    let (said, hint) = refused(late.as_bytes());
    assert!(
        said.ends_with("line 3: the time `1610064000278000` is not in ms, unlike the first one"),
        "{said}"
    );
    assert!(hint.starts_with("the first time of a file sets its unit"), "{hint}");
}

#[test]
fn a_bad_row_is_named_or_left_out_and_counted() {
    let good = tardis(&[(0, 0, true, "bid", "99", "5")]);
    for (row, reason) in [
        ("1,1,true,middle,99,5", "column `side` is not one of bid, ask, buy, sell, b, a: `middle`"),
        ("1,1,maybe,bid,99,5", "column `is_snapshot` is not true or false: `maybe`"),
        ("x,1,true,bid,99,5", "column `timestamp` is not a time: `x`"),
        ("1,1,true,bid,none,5", "column `price` is not a number: `none`"),
        ("1,1,true,bid,99,\u{1b}[2J", "column `quantity` is not a number: `\\u{1b}[2J`"),
        ("1,1,true,bid,0,5", "the price is not positive: `0`"),
        ("1,1,true,bid,99,-5", "the quantity is negative: `-5`"),
        ("1,1,true,bid,99", "the row has 7 fields, and needs 8"),
        ("1,1,true,bid,99,5,6", "the row has 9 fields, and needs 8"),
    ] {
        let text = format!("{good}deribit,BTCUSDT,{row}\n");
        let (said, hint) = refused(text.as_bytes());
        assert_eq!(said, format!("`the tape`, line 3: {reason}"));
        assert_eq!(hint, "`--skip-bad-rows` leaves such rows out, and counts them");
        let (updates, left_out) = read_with(text.as_bytes(), &skipping()).unwrap();
        assert_eq!((updates.len(), left_out.bad_rows), (1, 1), "{row}");
    }
    let text = format!("{BINANCE}{}", binance(&[SNAPSHOT, (0, 1, 1, "b", "put", "1", "1", "")]));
    assert!(
        refused(text.as_bytes())
            .0
            .ends_with("`update_type` is not one of snap, set, delete: `put`")
    );
    let (_, hint) = refused(format!("{TARDIS}x,x,x,x,x,x,x,x\n").as_bytes());
    assert!(hint.starts_with("no other row can be read either: docs/order-book.md"), "{hint}");
    let okx = format!(
        "{{\"instId\":\"A\",\"action\":\"snapshot\",\"ts\":\"{MS}\",\"asks\":[],\"bids\":[]}}\n"
    );
    let (said, _) = refused(format!("{okx}{}", okx.replace("[]", "[[\"1\"]]")).as_bytes());
    assert!(
        said.starts_with("`the tape`, line 2: invalid length 1, expected a price and a quantity"),
        "{said}"
    );
    let (said, _) = refused(format!("{okx}{}", okx.replace("snapshot", "refresh")).as_bytes());
    assert!(said.contains("line 2: unknown variant `refresh`"), "{said}");
}

#[test]
fn what_is_no_order_book_is_named() {
    let (said, hint) = refused(b"price,qty,time,is_buyer_maker\n1,1,1,true\n");
    assert_eq!(
        said,
        "`the tape` is not an order book: it has the columns `price`, `qty`, `time`, `is_buyer_maker`"
    );
    assert_eq!(
        hint,
        "docs/order-book.md of cargo-tesser has the layouts that are read; trades are a `--tape`"
    );
    let (said, _) = refused(b"{\"tick\": {\"price\": \"1\"}}\n");
    assert_eq!(
        said,
        "`the tape` is not an order book: its first line is a message neither of Bybit nor of OKX"
    );
    let (said, hint) = refused(b"\xD0\xCF\x11\xE0 some old office file\n");
    assert_eq!(said, "`the tape` is neither CSV, Parquet nor JSON lines");
    assert_eq!(hint, "docs/order-book.md of cargo-tesser has the layouts that are read");
    // As Binance and OKX publish them.
    let mut tar = vec![0; 512];
    tar[257..262].copy_from_slice(b"ustar");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&tar).unwrap();
    let (said, hint) = refused(&gzip.finish().unwrap());
    assert_eq!(said, "`the tape` is an archive of tar, which is not read");
    assert_eq!(
        hint,
        "hand it over unpacked: `tar -xOf the tape | cargo tesser replay .. --book -`"
    );
}

#[test]
fn a_file_that_was_cut_is_damaged() {
    let text = tardis(&[(0, 0, true, "bid", "99", "5")]).repeat(100);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let said = read_with(&gzip[..gzip.len() - 9], &skipping()).unwrap_err();
    assert!(said.starts_with("cannot read `the tape`: "), "{said}");
}

#[test]
fn a_folder_without_order_books_and_a_bad_file_in_one_are_named() {
    let dir = fs::scratch_dir().unwrap();
    let said = shown(dir.path(), &TapeOptions::default()).unwrap_err();
    assert_eq!(said, "`the tape` has no snapshot of an order book");
    fs::write_new(&dir.path().join("a.csv"), tardis(&[(0, 0, true, "bid", "99", "5")]).as_bytes())
        .unwrap();
    fs::write_new(&dir.path().join("b.csv"), tardis(&[(0, 0, true, "bid", "x", "5")]).as_bytes())
        .unwrap();
    let said = shown(dir.path(), &TapeOptions::default()).unwrap_err();
    let there = Path::new("the tape").join("b.csv");
    assert_eq!(said, format!("`{}`, line 2: column `price` is not a number: `x`", there.display()));
    fs::write_new(&dir.path().join("a2.csv"), b"price,qty,time,is_buyer_maker\n").unwrap();
    let mut tape = BookTape::open(dir.path(), &TapeOptions::default()).unwrap();
    let error = tape.find_map(Result::err).unwrap();
    let (said, hint) = (error.to_string(), error.hint().unwrap());
    assert!(said.contains("a2.csv` is not an order book: it has the columns `price`"), "{said}");
    assert!(hint.ends_with("trades are a `--tape`"), "{hint}");
}

#[test]
fn a_message_that_is_a_little_late_gets_the_time_of_the_one_before_it_and_is_counted() {
    let next = (5, 111, 120, "b", "set", "98", "1", "110");
    let late = (-995, 121, 130, "b", "set", "97", "1", "120");
    let text = format!("{BINANCE}{}", binance(&[SNAPSHOT, next, late]));
    let (updates, left_out) = read_with(text.as_bytes(), &TapeOptions::default()).unwrap();
    assert_eq!((&*updates[2], left_out.late), ("BTCUSDT 5: update 97x1 |", 1));
}

#[test]
fn times_of_messages_have_one_format_and_seconds_are_seconds() {
    let header = "timestamp,is_snapshot,side,price,amount\n";
    let times = |first: &str, second: &str| {
        let rows = format!("{first},true,bid,99,5\n{second},false,bid,98,1\n");
        read(&format!("{header}{rows}"))
    };
    for (first, second) in [
        ("1610064000", "1610064001"),
        ("1610064000.5", "1610064001.5"),
        ("2021-01-08T00:00:00Z", "2021-01-08T00:00:01Z"),
    ] {
        assert_eq!(times(first, second).unwrap().len(), 2, "{first}");
    }
    let said = times("1610064000", "1610064001000").unwrap_err();
    assert!(
        said.ends_with("line 3: the time `1610064001000` is not in s, unlike the first one"),
        "{said}"
    );
    // Bybit's and OKX's are milliseconds.
    let message = |ts: &str| {
        let text = format!(
            "{{\"instId\": \"A\", \"action\": \"snapshot\", \"ts\": \"{ts}\", \"asks\": [], \"bids\": [[\"99\", \"5\"]]}}\n"
        );
        read(&text)
    };
    assert_eq!(message("1610064000278").unwrap().len(), 1);
    assert!(message("1610064000").is_err());
}
