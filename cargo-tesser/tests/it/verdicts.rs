//! Our verdicts on the corpus, beside those of the real host's engine.
//!
//! `corpus/verdicts.tsv` has a line for each case: its name, what the engine does with it, and our codes. The
//! long test asks the engine anew (`cargo xtask test --full`), with `SNAPSHOTS=overwrite` it writes the table.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use cargo_tesser::abi::Abi;
use cargo_tesser::checks::Checker;
use cargo_tesser::report::{Code, FileReport, Severity};

use crate::corpus::{self, Case};
use crate::support::root;

const TABLE: &str = include_str!("corpus/verdicts.tsv");

/// Codes under which we refuse on purpose what the engine takes.
const STRICTER: [Code; 3] = [Code::SlowStart, Code::UntriedStart, Code::NotRead];

/// Verdicts that are known to be wrong. One that has become right has to be taken from the list.
const WRONG: [&str; 0] = [];

/// Far more than a check takes on a slow machine.
const LONGEST: Duration = Duration::from_secs(20);

/// A line of the table.
#[derive(Debug, PartialEq, Eq)]
struct Verdict {
    case: String,
    /// `loads`, `refused`, `endless`, `panics` or `crashes`.
    engine: String,
    codes: Vec<String>,
}

impl Verdict {
    fn refused_by_us(&self) -> bool {
        let severity = |code: &String| Code::named(code).map(Code::severity);
        self.codes.iter().any(|code| severity(code) == Some(Severity::Error))
    }

    /// What is wrong with our verdict, if anything is.
    fn fault(&self) -> Option<&'static str> {
        let stricter = |code: &String| STRICTER.iter().any(|allowed| allowed.name() == code);
        if self.codes.iter().any(|code| Code::named(code).is_none()) {
            return Some("no verdict at all");
        }
        match (self.engine == "loads", self.refused_by_us()) {
            (false, false) => Some("passes, and the engine does not take it"),
            (true, true) if !self.codes.iter().any(stricter) => {
                Some("refused, and the engine takes it")
            }
            _ => None,
        }
    }
}

fn table(text: &str) -> Vec<Verdict> {
    let line = |line: &str| {
        let mut columns = line.split('\t');
        let mut column =
            || columns.next().unwrap_or_else(|| panic!("columns of {line}")).to_owned();
        let (case, engine, codes) = (column(), column(), column());
        let codes = codes.split(' ').filter(|code| !code.is_empty()).map(Into::into).collect();
        Verdict { case, engine, codes }
    };
    text.lines().filter(|line| !line.starts_with('#')).map(line).collect()
}

fn text(verdicts: &[Verdict]) -> String {
    let mut text = String::from(
        "# case, what wasmtime 18.0.4 does with it, our codes; written by the long test of verdicts.rs\n",
    );
    for Verdict { case, engine, codes } in verdicts {
        writeln!(text, "{case}\t{engine}\t{}", codes.join(" ")).unwrap();
    }
    text
}

/// Our codes for each case. A check that does not come to an end is `hangs`, one that panics is `panics`.
fn ours(cases: Vec<Case>) -> Vec<(String, Vec<String>)> {
    let checker = Arc::new(Checker::new(Abi::built_in().unwrap(), "tesser@0.9", true).unwrap());
    let check = |case: Case| {
        let (checker, (sender, answer)) = (checker.clone(), mpsc::channel());
        let name = case.name.clone();
        // Frames of the dev profile are large.
        let thread = std::thread::Builder::new().stack_size(64 << 20);
        thread
            .spawn(move || {
                sender
                    .send(codes(&checker.check_bytes(Path::new("file.wasm"), &case.bytes).unwrap()))
            })
            .unwrap();
        let codes = answer.recv_timeout(LONGEST).unwrap_or_else(|error| match error {
            mpsc::RecvTimeoutError::Timeout => vec!["hangs".into()],
            mpsc::RecvTimeoutError::Disconnected => vec!["panics".into()],
        });
        // Whether a large file compiles within the trial's time depends on the machine; none of them has a start.
        let timely = |code: &String| !name.starts_with("limits/") || code != Code::NotLoaded.name();
        let codes = codes.into_iter().filter(timely).collect();
        (name, codes)
    };
    cases.into_iter().map(check).collect()
}

