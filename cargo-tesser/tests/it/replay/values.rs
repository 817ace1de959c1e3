//! Values on the command line: out of range, too long, empty.

use snapbox::{assert_data_eq, str};

use super::{VENUE, synthetic};
use crate::support::{Sandbox, chase};

fn refused(flag: &str, value: &str) -> String {
    let words = ["replay", "x.wasm", "--tape", "x.csv", "--quantity", "1"];
    let words = if flag == "--quantity" { &words[..4] } else { &words[..] };
    let run = Sandbox::new().tesser("", &[words, &[flag, value]].concat()).expect(2);
    run.stderr.lines().next().unwrap_or_default().to_owned() + "\n"
}

#[test]
fn a_number_out_of_range_is_told_with_the_range() {
    let mut said = String::new();
    for (flag, value) in [
        ("--quantity", "0"),
        ("--quantity", "many"),
        ("--restart-after", "0"),
        ("--latency-ms", "-5"),
        ("--timer-phase", "2000"),
        ("--down", "90000"),
        ("--reconnect-after", "-1"),
        ("--participation", "1.5"),
        ("--maker-fee", "20000"),
        ("--max-order", "-1"),
        ("--queue", "-1"),
        ("--reject", "0"),
    ] {
        said += &refused(flag, value);
    }
    said += Sandbox::new()
        .tesser("", &["validate", "--max-size", "-1"])
        .expect(2)
        .stderr
        .lines()
        .next()
        .unwrap();
    assert_data_eq!(
        said,
        str![[r#"
error: invalid value '0' for '--quantity <QUANTITY>': it must be more than 0
error: invalid value 'many' for '--quantity <QUANTITY>': it must be a number of at most 28 digits, such as `0.25`
error: invalid value '0' for '--restart-after <ROWS>': it must be a whole number of rows, 1 or more
error: invalid value '-5' for '--latency-ms <MS>': it must be from 0 to 86399999 ms, less than a day
error: invalid value '2000' for '--timer-phase <MS>': it must be from 0 to 1000 ms, one period of the timer
error: invalid value '90000' for '--down <SECONDS>': it must be from 0 to 86400 s, a day
error: invalid value '-1' for '--reconnect-after <SECONDS>': it must be from 0 to 31536000 s, a year
error: invalid value '1.5' for '--participation <SHARE>': it must be more than 0 and at most 1, which is all of a trade
error: invalid value '20000' for '--maker-fee <BPS>': it must be from -10000 to 10000 basis points
error: invalid value '-1' for '--max-order <QUANTITY>': it must be 0 or more
error: invalid value '-1' for '--queue <QUANTITY>': it must be 0 or more
error: invalid value '0' for '--reject <NUMBERS>': it must be the number of an order, 1 or more
error: invalid value '-1' for '--max-size <BYTES>': it must be a whole number of bytes
"#]]
    );
}

#[test]
fn a_symbol_that_lacks_a_part_is_refused() {
    let mut said = String::new();
    for symbol in ["", "  ", ":", "bybit_linear:", ":BTCUSDT"] {
        said += &refused("--symbol", symbol);
    }
    assert_data_eq!(
        said,
        str![[r#"
error: invalid value '' for '--symbol <SYMBOL>': it is empty
error: invalid value '  ' for '--symbol <SYMBOL>': it is empty
error: invalid value ':' for '--symbol <SYMBOL>': it must be a code, or a venue and a code: `bybit_linear:BTCUSDT`
error: invalid value 'bybit_linear:' for '--symbol <SYMBOL>': it must be a code, or a venue and a code: `bybit_linear:BTCUSDT`
error: invalid value ':BTCUSDT' for '--symbol <SYMBOL>': it must be a code, or a venue and a code: `bybit_linear:BTCUSDT`

"#]]
    );
}

#[test]
fn long_values_are_cut_where_they_are_told() {
    let sandbox = Sandbox::new();
    let chase = chase().to_str().unwrap();
    let long = "x".repeat(100_000);
    let tape = synthetic();
    let words = ["replay", chase, "--tape", &tape, "--quantity", "1", "--params"];
    sandbox.write("long.json", format!("[\"{long}\""));
    for (params, code) in [
        (format!("{{\"venue\":\"{long}"), 2),
        (format!("{{\"venue\":\"{long}\"}}"), 1),
        (format!("{{\"venue\":\"bybit_linear\",\"{long}\":1}}"), 2),
        (format!("{{\"venue\":\"bybit_linear\",\"clip_size\":\"{long}\"}}"), 2),
        (long.clone(), 2),
        ("@long.json".into(), 2),
    ] {
        let run = sandbox.tesser("", &[&words[..], &[params.as_str()]].concat()).expect(code);
        let told = run.stdout.len() + run.stderr.len();
        assert!(told < 3_000, "{told} bytes for {}..", &params[..20.min(params.len())]);
    }
    let venue = sandbox
        .tesser("", &["replay", chase, "--tape", &tape, "--quantity", "1", "--venue", &long]);
    assert!(venue.stderr.len() < 1_000, "{}", venue.stderr);
    let params = format!("{{\"venue\":\"bybit_linear\",\"{long}\":1}}");
    let run = sandbox.tesser("", &["validate", chase, "--params", &params]).expect(1);
    assert!(run.stderr.len() < 2_000, "{}", run.stderr);
}

#[test]
fn a_sweep_fits_a_screen_whatever_its_paths_and_parameters_are() {
    let sandbox = Sandbox::new();
    let folder = "a/folder/whose/name/goes/on/and/on/until/nobody/reads/it/any/more";
    let tape = format!("{folder}/trades.csv");
    sandbox.write(&tape, std::fs::read(synthetic()).unwrap());
    let runs = format!(
        "tapes = [\"{tape}\", \"{folder}/none.csv\"]\n[[params]]\nclip_size = \"0.1\"\n[[params]]\nclip_size = \"0.2\"\n"
    );
    sandbox.write("runs.toml", runs);
    let chase = chase().to_str().unwrap();
    let words = ["replay", chase, "--sweep", "runs.toml", "--quantity", "1", "--params", VENUE];
    let run = sandbox.tesser("", &words).expect(1);
    assert_data_eq!(
        run.stdout,
        str![[r#"
  run                              tape         params  orders  filled  unfilled     mean price  arrival bps  VWAP bps  shortfall bps                            ending
    1  …dy/reads/it/any/more/trades.csv  clip_size=0.1      10       1         0      39984.892      -1.9724   -5.4645        -1.9724                         completed
    2  …dy/reads/it/any/more/trades.csv  clip_size=0.2       5       1         0  39990.1856936      -0.6487    0.4223        -0.6487                         completed
    3  …body/reads/it/any/more/none.csv  clip_size=0.1                                                                                 cannot read `./a/folder/whose/n…
    4  …body/reads/it/any/more/none.csv  clip_size=0.2                                                                                 cannot read `./a/folder/whose/n…
  run 3: cannot read `./a/folder/whose/name/goes/on/and/on/until/nobody/reads/it/any/more/none.csv`
  run 4: cannot read `./a/folder/whose/name/goes/on/and/on/until/nobody/reads/it/any/more/none.csv`

"#]]
    );
    // What was cut is in the other formats.
    let csv = sandbox.tesser("", &[&words[..], &["--format", "csv"]].concat()).expect(1).stdout;
    assert!(csv.contains(&tape) && csv.contains("bybit_linear"), "{csv}");
}

#[test]
fn a_run_of_a_sweep_that_is_wrong_says_why() {
    let sandbox = Sandbox::new();
    std::fs::copy(synthetic(), sandbox.path("tape.csv")).unwrap();
    sandbox.write("runs.toml", "tapes = [\"tape.csv\"]\n[[params]]\nlimit_price = \"100\"\n");
    let chase = chase().to_str().unwrap();
    let words = ["replay", chase, "--sweep", "runs.toml", "--quantity", "1", "--params", VENUE];
    let run = sandbox.tesser("", &words).expect(1);
    let last = run.stdout.lines().last().unwrap_or_default();
    let said = "  run 1: error: nothing of the target of 1 was filled: the tape has 200 trades of `bybit_linear:BTCUSDT`";
    assert!(last.starts_with(said), "{}", run.stdout);
    assert!(last.ends_with("; not completed when the tape ended"), "{}", run.stdout);
}

#[test]
fn a_page_in_a_folder_that_is_not_there_is_an_error_before_the_run() {
    let sandbox = Sandbox::new();
    let words =
        ["replay", "x.wasm", "--tape", "x.csv", "--quantity", "1", "--report", "none/page.html"];
    let run = sandbox.tesser("", &words).expect(101);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: cannot write `none/page.html`: there is no folder `none`
hint: create it with `mkdir -p none`

"#]]
    );
    assert!(!sandbox.path("none").exists());
}
