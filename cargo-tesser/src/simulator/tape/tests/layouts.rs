//! The layouts in which exchanges publish their trades, and tables that are not of trades.

use super::*;

/// Reads the trades of a text, with names of columns.
fn trades(text: &str, names: &str) -> Result<Vec<Trade>, (String, String)> {
    let names = if names.is_empty() { Names::default() } else { names.parse().unwrap() };
    let dir = fs::scratch_dir().unwrap();
    let path = dir.path().join("tape");
    fs::write_new(&path, text.as_bytes()).unwrap();
    let said = |error: Error| {
        let words = error.to_string().replace(&path.display().to_string(), "the tape");
        (words, error.hint().unwrap_or_default())
    };
    let tape = Tape::open(&path, &TapeOptions { names, ..TapeOptions::default() }).map_err(said)?;
    let of = |event| match event {
        Event::Trade(trade) => trade,
        event => panic!("{event:?}"),
    };
    tape.map(|event| event.map(of)).collect::<Result<_, _>>().map_err(said)
}

/// A sell of 0.002 at 93,500.5, in the second of 2025 that is 1735689600.
fn sold(ms: i64, symbol: Option<&str>) -> Trade {
    Trade {
        symbol: symbol.map(Into::into),
        price: Decimal::new(935_005, 1),
        quantity: Decimal::new(2, 3),
        time_ms: 1_735_689_600_000 + ms,
        side: PluginSide::Sell,
    }
}

#[test]
fn each_exchanges_own_layout_is_read() {
    for (whose, text, expected) in [
        (
            "Binance, spot, trades",
            "4359,93500.5,0.002,187.001,1735689600123456,True,True\n",
            sold(123, None),
        ),
        (
            "Binance, futures, trades",
            "id,price,qty,quote_qty,time,is_buyer_maker\n4359,93500.5,0.002,187.001,1735689600123,true\n",
            sold(123, None),
        ),
        (
            "Binance, spot, aggTrades",
            "3321,93500.5,0.002,4359,4360,1735689600123456,True,True\n",
            sold(123, None),
        ),
        (
            "Binance, futures, aggTrades",
            "3321,93500.5,0.002,4359,4360,1735689600123,true\n",
            sold(123, None),
        ),
        (
            "Binance, futures, aggTrades",
            "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n3321,93500.5,0.002,4359,4360,1735689600123,true\n",
            sold(123, None),
        ),
        (
            "Binance, stream of trades",
            "e,E,s,t,p,q,T,m,M\ntrade,1735689600999,BTCUSDT,4359,93500.5,0.002,1735689600123,true,true\n",
            sold(123, None),
        ),
        (
            "Bybit, contracts",
            "timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional\n1735689600.1234,BTCUSDT,Sell,0.002,93500.50,MinusTick,0f1e-2d,1.87001e+10,0.002,187.001\n",
            sold(123, Some("BTCUSDT")),
        ),
        (
            "Bybit, spot",
            "id,timestamp,price,volume,side\n1,1735689600123,93500.5,0.002,sell\n",
            sold(123, None),
        ),
        (
            "OKX",
            "instrument_name,trade_id,side,price,size,created_time\nBTC-USDT,77,sell,93500.5,0.002,1735689600123\n",
            sold(123, Some("BTC-USDT")),
        ),
        (
            "OKX, older",
            "trade_id/撮合id,side/交易方向,size/数量,price/价格,created_time/成交时间\n77,SELL,0.002,93500.5,1735689600123\n",
            sold(123, None),
        ),
        ("Kraken, API", "93500.50000,0.00200000,1735689600.1234567,s,l,,81\n", sold(123, None)),
        (
            "Kraken, API",
            "price,volume,time,side,ordertype,misc\n93500.5,0.002,1735689600.1234,s,m,\n",
            sold(123, None),
        ),
        (
            "Tardis",
            "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\nbinance,BTCUSDT,1735689600123456,1735689600125000,4359,sell,93500.5,0.002\n",
            sold(123, Some("BTCUSDT")),
        ),
        (
            "Kaiko",
            "id,exchange,symbol,date,price,amount,taker_side_sell\n1,cbse,btc-usd,1735689600123,93500.5,0.002,true\n",
            sold(123, Some("btc-usd")),
        ),
    ] {
        assert_eq!(trades(text, ""), Ok(vec![expected]), "{whose}");
    }
}

