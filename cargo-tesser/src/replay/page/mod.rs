//! A run or a sweep as a self-contained HTML page that works offline.
//!
//! In: a summary, and the settings of the run. Out: HTML. Text from the plugin is escaped, and the content security policy
//! allows only the page's own two scripts, by hash. Charts use rounded numbers; the numbers in tables are exact.

mod chart;
mod dimensions;
mod html;
mod packed;
mod runs_table;
mod sweep;
mod tables;
#[cfg(test)]
mod tests;
mod tiles;

use std::path::Path;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use self::html::{escaped, facts, lines};
pub(super) use self::sweep::{Common, Row, extremes, sweep_page};
use super::show::{ending, quality};
use super::{Expected, Interval, Run, RunSettings};
use crate::report::{counted, path as shown_path};
use crate::simulator::RunSummary;

/// Text of the page's own scripts, with the same line ends on all systems, whatever git does to the files.
fn script(parts: &[&str]) -> String {
    parts.concat().replace('\r', "")
}

/// What a page shows in addition to the run.
#[derive(Clone, Debug)]
pub struct Shown {
    written_ms: i64,
    watched: Option<Watched>,
    /// How many runs there are, if the page of a sweep does not have all.
    sample_of: Option<u64>,
}

impl Shown {
    /// A page written at this time, in milliseconds since the Unix epoch.
    pub fn new(written_ms: i64) -> Self {
        Self { written_ms, watched: None, sample_of: None }
    }

    /// A page that reloads when there is a newer run.
    #[must_use]
    pub fn watched(self, watched: Watched) -> Self {
        Self { watched: Some(watched), ..self }
    }

    /// A page with a sample of so many runs.
    pub(super) fn sample(self, runs: u64) -> Self {
        Self { sample_of: Some(runs), ..self }
    }

    fn facts(&self) -> [(&'static str, String); 1] {
        [("page written (UTC)", html::utc(self.written_ms))]
    }
}

/// How an open page detects a newer run.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Name of the script beside the page that it polls.
    pub file: String,
    /// Number of the run.
    pub run: i64,
}

/// The script that an open page polls: the number of the last run, and the state of the next build.
pub fn watch_script(run: i64, note: &str, failed: bool) -> String {
    format!("tesserWatch({});\n", json!({ "run": run, "note": note, "failed": failed }))
}

/// The page of a run.
pub fn page(run: &Run, shown: &Shown) -> String {
    page_of(&run.settings, &run.summary, shown)
}

/// The page of a run, from its settings and its summary.
pub(super) fn page_of(settings: &RunSettings, summary: &RunSummary, shown: &Shown) -> String {
    let title = escaped(&sentence(&signal(summary)));
    let mut data = chart::data(summary, &settings.params);
    data["kind"] = "run".into();
    data["tables"] = json!({ "orders": tables::orders(summary), "fills": tables::fills(summary) });
    let body = format!(
        "<header><h1>{title}</h1>{}</header>\n{}{}{}{}{}{}{}{}{}{}",
        headline(summary, settings),
        tiles::tiles(summary),
        errors(summary),
        charts(summary),
        tables::places(summary),
        facts("Figures", &figures(summary)),
        facts("What was run", &what_was_run(summary, settings, shown)),
        lines("Where it trapped", summary.frames.iter().cloned()),
        lines("Notes", summary.notes.shown()),
        lines("Logs", summary.logs.shown()),
        lines("Output", summary.output.shown()),
    );
    document(
        &title,
        &body,
        &script(&[include_str!("page.js"), include_str!("run.js")]),
        &data,
        shown,
    )
}

/// The page around a body. `title` is escaped.
fn document(title: &str, body: &str, script: &str, data: &Value, shown: &Shown) -> String {
    let library = packed::library();
    let (beside, bar) = match &shown.watched {
        None => ("", String::new()),
        Some(Watched { file, run }) => (
            // For a page from disk, `'self'` does not match other files.
            " 'self' file:",
            format!(
                "<p id=\"watch\" role=\"status\" data-file=\"{}\" data-run=\"{run}\">watched</p>\n",
                escaped(file)
            ),
        ),
    };
    let style = include_str!("style.css");
    let own = packed::hash(script);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
        <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
        script-src '{own}' '{}'{beside}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'\">\n\
        <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
        <title>{title}</title>\n<style>\n{style}</style></head><body>\n{bar}{body}\
        <p id=\"failed\" class=\"bad\" hidden></p>\n\
        <noscript><p class=\"bad\">The charts and the tables need JavaScript.</p></noscript>\n\
        <script type=\"text/plain\" id=\"data\">{}</script>\n\
        <script type=\"text/plain\" id=\"library\">{}</script>\n\
        <script>{script}</script>\n</body></html>\n",
        library.hash,
        packed::packed(data.to_string().as_bytes()),
        library.packed,
    )
}

