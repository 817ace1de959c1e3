//! Reports of hints.
//!
//! In: findings. Out: text for people, or one JSON document.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::HintReport;
use crate::report::{counted, visible};

/// Returns a line for each hint, followed by its findings.
pub fn human(reports: &[HintReport]) -> String {
    let mut text = String::new();
    for report in reports {
        let verdict = if report.is_lost() { "lost" } else { "ok" };
        let place =
            if report.place.is_empty() { String::new() } else { format!(" ({})", report.place) };
        let line = report.line.as_deref().unwrap_or("not started");
        let _ = writeln!(
            text,
            "hint `{}`{} ... {verdict}: {}",
            visible(&report.name),
            visible(&place),
            visible(line)
        );
        for finding in &report.findings {
            let _ = writeln!(text, "  {}: {}", finding.severity.name(), visible(&finding.message));
            if let Some(hint) = &finding.hint {
                let _ = writeln!(text, "  hint: {}", visible(hint));
            }
        }
    }
    let lost = reports.iter().filter(|report| report.is_lost()).count();
    let hints = counted(reports.len(), "hint");
    let _ = writeln!(text, "{hints}: {} ok, {lost} lost", reports.len() - lost);
    text
}

/// Returns the JSON document.
pub fn json(reports: &[HintReport]) -> Value {
    let finding = |finding: &super::Finding| {
        json!({
            "severity": finding.severity.name(),
            "message": visible(&finding.message),
            "hint": finding.hint.as_deref().map(visible),
        })
    };
    let report = |report: &HintReport| {
        json!({
            "place": visible(&report.place),
            "plugin": visible(&report.name),
            "path": report.path.to_string_lossy(),
            "ok": !report.is_lost(),
            "session": report.line,
            "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        })
    };
    let ok = reports.iter().all(|report| !report.is_lost());
    json!({ "schema": 1, "ok": ok, "hints": reports.iter().map(report).collect::<Vec<_>>() })
}