#[test]
fn a_header_in_another_encoding_is_read_where_its_names_have_a_translation() {
    let mut bytes = b"trade_id/\xB4\xE9\xBA\xCFid,side/\xBD\xBB\xD2\xD7,size/\xCA\xFD,price/\xBC\xDB,created_time/\xB3\xC9\n".to_vec();
    bytes.extend(b"77,sell,0.002,93500.5,1735689600123\n");
    assert_eq!(read(&bytes), Ok(vec![Event::Trade(sold(123, None))]));
}

#[test]
fn coinbases_side_is_the_makers_and_the_user_has_to_say_so() {
    let text = "time,trade_id,price,size,side\n2025-01-01T00:00:00.123456Z,9,93500.5,0.002,buy\n";
    let (said, hint) = trades(text, "").unwrap_err();
    assert_eq!(
        said,
        "`the tape` looks like Coinbase's trades, whose `side` is the maker's; in other files it is the taker's"
    );
    assert!(hint.starts_with("use `--columns maker_side=side` if it is the maker's"), "{hint}");
    assert_eq!(trades(text, "maker_side=side"), Ok(vec![sold(123, None)]));
    assert_eq!(trades(text, "side=side").unwrap()[0].side, PluginSide::Buy);
    let stream = "product_id,trade_id,maker_order_id,side,price,size,time\n";
    assert_eq!(trades(stream, "").unwrap_err().0, said);
}

#[test]
fn krakens_downloads_have_no_side_which_is_inferred_only_if_the_user_wants_it() {
    let rows = "1735689600,93500.5,0.002\n1735689601,93501,0.002\n1735689602,93501,0.002\n1735689603,93500.5,0.002\n";
    for text in [rows.to_owned(), format!("timestamp,price,volume\n{rows}")] {
        let (said, hint) = trades(&text, "").unwrap_err();
        assert!(
            said.starts_with("`the tape` has no column for the taker's side; it has"),
            "{said}"
        );
        assert!(hint.contains("infer each side from price changes"), "{hint}");
        let trades = trades(&text, "side=").unwrap();
        let sides: Vec<_> = trades.iter().map(|trade| trade.side).collect();
        let (buy, sell) = (PluginSide::Buy, PluginSide::Sell);
        assert_eq!(sides, [buy, buy, buy, sell]);
        assert_eq!(trades[3], sold(3_000, None));
    }
}

#[test]
fn tables_of_something_else_are_named() {
    let candle = "1735689600000,1,2,0.5,1.5,10,1735689659999,15,3,4,5,0\n";
    for text in [
        candle,
        "1735689600,1,2,0.5,1.5,10,3\n",
        "open_time,open,high,low,close,volume,close_time\n",
    ] {
        let (said, hint) = trades(text, "").unwrap_err();
        assert_eq!(said, "`the tape` has candles (open, high, low, close), not trades");
        assert!(hint.contains("`aggTrades`"), "{hint}");
    }
    let book = "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n";
    let (said, hint) = trades(book, "").unwrap_err();
    assert_eq!(said, "`the tape` has levels of an order book, not trades");
    assert!(hint.starts_with("use it as `--book`"), "{hint}");
    let quotes =
        "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time\n";
    assert_eq!(
        trades(quotes, "").unwrap_err().0,
        "`the tape` has quotes (best bid and ask), not trades"
    );
}

#[test]
fn columns_without_names_have_numbers() {
    let text = "BTC,S,2025-01-01 00:00:00.123,0.002,93500.5,x\n";
    let (said, hint) = trades(text, "").unwrap_err();
    assert!(
        said.starts_with(
            "`the tape` has no header, and its columns are not those of a known file without one"
        ),
        "{said}"
    );
    assert!(hint.starts_with("number the columns from 1"), "{hint}");
    let numbers = "price=5,quantity=4,time=3,side=2,symbol=1";
    assert_eq!(trades(text, numbers), Ok(vec![sold(123, Some("BTC"))]));
    let (said, _) = trades(text, "price=7,quantity=4,time=3,side=2").unwrap_err();
    assert!(said.contains("has no column `7`"), "{said}");
    // A known layout has the rest.
    let binance = "4359,93500.5,9,0.002,1735689600123,true\n";
    assert_eq!(trades(binance, "quantity=4"), Ok(vec![sold(123, None)]));
}

