//! Which part of a tape is replayed, and what a run must reach.

use serde_json::Value;

use super::{VENUE, replay, synthetic};
use crate::support::{Sandbox, chase};

const START_MS: i64 = 1_704_067_200_201;

fn document(more: &[&str], code: i32) -> Value {
    let tape = synthetic();
    let words = ["replay", chase().to_str().unwrap(), "--tape", &tape, "--quantity", "2"];
    let words = [&words[..], &["--params", VENUE, "--format", "json"], more].concat();
    serde_json::from_str(&Sandbox::new().tesser("", &words).expect(code).stdout).unwrap()
}

fn number(document: &Value, name: &str) -> i64 {
    document["quality"][name].as_i64().unwrap()
}

#[test]
fn a_run_starts_with_the_first_trade_after_from() {
    // As a number, and as people write it.
    for from in ["1704067210000", "2024-01-01T00:00:10Z", "2024-01-01T02:00:10+02:00"] {
        let document = document(&["--from", from], 0);
        let start_ms = number(&document, "start_ms");
        assert!((1_704_067_210_000..1_704_067_212_000).contains(&start_ms), "{start_ms}");
        assert_eq!(document["orders"][0]["time_ms"].as_i64(), Some(start_ms + 1_000));
    }
    let words = ["--from", "yesterday"];
    let tape = synthetic();
    let run =
        Sandbox::new().tesser("", &[&["replay", "x.wasm", "--tape", &tape][..], &words].concat());
    assert_eq!(
        run.expect(2).error().lines().next(),
        Some(
            "error: invalid value 'yesterday' for '--from <TIME>': it must be milliseconds since the Unix epoch, from \
             the year 2000 on, or a time such as `2024-01-31T08:00:00Z`"
        )
    );
}

#[test]
fn benchmarks_are_of_the_horizon_whenever_the_run_was_done() {
    let runs = ["0.1", "0.5"].map(|clip| {
        let params = format!(r#"{{"venue":"bybit_linear","clip_size":"{clip}"}}"#);
        let tape = synthetic();
        let words = ["replay", chase().to_str().unwrap(), "--tape", &tape, "--quantity", "1"];
        let more = ["--params", &params, "--format", "json", "--horizon", "60"];
        let run = Sandbox::new().tesser("", &[&words[..], &more].concat()).expect(0);
        serde_json::from_str::<Value>(&run.stdout).unwrap()
    });
    let [small, large] = &runs;
    assert!(small["quality"]["filled_ms"].as_i64() > large["quality"]["filled_ms"].as_i64());
    for name in ["start_ms", "interval_ms", "vwap", "twap", "traded", "last_price"] {
        assert_eq!(small["quality"][name], large["quality"][name], "{name}");
    }
    assert_eq!(number(small, "interval_ms"), 60_000);
}

#[test]
fn a_run_ends_with_its_horizon_or_at_to() {
    let to = (START_MS + 6_000).to_string();
    for words in [["--horizon", "6"], ["--to", &to]] {
        let document = document(&words, 0);
        assert_eq!(document["ending"]["state"], "horizon-over", "{words:?}");
        let orders = document["orders"].as_array().unwrap();
        let last_ms = orders.last().unwrap()["time_ms"].as_i64().unwrap();
        assert_eq!((orders.len(), last_ms - START_MS), (6, 6_000), "{words:?}");
        // Prices after it still tell what the fills were worth.
        let marked = &document["quality"]["markouts"][2];
        assert_eq!(marked["seconds"], 60);
        assert_eq!(
            marked["fills"].as_u64(),
            Some(document["fills"].as_array().unwrap().len() as u64)
        );
    }
    let table = replay(&["--tape", &synthetic(), "--quantity", "2", "--horizon", "6"], 0);
    assert!(table.contains("ending  not completed at the end of the horizon"), "{table}");
}

#[test]
fn expectations_decide_the_exit_code() {
    let met = ["--expect", "completed", "--min-filled", "1", "--max-shortfall-bps", "50"];
    assert_eq!(document(&met, 0)["errors"], serde_json::json!([]));
    let missed = [
        &["--horizon", "6", "--expect", "completed", "--min-filled", "0.9"][..],
        &["--max-shortfall-bps", "-40"],
    ];
    let document = document(&missed.concat(), 1);
    let errors: Vec<_> = document["errors"].as_array().unwrap().iter().collect();
    let filled = document["filled"].as_str().unwrap().trim_end_matches('0');
    let bps = &document["quality"]["shortfall"]["total_crossing_bps"].as_str().unwrap();
    let expected = [
        "expected: completed; it is not completed at the end of the horizon".to_owned(),
        format!("expected: at least 1.8 filled; it is {filled}"),
        format!(
            "expected: a shortfall of at most -40 bps; it is {bps} bps, with the rest taken at the end"
        ),
    ];
    assert_eq!(errors, expected.iter().collect::<Vec<_>>());
}
