//! Pieces of HTML. In: text of anybody. Out: HTML in which it is text.

use chrono::DateTime;

use crate::report::{counted, cut, visible};

/// Lines of one kind on a page.
const MOST_LINES: usize = 50;

/// Text that no browser takes for more than text.
pub(super) fn escaped(text: &str) -> String {
    let text = visible(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

/// A table of names and values; nothing without rows.
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

/// The first lines of many, none longer than anybody reads, and how many more there are. The other formats have all.
pub(super) fn some(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines = lines.fuse();
    let mut some: Vec<_> = lines.by_ref().take(MOST_LINES).map(|line| cut(&line)).collect();
    if let more @ 1.. = lines.count() {
        some.push(format!("and {}", counted(more as u64, "more line")));
    }
    some
}

/// Lines as they were written; nothing without lines.
pub(super) fn lines(title: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<_> = some(lines).iter().map(|line| escaped(line)).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!("<section><h2>{title}</h2>\n<pre>{}</pre></section>\n", lines.join("\n"))
}

/// A time for people, in UTC. Those of a script can be anything.
pub(super) fn utc(time_ms: i64) -> String {
    match DateTime::from_timestamp_millis(time_ms) {
        Some(time) => time.format("%Y-%m-%d %H:%M:%S%.3f").to_string(),
        None => format!("{time_ms} ms"),
    }
}
