//! What a run comes to, computed a second time: by a host loop, an exchange and figures that share no code with the tool and
//! know only the pages in `docs/`. Each order, each fill and each figure must be the same to its last digit.

mod exchange;
mod figures;
mod host;
mod options;
mod tapes;

use std::path::Path;
use std::sync::OnceLock;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use wasmtime::Engine;
use wasmtime::component::Component;

use self::exchange::{Exchange, Trade};
use self::host::{Host, Plugin};
use self::options::Options;
use super::synthetic;
use crate::conformance::probe;
use crate::support::{Sandbox, chase};

/// Plugins, compiled once.
fn component(file: &'static Path) -> &'static Component {
    static BOTH: [OnceLock<Component>; 2] = [OnceLock::new(), OnceLock::new()];
    BOTH[usize::from(file == probe())].get_or_init(|| Plugin::load(&Engine::default(), file))
}

/// The same with all decimals in one form.
fn plain(value: &Value) -> Value {
    match value {
        Value::String(text) => text
            .parse::<Decimal>()
            .map_or(value.clone(), |number| json!(number.normalize().to_string())),
        Value::Array(values) => values.iter().map(plain).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect()
        }
        _ => value.clone(),
    }
}

fn orders(exchange: &Exchange) -> Value {
    let rows = exchange.orders.iter().enumerate().map(|(at, order)| {
        let amended = |(ms, price, quantity): &(i64, Option<Decimal>, Decimal)| json!({"time_ms": ms, "price": price, "quantity": quantity});
        json!({
            "number": at + 1,
            "time_ms": order.sent_ms,
            "side": if order.buys { "buy" } else { "sell" },
            "type": if order.market { "market" } else { "limit" },
            "time_in_force": order.tif,
            "price": order.price.map(|price| price.to_string()),
            "quantity": order.quantity.to_string(),
            "filled": order.filled.to_string(),
            "state": order.state,
            "market_price": order.market_price.map(|price| price.to_string()),
            "amendments": order.amended.iter().map(amended).collect::<Vec<_>>(),
        })
    });
    rows.collect()
}

fn fills(exchange: &Exchange) -> Value {
    let rows = exchange.fills.iter().map(|fill| {
        json!({
            "order": fill.order + 1,
            "time_ms": fill.ms,
            "price": fill.price.to_string(),
            "quantity": fill.quantity.to_string(),
            "fee": Some(fill.fee).filter(|fee| !fee.is_zero()).map(|fee| fee.to_string()),
            "liquidity": if fill.takes { "taker" } else { "maker" },
        })
    });
    rows.collect()
}

/// The fields of the tool's rows that we compute, too.
fn known(rows: &Value, ours: &Value) -> Value {
    let fields: Vec<_> = ours[0].as_object().unwrap().keys().collect();
    let row = |row: &Value| {
        fields.iter().map(|name| ((*name).clone(), row[*name].clone())).collect::<Value>()
    };
    rows.as_array().unwrap().iter().map(row).collect()
}

/// Where two values differ, by the names on the way.
fn differences(place: &str, tool: &Value, ours: &Value, found: &mut Vec<String>) {
    match (tool, ours) {
        (Value::Array(tool), Value::Array(ours)) if tool.len() == ours.len() => {
            for (at, (tool, ours)) in tool.iter().zip(ours).enumerate() {
                differences(&format!("{place}[{at}]"), tool, ours, found);
            }
        }
        (Value::Object(tool), Value::Object(ours)) if tool.len() == ours.len() => {
            for (name, tool) in tool {
                differences(&format!("{place}.{name}"), tool, &ours[name], found);
            }
        }
        _ if tool != ours => found.push(format!("{place}: replay {tool}, recomputed {ours}")),
        _ => {}
    }
}

/// Runs the tool and the recomputation: where they differ, and the fills, as `order ms price x quantity`.
fn compare(
    plugin: &'static Path,
    params: &Value,
    tape: &[Trade],
    flags: &str,
) -> (Vec<String>, Vec<String>) {
    let sandbox = Sandbox::new();
    sandbox.write("tape.csv", tapes::csv(tape));
    let flags: Vec<_> = flags.split_whitespace().collect();
    let text = params.to_string();
    let words = [
        "replay",
        plugin.to_str().unwrap(),
        "--tape",
        "tape.csv",
        "--format",
        "json",
        "--params",
        &text,
    ];
    let words = [&words[..], &["--max-order", "0", "--max-position", "0"], &flags].concat();
    let run = sandbox.tesser("", &words);
    let tool: Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}", run.stderr));

    let options = Options::new(&flags);
    let mut host = Host::new(Plugin::new(component(plugin)), params, &options, tape);
    host.run();
    let (orders, fills) = (orders(&host.exchange), fills(&host.exchange));
    assert!(host.exchange.fills.len() > 1, "nothing to compare: {flags:?}");
    let rest = |state: &str| {
        let left = |order: &exchange::Order| order.quantity - order.filled;
        let rests = host.exchange.orders.iter().filter(|order| order.state == state).map(left);
        json!(rests.sum::<Decimal>().to_string())
    };
    let rests = json!({"cancelled": rest("cancelled"), "expired": rest("expired"), "still_open": rest("open")});
    let ours = json!({"rests": rests, "orders": orders, "fills": fills, "quality": figures::quality(&host, &options, tape)});
    let tool = json!({
        "rests": {"cancelled": tool["cancelled"], "expired": tool["expired"], "still_open": tool["still_open"]},
        "orders": known(&tool["orders"], &ours["orders"]),
        "fills": known(&tool["fills"], &ours["fills"]),
        "quality": tool["quality"],
    });
    let mut found = vec![];
    differences("", &plain(&tool), &plain(&ours), &mut found);
    let fill = |fill: &exchange::Fill| {
        let (order, ms) = (fill.order + 1, fill.ms - tape[0].ms);
        format!("{order} {ms} {} x {}", fill.price.normalize(), fill.quantity.normalize())
    };
    (found, host.exchange.fills.iter().map(fill).collect())
}

