//! Parts of a sweep: shards, what is lost, damaged or foreign, and what is put together.

use std::fs;

use snapbox::{assert_data_eq, str};

use super::{folder, sweep, tables};
use crate::support::{Sandbox, names};

/// Makes some shards of four.
fn shards(sandbox: &Sandbox, dir: &str, numbers: impl IntoIterator<Item = u8>) {
    for number in numbers {
        sweep(sandbox, &["--out", dir, "--shard", &format!("{number}/4")], 0);
    }
}

/// What a command says of a folder with parts.
#[track_caller]
fn said(sandbox: &Sandbox, words: &[&str], code: i32) -> String {
    let run = sandbox.tesser("", &[&["sweep"], words].concat()).expect(code);
    run.stdout + &run.stderr
}

#[test]
fn shards_put_together_are_the_bytes_of_one_sweep_wherever_and_however_often_they_ran() {
    let sandbox = folder();
    sweep(&sandbox, &["--out", "one", "--report", "one.html"], 0);
    let one = tables(&sandbox.path("one"));
    assert_eq!(names(&sandbox.path("one")), TABLES_AS_FILES);
    // In memory, and with two cores less.
    sweep(&sandbox, &["--out", "memory", "--format", "json"], 0);
    assert!(tables(&sandbox.path("memory")) == one);
    sweep(&sandbox, &["--out", "slow", "--jobs", "1"], 0);
    assert!(tables(&sandbox.path("slow")) == one);
    // On two machines, which share a shard.
    shards(&sandbox, "here", [3, 1]);
    shards(&sandbox, "there", [1, 2]);
    let again = sweep(&sandbox, &["--out", "there", "--shard", "2/4"], 0);
    assert!(again.stderr.contains("Fresh 20 of 20 parts, with 20 runs"), "{}", again.stderr);
    // What is missing, others make in shards of their own.
    sweep(&sandbox, &["--out", "there", "--shard", "4/8"], 0);
    let missing = said(&sandbox, &["status", "here", "there"], 1);
    assert!(missing.contains("10 of 80 parts are missing: 8, 16, 24, 32, 40, 48"), "{missing}");
    sweep(&sandbox, &["--out", "here", "--shard", "8/8"], 0);
    said(&sandbox, &["status", "here", "there"], 0);
    said(&sandbox, &["merge", "here", "there"], 0);
    assert!(tables(&sandbox.path("here")) == one);
    let report = |dir: &str| said(&sandbox, &["report", dir, "--format", "csv"], 0);
    assert_eq!(report("here"), report("one"));
    // The 16 that are there twice count once.
    assert_eq!(report("one").lines().count(), 1 + 64);
}

const TABLES_AS_FILES: [&str; 4] =
    ["amendments.parquet", "fills.parquet", "orders.parquet", "runs.parquet"];

