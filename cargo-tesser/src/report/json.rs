//! Reports for programs: one JSON document, whose form is a contract with users' CI.
//!
//! JSON could contain any name unchanged, but its readers print it. So names are escaped as in the report for people; a
//! file is identified by its hash.

use serde_json::{Value, json};

use super::{Against, FileReport, Finding, Report, Same, line, path};

/// Version of the document. It changes when a field is removed or changes its meaning.
const SCHEMA: u32 = 1;

/// Returns the whole report.
pub fn json(report: &Report) -> Value {
    let files: Vec<_> = report.files.iter().map(|file| file_json(file, report)).collect();
    json!({
        "schema": SCHEMA,
        "host": report.host,
        "files": files,
        "summary": { "ok": report.ok(), "rejected": report.files.len() - report.ok() },
    })
}

fn file_json(file: &FileReport, report: &Report) -> Value {
    let findings: Vec<_> = file.findings.iter().map(finding_json).collect();
    json!({
        "path": path(&file.path),
        "sha256": file.sha256,
        "size": file.size,
        "ok": file.ok(report.deny_warnings),
        "loaded": file.loaded,
        "findings": findings,
        "exports": file.exports,
        "imports": file.imports,
        "against": file.against.as_ref().map(against_json),
    })
}

fn against_json(against: &Against) -> Value {
    let same = match against.same {
        Same::Bytes => "bytes",
        Same::Interface => "interface",
        Same::Less => "less",
    };
    json!({ "path": path(&against.path), "same": same })
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "code": finding.code.name(),
        "severity": finding.severity().name(),
        "message": line(&finding.message),
        "where": finding.place.as_deref().map(line),
        "help": line(finding.advice()),
    })
}
