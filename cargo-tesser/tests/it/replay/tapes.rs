//! Where tapes come from, how they are packed, and what is said of those that do not fit the session.

use std::io::Write as _;
use std::process::Stdio;

use snapbox::{assert_data_eq, str};

use super::{VENUE, synthetic};
use crate::support::{Run, Sandbox, chase, process, tool};

fn rows() -> String {
    std::fs::read_to_string(synthetic()).unwrap()
}

/// The rows with one more column.
fn with_symbols(symbol: impl Fn(usize) -> &'static str) -> String {
    let line = |(at, line): (usize, &str)| {
        format!("{line},{}\n", if at == 0 { "symbol" } else { symbol(at) })
    };
    rows().lines().enumerate().map(line).collect()
}

fn over(sandbox: &Sandbox, tape: &str, more: &[&str]) -> Run {
    let chase = chase().to_str().unwrap();
    let words = ["replay", chase, "--tape", tape, "--quantity", "1", "--params", VENUE];
    sandbox.tesser("", &[&words[..], more].concat())
}

/// A zip archive of files without compression.
fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let mut crc = flate2::Crc::new();
        crc.update(text.as_bytes());
        let size = u32::try_from(text.len()).unwrap().to_le_bytes();
        let offset = u32::try_from(archive.len()).unwrap().to_le_bytes();
        let length = u16::try_from(name.len()).unwrap().to_le_bytes();
        // From the version that is needed to the length of the extra field.
        let head =
            [&[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0][..], &crc.sum().to_le_bytes(), &size, &size]
                .concat();
        archive.extend([b"PK\x03\x04", &head[..], &length, &[0; 2], name.as_bytes()].concat());
        archive.extend(text.as_bytes());
        directory.extend([b"PK\x01\x02\x14\0", &head[..], &length, &[0; 12], &offset].concat());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    let size = u32::try_from(directory.len()).unwrap().to_le_bytes();
    let start = u32::try_from(archive.len()).unwrap().to_le_bytes();
    archive.extend(directory);
    archive.extend([b"PK\x05\x06\0\0\0\0", &count[..], &count, &size, &start, &[0; 2]].concat());
    archive
}

#[test]
fn a_tape_comes_through_stdin() {
    let sandbox = Sandbox::new();
    let file = sandbox.write("tape.zip", zip(&[("trades.csv", &rows())]));
    for tape in [synthetic().into(), file] {
        let words = ["--quantity", "1", "--params", VENUE, "--format", "csv"];
        let mut command = tool();
        command.args(["tesser", "replay"]).arg(chase()).args(["--tape", "-"]).args(words);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let bytes = std::fs::read(&tape).unwrap();
        child.stdin.take().unwrap().write_all(&bytes).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", tape.display());
        assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 11);
    }
}

#[cfg(unix)]
#[test]
fn a_tape_comes_through_a_pipe_but_not_from_a_device() {
    let sandbox = Sandbox::new();
    let pipe = sandbox.path("pipe");
    assert!(process("mkfifo").arg(&pipe).status().unwrap().success());
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::write(pipe, rows()).unwrap()
    });
    over(&sandbox, "pipe", &[]).expect(0);
    writer.join().unwrap();
    let run = over(&sandbox, "/dev/zero", &[]).expect(101);
    assert!(run.stderr.contains("it is not a regular file"), "{}", run.stderr);
    // Each run of a sweep reads the tape, and a pipe can be read once.
    sandbox.write(
        "runs.toml",
        "[[params]]\nclip_size = { from = \"0.1\", to = \"0.2\", step = \"0.1\" }\n",
    );
    for tape in ["pipe", "-"] {
        let run = over(&sandbox, tape, &["--sweep", "runs.toml"]).expect(2);
        let said = format!("error: `{tape}` can be read only once, and each run reads its tape");
        assert!(run.stderr.starts_with(&said), "{}", run.stderr);
    }
}

