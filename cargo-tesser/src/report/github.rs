//! Reports as workflow commands of GitHub Actions, which shows them beside the change.
//!
//! A finding is an annotation. Each file has a plain line with its verdict and hash, which stays in the log. A name from a
//! file cannot become a command: it is escaped inside of one, or follows our own text.

use std::fmt::Write as _;

use super::{FileReport, Report, Severity, line, path};

/// Returns the whole report.
pub fn github(report: &Report) -> String {
    let files =
        report.files.iter().map(|file| github_file(file, &report.host, report.deny_warnings));
    files.collect::<String>() + &github_summary(report)
}

/// Returns the part about one file.
pub fn github_file(file: &FileReport, host: &str, deny_warnings: bool) -> String {
    let mut text = String::new();
    let path = path(&file.path);
    for finding in &file.findings {
        let command = match finding.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let place = finding.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        let message = format!("{}{place}", finding.message);
        let _ = writeln!(
            text,
            "::{command} file={},title={}::{}%0Ahelp: {}",
            property(&path),
            property(finding.code.name()),
            data(&line(&message)),
            data(&line(finding.advice()))
        );
    }
    let verdict = file.verdict(deny_warnings);
    let sha256 = if file.sha256.is_empty() { "unknown" } else { &file.sha256 };
    let same = file.sameness().map(|same| format!(", {same}")).unwrap_or_default();
    // `##[` is the older form of a command, which is recognised anywhere in a line.
    let of = format!("{path}, sha256 {sha256}{same}").replace("##[", "##\\u{5b}");
    let _ = writeln!(text, "{verdict} for {host}: {of}");
    text
}

/// Returns the part after all files.
pub fn github_summary(report: &Report) -> String {
    report.summary() + "\n"
}

/// Escapes the message of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_command_or_a_property_is_escaped() {
        assert_eq!(data("100 %\r\n::x, y"), "100 %25%0D%0A::x, y");
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25%0A");
    }
}