fn codes(report: &FileReport) -> Vec<String> {
    let mut codes: Vec<_> =
        report.findings.iter().map(|finding| finding.code.name().to_owned()).collect();
    codes.dedup();
    codes
}

fn assert_faults_are_known(verdicts: &[Verdict]) {
    let faults = verdicts.iter().filter_map(|verdict| {
        let fault = verdict.fault()?;
        let Verdict { case, engine, codes } = verdict;
        Some((case.as_str(), format!("{case}: {fault} ({engine}; {})", codes.join(" "))))
    });
    let (mut cases, lines): (Vec<_>, Vec<_>) = faults.unzip();
    cases.sort_unstable();
    assert!(cases == WRONG, "{} wrong verdicts:\n{}", cases.len(), lines.join("\n"));
}

#[test]
fn no_case_of_the_corpus_is_there_twice() {
    let names: Vec<_> = corpus::all().into_iter().map(|case| case.name).collect();
    assert!(names.len() >= 200, "{}", names.len());
    let mut seen = BTreeSet::new();
    let twice: Vec<_> = names.iter().filter(|name| !seen.insert(*name)).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn nothing_passes_that_the_engine_refuses_and_what_is_stricter_is_named() {
    let recorded = table(TABLE);
    assert_faults_are_known(&recorded);

    let engine = recorded.iter().map(|verdict| verdict.engine.clone());
    let ours = ours(corpus::all()).into_iter().zip(engine.chain(std::iter::repeat("?".into())));
    let now: Vec<_> = ours.map(|((case, codes), engine)| Verdict { case, engine, codes }).collect();
    snapbox::assert_data_eq!(text(&now), snapbox::Data::text(TABLE).raw());
}

/// The engine's verdict and words on each case. A process that crashes has said nothing of the last file.
fn ask_the_engine(cases: &[Case]) -> Vec<(String, String)> {
    let oracle = std::env::var_os("TESSER_ORACLE")
        .expect("`cargo xtask test --full` builds the engine and sets `TESSER_ORACLE` to its path");
    let dir = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = cases
        .iter()
        .map(|case| {
            let path = dir.path().join(format!("{}.wasm", case.name.replace('/', "__")));
            std::fs::write(&path, &case.bytes).unwrap();
            path
        })
        .collect();
    let mut answers = Vec::new();
    while answers.len() < paths.len() {
        let output =
            std::process::Command::new(&oracle).args(&paths[answers.len()..]).output().unwrap();
        let stdout =
            String::from_utf8_lossy(&output.stdout).replace(dir.path().to_str().unwrap(), "");
        for line in stdout.lines() {
            let mut columns = line.split('\t').skip(1).map(str::to_owned);
            answers.push((columns.next().unwrap(), columns.next().unwrap()));
        }
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr).trim().replace('\n', " ");
            answers.push(("crashes".into(), words));
        }
    }
    answers
}

#[test]
#[ignore = "builds the real host's engine; `cargo xtask test --full` runs it"]
fn the_engine_of_the_real_host_agrees() {
    let cases = corpus::all();
    let engine = ask_the_engine(&cases);
    let now: Vec<_> = ours(cases)
        .into_iter()
        .zip(&engine)
        .map(|((case, codes), (engine, _))| Verdict { case, engine: engine.clone(), codes })
        .collect();
    for (verdict, (_, words)) in now.iter().zip(&engine) {
        println!("{}\t{}\t{}\t{words}", verdict.case, verdict.engine, verdict.codes.join(" "));
    }
    let table = root().join("cargo-tesser/tests/it/corpus/verdicts.tsv");
    snapbox::assert_data_eq!(text(&now), snapbox::Data::read_from(&table, None).raw());
    assert_faults_are_known(&now);
}
