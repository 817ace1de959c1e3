//! HTML helpers. In: untrusted text. Out: HTML in which it is escaped.

use chrono::DateTime;

use crate::report::{counted, cut, visible};

/// Maximum number of lines of one kind on a page.
const MOST_LINES: usize = 50;

/// Escapes text for HTML content and attributes.
pub(super) fn escaped(text: &str) -> String {
    let text = visible(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

/// A table of names and values; empty if there are no rows.
pub(super) fn facts(title: &str, rows: &[(&str, String)]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let row = |(name, value): &(&str, String)| {
        format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escaped(name), escaped(value))
    };
    let rows: String = rows.iter().map(row).collect();
    format!("<section><h2>{title}</h2>\n<table class=\"facts\">\n{rows}</table></section>\n")
}

/// Returns the first lines, shortened, and how many more there are. The other formats have all.
pub(super) fn some(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines = lines.fuse();
    let mut some: Vec<_> = lines.by_ref().take(MOST_LINES).map(|line| cut(&line)).collect();
    if let more @ 1.. = lines.count() {
        some.push(format!("and {}", counted(more as u64, "more line")));
    }
    some
}

/// A preformatted section of lines; empty if there are none.
pub(super) fn lines(title: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<_> = some(lines).iter().map(|line| escaped(line)).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!("<section><h2>{title}</h2>\n<pre>{}</pre></section>\n", lines.join("\n"))
}

/// A time for people, in UTC; in milliseconds if it is out of range, as in a script.
pub(super) fn utc(time_ms: i64) -> String {
    match DateTime::from_timestamp_millis(time_ms) {
        Some(time) => time.format("%Y-%m-%d %H:%M:%S%.3f").to_string(),
        None => format!("{time_ms} ms"),
    }
}
