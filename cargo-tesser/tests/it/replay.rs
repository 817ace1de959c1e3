//! `cargo tesser replay`: the built chase plugin over trades.

mod again;
pub(crate) mod book;
mod docs;
mod interval;
mod layouts;
mod live;
pub(crate) mod page;
mod recompute;
mod recorder;
mod script;
mod tables;
mod tapes;
mod values;

use snapbox::{assert_data_eq, str};

use crate::support::{Sandbox, chase, root};

fn synthetic() -> String {
    root().join("templates/shared/tapes/synthetic.csv").display().to_string()
}

/// What every template needs.
pub(crate) const VENUE: &str = r#"{"venue":"bybit_linear"}"#;

fn replay(words: &[&str], code: i32) -> String {
    let mut all = vec!["replay", chase().to_str().unwrap()];
    all.extend(words);
    if !words.contains(&"--params") {
        all.extend(["--params", VENUE]);
    }
    let run = Sandbox::new().tesser("", &all).expect(code);
    // The hash differs from compiler to compiler.
    run.stdout.split_inclusive('\n').skip(1).collect()
}

#[test]
fn chase_completes_on_the_synthetic_tape() {
    let tape = synthetic();
    let params = r#"{"venue":"bybit_linear","clip_size":"0.5"}"#;
    let text = replay(&["--tape", &tape, "--quantity", "2", "--params", params], 0);
    assert_data_eq!(
        text,
        str![[r#"
        host  tesser@0.9, bybit_linear:BTCUSDT (LinearPerpetual), no ticks, as live, at most 1 an order and 2 in all
    exchange  20 ms to the exchange, 20 ms for fills, spread estimated from the trades, depth as traded in 1000 ms, queue 0, fees 0 bps maker and 0 bps taker
        tape  200 rows, 18 calls of the plugin, 0 restarts
      target  2
      placed  2.0 in 4 orders, 0 amendments
      filled  2.0 in 4 fills at a mean price of 39992.765
  still open  0
     arrival  39992.78, cost -0.0038 bps
        VWAP  39994.31786527, cost -0.3883 bps
        TWAP  40000.36173954, cost -1.8992 bps
   shortfall  -0.0038 bps: delay 1.5178, trading -1.5215, unfilled 0, fees 0
     markout  3.4294 bps after 1 s (4 fills), -5.2647 bps after 10 s (4 fills), 0.3688 bps after 60 s (4 fills)
      behind  49.7665 % of the target on average, 99.7662 % at most
      traded  0.58218 in 4.277 s
       share  343.5364 % of it
       maker  100 % of what was filled
  first fill  4.267 s
 half filled  4.267 s
  all filled  4.267 s
    unfilled  0
         log  filled 2.0 of 2
      ending  completed

  number        time ms  side   type     price  quantity  filled  mean price   state
       1  1704067201201   buy  limit  39992.78       0.5     0.5    39992.78  filled
       2  1704067202201   buy  limit  39992.77       0.5     0.5    39992.77  filled
       3  1704067203201   buy  limit  39992.76       0.5     0.5    39992.76  filled
       4  1704067204201   buy  limit  39992.75       0.5     0.5    39992.75  filled

"#]]
    );
}

#[test]
fn a_restart_changes_nothing_of_what_is_ordered() {
    let tape = synthetic();
    // A fill that is on its way when the host ends is lost, as on the real one; here there is no such way.
    let words = ["--tape", &tape, "--quantity", "2", "--side", "sell", "--fill-latency-ms", "0"];
    // Times change, since the new session has a phase of its own, and with them the prices that fills tell.
    let orders = |text: &str| -> Vec<String> {
        let rows = text.lines().skip_while(|line| !line.starts_with("  number"));
        let column = |line: &str| {
            line.split_whitespace()
                .enumerate()
                .filter(|(at, _)| ![1, 4, 6, 7].contains(at))
                .map(|(_, word)| word.to_owned())
                .collect::<Vec<_>>()
                .join(" ")
        };
        rows.skip(1).map(column).collect()
    };
    let plain = replay(&words, 0);
    assert!(orders(&plain).len() > 5, "{plain}");
    for trades in ["1", "20", "25"] {
        let restarted = replay(&[&words[..], &["--restart-after", trades]].concat(), 0);
        assert_eq!(orders(&restarted), orders(&plain), "restart after {trades} trades");
        assert!(restarted.contains("1 restart"), "{restarted}");
    }
}

#[test]
fn a_restart_that_never_comes_is_not_a_pass() {
    let tape = synthetic();
    let text = replay(&["--tape", &tape, "--quantity", "1", "--restart-after", "5000"], 1);
    assert!(text.contains("error  the run ended before `--restart-after` was reached"), "{text}");
}

#[test]
fn quantities_that_are_none_are_usage_errors() {
    let sandbox = Sandbox::new();
    for quantity in ["0", "-1", "many"] {
        let words = ["replay", "x.wasm", "--tape", "x.csv", "--quantity", quantity];
        sandbox.tesser("", &words).expect(2);
    }
}

#[test]
fn a_refused_signal_fails_with_the_plugins_words() {
    let tape = synthetic();
    // Within its range, but not for this price.
    let params = r#"{"venue":"bybit_linear","tick_size":10000}"#;
    let text = replay(&["--tape", &tape, "--quantity", "2", "--params", params], 1);
    let said =
        "init refused the signal: params: `tick_size`: 10000 is more than a tenth of the price";
    assert!(text.contains(said), "{text}");
}

#[test]
fn a_tape_or_plugin_that_cannot_be_read_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.write("bad.csv", "a,b\n1,2\n");
    sandbox.write("empty.csv", "id,price,qty,quote_qty,time,is_buyer_maker\n");
    sandbox.write("core.wasm", "\0asm\x01\0\0\0");
    let good = chase().to_str().unwrap();
    let mut said = String::new();
    for (plugin, tape) in
        [(good, "bad.csv"), (good, "empty.csv"), (good, "none.csv"), ("core.wasm", "empty.csv")]
    {
        let params = r#"{"venue":"bybit_linear"}"#;
        let words = ["replay", plugin, "--tape", tape, "--quantity", "1", "--params", params];
        let run = sandbox.tesser("", &words).expect(101);
        said.push_str(&run.stderr);
        said.push('\n');
    }
    assert_data_eq!(
        said,
        str![[r#"
error: `bad.csv` has no column `price`; it has `a`, `b`
hint: a tape has the columns of `id,price,qty,quote_qty,time,is_buyer_maker`, or `--columns` names them: `price=px,quantity=sz`

error: `empty.csv` has no trades

error: cannot read `none.csv`

Caused by:
  No such file or directory (os error 2)

error: cannot run `core.wasm`

Caused by:
  the component does not compile: failed to parse WebAssembly module: attempted to parse a wasm module with a component parser
hint: `cargo tesser validate core.wasm` shows what is wrong with it


"#]]
    );
}

#[test]
fn rows_that_cannot_be_read_are_left_out_when_asked_to() {
    let sandbox = Sandbox::new();
    sandbox.write("tape.csv", "1,100,5,500,1000,true,true\nx,y\n2,100,5,500,9000,true,true\n");
    let plugin = chase().to_str().unwrap();
    let words = ["replay", plugin, "--tape", "tape.csv", "--quantity", "0.2", "--params", VENUE];
    let run = sandbox.tesser("", &words).expect(101);
    assert!(run.stderr.contains("hint: `--skip-bad-rows`"), "{}", run.stderr);
    let run = sandbox.tesser("", &[&words[..], &["--skip-bad-rows"]].concat()).expect(0);
    assert!(run.stdout.contains("skipped  1 row that cannot be read"), "{}", run.stdout);
}

#[test]
fn the_result_is_json_and_csv_too() {
    let tape = synthetic();
    let words = ["--tape", &tape, "--quantity", "0.2", "--params", VENUE, "--format"];
    let chase = chase().to_str().unwrap().to_owned();
    let run = |format: &str| {
        let words = [&["replay", &chase][..], &words, &[format]].concat();
        Sandbox::new().tesser("", &words).expect(0).stdout
    };
    let document: serde_json::Value = serde_json::from_str(&run("json")).unwrap();
    let orders = document["orders"].as_array().unwrap();
    let filled: f64 =
        orders.iter().map(|order| order["filled"].as_str().unwrap().parse::<f64>().unwrap()).sum();
    assert!((filled - 0.2).abs() < 1e-9, "{document:#}");
    let (csv, fills) = (run("csv"), run("fills-csv"));
    assert_eq!(csv.lines().count(), orders.len() + 1, "{csv}");
    assert!(fills.lines().count() > orders.len(), "{fills}");
    // New columns come last, since somebody counts them.
    let start = |text: &str| text.lines().take(2).collect::<Vec<_>>().join("\n") + "\n";
    assert_data_eq!(
        start(&csv) + &start(&fills),
        str![[r#"
number,time_ms,side,type,price,quantity,filled,mean_price,state,time_in_force,first_price,first_quantity,amended,ended_ms,market_price
1,1704067201201,buy,limit,39992.78,0.02,0.02,39992.78,filled,,39992.78,0.02,0,1704067204468,39998.85
order,time_ms,price,quantity,fee,liquidity
1,1704067204468,39992.78,0.02,,maker

"#]]
    );
}

#[test]
fn the_exchange_can_refuse_wait_and_charge() {
    let tape = synthetic();
    let plain = ["--tape", &tape, "--quantity", "2", "--params", VENUE];
    let document = |more: &[&str], code: i32| -> serde_json::Value {
        let chase = chase().to_str().unwrap().to_owned();
        let words = [&["replay", &chase][..], &plain, more, &["--format", "json"]].concat();
        serde_json::from_str(&Sandbox::new().tesser("", &words).expect(code).stdout).unwrap()
    };
    let refused = document(&["--reject", "1"], 0);
    assert_eq!(refused["orders"][0]["state"], "refused", "{refused:#}");
    assert_eq!(refused["orders"][0]["filled"], "0");
    let first = |document: &serde_json::Value| document["fills"][0]["time_ms"].as_i64().unwrap();
    let usual = document(&[], 0);
    assert!(first(&document(&["--latency-ms", "5000"], 0)) > first(&usual));
    assert!(first(&document(&["--queue", "0.5"], 0)) >= first(&usual));
    let some = document(&["--participation", "0.01"], 0);
    let count = |document: &serde_json::Value| document["fills"].as_array().unwrap().len();
    assert!(count(&some) > count(&usual) || some["ok"] == usual["ok"]);
    let fees = document(&["--maker-fee", "-1", "--fee-asset", "USDT"], 0);
    assert!(fees["fills"][0]["fee"].as_str().unwrap().starts_with('-'), "{:#}", fees["fills"][0]);
}

#[test]
fn a_sweep_is_a_row_for_each_run_in_the_files_order() {
    let sandbox = Sandbox::new();
    std::fs::copy(synthetic(), sandbox.path("one.csv")).unwrap();
    let runs = "tapes = [\"one.csv\", \"none.csv\"]\n[[params]]\nvenue = \"bybit_linear\"\nclip_size = \"0.5\"\n[[params]]\nvenue = \"bybit_linear\"\nclip_size = \"0.25\"\n";
    sandbox.write("runs.toml", runs);
    let chase = chase().to_str().unwrap();
    let words = ["replay", chase, "--sweep", "runs.toml", "--quantity", "1"];
    let run = sandbox.tesser("", &words).expect(1);
    let rows: Vec<_> = run.stdout.lines().collect();
    assert_eq!(rows.len(), 5, "{}", run.stdout);
    assert!(rows[1].contains("one.csv") && rows[1].contains("0.5"), "{}", run.stdout);
    assert!(rows[2].contains("one.csv") && rows[2].contains("0.25"), "{}", run.stdout);
    assert!(rows[3].contains("cannot read"), "{}", run.stdout);
    sandbox.write("runs.toml", runs.replace(", \"none.csv\"", ""));
    let run = sandbox.tesser("", &[&words[..], &["--format", "json"]].concat()).expect(0);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let second = &document["runs"][1];
    assert_eq!(second["params"]["clip_size"], "0.25");
    let csv = sandbox.tesser("", &[&words[..], &["--format", "csv"]].concat()).expect(0).stdout;
    let rows: Vec<_> = csv.lines().map(|row| row.split("\",\"").collect::<Vec<_>>()).collect();
    let more =
        ["shortfall bps", "shortfall crossing bps", "maker share", "run id", "side", "start\""];
    assert_eq!(rows[0][9..], more);
    // Parameters have quotes, too.
    let [shortfall, _, _, id, side, start] = &rows[2][rows[2].len() - 6..] else { panic!() };
    assert_eq!(second["ledger"]["quality"]["shortfall"]["total_bps"], **shortfall);
    assert_eq!(second["ledger"]["run"]["id"], *id);
    assert_eq!((*side, *start), ("buy", "\""));
    sandbox.write("runs.toml", "clips = 1\n");
    let run = sandbox.tesser("", &words).expect(101);
    assert!(run.stderr.contains("unknown field `clips`"), "{}", run.stderr);
}
