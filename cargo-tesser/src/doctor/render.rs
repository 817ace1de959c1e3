//! A diagnosis as text and as JSON. Pure.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

use super::check::{Check, Diagnosis, State};
use crate::report::{counted, line, visible, without_secrets};

/// Version of the JSON format.
const SCHEMA: u32 = 1;

/// Indentation of the remedy and of further lines.
const INDENT: &str = "                          ";

/// Returns only the errors, for `--quiet`.
pub(crate) fn errors(diagnosis: &Diagnosis) -> String {
    let errors = diagnosis.checks.iter().filter(|check| check.state == State::Error);
    errors.map(human_check).collect()
}

/// Returns the report for people: a line for each check, what to do about it, and a summary.
pub(crate) fn human(diagnosis: &Diagnosis) -> String {
    let mut text: String = diagnosis.checks.iter().map(human_check).collect();
    for fixed in &diagnosis.fixed {
        let _ = writeln!(text, "fixed: {}", safe(fixed));
    }
    let counts = |state: State, noun: &str| match diagnosis.count(state) {
        0 => None,
        count => Some(counted(u32::try_from(count).unwrap_or(u32::MAX), noun)),
    };
    let bad = [counts(State::Error, "error"), counts(State::Warning, "warning")];
    let bad: Vec<_> = bad.into_iter().flatten().collect();
    let summary = if bad.is_empty() { "no problems".to_owned() } else { bad.join(", ") };
    let checks = counted(u32::try_from(diagnosis.checks.len()).unwrap_or(u32::MAX), "check");
    let _ = writeln!(text, "\n{summary} in {checks}");
    text
}

fn human_check(check: &Check) -> String {
    let style = style(check.state);
    let (state, name) = (check.state.name(), check.subject.name());
    let mut text = format!("{style}{state:>7}{style:#}  {name:<16} {}\n", indented(&check.text));
    if let Some(remedy) = &check.remedy {
        let _ = writeln!(text, "{INDENT}-> {}", indented(remedy));
    }
    text
}

fn style(state: State) -> Style {
    match state {
        State::Ok => AnsiColor::Green.on_default(),
        State::Warning => AnsiColor::Yellow.on_default().bold(),
        State::Error => AnsiColor::Red.on_default().bold(),
    }
}

/// Indents all lines except the first; empty lines are left out.
fn indented(text: &str) -> String {
    let text = safe(text);
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.join(&format!("\n{INDENT}"))
}

fn safe(text: &str) -> String {
    visible(&without_secrets(text))
}

/// Returns the report for programs and bug reports.
pub(crate) fn json(diagnosis: &Diagnosis) -> Value {
    let text = |text: &str| line(&without_secrets(text));
    let checks = diagnosis.checks.iter().map(|check| {
        json!({
            "name": check.subject.name(),
            "state": check.state.name(),
            "text": text(&check.text),
            "remedy": check.remedy.as_deref().map(text),
        })
    });
    json!({
        "schema": SCHEMA,
        "tool": {
            "version": diagnosis.tool.version,
            "os": std::env::consts::OS,
            "arch": std::env::consts::ARCH,
        },
        "checks": checks.collect::<Vec<_>>(),
        "fixed": diagnosis.fixed.iter().map(|it| text(it)).collect::<Vec<_>>(),
        "summary": {
            "ok": diagnosis.count(State::Ok),
            "warnings": diagnosis.count(State::Warning),
            "errors": diagnosis.count(State::Error),
        },
    })
}