fn headline(summary: &RunSummary, settings: &RunSettings) -> String {
    let class = if summary.ok() { "" } else { " bad" };
    let ended = escaped(&sentence(&ending(&summary.ending)));
    let when = summary.quality.as_ref().map_or_else(String::new, |quality| {
        let end_ms = quality.start_ms.saturating_add(quality.interval_ms);
        format!("; {} to {} UTC", html::utc(quality.start_ms), html::utc(end_ms))
    });
    format!(
        "<p><span class=\"verdict{class}\">{ended}</span></p>\n<p>{} over {}{when}</p>\n",
        escaped(&name(&settings.plugin.path)),
        escaped(&name(&settings.tape.path)),
    )
}

fn signal(summary: &RunSummary) -> String {
    format!("{} {} {}", summary.side, summary.target.normalize(), summary.symbol)
}

/// The requested interval and the expectations.
fn requested(interval: Interval, expected: Expected) -> [(&'static str, String); 2] {
    let Interval { from_ms, to_ms, horizon_ms } = interval;
    let interval = [
        from_ms.map(|ms| format!("from {} UTC", html::utc(ms))),
        to_ms.map(|ms| format!("to {} UTC", html::utc(ms))),
        horizon_ms.map(|ms| format!("a horizon of {} s", Decimal::new(ms, 3).normalize())),
    ];
    let Expected { completed, max_shortfall_bps, min_filled } = expected;
    let expected = [
        completed.then(|| "completed".to_owned()),
        max_shortfall_bps.map(|bps| format!("a shortfall of at most {} bps", bps.normalize())),
        min_filled.map(|share| format!("at least {} filled", tiles::percent(share))),
    ];
    let words = |words: [Option<String>; 3], none: &str| {
        let words = words.into_iter().flatten().collect::<Vec<_>>().join(", ");
        if words.is_empty() { none.to_owned() } else { words }
    };
    [("interval", words(interval, "the whole tape")), ("expected", words(expected, "nothing"))]
}

/// Capitalizes the first letter.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A file's name without its folders; "What was run" has the whole path.
fn name(path: &str) -> String {
    let path = Path::new(path);
    shown_path(path.file_name().map_or(path, Path::new))
}

fn errors(summary: &RunSummary) -> String {
    let item = |line: &String| format!("<li>{}</li>\n", escaped(line));
    let errors: String = html::some(summary.violations().shown()).iter().map(item).collect();
    if errors.is_empty() {
        return String::new();
    }
    format!("<section class=\"errors\"><h2>Errors</h2>\n<ul>\n{errors}</ul></section>\n")
}

fn charts(summary: &RunSummary) -> String {
    let below = if summary.quality.as_ref().is_some_and(|_| !summary.fill_rows.is_empty()) {
        "<div class=\"side-by-side\"><div class=\"chart\" id=\"parts\"></div><div class=\"chart\" id=\"markouts\"></div></div>\n"
    } else {
        ""
    };
    format!("<div class=\"chart\" id=\"course\"></div>\n{below}")
}

/// The figures, as in the table for people.
fn figures(summary: &RunSummary) -> Vec<(&'static str, String)> {
    let mut rows = vec![
        ("target", summary.target.normalize().to_string()),
        (
            "placed",
            format!("{} in {}", summary.placed.normalize(), counted(summary.orders, "order")),
        ),
        ("amendments", summary.amended.to_string()),
        ("filled", format!("{} in {}", summary.filled.normalize(), counted(summary.fills, "fill"))),
    ];
    if let Some(price) = summary.mean_price() {
        rows.push(("mean price", price.round_dp(8).normalize().to_string()));
    }
    rows.push(("still open", summary.outstanding.normalize().to_string()));
    rows.extend(summary.quality.iter().flat_map(quality));
    rows
}

/// Plugin, tape, settings and versions of the run.
fn what_was_run(
    summary: &RunSummary,
    settings: &RunSettings,
    shown: &Shown,
) -> Vec<(&'static str, String)> {
    let file = |path: &str, sha256: Option<&str>| {
        let hash = sha256.map_or_else(String::new, |sha256| format!(", sha256 {sha256}"));
        format!("{}{hash}", shown_path(Path::new(path)))
    };
    let RunSettings { plugin, tape, book, .. } = settings;
    let mut facts = vec![("plugin", file(&plugin.path, Some(&plugin.sha256)))];
    if let Some(metadata) = &plugin.metadata {
        let commit = metadata.revision.as_ref();
        let commit = commit.map_or_else(String::new, |commit| format!(", commit {commit:.12}"));
        facts.push(("built from", format!("{} {}{commit}", metadata.name, metadata.version)));
    }
    facts.extend([
        ("parameters", settings.params.to_string()),
        ("signal", signal(summary)),
        ("tape", file(&tape.path, tape.sha256.as_deref())),
        ("rows of the tape", summary.trades.to_string()),
    ]);
    let book = book.as_ref().map(|book| ("order book", file(&book.path, book.sha256.as_deref())));
    facts.extend(book);
    facts.extend(requested(settings.interval, settings.expected));
    facts.extend([
        ("host", summary.world.clone()),
        ("exchange", summary.model.clone()),
        ("run", settings.id.clone()),
        ("tool", settings.tool.clone()),
    ]);
    facts.extend(shown.facts());
    facts
}
