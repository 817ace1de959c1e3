//! `cargo tesser replay`: the built chase plugin over trades.

use snapbox::{assert_data_eq, str};

use crate::support::{Sandbox, chase, root};

fn synthetic() -> String {
    root().join("templates/chase/tapes/synthetic.csv").display().to_string()
}

fn replay(words: &[&str], code: i32) -> String {
    let mut all = vec!["replay", chase().to_str().unwrap()];
    all.extend(words);
    let run = Sandbox::new().tesser("", &all).expect(code);
    // The hash differs from compiler to compiler.
    run.stdout.split_inclusive('\n').skip(1).collect()
}

#[test]
fn chase_completes_on_the_synthetic_tape() {
    let tape = synthetic();
    let text =
        replay(&["--tape", &tape, "--quantity", "2", "--params", r#"{"clip_size":"0.5"}"#], 0);
    assert_data_eq!(
        text,
        str![[r#"
        tape  200 rows, 332 calls of the plugin, 0 restarts
      target  2
      placed  2.0 in 4 orders, 6 amendments
      filled  2.00000 in 40 fills at a mean price of 40005.81398985
  still open  0
     arrival  39992.78, cost 3.2591 bps
        VWAP  40003.01794892, cost 0.699 bps
        TWAP  40009.61488308, cost -0.95 bps
      traded  5.92923 in 35.795 s
       share  33.7312 % of it
  first fill  3.138 s
 half filled  13.364 s
  all filled  35.795 s
    unfilled  0
         log  filled 2.00000 of 2, 0 still in open orders
      ending  completed

  number        time ms  side   type     price  quantity   filled     mean price   state
       1  1704067201201   buy  limit  39998.85       0.5  0.50000       39998.85  filled
       2  1704067202201   buy  limit  40004.48       0.5  0.50000  40018.1232978  filled
       3  1704067203201   buy  limit  40007.50       0.5  0.50000  40008.6337468  filled
       4  1704067204201   buy  limit  39975.71       0.5  0.50000  39997.6489148  filled

"#]]
    );
}

#[test]
fn a_restart_changes_nothing_of_what_is_ordered() {
    let tape = synthetic();
    let words = ["--tape", &tape, "--quantity", "2", "--side", "sell"];
    let plain = replay(&words, 0);
    for trades in ["1", "20", "60"] {
        let restarted = replay(&[&words[..], &["--restart-after", trades]].concat(), 0);
        let rows = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(rows(&restarted), rows(&plain), "restart after {trades} trades");
        assert!(restarted.contains("1 restarts"), "{restarted}");
    }
}

#[test]
fn a_restart_that_never_comes_is_not_a_pass() {
    let tape = synthetic();
    let text = replay(&["--tape", &tape, "--quantity", "1", "--restart-after", "5000"], 1);
    assert!(text.contains("error  the restart that was asked for never came"), "{text}");
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
    let text = replay(&["--tape", &tape, "--quantity", "2", "--params", r#"{"clip_size":0}"#], 1);
    assert!(
        text.contains("init refused the signal: params: `clip_size`: 0 is out of range"),
        "{text}"
    );
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
        let run =
            sandbox.tesser("", &["replay", plugin, "--tape", tape, "--quantity", "1"]).expect(101);
        said.push_str(&run.stderr);
        said.push('\n');
    }
    assert_data_eq!(
        said,
        str![[r#"
error: `bad.csv` has no column `price`
hint: a tape has the columns of `id,price,qty,quote_qty,time,is_buyer_maker`, or `--columns` names them: `price=px,quantity=sz`

error: `empty.csv` has no trades

error: cannot read `none.csv`

Caused by:
  No such file or directory (os error 2)

error: cannot run `core.wasm`

Caused by:
  the component does not compile: failed to parse WebAssembly module: attempted to parse a wasm module with a component parser
hint: `cargo tesser validate core.wasm` says what is wrong with it


"#]]
    );
}

#[test]
fn a_script_says_call_by_call_what_the_host_does() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "script.jsonl",
        r#""timer"
{"fill": {"order": 1, "price": "100", "quantity": "0.05"}}
"restart"
{"tick": {"price": "100", "size": "1", "side": "sell", "timestamp_ms": 7}}
"timer"
{"fill": {"order": 9, "price": "1", "quantity": "7"}}
"#,
    );
    let words =
        ["replay", chase().to_str().unwrap(), "--tape", "script.jsonl", "--quantity", "0.2"];
    let run = sandbox.tesser("", &words).expect(1);
    let text: String = run.stdout.split_inclusive('\n').skip(1).collect();
    assert_data_eq!(
        text,
        str![[r#"
        tape  6 rows, 14 calls of the plugin, 1 restarts
      target  0.2
      placed  0.2 in 2 orders, 0 amendments
      filled  7.05 in 2 fills at a mean price of 1.70212766
  still open  0.15
       error  more was filled than the target
         log  filled 7.05 of 0.2, 0.1 still in open orders
      ending  completed

  number  time ms  side   type  price  quantity  filled  mean price  state
       1        0   buy  limit      1       0.1    0.05         100   open
       2        7   buy  limit    100       0.1       0               open

"#]]
    );
}

#[test]
fn rows_that_cannot_be_read_are_left_out_when_asked_to() {
    let sandbox = Sandbox::new();
    sandbox.write("tape.csv", "1,100,5,500,1000,true,true\nx,y\n2,100,5,500,9000,false,true\n");
    let plugin = chase().to_str().unwrap();
    let words = ["replay", plugin, "--tape", "tape.csv", "--quantity", "0.2"];
    let run = sandbox.tesser("", &words).expect(101);
    assert!(run.stderr.contains("hint: `--skip-bad-rows`"), "{}", run.stderr);
    let run = sandbox.tesser("", &[&words[..], &["--skip-bad-rows"]].concat()).expect(0);
    assert!(run.stdout.contains("skipped  1 rows that cannot be read"), "{}", run.stdout);
}