#[test]
fn what_is_damaged_or_lost_is_named_with_the_command_that_makes_it_and_only_that_is_made() {
    let sandbox = folder();
    sweep(&sandbox, &["--out", "one"], 0);
    shards(&sandbox, "out", 1..=4);
    let part = |number: u8, file: &str| sandbox.path(&format!("out/parts/{number:06}/{file}"));
    let truncated = fs::read(part(2, "runs.parquet")).unwrap();
    fs::write(part(2, "runs.parquet"), &truncated[..truncated.len() / 2]).unwrap();
    let mut flipped = fs::read(part(5, "fills.parquet")).unwrap();
    flipped[10] ^= 1;
    fs::write(part(5, "fills.parquet"), flipped).unwrap();
    fs::remove_file(part(7, "orders.parquet")).unwrap();
    fs::write(part(11, "part.json"), "{").unwrap();
    fs::remove_dir_all(part(12, "")).unwrap();
    fs::remove_dir_all(part(20, "")).unwrap();
    fs::rename(part(21, ""), part(20, "")).unwrap();
    let merged = sandbox.tesser("", &["sweep", "merge", "out"]).expect(101);
    assert_data_eq!(
        merged.stderr,
        str![[r#"
error: the sweep in `out` is not complete: 7 of 80 parts are missing or damaged: 2, 5, 7, 11 to 12, 20 to 21; `out/parts/000002` is damaged: `runs.parquet` is not what was written; `out/parts/000005` is damaged: `fills.parquet` is not what was written; `out/parts/000007` is damaged: `orders.parquet` cannot be read; `out/parts/000011` is damaged: `part.json` is damaged; `out/parts/000020` is damaged: it is part 21
hint: `cargo tesser replay chase.wasm --sweep runs.toml --quantity 1 --horizon 30 --params '{"venue":"bybit_linear"}' --out out` makes only what is missing; `--shard K/N` makes a share of it

"#]]
    );
    assert_eq!(names(&sandbox.path("out")), ["parts"]);
    assert_data_eq!(
        said(&sandbox, &["status", "out"], 1).split_once('\n').unwrap().1,
        str![[r#"
80 runs in 80 parts of 1; 73 are there
7 of 80 parts are missing or damaged: 2, 5, 7, 11 to 12, 20 to 21; `out/parts/000002` is damaged: `runs.parquet` is not what was written; `out/parts/000005` is damaged: `fills.parquet` is not what was written; `out/parts/000007` is damaged: `orders.parquet` cannot be read; `out/parts/000011` is damaged: `part.json` is damaged; `out/parts/000020` is damaged: it is part 21
`cargo tesser replay chase.wasm --sweep runs.toml --quantity 1 --horizon 30 --params '{"venue":"bybit_linear"}' --out out` makes what is missing

"#]]
    );
    let again = sweep(&sandbox, &["--out", "out"], 0);
    assert_data_eq!(
        again.stderr,
        str![[r#"
warning: `out/parts/000002` is damaged: `runs.parquet` is not what was written; it is made again
warning: `out/parts/000005` is damaged: `fills.parquet` is not what was written; it is made again
warning: `out/parts/000007` is damaged: `orders.parquet` cannot be read; it is made again
warning: `out/parts/000011` is damaged: `part.json` is damaged; it is made again
warning: `out/parts/000020` is damaged: it is part 21; it is made again
       Fresh 73 of 80 parts, with 73 runs
       Wrote out

"#]]
    );
    assert!(tables(&sandbox.path("out")) == tables(&sandbox.path("one")));
}

#[test]
fn parts_of_another_sweep_are_refused_and_left_alone() {
    let sandbox = folder();
    shards(&sandbox, "out", 1..=4);
    sandbox.write("other.csv", fs::read(sandbox.path("tapes/1.csv")).unwrap());
    let other = sweep(&sandbox, &["--out", "out", "--latency-ms", "5"], 101);
    let tape = fs::read_to_string(sandbox.path("tapes/2.csv")).unwrap();
    sandbox.write("tapes/2.csv", format!("{tape}\n"));
    let tapes = sweep(&sandbox, &["--out", "out", "--quantity=1"], 2);
    assert!(tapes.stderr.contains("cannot be used multiple times"), "{}", tapes.stderr);
    let tapes = sweep(&sandbox, &["--out", "out"], 101);
    sandbox.write("tapes/2.csv", tape);
    // A part from elsewhere.
    sweep(&sandbox, &["--out", "else", "--latency-ms", "5", "--shard", "1/80"], 0);
    fs::remove_dir_all(sandbox.path("out/parts/000001")).unwrap();
    sandbox.copy(&sandbox.path("else/parts/000001"), "out/parts/000001");
    let merged = sandbox.tesser("", &["sweep", "merge", "out"]).expect(101);
    let again = sweep(&sandbox, &["--out", "out"], 101);
    assert_eq!(merged.stderr, again.stderr);
    let both = sandbox.tesser("", &["sweep", "merge", "out", "else"]).expect(101);
    let none = sandbox.tesser("", &["sweep", "merge", "tapes"]).expect(101);
    let report = sandbox.tesser("", &["sweep", "report", "out"]).expect(101);
    assert_data_eq!(
        [other.stderr, tapes.stderr, merged.stderr, both.stderr, none.stderr, report.stderr]
            .concat(),
        str![[r#"
error: `out/parts` has parts of another sweep: the options differ
hint: name another folder, or remove the parts: `rm -r out/parts`
error: `out/parts` has parts of another sweep: the tapes differ
hint: name another folder, or remove the parts: `rm -r out/parts`
error: `out/parts/000001` is a part of another sweep
hint: move it away: `mv out/parts/000001 elsewhere`
error: `else/parts` has parts of another sweep: the options differ
hint: name another folder, or remove the parts: `rm -r else/parts`
error: `tapes` has no parts of a sweep: there is no `tapes/parts/sweep.json`
hint: `cargo tesser replay --sweep FILE --out DIR --shard K/N` makes parts
error: `out` has no `runs.parquet`
hint: `cargo tesser sweep merge out` makes it from the parts of a sweep

"#]]
    );
    fs::write(sandbox.path("out/parts/sweep.json"), "{").unwrap();
    assert_data_eq!(
        said(&sandbox, &["status", "out"], 101),
        str![[r#"
error: `out/parts/sweep.json` is damaged

Caused by:
  EOF while parsing an object at line 1 column 1
hint: remove it: `rm out/parts/sweep.json`; the command of the sweep writes it again, and keeps the parts

"#]]
    );
}

#[test]
fn a_report_says_what_the_sweep_said_and_has_its_page() {
    let sandbox = folder();
    sandbox.write(
        "runs.toml",
        "tapes = [\"tapes/1.csv\", \"none.csv\"]\nsides = [\"buy\", \"sell\"]\n[[params]]\nclip_size = { from = \"0.2\", to = \"0.4\", step = \"0.1\" }\n",
    );
    let mut words = vec!["--min-filled", "1"];
    let (table, csv) = (
        sweep(&sandbox, &words, 1).stdout,
        sweep(&sandbox, &[&words[..], &["--format", "csv"]].concat(), 1).stdout,
    );
    words.extend(["--out", "out", "--report", "page.html"]);
    assert_eq!(sweep(&sandbox, &words, 1).stdout, table);
    // The pages of the cheapest and the dearest run are there as without a folder.
    let pages = names(&sandbox.path(""));
    assert_eq!(pages.iter().filter(|name| name.starts_with("page-run-")).count(), 2, "{pages:?}");
    let report = |more: &[&str]| {
        sandbox.tesser("", &[&["sweep", "report", "out"], more].concat()).expect(1).stdout
    };
    assert_eq!(report(&[]), table);
    assert_eq!(report(&["--format", "csv", "--report", "again.html"]), csv);
    let page = fs::read_to_string(sandbox.path("again.html")).unwrap();
    assert!(page.contains("<h1>12 runs: buy or sell 1 bybit_linear:BTCUSDT</h1>"));
    assert!(page.contains("Parameters over all tapes and sides"));
    let document: serde_json::Value = serde_json::from_str(&report(&["--format", "json"])).unwrap();
    let first = &document["runs"][0];
    assert_eq!((&document["ok"], &first["params"]["clip_size"]), (&false.into(), &"0.2".into()));
    assert_eq!(first["settings"]["interval"]["horizon_ms"], 30_000);
    assert_eq!(first["start_ms"], 1_704_067_200_201_i64);
    assert_eq!(document["runs"][11]["errors"], "cannot read `./none.csv`");
}