#[test]
fn a_damaged_row_does_not_decide_the_layout_of_a_file_without_a_header() {
    // The first row is as Kraken's.
    let row = "4359,93500.5,0.002,187.001,1735689600123,true\n";
    let options = TapeOptions { skip_bad_rows: true, ..TapeOptions::default() };
    let text = format!("4359,93500.5,0.002\n{row}{row}");
    let (events, skipped) = read_with(text.as_bytes(), &options).unwrap();
    assert_eq!((events, skipped), (vec![Event::Trade(sold(123, None)); 2], 1));
    // Nor does a row that only the sample cuts.
    let unknown = "x,1,2,3,4,5,6,7,8,9,10\n".repeat(5_000);
    let (said, _) = trades(&unknown, "").unwrap_err();
    assert!(said.contains("has no header, and its columns are not those"), "{said}");
}

#[test]
fn names_that_are_given_win_over_usual_ones() {
    let text = "price,qty,time,m,side\n93500.5,0.002,1735689600123,false,sell\n";
    assert_eq!(trades(text, "").unwrap()[0].side, PluginSide::Buy);
    assert_eq!(trades(text, "side=side"), Ok(vec![sold(123, None)]));
    assert_eq!(trades(text, "is_buyer_maker=m").unwrap()[0].side, PluginSide::Buy);
    for (names, reason) in [
        ("side=side,is_buyer_maker=m", "`side` and `is_buyer_maker` both say the side"),
        ("price=a,price=b", "`price` is named twice"),
    ] {
        assert_eq!(names.parse::<Names>().unwrap_err(), reason);
    }
    // Of a column of sides, `true` says nothing.
    let (said, _) = trades(text, "side=m").unwrap_err();
    assert!(said.ends_with("column `side` is not `buy` or `sell`: `false`"), "{said}");
}

#[test]
fn several_spaces_are_one_and_an_unknown_separator_is_named() {
    let text = "price    qty   time          side\n93500.5  0.002 1735689600123 sell\n";
    assert_eq!(trades(text, ""), Ok(vec![sold(123, None)]));
    let names = "Last Price,Trade Size,Trade Time,Taker Side\n93500.5,0.002,1735689600123,sell\n";
    assert_eq!(trades(names, "price=Last Price,quantity=Trade Size"), Ok(vec![sold(123, None)]));
    let (said, hint) = trades(&names.replace(',', "^").replace(' ', ""), "").unwrap_err();
    assert!(
        said.ends_with("has no column `price`; it has `LastPrice^TradeSize^TradeTime^TakerSide`"),
        "{said}"
    );
    assert!(
        hint.starts_with("separate the fields by commas, semicolons, tabs, bars or spaces"),
        "{hint}"
    );
}

#[test]
fn numbers_as_pandas_writes_them_are_read_and_those_with_a_decimal_comma_are_named() {
    let text = ",time,price,qty,side\n0,1735689600123.0,9.35005e4,2e-03,sell\n";
    assert_eq!(trades(text, ""), Ok(vec![sold(123, None)]));
    let (said, hint) =
        trades("time;price;qty;side\n1735689600123;93500,5;0,002;sell\n", "").unwrap_err();
    assert!(said.ends_with("column `price` is not a number: `93500,5`"), "{said}");
    assert!(
        hint.starts_with("write numbers with a decimal point and no other separator"),
        "{hint}"
    );
}

#[test]
fn separators_of_thousands_are_named() {
    let text = "time,price,qty,side\n1735689600123,\"93,500.5\",1,sell\n";
    let (said, hint) = trades(text, "").unwrap_err();
    assert!(said.ends_with("column `price` is not a number: `93,500.5`"), "{said}");
    assert!(
        hint.starts_with("write numbers with a decimal point and no other separator"),
        "{hint}"
    );
}

#[test]
fn the_header_of_a_file_that_was_put_behind_another_is_passed_over() {
    let file = "price,qty,time,side\n93500.5,0.002,1735689600123,sell\n";
    assert_eq!(trades(&file.repeat(2), "").unwrap().len(), 2);
}
