//! `cargo tesser compare`: the built chase plugin against itself with other parameters, over small tapes.

mod docs;

use std::fmt::Write as _;

use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::{Run, Sandbox, chase};

const DAY_MS: i64 = 86_400_000;

/// 2024-01-01T08:00:00Z.
const START_MS: i64 = 1_704_096_000_000;

const OLD: &str = r#"{"venue":"bybit_linear","clip_size":"0.5"}"#;
const NEW: &str = r#"{"venue":"bybit_linear","clip_size":"1"}"#;
/// As it is shown.
const NEW_SORTED: &str = r#"{"clip_size":"1","venue":"bybit_linear"}"#;
/// `init` accepts no such price step.
const REFUSED: &str = r#"{"venue":"bybit_linear","tick_size":10000}"#;
/// No trade comes near its limit.
const UNREACHED: &str = r#"{"venue":"bybit_linear","limit_price":1}"#;

/// A trade every second for two minutes, with prices that no two days share.
fn tape(day: i64) -> String {
    let mut text = "id,price,qty,quote_qty,time,is_buyer_maker\n".to_owned();
    let mut random = day.unsigned_abs() * 7_919 + 17;
    let mut price = 10_000_i64;
    for second in 0..120 {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        price += i64::try_from(random >> 33).unwrap() % 11 - 5;
        let time_ms = START_MS + day * DAY_MS + second * 1_000;
        let (whole, part, is_sold) = (price / 100, price % 100, (random >> 60).is_multiple_of(2));
        writeln!(text, "{second},{whole}.{part:02},1,{whole},{time_ms},{is_sold}").unwrap();
    }
    text
}

/// A folder with a tape for each day.
fn days(count: i64) -> Sandbox {
    let sandbox = Sandbox::new();
    for day in 0..count {
        sandbox.write(&format!("day-{day}.csv"), tape(day));
    }
    sandbox
}

/// OLD against NEW over all tapes of the folder.
fn compare(sandbox: &Sandbox, new: &str, more: &[&str]) -> Run {
    let plugin = chase().to_str().unwrap();
    let words = ["compare", plugin, "--params", OLD, "--new-params", new, "--quantity", "2"];
    let tapes = if more.iter().any(|word| ["--tape", "--sweep"].contains(word)) {
        &[][..]
    } else {
        &["--tape", "day-*.csv"]
    };
    sandbox.tesser("", &[&words[..], tapes, &["--horizon", "60"], more].concat())
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap()
}

/// The last line of the table.
fn verdict(run: &Run) -> &str {
    let last = run.stdout.lines().last().unwrap();
    last.trim_start().strip_prefix("verdict  ").unwrap()
}

