//! Reports as SARIF 2.1.0, which code scanning services read.
//!
//! Every diagnostic is a rule, every file an artifact with its hash, every finding a result.

use std::fmt::Write as _;
use std::path::{Component, Path};

use serde_json::{Value, json};

use super::{Code, FileReport, Finding, Report, line};
use crate::digest::sha256;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json";

/// Returns the whole report.
pub fn sarif(report: &Report) -> Value {
    let results = report.files.iter().enumerate().flat_map(|(index, file)| {
        file.findings.iter().map(move |finding| result(index, file, finding))
    });
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cargo-tesser",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": Code::ALL.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            }},
            "artifacts": report.files.iter().map(artifact).collect::<Vec<_>>(),
            "results": results.collect::<Vec<_>>(),
            "invocations": [{ "executionSuccessful": true }],
            "properties": { "host": report.host, "ok": report.ok(), "rejected": report.rejected() },
        }],
    })
}

fn rule(code: Code) -> Value {
    let entry = code.entry();
    let (short, _) = entry.why.split_once(". ").unwrap_or((entry.why, ""));
    json!({
        "id": entry.name,
        "shortDescription": { "text": format!("{}.", short.trim_end_matches('.')) },
        "fullDescription": { "text": entry.why },
        "help": { "text": format!("What to do: {}.", entry.fix) },
        "defaultConfiguration": { "level": entry.severity.name() },
    })
}

fn artifact(file: &FileReport) -> Value {
    let mut artifact =
        json!({ "location": { "uri": uri(&file.path) }, "roles": ["analysisTarget"] });
    if !file.sha256.is_empty() {
        artifact["length"] = file.size.into();
        artifact["hashes"] = json!({ "sha-256": file.sha256 });
    }
    artifact
}

fn result(index: usize, file: &FileReport, finding: &Finding) -> Value {
    let uri = uri(&file.path);
    let place = finding.place.as_deref().map(line);
    let mut location = json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri, "index": index },
        // A plugin has no lines, but GitHub only shows results that have one.
        "region": { "startLine": 1 },
    }});
    if let Some(place) = &place {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": place }]);
    }
    let message = text(&finding.message);
    // The same finding in the next build must not count as new, whatever the bytes are.
    let same = format!("{}\0{uri}\0{}\0{message}", finding.code.name(), place.unwrap_or_default());
    json!({
        "ruleId": finding.code.name(),
        "ruleIndex": Code::ALL.iter().position(|code| *code == finding.code),
        "level": finding.severity().name(),
        "message": { "text": format!("{message}. What to do: {}.", text(finding.advice())) },
        "locations": [location],
        "partialFingerprints": { "primaryLocationLineHash": sha256(same.as_bytes()) },
    })
}

/// Returns text on one line in which names from files cannot become links.
fn text(text: &str) -> String {
    line(text).replace("](", "] (")
}

/// Returns a path as a URI reference, byte for byte: absolute paths become `file:` URIs.
fn uri(path: &Path) -> String {
    let mut uri = String::new();
    for component in path.components() {
        match component {
            Component::RootDir if uri.is_empty() => uri += "file://",
            Component::RootDir => {}
            Component::Prefix(prefix) => {
                uri += "file:///";
                encode(&mut uri, prefix.as_os_str().as_encoded_bytes());
            }
            name => {
                if !uri.is_empty() {
                    uri.push('/');
                }
                encode(&mut uri, name.as_os_str().as_encoded_bytes());
            }
        }
    }
    uri
}

fn encode(uri: &mut String, bytes: &[u8]) {
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_references() {
        assert_eq!(
            uri(Path::new("target/tesser/a b%ä:.wasm")),
            "target/tesser/a%20b%25%C3%A4%3A.wasm"
        );
        assert_eq!(uri(Path::new("../x.wasm")), "../x.wasm");
        assert_eq!(uri(Path::new("./x.wasm")), "./x.wasm");
        assert_eq!(uri(Path::new("-")), "-");
        #[cfg(unix)]
        assert_eq!(uri(Path::new("/plugins/x.wasm")), "file:///plugins/x.wasm");
    }
}
