//! The verdicts of a test run and their forms: human, JSON, `JUnit`. In: cases. Out: text; nothing is decided here.

use std::fmt::Write as _;
use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use serde_json::json;

use crate::report::{line, visible};

/// All plugins of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// In the order in which they were built.
    pub plugins: Vec<PluginReport>,
}

/// One plugin.
#[derive(Clone, Debug)]
pub struct PluginReport {
    /// Name of its library.
    pub name: String,
    /// Hash of the component that was tested.
    pub sha256: String,
    /// What was tested.
    pub cases: Vec<Case>,
}

/// One verdict.
#[derive(Clone, Debug)]
pub struct Case {
    /// Suite and name.
    pub name: String,
    /// What happened, in one line.
    pub line: String,
    /// What is wrong; nothing when it passed.
    pub wrong: Vec<String>,
    /// How long it took.
    pub time: Duration,
}

impl Case {
    /// With what is wrong.
    #[must_use]
    pub(super) fn fails(self, wrong: Vec<String>) -> Self {
        Self { wrong, ..self }
    }

    /// Whether nothing is wrong.
    pub fn passed(&self) -> bool {
        self.wrong.is_empty()
    }
}

impl Report {
    /// The cases that failed.
    pub fn failed(&self) -> impl Iterator<Item = &Case> {
        self.plugins.iter().flat_map(|plugin| &plugin.cases).filter(|case| !case.passed())
    }

    /// How many passed, and how many failed.
    fn counts(&self) -> (usize, usize) {
        let all = self.plugins.iter().map(|plugin| plugin.cases.len()).sum::<usize>();
        let failed = self.failed().count();
        (all - failed, failed)
    }
}

/// One line for each case, what is wrong below it, and a summary.
pub fn human(report: &Report) -> String {
    const MOST: usize = 5;
    let mut text = String::new();
    for plugin in &report.plugins {
        let _ = writeln!(text, "\n{} (sha256 {}):", visible(&plugin.name), &plugin.sha256[..12]);
        for case in &plugin.cases {
            let verdict = if case.passed() { "ok" } else { "FAILED" };
            let _ =
                writeln!(text, "test {} ... {verdict}: {}", visible(&case.name), line(&case.line));
            for wrong in case.wrong.iter().take(MOST) {
                let _ = writeln!(text, "    {}", line(wrong));
            }
            if let more @ 1.. = case.wrong.len().saturating_sub(MOST) {
                let _ = writeln!(text, "    and {more} more");
            }
        }
    }
    let (passed, failed) = report.counts();
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    let _ = writeln!(text, "\ntest result: {verdict}. {passed} passed; {failed} failed");
    text
}

/// One document.
pub fn json(report: &Report) -> serde_json::Value {
    let case = |case: &Case| {
        json!({
            "name": case.name,
            "ok": case.passed(),
            "verdict": case.line,
            "wrong": case.wrong,
            "seconds": case.time.as_secs_f64(),
        })
    };
    let plugins = report.plugins.iter().map(|plugin| {
        json!({
            "name": plugin.name,
            "sha256": plugin.sha256,
            "ok": plugin.cases.iter().all(Case::passed),
            "cases": plugin.cases.iter().map(case).collect::<Vec<_>>(),
        })
    });
    let (passed, failed) = report.counts();
    json!({ "plugins": plugins.collect::<Vec<_>>(), "summary": { "passed": passed, "failed": failed } })
}

/// `JUnit`'s XML, one suite for each plugin.
pub fn junit(report: &Report) -> String {
    let mut xml = quick_junit::Report::new("cargo tesser test");
    for plugin in &report.plugins {
        let mut suite = TestSuite::new(plugin.name.as_str());
        suite.add_property(("sha256", plugin.sha256.as_str()));
        for case in &plugin.cases {
            let mut status = TestCaseStatus::success();
            if !case.passed() {
                status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_message(case.line.as_str()).set_description(case.wrong.join("\n"));
            }
            let mut test = TestCase::new(case.name.as_str(), status);
            test.set_classname(plugin.name.as_str())
                .set_time(case.time)
                .set_system_out(case.line.as_str());
            suite.add_test_case(test);
        }
        xml.add_test_suite(suite);
    }
    xml.to_string().unwrap_or_default()
}