/// Both sides share a tape's options, which would be twice the time for little.
fn side(run: usize) -> &'static str {
    ["buy", "sell"][run % 2]
}

#[track_caller]
fn agree(plugin: &'static Path, params: &Value, tape: &[Trade], flags: &str) -> Vec<String> {
    let (found, fills) = compare(plugin, params, tape, flags);
    assert!(found.is_empty(), "{flags}:\n{}", found.join("\n"));
    fills
}

#[test]
fn chase_on_the_given_tape() {
    let tape = tapes::read(&std::fs::read_to_string(synthetic()).unwrap());
    let clip = json!({"venue": "bybit_linear", "clip_size": "0.3"});
    for (run, flags) in tapes::FLAGS.iter().enumerate() {
        agree(chase(), &clip, &tape, &format!("--quantity 2 --side {} {flags}", side(run + 1)));
    }
}

#[test]
fn every_kind_of_order_on_generated_tapes() {
    for seed in 0..26 {
        let (tape, plan) = tapes::generate(seed, side(seed));
        let flags = tapes::FLAGS[seed / 2];
        agree(probe(), &plan, &tape, &format!("--quantity 40 --side {} {flags}", side(seed)));
    }
}

/// What generated tapes found, each in its smallest form, and the examples of the page that need a plugin.
#[test]
fn who_is_first_at_a_price_and_in_a_millisecond() {
    let bid = |quantity, price| tapes::place("buy", "limit", quantity, Some(price), None);
    let market = tapes::place("buy", "market", "8", None, None);
    let amend = |price, quantity| tapes::amend("buy", "order-1", Some(price), quantity);
    let plan = |init: &[Value], then: &str, orders: &[Value]| {
        let (callback, at) = then.split_once(' ').unwrap();
        json!({"init": {"1": {"orders": init}}, callback: {at: {"orders": orders}}})
    };
    let at_once = "--half-spread 0 --latency-ms 0 --fill-latency-ms 0 --depth 5";
    for (tape, plan, flags, fills) in [
        // The second bid comes to the price when nobody else bids there any more.
        (
            "0,10,1,b 1500,9.02,1,b 3000,9,1,s 3100,9,4,s 9000,10,1,b",
            plan(&[bid("3", "9")], "timer 2", &[bid("3", "9")]),
            "--half-spread 100 --queue 1",
            vec!["1 3100 9 x 3", "2 3100 9 x 1"],
        ),
        // Of two amendments, the first crosses.
        (
            "0,10,1,b 1500,9,1,s 1600,9.5,1,b 9000,10,1,b",
            plan(&[bid("3", "9")], "timer 2", &[amend("9.6", None), amend("8", None)]),
            at_once,
            vec!["1 1500 9 x 1", "1 2000 9.5 x 2"],
        ),
        // An amendment that is sent in the middle of a sweep comes after it.
        (
            "0,10,1,b 1500,9,1,s 1500,8.9,1,s 9000,10,1,b",
            plan(&[bid("3", "9")], "fill 1", &[amend("8", None)]),
            at_once,
            vec!["1 1500 9 x 1", "1 1500 9 x 2"],
        ),
        // A new order comes before an amendment that was sent after it.
        (
            "0,10,1,b 500,9,1,s 3000,8.8,1,s 3100,8.8,2,s 9000,10,1,b",
            plan(&[bid("2", "9")], "timer 2", &[bid("2", "8.8"), amend("8.8", Some("3"))]),
            "--half-spread 100 --latency-ms 0 --depth 5",
            vec!["1 500 9 x 1", "2 3000 8.8 x 1", "2 3100 8.8 x 1", "1 3100 8.8 x 1"],
        ),
        // What a trade fills beyond its price is missing at its price.
        (
            "0,10,1,b 500,9,4,s 9000,10,1,b",
            plan(&[bid("3", "9.1"), bid("3", "9")], "timer 1", &[]),
            "--half-spread 0",
            vec!["1 500 9.1 x 3", "2 500 9 x 1"],
        ),
        // A market order for 8 that has 5 is amended to 5, and would get more from 1,020 ms on.
        (
            "0,10,1,b 500,9,4,s 2000,10,1,b 9000,10,1,b",
            plan(&[market, bid("1", "9")], "timer 1", &[amend("9", Some("5"))]),
            "--half-spread 0 --depth 5",
            vec!["1 20 10 x 5", "2 500 9 x 1"],
        ),
    ] {
        let tape: Vec<_> = tape.split(' ').map(tapes::trade).collect();
        let flags = format!("--quantity 9 --side buy {flags}");
        assert_eq!(agree(probe(), &plan, &tape, &flags), fills);
    }
}
