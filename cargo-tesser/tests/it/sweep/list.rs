//! Which runs a sweep's file means.

use std::fs;

use snapbox::{assert_data_eq, str};

use super::{WORDS, folder};
use crate::replay::VENUE;
use crate::support::chase;

#[test]
fn a_sweep_is_tapes_times_parameters_times_starts_times_sides() {
    let sandbox = folder();
    let toml = "tapes = [\"tapes/?.csv\"]\nstarts = { every = \"15s\", count = 2 }\nsides = [\"buy\", \"sell\"]\n\
                [[params]]\nclip_size = { from = \"0.2\", to = \"0.4\", step = \"0.2\" }\n";
    sandbox.write("runs.toml", toml);
    let table = sandbox.tesser("", &WORDS).expect(0).stdout;
    let columns: Vec<_> = table
        .lines()
        .map(|line| line.split_whitespace().take(5).collect::<Vec<_>>().join("  ") + "\n")
        .collect();
    assert_data_eq!(
        columns[..12].concat(),
        str![[r#"
run  tape  start  side  params
1  ./tapes/1.csv  2024-01-01T00:00:00.201Z  buy  clip_size=0.2
2  ./tapes/1.csv  2024-01-01T00:00:00.201Z  sell  clip_size=0.2
3  ./tapes/1.csv  2024-01-01T00:00:15.201Z  buy  clip_size=0.2
4  ./tapes/1.csv  2024-01-01T00:00:15.201Z  sell  clip_size=0.2
5  ./tapes/1.csv  2024-01-01T00:00:00.201Z  buy  clip_size=0.4
6  ./tapes/1.csv  2024-01-01T00:00:00.201Z  sell  clip_size=0.4
7  ./tapes/1.csv  2024-01-01T00:00:15.201Z  buy  clip_size=0.4
8  ./tapes/1.csv  2024-01-01T00:00:15.201Z  sell  clip_size=0.4
9  ./tapes/2.csv  2024-01-02T00:00:00.201Z  buy  clip_size=0.2
10  ./tapes/2.csv  2024-01-02T00:00:00.201Z  sell  clip_size=0.2
11  ./tapes/2.csv  2024-01-02T00:00:15.201Z  buy  clip_size=0.2

"#]]
    );
    // A run has what the list says of it.
    let csv = sandbox.tesser("", &[&WORDS[..], &["--format", "csv"]].concat()).expect(0).stdout;
    let third = csv.lines().nth(3).unwrap();
    assert!(third.ends_with(",\"buy\",\"2024-01-01T00:00:15.201Z\""), "{third}");
    let from = ["--from", "2024-01-01T00:00:15.201Z", "--tape", "tapes/1.csv", "--horizon", "30"];
    let params = r#"{"venue":"bybit_linear","clip_size":"0.2"}"#;
    let single =
        ["replay", "chase.wasm", "--quantity", "1", "--params", params, "--format", "json"];
    let single = sandbox.tesser("", &[&single[..], &from].concat()).expect(0).stdout;
    let single: serde_json::Value = serde_json::from_str(&single).unwrap();
    assert!(third.contains(single["run"]["id"].as_str().unwrap()), "{third}");
}

#[test]
fn a_list_that_cannot_be_run_says_why() {
    let sandbox = folder();
    fs::remove_file(sandbox.path("chase.wasm")).unwrap();
    let mut said = String::new();
    for toml in [
        "",
        "sides = [\"long\"]",
        "sides = []\ntapes = [\"tapes/1.csv\"]",
        "tapes = [\"monday-*.csv\"]",
        "tapes = [\"[\"]",
        "starts = [\"2024-01-01\"]\ntapes = [\"tapes/1.csv\"]",
        "starts = { every = \"1ms\", count = 20_000_000 }\ntapes = [\"tapes/1.csv\"]",
    ] {
        sandbox.write("runs.toml", toml);
        said += sandbox.tesser("", &WORDS).expect(101).stderr.lines().next().unwrap_or_default();
        said.push('\n');
    }
    assert_data_eq!(
        said,
        str![[r#"
error: `runs.toml` is not a list of runs: it names neither tapes nor parameters, starts or sides
error: `runs.toml` is not a list of runs: unknown variant `long`, expected `buy` or `sell`
error: `runs.toml` is not a list of runs: it has no runs: one of its lists is empty
error: `runs.toml` is not a list of runs: no tape matches `monday-*.csv`
error: `runs.toml` is not a list of runs: `[`: Pattern syntax error near position 2: invalid range pattern
error: `runs.toml` is not a list of runs: `2024-01-01` of `starts` is not a time: write milliseconds since the Unix epoch, from the year 2000 on, or `2024-01-31T08:00:00Z`
error: `runs.toml` is not a list of runs: it has more than 10000000 runs

"#]]
    );
}

#[test]
fn more_runs_than_fit_into_memory_need_a_folder() {
    let sandbox = folder();
    let toml = "starts = { every = \"1ms\", count = 10_001 }\ntapes = [\"tapes/1.csv\"]";
    sandbox.write("runs.toml", toml);
    assert_data_eq!(
        sandbox.tesser("", &WORDS).expect(101).stderr,
        str![[r#"
error: the sweep has 10001 runs; without `--out`, or with `--format json`, the maximum is 10000
hint: `--out DIR` writes the results part by part; `cargo tesser sweep report DIR --format json` prints them

"#]]
    );
}

#[test]
fn a_sweep_that_is_written_to_a_folder_reads_no_pipe() {
    let sandbox = folder();
    sandbox.write("runs.toml", "sides = [\"buy\"]");
    let chase = chase().to_str().unwrap();
    let words = ["replay", chase, "--sweep", "runs.toml", "--tape", "-", "--quantity", "1"];
    let more = ["--params", VENUE, "--out", "out"];
    let run = sandbox.tesser("", &[&words[..], &more].concat()).expect(2);
    assert!(run.stderr.starts_with("error: `-` can be read only once"), "{}", run.stderr);
}
