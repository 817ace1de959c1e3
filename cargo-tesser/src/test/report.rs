//! The verdicts of a test run and their forms: human, JSON, `JUnit`. In: cases. Out: text; nothing is decided here.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use serde_json::json;

use crate::report::{escape_untrusted, line, visible};

/// What is wrong with one case, in the report for people; mostly it is one cause.
const MOST_WRONG: usize = 5;
/// What was written for one case.
const MOST_NOTES: usize = 10;

/// Lines that a plugin wrote in one case, in the report for people.
const MOST_OUTPUT: usize = 5;
/// The same for a case that failed.
const MOST_FAILED_OUTPUT: usize = 20;

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
    /// What was written, and what changed by that.
    pub notes: Vec<String>,
    /// What the plugin wrote to stdout and stderr, line by line. The host throws it away.
    pub output: Vec<String>,
    /// How long it took.
    pub time: Duration,
}

impl Case {
    /// With what is wrong.
    #[must_use]
    pub(super) fn fails(self, wrong: Vec<String>) -> Self {
        Self { wrong, ..self }
    }

    /// With what was written.
    #[must_use]
    pub(super) fn notes(self, notes: Vec<String>) -> Self {
        Self { notes, ..self }
    }

    /// What happened, or the first thing that is wrong.
    fn verdict(&self) -> &str {
        self.wrong.first().map_or(self.line.as_str(), String::as_str)
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
    let mut text = String::new();
    for plugin in &report.plugins {
        let _ = writeln!(text, "\n{} (sha256 {}):", visible(&plugin.name), &plugin.sha256[..12]);
        let mut seen = HashSet::new();
        for case in &plugin.cases {
            // What a run was like is no news of a case that failed, and can be the opposite of what happened.
            let verdict =
                if case.passed() { format!("ok: {}", line(&case.line)) } else { "FAILED".into() };
            let _ = writeln!(text, "test {} ... {verdict}", line(&case.name));
            indented(&mut text, &case.wrong, MOST_WRONG);
            indented(&mut text, &case.notes, MOST_NOTES);
            let new = case.output.iter().filter(|line| seen.insert(line.as_str()));
            let lines: Vec<_> = new.map(|line| format!("| {}", escape_untrusted(line))).collect();
            indented(
                &mut text,
                &lines,
                if case.passed() { MOST_OUTPUT } else { MOST_FAILED_OUTPUT },
            );
        }
        if !seen.is_empty() {
            text += "note: the host throws away what a plugin writes to stdout and stderr (`|`); `PluginResult::with_log` reaches its log\n";
        }
    }
    let (passed, failed) = report.counts();
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    let _ = writeln!(text, "\ntest result: {verdict}. {passed} passed; {failed} failed");
    text
}

/// Texts without what a terminal or a reader of XML could not take.
fn shown(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| visible(text)).collect()
}

/// Texts below a case, each on lines of its own.
fn indented(text: &mut String, texts: &[String], most: usize) {
    for said in texts.iter().take(most) {
        let _ = writeln!(text, "    {}", visible(said).replace('\n', "\n    "));
    }
    if let more @ 1.. = texts.len().saturating_sub(most) {
        let _ = writeln!(text, "    and {more} more");
    }
}

/// One document.
pub fn json(report: &Report) -> serde_json::Value {
    let case = |case: &Case| {
        json!({
            "name": visible(&case.name),
            "ok": case.passed(),
            "verdict": visible(case.verdict()),
            "wrong": shown(&case.wrong),
            "notes": shown(&case.notes),
            "output": shown(&case.output),
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
                let wrong = shown(&case.wrong).join("\n");
                status.set_message(visible(case.verdict())).set_description(wrong);
            }
            let mut test = TestCase::new(visible(&case.name), status);
            let (notes, output) = (shown(&case.notes), shown(&case.output));
            let out = [&[visible(case.verdict())], &notes[..], &output[..]].concat().join("\n");
            test.set_classname(plugin.name.as_str()).set_time(case.time).set_system_out(out);
            suite.add_test_case(test);
        }
        xml.add_test_suite(suite);
    }
    xml.to_string().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// XML 1.0 has no U+FFFF, and U+202E turns the line around that it is in.
    #[test]
    fn no_form_has_characters_that_xml_forbids_or_that_steer_a_terminal() {
        let bad = "boom \u{ffff}\u{fffe}\u{202e}\u{2066}\u{1b}\0";
        let told = "boom \\u{ffff}\\u{fffe}\\u{202e}\\u{2066}\\u{1b}\\u{0}";
        let case = super::super::case("golden/\u{202e}", bad.into());
        let cases = vec![case.clone(), case.notes(vec![bad.into()]).fails(vec![bad.into()])];
        let plugin = PluginReport { name: "a".into(), sha256: "0".repeat(64), cases };
        let report = Report { plugins: vec![plugin] };
        for form in [human(&report), json(&report).to_string(), junit(&report)] {
            assert!(!form.chars().any(|c| bad[5..].contains(c)), "{form:?}");
            assert!(form.replace("\\\\", "\\").matches(told).count() >= 2, "{form}");
        }
    }
}
