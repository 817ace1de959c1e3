//! The page of a sweep: which parameters cost how much. In: the runs. Out: HTML; two runs are linked.

use std::collections::BTreeSet;
use std::path::Path;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Value, json};

use super::super::show::ending;
use super::html::{escaped, facts};
use super::tiles::{Tile, bps, percent, row};
use super::{document, script};
use crate::report::{counted, line, path as shown};
use crate::simulator::{Quality, RunSummary};

/// One run.
pub(in super::super) struct Row<'a> {
    /// The tape.
    pub(in super::super) tape: &'a Path,
    /// All of its parameters.
    pub(in super::super) params: &'a Value,
    /// What came of it, or why there is nothing.
    pub(in super::super) result: Result<&'a RunSummary, String>,
    /// Name of its own page, beside this one.
    pub(in super::super) link: Option<String>,
}

impl Row<'_> {
    fn quality(&self) -> Option<&Quality> {
        self.result.as_ref().ok()?.quality.as_ref()
    }

    /// What runs are ranked by: the cost of the whole target, with fees and the rest taken at the end.
    pub(in super::super) fn cost_bps(&self) -> Option<Decimal> {
        self.quality().map(|quality| quality.shortfall.total_crossing_bps)
    }

    fn is_ok(&self) -> bool {
        self.result.as_ref().is_ok_and(|summary| summary.ok())
    }

    /// The numbers that charts are drawn from, in the order of [`METRICS`].
    fn metrics(&self) -> [Option<f64>; METRICS.len()] {
        let Some(quality) = self.quality() else { return [None; METRICS.len()] };
        let percent = |share: Decimal| share.saturating_mul(Decimal::ONE_HUNDRED).to_f64();
        let filled = self.result.as_ref().ok().and_then(|summary| filled_share(summary));
        [
            quality.shortfall.total_crossing_bps.to_f64(),
            quality.cost_to_vwap_bps.and_then(|bps| bps.to_f64()),
            filled.and_then(percent),
            percent(quality.participation),
            quality.maker_share.and_then(percent),
        ]
    }
}

const METRICS: [(&str, &str); 5] = [
    ("shortfall with fees", "bps"),
    ("against VWAP", "bps"),
    ("filled", "%"),
    ("participation", "%"),
    ("maker share", "%"),
];

fn filled_share(summary: &RunSummary) -> Option<Decimal> {
    summary.filled.checked_div(summary.target)
}

/// Something in which runs differ.
struct Dimension {
    name: String,
    /// Its values, sorted.
    values: Vec<String>,
    /// For each run, which one it has.
    of_runs: Vec<usize>,
}

/// The cheapest run and the dearest one. Runs with errors count only when there are no others.
pub(in super::super) fn extremes(rows: &[Row<'_>]) -> Option<(usize, usize)> {
    let costs = |only_ok: bool| {
        let mut costs: Vec<_> = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| !only_ok || row.is_ok())
            .filter_map(|(index, row)| Some((row.cost_bps()?, index)))
            .collect();
        costs.sort_unstable();
        Some((costs.first()?.1, costs.last()?.1))
    };
    costs(true).or_else(|| costs(false))
}

