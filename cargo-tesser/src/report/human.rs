//! Reports for people.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::{Code, FileReport, Report, Severity, line, path};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Returns the whole report with colours, which the printer removes if they are not wanted.
pub fn human(report: &Report) -> String {
    let files =
        report.files.iter().map(|file| human_file(file, &report.host, report.deny_warnings));
    files.collect::<String>() + &human_summary(report)
}

/// Returns the part about one file.
pub fn human_file(file: &FileReport, host: &str, deny_warnings: bool) -> String {
    let mut text = String::new();
    let _ = write_file(&mut text, file, host, deny_warnings);
    text
}

/// Returns the part after all files.
pub fn human_summary(report: &Report) -> String {
    if report.files.len() == 1 { String::new() } else { report.summary() + "\n" }
}

fn write_file(
    text: &mut String,
    file: &FileReport,
    host: &str,
    deny_warnings: bool,
) -> std::fmt::Result {
    let path = path(&file.path);
    for finding in &file.findings {
        let style = match finding.severity() {
            Severity::Error => BAD,
            Severity::Warning => WARN,
        };
        let severity = finding.severity().name();
        let code = finding.code.name();
        writeln!(text, "{style}{severity}[{code}]{style:#}: {}", line(&finding.message))?;
        match &finding.place {
            Some(place) => writeln!(text, "  {DIM}-->{DIM:#} {path}, {}", line(place))?,
            None => writeln!(text, "  {DIM}-->{DIM:#} {path}")?,
        }
        writeln!(text, "  {DIM}help:{DIM:#} {}\n", line(finding.advice()))?;
    }
    let style = if file.ok(deny_warnings) { GOOD } else { BAD };
    let verdict = file.verdict(deny_warnings);
    writeln!(text, "{path}: {style}{verdict}{style:#} for {host}")?;
    let required = match (file.ok(deny_warnings), file.required_imports.len()) {
        (false, _) => String::new(),
        (true, 0) => ", needs nothing from the host".to_owned(),
        (true, _) => format!(", needs {}", file.required_imports.join(", ")),
    };
    let loaded = if file.ok(deny_warnings) && !file.loaded { ", not loaded" } else { "" };
    if file.sha256.is_empty() {
        return Ok(());
    }
    writeln!(text, "  {DIM}{} bytes, sha256 {}{required}{loaded}{DIM:#}", file.size, file.sha256)?;
    match file.sameness() {
        Some(same) => writeln!(text, "  {DIM}{same}{DIM:#}"),
        None => Ok(()),
    }
}

/// Returns the explanation of one code.
pub fn explain(code: Code) -> String {
    let entry = code.entry();
    format!(
        "{}[{}]\n\n{}\n\nWhat to do: {}.\n",
        entry.severity.name(),
        entry.name,
        entry.why,
        entry.fix
    )
}

/// Returns all codes as a page of documentation.
pub fn reference() -> String {
    let mut page = String::from(
        "<!-- Generated from cargo-tesser/src/report/code.rs by `cargo xtask codegen`. Do not edit. -->\n\n\
         # Diagnostics of `cargo tesser validate`\n\n\
         An error means that the host refuses the file. A warning means that it accepts the file, but that\n\
         something is not as it should be; `--deny-warnings` makes it an error. Codes are stable.\n\
         They are listed in the order of the checks.\n",
    );
    for code in Code::ALL {
        let entry = code.entry();
        let _ = write!(
            page,
            "\n## {}\n\nSeverity: {}.\n\n{}\n\n**What to do:** {}.\n",
            entry.name,
            entry.severity.name(),
            entry.why,
            entry.fix
        );
    }
    page
}
