//! Tapes as exchanges and people have them: several symbols, gaps, rows out of order, packed streams.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;
use snapbox::{assert_data_eq, str};

use super::{VENUE, synthetic};
use crate::support::{Run, Sandbox, chase, process, tool};

fn rows() -> String {
    std::fs::read_to_string(synthetic()).unwrap()
}

fn over(sandbox: &Sandbox, tape: &str, more: &[&str]) -> Run {
    let chase = chase().to_str().unwrap();
    let words = ["replay", chase, "--tape", tape, "--quantity", "1", "--params", VENUE];
    sandbox.tesser("", &[&words[..], more].concat())
}

/// The rows of the tape with another time.
fn with_times(time: impl Fn(usize, i64) -> i64) -> String {
    let row = |(at, line): (usize, &str)| {
        let mut fields: Vec<_> = line.split(',').map(str::to_owned).collect();
        if at > 0 {
            fields[4] = time(at, fields[4].parse().unwrap()).to_string();
        }
        fields.join(",") + "\n"
    };
    rows().lines().enumerate().map(row).collect()
}

const DAY_MS: i64 = 86_400_000;

#[test]
fn a_gap_of_days_is_replayed_and_said_and_one_of_years_is_refused() {
    let sandbox = Sandbox::new();
    let gap = |days: i64| with_times(|at, time| if at < 5 { time } else { time + days * DAY_MS });
    sandbox.write("days.csv", gap(3));
    let text = over(&sandbox, "days.csv", &["--skip-bad-rows"]).expect(0).stdout;
    assert!(text.contains("note  no trade for more than a day, from 20"), "{text}");
    assert!(text.contains("tape  200 rows"), "{text}");
    sandbox.write("years.csv", gap(700));
    for flags in [&[][..], &["--skip-bad-rows"]] {
        assert_data_eq!(
            over(&sandbox, "years.csv", flags).expect(101).error(),
            str![[r#"
error: `years.csv` has no trade for 700 days, from [..] to [..]
hint: end the run there with `--to [..]`, or start after it with `--from [..]`
"#]]
        );
    }
    let run = over(&sandbox, "years.csv", &[]);
    let (_, from) = run.error().rsplit_once("--from ").unwrap();
    over(&sandbox, "years.csv", &["--from", from.trim_end().trim_end_matches('`')]).expect(0);
}

#[test]
fn a_little_disorder_is_sorted_and_more_of_it_is_refused_with_the_command_that_helps() {
    let sandbox = Sandbox::new();
    let expected = over(&sandbox, &synthetic(), &["--format", "csv"]).expect(0).stdout;
    let text = rows();
    let mut lines: Vec<_> = text.lines().collect();
    let time = |line: &str| line.split(',').nth(4).unwrap().parse::<i64>().unwrap();
    let mut late = 0;
    for pair in lines[1..]
        .chunks_mut(2)
        .filter(|pair| (1..=1_000).contains(&(time(pair[1]) - time(pair[0]))))
    {
        pair.reverse();
        late += 1;
    }
    assert!(late > 50, "{late}");
    sandbox.write("near.csv", lines.join("\n"));
    assert_eq!(over(&sandbox, "near.csv", &["--format", "csv"]).expect(0).stdout, expected);
    let text = over(&sandbox, "near.csv", &[]).stdout;
    assert!(text.contains(&format!("note  {late} rows were out of order by up to ")), "{text}");
    lines[1..].reverse();
    sandbox.write("far.csv", lines.join("\n"));
    for flags in [&[][..], &["--skip-bad-rows"]] {
        assert_data_eq!(
            over(&sandbox, "far.csv", flags).expect(101).error(),
            str![[r#"
error: `far.csv`, line [..]: the time goes back by [..] s, from [..] to [..]
hint: sort the rows by time: `(head -n 1 far.csv; tail -n +2 far.csv | sort -s -t',' -k5,5n) > sorted.csv`
"#]]
        );
    }
    #[cfg(unix)]
    {
        let run = over(&sandbox, "far.csv", &[]);
        let command = run.error().rsplit_once(": `").unwrap().1.trim_end().trim_end_matches('`');
        let mut sh = process("sh");
        sh.args(["-c", command]).current_dir(sandbox.path(""));
        assert!(sh.status().unwrap().success());
        assert_eq!(over(&sandbox, "sorted.csv", &["--format", "csv"]).expect(0).stdout, expected);
    }
}

/// What a run did, without what names its tape.
fn document(sandbox: &Sandbox, tape: &str) -> Value {
    let text = over(sandbox, tape, &["--format", "json"]).expect(0).stdout;
    let mut document: Value = serde_json::from_str(&text).unwrap();
    for name in ["run", "tape_rows", "notes"] {
        document.as_object_mut().unwrap().remove(name).unwrap();
    }
    document
}

#[test]
fn rows_of_other_symbols_change_no_figure_of_a_run() {
    let sandbox = Sandbox::new();
    let text = rows();
    let mut lines = text.lines();
    let header = format!("{},symbol\n", lines.next().unwrap());
    let alone = |line: &str| format!("{line},BTCUSDT\n");
    let mixed = |line: &str| {
        let fields: Vec<_> = line.split(',').collect();
        let (time, maker) = (fields[4], fields[5]);
        let ether = format!("1,2500.5,30,1,{time},{maker},ETHUSDT\n").repeat(2);
        format!("{ether}{line},BTCUSDT\n1,150,7,1,{time},{maker},SOLUSDT\n")
    };
    let alone = header.clone() + &lines.clone().map(alone).collect::<Vec<_>>().concat();
    let mixed = header + &lines.map(mixed).collect::<Vec<_>>().concat();
    sandbox.write("alone.csv", alone);
    sandbox.write("mixed.csv", mixed);
    assert_eq!(document(&sandbox, "mixed.csv"), document(&sandbox, "alone.csv"));
}

#[test]
fn a_symbol_that_does_not_occur_is_an_error_that_names_those_that_do() {
    let sandbox = Sandbox::new();
    let line = |(at, line): (usize, &str)| {
        format!("{line},{}\n", if at == 0 { "symbol" } else { "ETHUSDT" })
    };
    sandbox.write("tape.csv", rows().lines().enumerate().map(line).collect::<String>());
    let said = "`tape.csv` has no trade of `bybit_linear:BTCUSDT`: 200 rows are of `ETHUSDT`";
    for flags in [&[][..], &["--from", "2100-01-01T00:00:00Z"], &["--to", "2100-01-01T00:00:00Z"]] {
        let run = over(&sandbox, "tape.csv", flags).expect(101);
        assert!(run.stderr.starts_with(&format!("error: {said}\n")), "{}", run.stderr);
    }
    sandbox.write("runs.toml", "tapes = [\"tape.csv\"]\n");
    let chase = chase().to_str().unwrap();
    let words = ["replay", chase, "--sweep", "runs.toml", "--quantity", "1", "--params", VENUE];
    let run = sandbox.tesser("", &words).expect(1);
    assert!(
        run.stdout.contains("has no trade of `bybit_linear:BTCUSDT`: 200 rows are of `ETHUSDT`"),
        "{}",
        run.stdout
    );
    let late = ["--symbol", "ETHUSDT", "--from", "2100-01-01T00:00:00Z"];
    let run = over(&sandbox, "tape.csv", &late).expect(101);
    let said = "error: `tape.csv` has no trade of `bybit_linear:ETHUSDT` after `--from`: its last one is of 20";
    assert!(run.stderr.starts_with(said), "{}", run.stderr);
    let time = rows().lines().nth(1).unwrap().split(',').nth(4).unwrap().to_owned();
    sandbox.write("book.csv", format!("symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\nXRPUSDT,{time},{time},true,bid,1,1\n"));
    let run = over(&sandbox, &synthetic(), &["--book", "book.csv"]).expect(101);
    assert!(
        run.stderr.contains(
            "during the run or in the minute before it; it has order books of `XRPUSDT`\n"
        ),
        "{}",
        run.stderr
    );
}

#[test]
fn the_price_of_another_symbol_is_never_the_last_price_of_a_script() {
    let sandbox = Sandbox::new();
    let tick = |symbol: &str, price: u32| {
        format!(
            "{{\"tick\": {{\"symbol\": \"{symbol}\", \"price\": \"{price}\", \"size\": \"1\"}}}}\n"
        )
    };
    let order = |script: String| {
        sandbox.write("script.jsonl", script + "\"timer\"\n\"restart\"\n\"timer\"\n");
        over(&sandbox, "script.jsonl", &["--format", "csv"]).stdout
    };
    let own = tick("BTCUSDT", 40_000);
    let alone = order(own.clone());
    assert!(alone.contains("40000"), "{alone}");
    assert_eq!(order(own + &tick("ETHUSDT", 2_500)), alone);
    assert!(!order(tick("ETHUSDT", 2_500)).contains("2500"));
}

#[test]
fn packed_tapes_and_parquet_come_through_stdin() {
    let sandbox = Sandbox::new();
    let gzip = {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(rows().as_bytes()).unwrap();
        gzip.finish().unwrap()
    };
    let brotli = include_bytes!("brotli.parquet").to_vec();
    for (bytes, said) in
        [(gzip, ""), (brotli, "error: `-` is packed by brotli, which is not read\n")]
    {
        let words = ["--quantity", "1", "--params", VENUE];
        let mut command = tool();
        command.args(["tesser", "replay"]).arg(chase()).args(["--tape", "-"]).args(words);
        command.current_dir(sandbox.path("")).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(&bytes).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.success(), said.is_empty());
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(said), "{stderr}");
    }
}