/// The page.
pub(in super::super) fn sweep_page(rows: &[Row<'_>]) -> String {
    let dimensions = dimensions(rows);
    let title = escaped(&title(rows));
    let charts = if dimensions.is_empty() {
        String::new()
    } else {
        let heat =
            if dimensions.len() == 2 { "<div class=\"chart\" id=\"heat\"></div>\n" } else { "" };
        format!("<div class=\"tools\" id=\"metric\"></div>\n{heat}<div id=\"parameters\"></div>\n")
    };
    let body = format!(
        "<header><h1>{title}</h1></header>\n{}{charts}<section data-table=\"runs-table\"><h2>Runs</h2></section>\n{}",
        tiles(rows, &dimensions),
        facts("What was run", &what_was_run(rows)),
    );
    let data = json!({
        "kind": "sweep",
        "metrics": METRICS,
        "dimensions": dimensions.iter().map(|dimension| json!({ "name": dimension.name, "values": dimension.values })).collect::<Vec<_>>(),
        "runs": rows.iter().enumerate().map(|(index, row)| json!({
            "at": dimensions.iter().map(|dimension| dimension.of_runs[index]).collect::<Vec<_>>(),
            "metrics": row.metrics(),
            "link": row.link,
            "ok": row.is_ok(),
        })).collect::<Vec<_>>(),
        "tables": { "runs-table": table(rows, &dimensions) },
    });
    document(
        &title,
        &body,
        &script(&[include_str!("page.js"), include_str!("sweep.js")]),
        &data,
        None,
    )
}

fn title(rows: &[Row<'_>]) -> String {
    let runs = counted(rows.len() as u64, "run");
    match rows.iter().find_map(|row| row.result.as_ref().ok()) {
        Some(summary) => format!("{runs}: {} {} {}", summary.side, summary.target, summary.symbol),
        None => runs,
    }
}

fn dimensions(rows: &[Row<'_>]) -> Vec<Dimension> {
    let params: BTreeSet<&String> = rows
        .iter()
        .filter_map(|row| row.params.as_object())
        .flat_map(|params| params.keys())
        .collect();
    let paths: BTreeSet<_> = rows.iter().map(|row| row.tape).collect();
    let names: BTreeSet<_> = paths.iter().filter_map(|path| path.file_name()).collect();
    let is_short = paths.len() == names.len();
    let mut dimensions =
        vec![dimension("tape".to_owned(), rows, |row| match row.tape.file_name() {
            Some(name) if is_short => shown(Path::new(name)),
            _ => shown(row.tape),
        })];
    dimensions.extend(params.into_iter().map(|name| {
        dimension(line(name), rows, |row| match row.params.get(name) {
            None => String::new(),
            Some(Value::String(text)) => line(text),
            Some(value) => line(&value.to_string()),
        })
    }));
    dimensions.retain(|dimension| dimension.values.len() > 1);
    dimensions
}

fn dimension(name: String, rows: &[Row<'_>], of: impl Fn(&Row<'_>) -> String) -> Dimension {
    let of_rows: Vec<_> = rows.iter().map(of).collect();
    let mut values: Vec<_> = of_rows.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
    // `9` comes before `10`.
    values.sort_by_key(|value| (value.parse::<Decimal>().is_err(), value.parse::<Decimal>().ok()));
    let place = |value: &String| values.iter().position(|other| other == value).unwrap_or(0);
    let of_runs = of_rows.iter().map(place).collect();
    Dimension { name, values, of_runs }
}

fn words(dimensions: &[Dimension], index: usize) -> String {
    let words = dimensions.iter().map(|dimension| {
        format!("{} {}", dimension.name, dimension.values[dimension.of_runs[index]])
    });
    words.collect::<Vec<_>>().join(", ")
}

fn tiles(rows: &[Row<'_>], dimensions: &[Dimension]) -> String {
    let failed = rows.iter().filter(|row| !row.is_ok()).count();
    let done = rows
        .iter()
        .filter(|row| row.result.as_ref().is_ok_and(|summary| summary.filled >= summary.target));
    let mut tiles = vec![Tile::new(
        "Runs",
        rows.len().to_string(),
        format!("{} filled the whole target", done.count()),
    )];
    if let Some((best, worst)) = extremes(rows) {
        let cost = |index: usize| rows[index].cost_bps().map_or_else(String::new, bps);
        tiles.push(Tile::new("Lowest shortfall", cost(best), words(dimensions, best)));
        tiles.push(Tile::new("Highest shortfall", cost(worst), words(dimensions, worst)));
        let filled = |index: usize| {
            rows[index].result.as_ref().ok().and_then(|summary| filled_share(summary))
        };
        let filled = filled(best).map_or_else(String::new, percent);
        tiles.push(Tile::new("Filled by the cheapest", filled, "of its target".into()));
    }
    tiles.push(Tile::new("Median shortfall", median(rows), "of all runs".into()));
    let more = if failed == 0 { "none" } else { "see the table's last column" };
    tiles.push(Tile::new("Runs with errors", failed.to_string(), more.into()).bad_if(failed > 0));
    let links = extremes(rows).map(|(best, worst)| {
        let link = |index: usize, words: &str| {
            let link = rows[index].link.as_ref()?;
            Some(format!("<a href=\"{}\">{words}</a>", escaped(link)))
        };
        [link(best, "page of the cheapest run"), link(worst, "page of the dearest run")]
    });
    let links: Vec<_> = links.into_iter().flatten().flatten().collect();
    format!("{}<p class=\"note\">{}</p>\n", row(&tiles), links.join(", "))
}

fn median(rows: &[Row<'_>]) -> String {
    let mut costs: Vec<_> = rows.iter().filter_map(Row::cost_bps).collect();
    costs.sort_unstable();
    let (lower, upper) = (costs.len().saturating_sub(1) / 2, costs.len() / 2);
    match (costs.get(lower), costs.get(upper)) {
        (Some(lower), Some(upper)) => bps((lower + upper) / Decimal::TWO),
        _ => "unknown".into(),
    }
}

fn table(rows: &[Row<'_>], dimensions: &[Dimension]) -> Value {
    let mut columns = vec![("run".to_owned(), "number"), ("page".to_owned(), "link")];
    columns.extend(dimensions.iter().map(|dimension| (dimension.name.clone(), "text")));
    let numbers = [
        "shortfall bps",
        "VWAP bps",
        "filled",
        "unfilled",
        "orders",
        "mean price",
        "participation",
        "maker share",
        "errors",
    ];
    let sorted = columns.len();
    columns.extend(numbers.map(|name| (name.to_owned(), "number")));
    columns.push(("ending".to_owned(), "text"));
    let exact = |value: Option<Decimal>| {
        value.map_or(Value::Null, |value| value.normalize().to_string().into())
    };
    let row = |(index, row): (usize, &Row<'_>)| {
        let mut cells = vec![json!(index + 1), json!(row.link)];
        cells.extend(
            dimensions.iter().map(|dimension| json!(dimension.values[dimension.of_runs[index]])),
        );
        let quality = row.quality();
        match &row.result {
            Ok(summary) => cells.extend([
                exact(row.cost_bps()),
                exact(quality.and_then(|quality| quality.cost_to_vwap_bps)),
                exact(Some(summary.filled)),
                exact(Some(summary.target.saturating_sub(summary.filled))),
                json!(summary.orders),
                exact(summary.mean_price().map(|price| price.round_dp(8))),
                exact(quality.map(|quality| quality.participation)),
                exact(quality.and_then(|quality| quality.maker_share)),
                json!(summary.violations().count()),
                words_of_end(summary).into(),
            ]),
            Err(error) => {
                cells.extend(numbers.map(|_| Value::Null));
                cells.push(line(error).into());
            }
        }
        cells
    };
    json!({ "columns": columns, "rows": rows.iter().enumerate().map(row).collect::<Vec<_>>(), "sorted": sorted })
}

fn words_of_end(summary: &RunSummary) -> String {
    let ended = ending(&summary.ending);
    match summary.violations().shown().next() {
        Some(error) => format!("error: {error}; {ended}"),
        None => ended,
    }
}

/// What identifies the runs, as far as they have it in common.
fn what_was_run(rows: &[Row<'_>]) -> Vec<(&'static str, String)> {
    let mut facts = vec![("runs", counted(rows.len() as u64, "run"))];
    if let Some(summary) = rows.iter().find_map(|row| row.result.as_ref().ok()) {
        facts.push(("sha256", summary.sha256.clone()));
        facts.push(("signal", format!("{} {} {}", summary.side, summary.target, summary.symbol)));
        facts.push(("host", summary.world.clone()));
        facts.push(("exchange", summary.model.clone()));
    }
    if let Some(Value::Object(params)) = rows.first().map(|row| row.params) {
        let same = params
            .iter()
            .filter(|(name, value)| rows.iter().all(|row| row.params.get(name) == Some(value)));
        let same = same.map(|(name, value)| (name.clone(), value.clone())).collect();
        facts.push(("parameters of all", Value::Object(same).to_string()));
    }
    let tapes: BTreeSet<_> = rows.iter().map(|row| shown(row.tape)).collect();
    facts.push(("tapes", tapes.into_iter().collect::<Vec<_>>().join(", ")));
    facts.push(("cargo-tesser", env!("CARGO_PKG_VERSION").to_owned()));
    facts
}
