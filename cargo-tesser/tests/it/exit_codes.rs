//! `docs/exit-codes.md`: a test for each row of the table.

use std::collections::BTreeSet;

use crate::support::{Sandbox, chase, root};

/// The tests below, by words of their rows.
const ROWS: [&str; 19] = [
    "every file is accepted",
    "an error finding",
    "the result may not be installed",
    "differs from what its sources build",
    "a case of `test` failed",
    "nothing was filled",
    "a part is missing or damaged",
    "fails where OLD does not",
    "a signal would be lost",
    "a check is an error",
    "an unknown flag or value",
    "on the command line that does not exist",
    "`replay --params`",
    "is not a regular file",
    "a settings file has an error",
    "does not compile",
    "no trade of the symbol",
    "cannot be written",
    "ctrl-c",
];

fn table() -> Vec<(i32, String)> {
    let page = std::fs::read_to_string(root().join("docs/exit-codes.md")).unwrap();
    let rows = page.lines().filter_map(|line| {
        let mut fields = line.trim_matches('|').split('|').map(str::trim);
        Some((fields.next()?.parse().ok()?, fields.nth(1)?.to_owned()))
    });
    rows.collect()
}

/// The code in the row with these words.
#[track_caller]
fn code(words: &str) -> i32 {
    assert!(ROWS.contains(&words), "`{words}` is not in the list of tests");
    let rows: Vec<_> = table().into_iter().filter(|(_, when)| when.contains(words)).collect();
    assert_eq!(rows.len(), 1, "`{words}` is in {rows:?}");
    rows[0].0
}

#[test]
fn every_row_has_a_test() {
    let rows: BTreeSet<_> = table().into_iter().map(|(_, when)| when).collect();
    assert_eq!(rows.len(), ROWS.len());
    for words in ROWS {
        code(words);
    }
}

fn plugin() -> &'static str {
    chase().to_str().unwrap()
}

fn tape() -> String {
    root().join("templates/shared/tapes/synthetic.csv").display().to_string()
}

fn replay(sandbox: &Sandbox, more: &[&str]) -> i32 {
    let words = ["replay", plugin(), "--quantity", "1"];
    sandbox.tesser("", &[&words[..], more].concat()).code.unwrap()
}