/// Without what differs from compiler to compiler.
fn tidy(run: &Run) -> String {
    let lines = run.stdout.lines().map(|line| match line.split_once(" 0.1.0, sha256 ") {
        Some((before, after)) => {
            format!("{before} 0.1.0, sha256 [HASH]{}", &after[12..])
        }
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n").replace("[TARGET]/tesser/release/it_chase.wasm", "[CHASE]")
        + "\n"
}

#[test]
fn the_same_plugin_is_identical_to_itself() {
    let sandbox = days(2);
    let run =
        compare(&sandbox, OLD, &["--expect-identical", "--max-regression-bps", "0"]).expect(0);
    assert_eq!(verdict(&run), "identical: orders, fills and endings of 2 pairs are the same");
    assert!(
        run.stderr.contains("warning: OLD and NEW are the same plugin with the same parameters"),
        "{}",
        run.stderr
    );
    assert!(!run.stdout.contains("Means"), "{}", run.stdout);
}

#[test]
fn pairs_that_differ_are_shown_from_the_first_order_to_the_verdict() {
    let sandbox = days(6);
    let run = compare(&sandbox, NEW, &[]).expect(0);
    assert_data_eq!(
        tidy(&run),
        str![[r#"
         old  [CHASE] 0.1.0, sha256 [HASH] with {"clip_size":"0.5","venue":"bybit_linear"}
         new  [CHASE] 0.1.0, sha256 [HASH] with {"clip_size":"1","venue":"bybit_linear"}
      signal  2 of bybit_linear:BTCUSDT
       pairs  6 in 6 tape days
   identical  0

The first difference is order 1 of pair 1 (day-0.csv, buy, 1 s after the signal):

                                        OLD                       NEW
             sent  2024-01-01T08:00:01.000Z  2024-01-01T08:00:01.000Z
           symbol      bybit_linear:BTCUSDT      bybit_linear:BTCUSDT
             side                       buy                       buy
             type                     limit                     limit
            price                    100.02                    100.02
  *      quantity                       0.5                         1
     market price                    100.02                    100.02
          amended                   0 times                   0 times
  *        filled                       0.5                         1
       mean price                    100.02                    100.02
            state                    filled                    filled
            ended  2024-01-01T08:00:02.000Z  2024-01-01T08:00:02.000Z

Means over pairs. Less is better in each row, and a positive difference is a cost:

                               pairs      OLD      NEW  difference      95 % interval  better  worse  equal
  shortfall, rest taken (bps)      6   3.2918     4.25      0.9583  -0.1322 to 1.9506       0      4      2
              shortfall (bps)      6   3.2918     4.25      0.9583  -0.1322 to 1.9506       0      4      2
       unfilled (% of target)      6  33.3333  33.3333           0             0 to 0       0      0      6
          taker (% of filled)      4     62.5       75        12.5                  -       0      2      2
         fees (bps of target)      6        0        0           0             0 to 0       0      0      6
                       orders      6        4        2          -2           -2 to -2       6      0      0
         all filled after (s)      4    5.505    2.765       -2.74                  -       3      0      1
     markout after 10 s (bps)      4   2.2521   3.8771      1.6251                  -       0      4      0

  -  no interval: fewer than 6 tape days, or too many equal ones

Largest differences of the shortfall with the rest taken, in bps (4 of 4):

  pair       tape  side                     start      OLD      NEW  difference  first difference
     6  day-5.csv   buy  2024-01-06T08:00:00.000Z       -6       -4           2           order 1
     1  day-0.csv   buy  2024-01-01T08:00:00.000Z  -3.2494  -1.4997      1.7497           order 1
     4  day-3.csv   buy  2024-01-04T08:00:00.000Z    -7.25       -6        1.25           order 1
     5  day-4.csv   buy  2024-01-05T08:00:00.000Z    -4.75       -4        0.75           order 1

     verdict  no difference shown: NEW costs 0.9583 bps more, 95 % interval -0.1322 to 1.9506, 6 pairs in 6 tape days

"#]]
    );
}

#[test]
fn a_bound_is_met_if_the_interval_ends_below_it() {
    let sandbox = days(6);
    let run = compare(&sandbox, NEW, &["--max-regression-bps", "2"]).expect(0);
    assert!(run.stdout.contains("bound  at most 2 bps more: met\n"), "{}", run.stdout);
    let run = compare(&sandbox, NEW, &["--max-regression-bps", "1.9"]).expect(1);
    let error = "error  expected: at most 1.9 bps more; the interval ends at 1.9506 bps";
    assert!(run.stdout.contains(error), "{}", run.stdout);
    // With less confidence the interval is narrower.
    let words = ["--max-regression-bps", "1.9", "--confidence", "0.9"];
    compare(&sandbox, NEW, &words).expect(0);
}

#[test]
fn a_comparison_is_the_same_each_time() {
    let sandbox = days(6);
    let run = || compare(&sandbox, NEW, &["--format", "json"]).expect(0).stdout;
    assert_eq!(run(), run());
}

#[test]
fn one_tape_is_no_verdict() {
    let sandbox = days(1);
    let run = compare(&sandbox, NEW, &[]).expect(0);
    let few = "1 tape day is too few for an interval: at least 6 are needed";
    assert!(verdict(&run).starts_with("undecided: NEW costs"), "{}", run.stdout);
    assert!(verdict(&run).ends_with(few), "{}", run.stdout);
    let run = compare(&sandbox, NEW, &["--max-regression-bps", "100"]).expect(1);
    let error = "error  expected: at most 100 bps more; there is no interval";
    assert!(run.stdout.contains(error), "{}", run.stdout);
    let run = compare(&sandbox, NEW, &["--expect-identical"]).expect(1);
    let error = "error  expected: identical; 1 of 1 pair differs";
    assert!(run.stdout.contains(error), "{}", run.stdout);
}

#[test]
fn new_is_worse_where_only_it_fails() {
    let sandbox = days(2);
    let run = compare(&sandbox, REFUSED, &[]).expect(1);
    assert_eq!(verdict(&run), "worse: NEW fails in 2 of 2 pairs, and OLD does not");
    let failed = "failed  pair 1 (day-0.csv, buy): NEW fails: init refused the signal";
    assert!(run.stdout.contains(failed), "{}", run.stdout);
    assert!(run.stdout.contains("failed  0 of OLD, 2 of NEW\n"), "{}", run.stdout);
    // A wide bound for costs excuses no failure.
    compare(&sandbox, REFUSED, &["--max-regression-bps", "10000"]).expect(1);
}

#[test]
fn new_is_worse_if_it_fills_nothing() {
    let sandbox = days(2);
    let run = compare(&sandbox, UNREACHED, &[]).expect(1);
    assert_eq!(verdict(&run), "worse: NEW fills nothing in any of 2 pairs");
    // It has its cost, and is no failure of the plugin.
    assert!(!run.stdout.contains("failed"), "{}", run.stdout);
}

#[test]
fn tapes_that_cannot_be_read_are_named() {
    let sandbox = days(1);
    let run = compare(&sandbox, NEW, &["--tape", "none.csv"]).expect(101);
    assert!(run.error().starts_with("error: cannot read `none.csv`"), "{}", run.stderr);
    let run = compare(&sandbox, NEW, &["--tape", "none-*.csv"]).expect(101);
    assert_eq!(run.error(), "error: no tape matches `none-*.csv`");
    let run = compare(&sandbox, NEW, &["--tape", "day-0.csv", "none.csv"]).expect(1);
    assert_eq!(verdict(&run), "incomplete: 1 of 2 pairs could not be run");
    let failed = "failed  pair 2 (none.csv, buy): both fail: cannot read `none.csv`";
    assert!(run.stdout.contains(failed), "{}", run.stdout);
    let run = compare(&sandbox, NEW, &["--tape", "-"]).expect(2);
    let stream = "error: `-` can be read only once, and each run reads its tape";
    assert!(run.error().starts_with(stream), "{}", run.stderr);
}

#[test]
fn runs_start_again_and_on_both_sides_in_one_cluster() {
    let sandbox = days(1);
    let run = compare(&sandbox, NEW, &["--every", "25s", "--both-sides", "--format", "json"]);
    let document = json(&run.expect(0));
    let pairs = document["pairs"].as_array().unwrap();
    let runs = pairs.iter().map(|pair| {
        let start_ms = pair["start_ms"].as_i64().unwrap();
        (start_ms - START_MS, pair["side"].as_str().unwrap())
    });
    // The last trade comes after 119 s, and a run of 60 s that starts after 75 s is not whole.
    let expected = [
        (0, "buy"),
        (0, "sell"),
        (25_000, "buy"),
        (25_000, "sell"),
        (50_000, "buy"),
        (50_000, "sell"),
    ];
    assert_eq!(runs.collect::<Vec<_>>(), expected);
    assert_eq!(document["statistics"]["clusters"], 1);
    assert_eq!(document["figures"][0]["no_interval"], "few-clusters");
}

#[test]
fn starts_are_clusters_only_if_runs_do_not_overlap() {
    let sandbox = days(1);
    let starts = |every: &str, horizon: &str| {
        let more = ["--every", every, "--cluster", "start", "--format", "json"];
        let words = ["compare", chase().to_str().unwrap(), "--params", OLD, "--new-params", NEW];
        let tape = ["--quantity", "2", "--tape", "day-0.csv", "--horizon", horizon];
        sandbox.tesser("", &[&words[..], &tape, &more].concat())
    };
    let document = json(&starts("15s", "15").expect(0));
    assert_eq!(document["statistics"]["clusters"], 7);
    assert!(document["figures"][0]["interval"].is_object(), "{document:#}");
    let run = starts("14s", "15").expect(2);
    assert_data_eq!(
        run.error(),
        str![[r#"
error: `--cluster start` needs independent runs, but runs of one tape overlap
hint: runs do not overlap if `--every` is at least `--horizon`; without `--cluster`, all starts of a day are one cluster
"#]]
    );
}

#[test]
fn the_same_bytes_under_two_names_are_one_cluster() {
    let sandbox = days(1);
    sandbox.write("day-copy.csv", tape(0));
    let document = json(&compare(&sandbox, NEW, &["--format", "json"]).expect(0));
    assert_eq!(document["pairs"].as_array().unwrap().len(), 2);
    assert_eq!(document["statistics"]["clusters"], 1);
}

#[test]
fn each_file_of_a_folder_is_a_tape() {
    let sandbox = Sandbox::new();
    (0..2).for_each(|day| drop(sandbox.write(&format!("tapes/day-{day}.csv"), tape(day))));
    let run = compare(&sandbox, OLD, &["--tape", "tapes"]).expect(0);
    assert_eq!(verdict(&run), "identical: orders, fills and endings of 2 pairs are the same");
}

#[test]
fn more_runs_than_can_be_held_are_refused() {
    let sandbox = days(1);
    let both = "--every 1ms --both-sides".split(' ');
    // 59,001 starts on each of two tapes.
    let words: Vec<_> = both.chain(["--tape", "day-0.csv", "day-0.csv"]).collect();
    let run = compare(&sandbox, NEW, &words).expect(101);
    let many = "error: these are more than 200000 runs; name fewer tapes, or start them less often";
    assert_eq!(run.error(), many);
}

#[test]
fn a_sweeps_file_has_the_runs_and_its_parameters_hold_for_both() {
    let sandbox = days(2);
    sandbox.write(
        "runs.toml",
        "tapes = [\"day-*.csv\"]\nsides = [\"buy\", \"sell\"]\n[[params]]\nclip_size = \"0.25\"\n",
    );
    let run = compare(&sandbox, NEW, &["--sweep", "runs.toml"]).expect(0);
    assert_eq!(verdict(&run), "identical: orders, fills and endings of 4 pairs are the same");
}

#[test]
fn without_new_the_plugin_of_the_crate_is_compared() {
    let sandbox = Sandbox::new();
    sandbox.write("day-0.csv", tape(0));
    let old = chase().to_str().unwrap();
    let words = ["compare", old, "--tape", "day-0.csv", "--quantity", "2", "--params", OLD];
    let run = sandbox.tesser("", &words).expect(2);
    assert_data_eq!(
        run.error(),
        str![[r#"
error: only one plugin is given, and this folder is not in a crate that could be built as the new one
hint: give two paths, or `--new-params` to compare the plugin with itself
"#]]
    );
    sandbox.tesser("", &["new", "it-compared", "--vcs", "none"]).expect(0);
    // Quantity and parameters are those of its test settings.
    let words = ["compare", old, "--tape", "../day-0.csv"];
    let run = sandbox.tesser("it-compared", &words).expect(0);
    assert!(run.stdout.contains("it_compared.wasm 0.1.0"), "{}", run.stdout);
    assert!(verdict(&run).starts_with("identical"), "{}", run.stdout);
    // Both at once: the file with its parameters, and the named package with others.
    let both = ["--params", OLD, "--new-params", NEW, "-p", "it-compared"];
    let run = sandbox.tesser("it-compared", &[&words[..], &both].concat()).expect(0);
    let new = run.stdout.lines().find(|line| line.starts_with("         new  ")).unwrap();
    assert!(new.contains("it_compared.wasm 0.1.0") && new.ends_with(NEW_SORTED), "{new}");
}
