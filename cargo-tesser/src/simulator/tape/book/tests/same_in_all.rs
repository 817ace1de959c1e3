//! The same messages in all layouts that have snapshots and updates give the same order book.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::simulator::order_book::Level;

/// Messages with their times, of which the first is a snapshot, and each snapshot is followed by an update.
fn messages() -> impl Strategy<Value = Vec<(i64, BookChange)>> {
    let level = || (1_i64..40, 0_i64..900).prop_map(|(p, q)| (p.into(), Decimal::new(q, 2)));
    let levels = (vec(level(), 0..6), vec(level(), 0..6))
        .prop_filter("tables have no empty messages", |(bids, asks)| bids.len() + asks.len() > 0)
        .prop_map(|(bids, asks)| Levels { bids, asks });
    let part = (levels.clone(), vec(levels, 1..4), 1_i64..9);
    vec(part, 1..4).prop_map(|parts| {
        let mut time_ms = MS;
        let mut messages = Vec::new();
        for (snapshot, updates, wait) in parts {
            let updates = updates.into_iter().map(BookChange::Update);
            for change in std::iter::once(BookChange::Snapshot(snapshot)).chain(updates) {
                messages.push((time_ms, change));
                time_ms += wait;
            }
        }
        messages
    })
}

fn levels(change: &BookChange) -> (&Levels, bool) {
    match change {
        BookChange::Snapshot(levels) => (levels, true),
        BookChange::Update(levels) => (levels, false),
        BookChange::Clear => unreachable!("no tape says so"),
    }
}

/// A row for each level.
fn table(
    header: &str,
    messages: &[(i64, BookChange)],
    row: impl Fn(usize, i64, bool, &str, &Level) -> String,
) -> String {
    let mut text = header.to_owned();
    for (at, (time_ms, change)) in messages.iter().enumerate() {
        let (levels, is_snapshot) = levels(change);
        for (side, levels) in [("bid", &levels.bids), ("ask", &levels.asks)] {
            text.extend(levels.iter().map(|level| row(at, *time_ms, is_snapshot, side, level)));
        }
    }
    text
}

/// A line for each message.
fn lines(
    messages: &[(i64, BookChange)],
    line: impl Fn(usize, i64, bool, String, String) -> String,
) -> String {
    let list = |levels: &[Level]| {
        let levels: Vec<_> = levels.iter().map(|(p, q)| format!("[\"{p}\",\"{q}\"]")).collect();
        format!("[{}]", levels.join(","))
    };
    let message = |(at, (time_ms, change)): (usize, &(i64, BookChange))| {
        let (levels, is_snapshot) = levels(change);
        line(at, *time_ms, is_snapshot, list(&levels.bids), list(&levels.asks)) + "\n"
    };
    messages.iter().enumerate().map(message).collect()
}

proptest! {
    #[test]
    fn layouts_agree_about_the_order_book(messages in messages()) {
        let tardis = table(TARDIS, &messages, |_, time_ms, is_snapshot, side, (price, quantity)| {
            format!("x,A,{0},{0},{is_snapshot},{side},{price},{quantity}\n", time_ms * 1_000)
        });
        let binance = table(BINANCE, &messages, |at, time_ms, is_snapshot, side, (price, quantity)| {
            let (side, kind) = (&side[..1], if is_snapshot { "snap" } else { "set" });
            format!("A,{time_ms},{at}5,{at}9,{side},{kind},{price},{quantity},{}9\n", at.wrapping_sub(1))
        });
        let bybit = lines(&messages, |at, time_ms, is_snapshot, bids, asks| {
            let kind = if is_snapshot { "snapshot" } else { "delta" };
            format!(r#"{{"type":"{kind}","ts":{time_ms},"data":{{"s":"A","b":{bids},"a":{asks},"u":{at}}}}}"#)
        });
        let okx = lines(&messages, |_, time_ms, is_snapshot, bids, asks| {
            let action = if is_snapshot { "snapshot" } else { "update" };
            format!(r#"{{"instId":"A","action":"{action}","ts":"{time_ms}","asks":{asks},"bids":{bids}}}"#)
        });
        let expected: Vec<_> = messages
            .iter()
            .map(|(time_ms, change)| BookUpdate { symbol: Some("A".into()), time_ms: *time_ms, change: change.clone() })
            .collect();
        let dir = fs::scratch_dir().unwrap();
        for (name, text) in [("tardis", tardis), ("binance", binance), ("bybit", bybit), ("okx", okx)] {
            let path = dir.path().join(name);
            fs::write_new(&path, text.as_bytes()).unwrap();
            let tape = BookTape::open(&path, &TapeOptions::default()).unwrap();
            let updates = tape.collect::<Result<Vec<_>, _>>().unwrap();
            prop_assert_eq!(&updates, &expected, "{}", name);
        }
    }

    #[test]
    fn no_bytes_are_more_than_an_error(
        start in 0_usize..4,
        text in "[a-z0-9,.\\[\\]{}\":\n-]{0,200}",
    ) {
        let okx = format!("{{\"instId\":\"A\",\"action\":\"snapshot\",\"ts\":\"{MS}\",\"asks\":[],\"bids\":[]}}\n");
        let start = ["", TARDIS, BINANCE, &okx][start];
        let _ = read_with(format!("{start}{text}").as_bytes(), &skipping());
    }
}