const PARAMS: [&str; 2] = ["--params", r#"{"venue":"bybit_linear"}"#];

#[test]
fn done() {
    let (sandbox, code) = (Sandbox::new(), code("every file is accepted"));
    sandbox.tesser("", &["validate", plugin()]).expect(code);
    assert_eq!(replay(&sandbox, &[&["--tape", &tape()][..], &PARAMS].concat()), code);
}

#[test]
fn a_rejected_file() {
    let (sandbox, code) = (Sandbox::new(), code("an error finding"));
    sandbox.write("bad.wasm", "");
    sandbox.tesser("", &["validate", "bad.wasm", plugin()]).expect(code);
    // Its name is one that the host never finds.
    sandbox.write("a.b.wasm", std::fs::read(chase()).unwrap());
    sandbox.tesser("", &["validate", "a.b.wasm", "--deny-warnings"]).expect(code);
}

#[test]
fn a_package_that_is_no_plugin() {
    let (sandbox, code) = (Sandbox::new(), code("the result may not be installed"));
    let manifest = "[package]\nname = \"it-plain\"\nedition = \"2024\"\n[workspace]\n";
    sandbox.write("Cargo.toml", manifest);
    sandbox.write("src/lib.rs", "");
    sandbox.tesser("", &["build"]).expect(code);
}

#[test]
fn a_file_that_its_sources_do_not_make() {
    let (sandbox, code) = (Sandbox::new(), code("differs from what its sources build"));
    sandbox.tesser("", &["new", "it-chase", "--vcs", "none"]).expect(0);
    let other = [&std::fs::read(chase()).unwrap()[..], b"\0\x02\x01x"].concat();
    sandbox.write("it-chase/other.wasm", other);
    sandbox.tesser("it-chase", &["build", "--release", "--verify", "other.wasm"]).expect(code);
}

#[test]
fn a_failed_case() {
    let (sandbox, code) = (Sandbox::new(), code("a case of `test` failed"));
    // It answers everything, and orders nothing.
    super::build::plugin(&sandbox, "it-idle", &super::build::source(""));
    sandbox.tesser("it-idle", &["test", "live/no-ticks", "--profile", "dev"]).expect(code);
}

#[test]
fn a_run_that_fills_nothing() {
    let (sandbox, code) = (Sandbox::new(), code("nothing was filled"));
    let low = r#"{"venue":"bybit_linear","limit_price":"1"}"#;
    assert_eq!(replay(&sandbox, &["--tape", &tape(), "--params", low]), code);
}

#[test]
fn a_sweep_that_is_not_complete() {
    let (sandbox, code) = (Sandbox::new(), code("a part is missing or damaged"));
    sandbox.write("chase.wasm", std::fs::read(chase()).unwrap());
    sandbox.write("runs.toml", "sides = [\"buy\", \"sell\"]\n");
    let words = ["--sweep", "runs.toml", "--tape", &tape(), "--out", "out", "--shard", "1/2"];
    let words = [&words[..], &PARAMS].concat();
    assert_eq!(replay(&sandbox, &words), 0);
    sandbox.tesser("", &["sweep", "status", "out"]).expect(code);
}

#[test]
fn a_comparison_in_which_only_the_new_one_fails() {
    let (sandbox, code) = (Sandbox::new(), code("fails where OLD does not"));
    let words = ["compare", plugin(), "--quantity", "1", "--tape", &tape()];
    let params = [r#"{"venue":"bybit_linear"}"#, r#"{"venue":"bybit_linear","tick_size":10000}"#];
    let params = ["--params", params[0], "--new-params", params[1]];
    sandbox.tesser("", &[&words[..], &params].concat()).expect(code);
}

#[test]
fn a_lost_signal() {
    let (sandbox, code) = (Sandbox::new(), code("a signal would be lost"));
    let hint = r#"{"type":"plugin","name":"nobody","params":{}}"#;
    sandbox.write("hint.json", hint);
    sandbox.write("plugins/other.wasm", std::fs::read(chase()).unwrap());
    sandbox.tesser("", &["check-hint", "hint.json", "plugins"]).expect(code);
}

#[test]
fn an_error_of_the_doctor() {
    let (sandbox, code) = (Sandbox::new(), code("a check is an error"));
    sandbox.write("Cargo.toml", "[package");
    sandbox.tesser("", &["doctor"]).expect(code);
}

#[test]
fn a_wrong_command_line() {
    let (sandbox, code) = (Sandbox::new(), code("an unknown flag or value"));
    for words in [
        &["validate", "--nonsense"][..],
        &["validate", "x.wasm", "--format", "yaml"],
        &["replay", "x.wasm", "--tape", "t", "--quantity", "0"],
        &["test", "--quiet", "--verbose"],
        &[],
    ] {
        sandbox.tesser("", words).expect(code);
    }
}

#[test]
fn a_name_that_is_not_there() {
    let (sandbox, code) = (Sandbox::new(), code("on the command line that does not exist"));
    sandbox.tesser("", &["validate", "--host", "tesser@7", plugin()]).expect(code);
    sandbox.tesser("", &["validate", "--deny", "nonsense", plugin()]).expect(code);
    sandbox.tesser("", &["explain", "nonsense"]).expect(code);
    super::build::plugin(&sandbox, "it-names", &super::build::source(""));
    sandbox.tesser("it-names", &["build", "-p", "nobody"]).expect(code);
    sandbox.tesser("it-names", &["test", "nonsense", "--profile", "dev"]).expect(code);
}

#[test]
fn params_that_the_plugin_does_not_take() {
    let (sandbox, code) = (Sandbox::new(), code("`replay --params`"));
    assert_eq!(replay(&sandbox, &["--tape", &tape(), "--params", r#"{"clip":1}"#]), code);
}

#[test]
fn a_file_that_cannot_be_read() {
    let (sandbox, code) = (Sandbox::new(), code("is not a regular file"));
    sandbox.tesser("", &["validate", "none.wasm"]).expect(code);
    sandbox.tesser("", &["validate", "none.wasm", plugin()]).expect(code);
    sandbox.tesser("", &["inspect", "none.wasm"]).expect(code);
    sandbox.tesser("", &["validate", plugin(), "--against", "none.wasm"]).expect(code);
    sandbox.write("plugins/a.wasm", std::fs::read(chase()).unwrap());
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("b.wasm", sandbox.path("plugins/b.wasm")).unwrap();
        sandbox.tesser("", &["validate", "plugins"]).expect(code);
        sandbox.tesser("", &["validate", "/dev/zero"]).expect(code);
        sandbox.tesser("", &["inspect", "/dev/zero"]).expect(code);
        sandbox.run(crate::support::scrubbed("mkfifo").arg(sandbox.path("pipe.wasm"))).expect(0);
        sandbox.tesser("", &["validate", "pipe.wasm"]).expect(code);
    }
}

#[test]
fn settings_that_are_wrong() {
    let (sandbox, code) = (Sandbox::new(), code("a settings file has an error"));
    super::build::plugin(&sandbox, "it-typo", &super::build::source(""));
    let manifest = std::fs::read_to_string(sandbox.path("it-typo/Cargo.toml")).unwrap();
    for table in ["test]\nquantitty = \"1\"", "test.limits]\nfuell = 1", "validate]\nalow = []"] {
        let text = format!("{manifest}[package.metadata.tesser.{table}\n");
        sandbox.write("it-typo/Cargo.toml", text);
        sandbox.tesser("it-typo", &["build"]).expect(code);
        sandbox.tesser("it-typo", &["test", "--profile", "dev"]).expect(code);
    }
    sandbox.write("it-typo/Cargo.toml", manifest);
    for rule in
        ["alow = []", "deny = [\"nonsense\"]", "allow = [\"core-module\"]", "max-size = \"x\""]
    {
        sandbox.write("it-typo/tesser.toml", format!("[validate]\n{rule}\n"));
        sandbox.tesser("it-typo", &["validate", plugin()]).expect(code);
        sandbox.tesser("it-typo", &["build"]).expect(code);
    }
}

#[test]
fn code_that_does_not_compile() {
    let (sandbox, code) = (Sandbox::new(), code("does not compile"));
    super::build::plugin(&sandbox, "it-broken", "fn {");
    sandbox.tesser("it-broken", &["build"]).expect(code);
    sandbox.tesser("it-broken", &["test", "--profile", "dev"]).expect(code);
}

#[test]
fn a_tape_without_trades_of_the_symbol() {
    let (sandbox, code) = (Sandbox::new(), code("no trade of the symbol"));
    sandbox.write("tape.csv", "price,qty,time,side,symbol\n1,1,1,buy,ETHUSDT\n");
    assert_eq!(replay(&sandbox, &[&["--tape", "tape.csv"][..], &PARAMS].concat()), code);
    assert_eq!(replay(&sandbox, &[&["--tape", "none.csv"][..], &PARAMS].concat()), code);
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written() {
    let (sandbox, code) = (Sandbox::new(), code("cannot be written"));
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = crate::support::tool();
    command.args(["tesser", "validate", "--format", "json", plugin()]).stdout(full);
    assert_eq!(command.status().unwrap().code(), Some(code));
    let tape = tape();
    let page = [&["--tape", &tape, "--report", "none/report.html"][..], &PARAMS].concat();
    assert_eq!(replay(&sandbox, &page), code);
}

#[cfg(unix)]
#[test]
fn an_interrupt() {
    let (sandbox, code) = (Sandbox::new(), code("ctrl-c"));
    super::build::plugin(&sandbox, "it-slow", &super::build::source(""));
    // The build script tells that the build has begun, and waits.
    let script = r#"fn main() { std::fs::write("begun", "").unwrap(); std::thread::sleep(std::time::Duration::from_secs(60)); }"#;
    sandbox.write("it-slow/build.rs", script);
    let mut command = crate::support::tool();
    command.args(["tesser", "build"]).current_dir(sandbox.path("it-slow"));
    let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
    while !sandbox.path("it-slow/begun").exists() {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before it was interrupted");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(code));
}
