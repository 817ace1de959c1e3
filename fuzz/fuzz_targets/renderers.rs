//! Any name of a file and any words of a finding are harmless in every format.

#![no_main]

use std::path::Path;

use cargo_tesser::report::{self, Code, FileReport, Finding, Report};

libfuzzer_sys::fuzz_target!(|input: (String, Vec<(usize, String, String)>)| {
    let (path, findings) = input;
    let finding = |(code, message, place): (usize, String, String)| {
        Finding::new(Code::ALL[code % Code::ALL.len()], message).at(place)
    };
    let file = FileReport {
        path: Path::new(&path).to_owned(),
        sha256: String::new(),
        size: 0,
        exports: vec![report::harmless(&path)],
        imports: vec![report::harmless(&path)],
        needs: Vec::new(),
        against: None,
        loaded: false,
        findings: findings.into_iter().map(finding).collect(),
    };
    let report = Report { host: "tesser@0.9".into(), files: vec![file], deny_warnings: false };
    let human = anstream::adapter::strip_str(&report::human(&report)).to_string();
    let lines = [human, report::github(&report)];
    assert!(lines.iter().flat_map(|text| text.chars()).all(|c| c == '\n' || !c.is_control()));
    let data = [report::json(&report).to_string(), report::sarif(&report).to_string()];
    assert!(data.iter().flat_map(|text| text.chars()).all(|c| !c.is_control()));
});