#[test]
fn a_zip_archive_with_one_file_is_read() {
    let sandbox = Sandbox::new();
    sandbox.write("one.zip", zip(&[("BTCUSDT.csv", &rows()), ("__MACOSX/._BTCUSDT.csv", "x")]));
    over(&sandbox, "one.zip", &[]).expect(0);
    sandbox.write("two.zip", zip(&[("a.csv", &rows()), ("b.txt", &rows())]));
    assert_data_eq!(
        over(&sandbox, "two.zip", &[]).expect(101).error(),
        str![[r#"
error: `two.zip` holds `a.csv`, `b.txt`, which are not all of one kind
hint: hand one over: `unzip -p two.zip a.csv | cargo tesser replay .. --tape -`
"#]]
    );
    // A byte of the text is another one.
    let mut broken = zip(&[("BTCUSDT.csv", &rows())]);
    let at = broken.len() / 2;
    broken[at] = if broken[at] == b'1' { b'2' } else { b'1' };
    sandbox.write("broken.zip", broken);
    let run = over(&sandbox, "broken.zip", &["--skip-bad-rows"]).expect(101);
    assert!(run.stderr.contains("cannot read `broken.zip`"), "{}", run.stderr);
}

#[test]
fn what_another_program_must_unpack_is_named_with_that_program() {
    let sandbox = Sandbox::new();
    for (name, bytes, what) in [
        (
            "t.bz2",
            &b"BZh91AY&SY"[..],
            "packed by bzip2, which is not read\nhint: hand it over unpacked: `bzip2 -dc t.bz2 |",
        ),
        (
            "t.xz",
            b"\xFD7zXZ\0\0\x04",
            "packed by xz, which is not read\nhint: hand it over unpacked: `xz -dc t.xz |",
        ),
        (
            "t.csv",
            b"\xFF\xFEp\0r\0",
            "UTF-16, which is not read\nhint: hand it over unpacked: `iconv -f UTF-16 -t UTF-8 t.csv |",
        ),
    ] {
        sandbox.write(name, bytes);
        let run = over(&sandbox, name, &[]).expect(101);
        assert!(run.error().contains(what), "{}", run.stderr);
    }
}

#[test]
fn a_tape_without_trades_of_the_symbol_is_no_run() {
    let sandbox = Sandbox::new();
    let mut said = String::new();
    for symbol in ["ETHUSDT", "BTC-USDT", "bybit_spot:BTCUSDT", ""] {
        sandbox.write("tape.csv", with_symbols(|_| symbol));
        said += over(&sandbox, "tape.csv", &[]).expect(101).error();
        said.push('\n');
        let words = over(&sandbox, "tape.csv", &["--columns", "symbol="]).expect(0).stdout;
        assert!(words.contains("filled  1.0 in 10 fills"), "{words}");
    }
    assert_data_eq!(
        said,
        str![[r#"
error: `tape.csv` has no trade of `bybit_linear:BTCUSDT`: 200 rows are of `ETHUSDT`
hint: use `--symbol ETHUSDT` for a session of that symbol; if it is only another spelling, use `--columns symbol=` to treat all rows as rows of `bybit_linear:BTCUSDT`
error: `tape.csv` has no trade of `bybit_linear:BTCUSDT`: 200 rows are of `BTC-USDT`
hint: use `--symbol BTC-USDT` for a session of that symbol; if it is only another spelling, use `--columns symbol=` to treat all rows as rows of `bybit_linear:BTCUSDT`
error: `tape.csv` has no trade of `bybit_linear:BTCUSDT`: 200 rows are of `bybit_spot:BTCUSDT`
hint: use `--symbol bybit_spot:BTCUSDT` for a session of that symbol; if it is only another spelling, use `--columns symbol=` to treat all rows as rows of `bybit_linear:BTCUSDT`
error: `tape.csv` has no trade of `bybit_linear:BTCUSDT`: 200 rows have an empty symbol
hint: use `--columns symbol=` to treat all rows as rows of `bybit_linear:BTCUSDT`

"#]]
    );
    // Case does not matter, and the venue may be missing.
    for symbol in ["btcusdt", "Bybit_Linear:BtcUsdt"] {
        sandbox.write("tape.csv", with_symbols(|_| symbol));
        over(&sandbox, "tape.csv", &[]).expect(0);
    }
}

#[test]
fn rows_of_other_symbols_are_counted_and_the_run_starts_with_an_own_one() {
    let sandbox = Sandbox::new();
    let symbol = |at: usize| match at {
        1..=10 => "ETHUSDT",
        11 => "",
        _ => "BTCUSDT",
    };
    // The price of another symbol would be the price at the start.
    let rows = with_symbols(symbol).replacen("39992.78", "2500", 1);
    sandbox.write("tape.csv", rows);
    let text = over(&sandbox, "tape.csv", &["--restart-after", "5"]).expect(0).stdout;
    let note = "note  11 of 200 rows are not trades of `bybit_linear:BTCUSDT`: 10 rows are of `ETHUSDT`, 1 row has an empty symbol";
    assert!(text.contains(note), "{text}");
    assert!(text.contains("tape  200 rows") && text.contains("1 restart"), "{text}");
    assert!(!text.contains("2500"), "{text}");
}

#[test]
fn a_run_that_fills_nothing_is_not_a_pass() {
    let sandbox = Sandbox::new();
    let mut said = String::new();
    for params in [
        r#"{"venue":"bybit_linear","limit_price":"100"}"#,
        r#"{"venue":"bybit_linear","clip_size":"0.25"}"#,
    ] {
        let tape = synthetic();
        // The second one orders at the prices of the tape, which the exchange refuses.
        let chase = chase().to_str().unwrap();
        let words = ["replay", chase, "--tape", &tape, "--quantity", "1", "--params", params];
        let reject = ["--reject", "1,2,3,4,5,6,7,8,9,10"];
        let reject = if params.contains("clip_size") { &reject[..] } else { &[] };
        let run = sandbox.tesser("", &[&words[..], reject].concat()).expect(1);
        said += run.stdout.lines().find(|line| line.contains("error")).unwrap_or(&run.stdout);
        said.push('\n');
    }
    assert_data_eq!(
        said,
        str![[r#"
       error  nothing of the target of 1 was filled: the tape has 200 trades of `bybit_linear:BTCUSDT` at 39964.05 to 40044.12 in 80.676 s, and 10 buy orders asked for 99.91 to 100
       error  nothing of the target of 1 was filled: the tape has 200 trades of `bybit_linear:BTCUSDT` at 39964.05 to 40044.12 in 80.676 s, and the exchange refused all orders

"#]]
    );
    // Nor is one that leaves out all that there is.
    sandbox.write("bad.csv", "price,qty,time,side\n1,1,today,buy\n1,1,tomorrow,buy\n");
    let run = over(&sandbox, "bad.csv", &["--skip-bad-rows"]).expect(101);
    assert_data_eq!(
        run.error(),
        str![[r#"
error: `bad.csv` has no row that can be read; 2 were left out
hint: without `--skip-bad-rows`, the first row says what is wrong with it
"#]]
    );
    // A script says what is filled, and may fill nothing.
    sandbox.write("script.jsonl", "\"timer\"\n\"timer\"\n");
    over(&sandbox, "script.jsonl", &[]).expect(0);
}
