//! The verdicts of a test run as text, JSON or `JUnit`.
//!
//! In: cases. Out: text. This module decides nothing.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use serde_json::json;

use crate::report::{escape_untrusted, line, visible};

/// Version of the JSON document. It changes when a field is removed or changes its meaning.
const SCHEMA: u32 = 1;
/// Maximum number of faults of one case in the report for people; usually they have one cause.
const MOST_WRONG: usize = 5;
/// Maximum number of notes for one case.
const MOST_NOTES: usize = 10;

/// Maximum number of a plugin's output lines for one case in the report for people.
const MOST_OUTPUT: usize = 5;
/// The same for a case that failed.
const MOST_FAILED_OUTPUT: usize = 20;

/// The verdicts on all plugins of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// The plugins, in the order in which they were built.
    pub plugins: Vec<PluginReport>,
}

/// One plugin.
#[derive(Clone, Debug)]
pub struct PluginReport {
    /// Name of its library.
    pub name: String,
    /// Hash of the component that was tested.
    pub sha256: String,
    /// The cases.
    pub cases: Vec<Case>,
}

/// The verdict of one case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Suite and name.
    pub name: String,
    /// What happened, in one line.
    pub line: String,
    /// The faults; empty if it passed.
    pub wrong: Vec<String>,
    /// What was written to files, and what changed.
    pub notes: Vec<String>,
    /// What the plugin wrote to stdout and stderr, line by line. The host discards it.
    pub output: Vec<String>,
    /// Duration of the case.
    pub time: Duration,
}

impl Case {
    /// Sets the faults.
    #[must_use]
    pub(super) fn fails(self, wrong: Vec<String>) -> Self {
        Self { wrong, ..self }
    }

    /// Sets the notes.
    #[must_use]
    pub(super) fn notes(self, notes: Vec<String>) -> Self {
        Self { notes, ..self }
    }

    /// Returns what happened, or the first fault.
    fn verdict(&self) -> &str {
        self.wrong.first().map_or(self.line.as_str(), String::as_str)
    }

    /// Whether the case passed.
    pub fn passed(&self) -> bool {
        self.wrong.is_empty()
    }
}

impl Report {
    /// Returns the failed cases.
    pub fn failed(&self) -> impl Iterator<Item = &Case> {
        self.plugins.iter().flat_map(|plugin| &plugin.cases).filter(|case| !case.passed())
    }

    /// Returns the numbers of passed and failed cases.
    fn counts(&self) -> (usize, usize) {
        let all = self.plugins.iter().map(|plugin| plugin.cases.len()).sum::<usize>();
        let failed = self.failed().count();
        (all - failed, failed)
    }
}

/// Returns a line for each case followed by its faults, and a summary.
pub fn human(report: &Report) -> String {
    let mut text = String::new();
    for plugin in &report.plugins {
        let _ = writeln!(text, "\n{} (sha256 {}):", visible(&plugin.name), &plugin.sha256[..12]);
        let mut seen = HashSet::new();
        for case in &plugin.cases {
            // The line of a failed case is omitted, since it describes the run as if it had passed.
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
            text += "note: the host discards what a plugin writes to stdout and stderr (`|`); `PluginResult::with_log` writes to the host's log\n";
        }
    }
    let (passed, failed) = report.counts();
    let verdict = if failed == 0 { "ok" } else { "FAILED" };
    let _ = writeln!(text, "\ntest result: {verdict}. {passed} passed; {failed} failed");
    text
}

/// Returns texts that are safe for terminals and valid in XML.
fn shown(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| visible(text)).collect()
}

/// Adds texts below a case, each on its own lines.
fn indented(text: &mut String, texts: &[String], most: usize) {
    for said in texts.iter().take(most) {
        let _ = writeln!(text, "    {}", visible(said).replace('\n', "\n    "));
    }
    if let more @ 1.. = texts.len().saturating_sub(most) {
        let _ = writeln!(text, "    and {more} more");
    }
}

/// Returns one JSON document.
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
    json!({ "schema": SCHEMA, "plugins": plugins.collect::<Vec<_>>(), "summary": { "passed": passed, "failed": failed } })
}

/// Returns `JUnit`'s XML with one suite for each plugin.
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
