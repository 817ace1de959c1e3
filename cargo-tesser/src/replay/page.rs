//! A run summary as one HTML page that needs nothing else, not even a network.
//!
//! In: a summary. Out: HTML with a chart of price, orders and fills. What the plugin says is text on it and
//! never runs; the chart's numbers are for drawing, the tables' are exact.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Value, json};

use super::show::{HEADS, ending, fields, quality};
use crate::report::{counted, visible};
use crate::simulator::RunSummary;

/// Orders and fills on the page; the other formats have all.
const MOST: usize = 5_000;

const STYLE: &str = "body{font:15px system-ui,sans-serif;margin:2em auto;max-width:75em;padding:0 1em}\
    #chart{height:32em}table{border-collapse:collapse;margin:1em 0}\
    td,th{padding:.2em .8em;text-align:right;border-bottom:1px solid #ddd}\
    th[scope=row]{text-align:left}.bad{color:#b00020}pre{white-space:pre-wrap}";

/// Draws what is in `data`, which is a separate script so that nothing is put into code.
const DRAW: &str = "const d=JSON.parse(document.getElementById('data').textContent);\
    Plotly.newPlot('chart',d.traces,d.layout,{responsive:true,displaylogo:false,scrollZoom:true})\
    .then(()=>document.body.dataset.drawn=d.traces.length);";

/// The page.
pub fn page(summary: &RunSummary) -> String {
    let title = escaped(&format!("{} {} {}", summary.side, summary.target, summary.symbol));
    let (class, verdict) = if summary.ok() { ("good", "") } else { ("bad", ", with errors") };
    let ending = escaped(&ending(&summary.ending));
    let data = json!({ "traces": traces(summary), "layout": layout() });
    // The parser of HTML looks for tags in scripts of any type.
    let data = data.to_string().replace('<', "\\u003c");
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
        <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
        script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:\">\n\
        <title>{title}</title><style>{STYLE}</style></head><body>\n\
        <h1>{title}</h1><p class=\"{class}\">{ending}{verdict}</p>\n\
        <div id=\"chart\"></div>\n{}{}{}{}{}{}\
        <script type=\"application/json\" id=\"data\">{data}</script>\n{}</script>\n\
        <script>{DRAW}</script>\n</body></html>\n",
        numbers(summary),
        orders(summary),
        lines("Errors", summary.violations().shown()),
        lines("Where it trapped", summary.frames.iter().cloned()),
        lines("Logs", summary.logs.shown()),
        lines("Output", summary.output.shown()),
        library(),
    )
}

/// The script of plotly.js, without its end tag. The crate puts a formula renderer behind it, which is as
/// large as half the page and not used.
fn library() -> String {
    let mut scripts = plotly::Plot::offline_js_sources();
    scripts.truncate(scripts.find("</script>").unwrap_or(scripts.len()));
    scripts
}

fn traces(summary: &RunSummary) -> Value {
    let number = |value: Decimal| value.to_f64();
    let (times, prices): (Vec<_>, Vec<_>) =
        summary.market.prices.points().into_iter().map(|(time, p)| (time, number(p))).unzip();
    let orders = || summary.rows.iter().take(MOST);
    let at: Vec<_> = orders().map(|order| order.price.or(order.mean_price).map(number)).collect();
    let words: Vec<_> = orders()
        .map(|o| {
            format!("order {}: {} {} {}, {}", o.number, o.kind, o.side, o.quantity, o.state.word())
        })
        .collect();
    let placed: Vec<_> = orders().map(|order| order.time_ms).collect();
    let fills = || summary.fill_rows.iter().take(MOST);
    let filled: Vec<_> = fills().map(|fill| fill.time_ms).collect();
    let paid: Vec<_> = fills().map(|fill| number(fill.price)).collect();
    let sizes: Vec<_> = fills().map(|f| format!("{} of order {}", f.quantity, f.order)).collect();
    json!([
        { "type": "scatter", "mode": "lines", "name": "price", "x": times, "y": prices,
          "line": { "width": 1, "color": "#7a8794" } },
        { "type": "scatter", "mode": "markers", "name": "orders", "x": placed, "y": at, "text": words,
          "marker": { "symbol": "circle-open", "size": 9, "color": "#1f6feb" } },
        { "type": "scatter", "mode": "markers", "name": "fills", "x": filled, "y": paid, "text": sizes,
          "marker": { "symbol": "x", "size": 7, "color": "#d1242f" } },
    ])
}

fn layout() -> Value {
    json!({
        "dragmode": "zoom",
        "hovermode": "closest",
        "margin": { "t": 20 },
        "xaxis": { "type": "date", "title": { "text": "time (UTC)" } },
        "yaxis": { "title": { "text": "price" } },
        "legend": { "orientation": "h" },
    })
}

fn numbers(summary: &RunSummary) -> String {
    let mut rows = vec![
        ("target", summary.target.to_string()),
        ("host", summary.world.clone()),
        ("placed", format!("{} in {}", summary.placed, counted(summary.orders, "order"))),
        ("filled", format!("{} in {}", summary.filled, counted(summary.fills, "fill"))),
        ("still open", summary.outstanding.to_string()),
        ("rows of the tape", summary.trades.to_string()),
    ];
    rows.extend(summary.quality.iter().flat_map(quality));
    rows.push(("plugin (sha256)", summary.sha256.clone()));
    let row = |(name, value): &(&str, String)| {
        format!("<tr><th scope=\"row\">{name}</th><td>{}</td></tr>\n", escaped(value))
    };
    format!("<table>\n{}</table>\n", rows.iter().map(row).collect::<String>())
}

fn orders(summary: &RunSummary) -> String {
    if summary.rows.is_empty() {
        return String::new();
    }
    let cells = |tag: &str, cells: &[String]| {
        let cell = |text: &String| format!("<{tag}>{}</{tag}>", escaped(text));
        format!("<tr>{}</tr>\n", cells.iter().map(cell).collect::<String>())
    };
    let head = cells("th", &HEADS.map(|head| head.replace('_', " ")));
    let rows: String =
        summary.rows.iter().take(MOST).map(|order| cells("td", &fields(order))).collect();
    let more = summary.rows.len().saturating_sub(MOST);
    let more = if more > 0 { format!("<p>and {more} more</p>\n") } else { String::new() };
    format!("<h2>Orders</h2>\n<table>\n{head}{rows}</table>\n{more}")
}

fn lines(title: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<_> = lines.map(|line| escaped(&line)).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!("<h2>{title}</h2>\n<pre>{}</pre>\n", lines.join("\n"))
}

fn escaped(text: &str) -> String {
    let text = visible(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use tesser_wasm::PluginSide;

    use super::*;

    #[test]
    fn what_a_plugin_says_is_text_and_no_script() {
        let hostile = "</script><script>alert(1)</script><img src=x onerror=alert(2)>";
        let mut summary = RunSummary::new(
            &crate::simulator::symbol::Symbol::parse(hostile),
            PluginSide::Buy,
            Decimal::ONE,
        );
        summary.logs.add(hostile.into());
        summary.errors.add(hostile.into());
        let page = page(&summary);
        assert!(!page.contains("<script>alert") && !page.contains("<img src=x"));
        assert!(page.contains("&lt;img src=x onerror=alert(2)&gt;"));
        // The data, the library and what draws.
        assert_eq!(page.matches("</script>").count(), 3);
    }
}
