//! A replay with an order book beside the trades.

use serde_json::Value;

use super::VENUE;
use crate::support::{Run, Sandbox, chase};

const START_MS: i64 = 1_704_067_200_000;

/// Trades once a second at 100, all of them sold but the last one.
pub(crate) fn trades() -> String {
    let row = |second: i64| format!("{second},100,0.5,50,{},true\n", START_MS + second * 1_000);
    format!("id,price,qty,quote_qty,time,is_buyer_maker\n{}", (0..30).map(row).collect::<String>())
}

/// A snapshot before the trades and an update in the second before the end, as Tardis has them.
pub(crate) fn order_book(symbol: &str) -> String {
    let row = |ms: i64, snapshot: bool, side: &str, price: &str, amount: &str| {
        let time = (START_MS + ms) * 1_000;
        format!("bybit,{symbol},{time},{time},{snapshot},{side},{price},{amount}\n")
    };
    let rows = [
        row(-500, true, "bid", "100", "3"),
        row(-500, true, "ask", "101", "0.05"),
        row(-500, true, "ask", "102", "5"),
        row(29_500, false, "bid", "100", "2"),
    ];
    let header = "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n";
    format!("{header}{}", rows.concat())
}

fn run(sandbox: &Sandbox, more: &[&str]) -> Run {
    let chase = chase().to_str().unwrap();
    let words = ["replay", chase, "--tape", "trades.csv", "--quantity", "0.2", "--format", "json"];
    sandbox.tesser("", &[&words[..], more].concat())
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("trades.csv", trades());
    sandbox.write("book.csv", order_book("BTCUSDT"));
    sandbox
}

fn fills(document: &Value) -> Vec<String> {
    let text = |fill: &Value, name: &str| fill[name].as_str().unwrap().to_owned();
    let fills = document["fills"].as_array().unwrap().iter();
    fills
        .map(|fill| ["price", "quantity", "liquidity"].map(|name| text(fill, name)).join(" "))
        .collect()
}

#[test]
fn takers_walk_the_book_and_makers_queue_in_it() {
    let sandbox = sandbox();
    let params = r#"{"venue":"bybit_linear","clip_size":"0.2","offset_bps":"500"}"#;
    let words = ["--book", "book.csv", "--params", params];
    let document: Value = serde_json::from_str(&run(&sandbox, &words).expect(0).stdout).unwrap();
    assert_eq!(fills(&document), ["101 0.05 taker", "102 0.15 taker"], "{document:#}");
    let model = document["exchange"].as_str().unwrap();
    assert!(model.starts_with("order book with risk-averse queues, 20 ms to"), "{model}");
    assert_eq!(document["spread"], "1");

    // 3 are ahead at 100, and each second sells 0.5: the seventh of them reaches the order.
    let words = ["--book", "book.csv", "--params", VENUE, "--queue-model", "log-prob"];
    let document: Value = serde_json::from_str(&run(&sandbox, &words).expect(0).stdout).unwrap();
    let (order, fill) = (&document["orders"][0], &document["fills"][0]);
    assert_eq!((&order["price"], &fill["liquidity"]), (&"100".into(), &"maker".into()));
    assert_eq!(fill["time_ms"].as_i64().unwrap() - START_MS, 8_000, "{document:#}");
}

#[test]
fn a_book_that_is_not_of_the_run_is_an_error() {
    let sandbox = sandbox();
    sandbox.write("book.csv", order_book("ETHUSDT"));
    let words = ["--book", "book.csv", "--params", VENUE];
    let refused = run(&sandbox, &words).expect(101);
    assert_eq!(
        refused.error(),
        "error: `book.csv` has no order book of `bybit_linear:BTCUSDT` during the run or in the minute before it; it has order books of `ETHUSDT`\n\
         hint: its messages must be of `bybit_linear:BTCUSDT`, or without a symbol, and start before the trades end; use \
         `--columns symbol=` to treat all of them as messages of `bybit_linear:BTCUSDT`"
    );
    run(&sandbox, &[&words[..], &["--columns", "symbol="]].concat()).expect(0);
    let chase = chase().to_str().unwrap();
    let words =
        ["replay", chase, "--tape", "-", "--book", "-", "--quantity", "1", "--params", VENUE];
    let run = sandbox.tesser("", &words).expect(2);
    assert_eq!(
        run.error(),
        "error: `-` cannot be both the tape and the order book\nhint: write one of them to a file"
    );
}
