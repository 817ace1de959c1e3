//! Tapes and orders to compare on.

use std::fmt::Write as _;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::exchange::Trade;

/// Options of the model, each in a run on the given tape and on a generated one.
pub const FLAGS: [&str; 13] = [
    "",
    "--latency-ms 0 --fill-latency-ms 0",
    "--latency-ms 500 --fill-latency-ms 20 --timer-phase 300",
    "--latency-ms 1300 --fill-latency-ms 700",
    "--half-spread 2.5 --queue 0.5",
    "--half-spread 0 --depth 0.4 --depth-ms 2500",
    "--depth 0.25 --participation 0.3 --latency-ms 7",
    "--participation 0.5 --queue 0.2 --depth-ms 300 --fill-latency-ms 0",
    "--maker-fee -1 --taker-fee 5.5 --latency-ms 0",
    "--horizon 40 --maker-fee 1 --taker-fee 4",
    "--horizon 75 --half-spread 1 --queue 1",
    "--ticks --latency-ms 20 --fill-latency-ms 5",
    "--ticks --latency-ms 0 --fill-latency-ms 0 --timer-phase 0",
];

const SYMBOL: &str = "bybit_linear:BTCUSDT";

pub fn csv(tape: &[Trade]) -> String {
    let mut text = "id,price,qty,quote_qty,time,is_buyer_maker\n".to_owned();
    for (at, Trade { ms, price, quantity, bought }) in tape.iter().enumerate() {
        writeln!(text, "{},{price},{quantity},{},{ms},{}", at + 1, price * quantity, !bought)
            .unwrap();
    }
    text
}

pub fn read(text: &str) -> Vec<Trade> {
    let row = |line: &str| {
        let cells: Vec<_> = line.split(',').collect();
        let (price, quantity) = (cells[1].parse().unwrap(), cells[2].parse().unwrap());
        Trade { price, quantity, ms: cells[4].parse().unwrap(), bought: cells[5] == "false" }
    };
    text.lines().skip(1).map(row).collect()
}

/// Time, price, quantity, and `b` if the taker bought.
pub fn trade(text: &str) -> Trade {
    let cells: Vec<_> = text.split(',').collect();
    let (price, quantity) = (cells[1].parse().unwrap(), cells[2].parse().unwrap());
    Trade { ms: cells[0].parse().unwrap(), price, quantity, bought: cells[3] == "b" }
}

/// Knuth's generator, of which the upper bits are used.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// A middle that wanders on ticks of 0.1 with sides at some distance; gaps, and sweeps within a millisecond.
fn trades(random: &mut Random, dense: bool) -> Vec<Trade> {
    let (mut ms, mut middle, mut tape) = (1_700_000_000_000_i64, 400_000_i64, vec![]);
    let pace = if dense { 60 } else { 900 };
    while ms < 1_700_000_100_000 {
        middle += random.below(7).cast_signed() - 3;
        let (bought, sweep) = (random.below(2) == 0, if random.below(6) == 0 { 4 } else { 1 });
        for step in 0..sweep {
            let away = 2 + step * random.below(3).cast_signed();
            let price = Decimal::new(if bought { middle + away } else { middle - away }, 1);
            let quantity = Decimal::new(1 + random.below(900).cast_signed(), 3);
            tape.push(Trade { ms, price, quantity, bought });
        }
        let gap = if random.below(150) == 0 { 9_000 } else { 0 };
        ms += (random.below(pace) + gap).cast_signed();
    }
    tape
}

/// What the scripted plugin sends at each timer and after some fills, at prices around those of the tape.
pub fn generate(seed: usize, side: &str) -> (Vec<Trade>, Value) {
    let mut random = Random(seed as u64);
    let tape = trades(&mut random, !seed.is_multiple_of(3));
    let mut plan = json!({"echo": false, "init": {}, "timer": {}, "fill": {}, "tick": {}});
    let callbacks = (1..=70)
        .map(|at| ("timer", at))
        .chain((1..=20).map(|at| ("fill", at)))
        .chain((1..=50).map(|at| ("tick", at)))
        .chain([("init", 1)]);
    for (callback, at) in callbacks {
        let near =
            tape.iter().rev().find(|trade| trade.ms <= tape[0].ms + at * 1_000).unwrap().price;
        let orders = (0..random.below(3))
            .map(|_| order(&mut random, side, near, callback != "init"))
            .collect::<Vec<_>>();
        plan[callback][at.to_string()] = json!({"orders": orders});
    }
    (tape, plan)
}

fn order(random: &mut Random, side: &str, near: Decimal, amends: bool) -> Value {
    let price = (near + Decimal::new(random.below(41).cast_signed() - 20, 1)).to_string();
    let quantity = Decimal::new(1 + random.below(600).cast_signed(), 3);
    let place = |kind, price, tif| place(side, kind, &quantity.to_string(), price, tif);
    match random.below(9) {
        0 if amends => {
            // The price, the quantity, or both.
            let parts = random.below(3);
            let more = (quantity + Decimal::from(random.below(2))).to_string();
            let price = Some(price.as_str()).filter(|_| parts != 0);
            amend(side, "$filled", price, Some(more.as_str()).filter(|_| parts != 1))
        }
        0 | 8 => place("market", None, None),
        1 => place("market", None, Some("ioc")),
        2 => place("limit", Some(&price), Some("ioc")),
        3 => place("limit", Some(&price), Some("fok")),
        4 => place("limit", Some(&price), Some("post_only")),
        _ => place("limit", Some(&price), None),
    }
}

pub fn place(
    side: &str,
    kind: &str,
    quantity: &str,
    price: Option<&str>,
    tif: Option<&str>,
) -> Value {
    json!({"action": {"Place": {"symbol": SYMBOL, "side": side, "order_type": kind, "quantity": quantity, "price": price,
        "time_in_force": tif}}})
}

pub fn amend(side: &str, order: &str, price: Option<&str>, quantity: Option<&str>) -> Value {
    json!({"action": {"Amend": {"order_id": order, "symbol": SYMBOL, "side": side, "new_price": price,
        "new_quantity": quantity}}})
}
