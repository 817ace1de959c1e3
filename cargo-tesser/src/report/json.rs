//! Reports for programs: one JSON document, whose form is a contract with users' CI.

use serde_json::{Value, json};

use super::{FileReport, Finding, Report};

/// The whole report.
pub fn json(report: &Report) -> Value {
    let files: Vec<_> = report.files.iter().map(|file| file_json(file, report)).collect();
    json!({
        "host": report.host,
        "files": files,
        "summary": { "ok": report.ok(), "rejected": report.rejected() },
    })
}

fn file_json(file: &FileReport, report: &Report) -> Value {
    let findings: Vec<_> = file.findings.iter().map(finding_json).collect();
    json!({
        "path": file.path.display().to_string(),
        "sha256": file.sha256,
        "size": file.size,
        "ok": file.ok(report.deny_warnings),
        "loaded": file.loaded,
        "findings": findings,
        "exports": file.exports,
        "imports": file.imports,
    })
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "code": finding.code.name(),
        "severity": finding.severity.name(),
        "message": finding.message,
        "where": finding.place,
        "help": finding.advice(),
    })
}
