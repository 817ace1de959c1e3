//! The page of a sweep: cost by parameters. In: the runs. Out: HTML, with links to the pages of two runs.

use std::collections::BTreeMap;
use std::path::Path;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Value, json};

use super::dimensions::{Dimension, dimensions, words};
use super::html::{escaped, facts};
use super::runs_table::{self, Set};
use super::tiles::{Tile, bps, percent, row};
use super::{RunSettings, Shown, document, requested, script, signal};
use crate::report::{counted, path as shown_path};
use crate::simulator::{Quality, RunSummary};

/// One run.
pub(in super::super) struct Row<'a> {
    /// Everything that determines its result.
    pub(in super::super) settings: &'a RunSettings,
    /// Its summary, or why it failed to start.
    pub(in super::super) result: Result<&'a RunSummary, String>,
    /// File name of its own page, beside this one.
    pub(in super::super) link: Option<String>,
}

impl Row<'_> {
    pub(super) fn quality(&self) -> Option<&Quality> {
        self.result.as_ref().ok()?.quality.as_ref()
    }

    /// The figure by which runs are ranked: shortfall with fees, with the unfilled quantity at the crossing price.
    pub(in super::super) fn cost_bps(&self) -> Option<Decimal> {
        self.quality().map(|quality| quality.shortfall.total_crossing_bps)
    }

    pub(super) fn is_ok(&self) -> bool {
        self.result.as_ref().is_ok_and(|summary| summary.ok())
    }

    /// The values for the charts, in the order of [`METRICS`].
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

/// The filled share of the target.
pub(super) fn filled_share(summary: &RunSummary) -> Option<Decimal> {
    summary.filled.checked_div(summary.target)
}

/// The runs with the lowest and the highest shortfall. Runs with errors are included, as in the charts and the tables: runs
/// that filled too little are often the most expensive.
pub(in super::super) fn extremes(rows: &[Row<'_>]) -> Option<(usize, usize)> {
    let costs = rows.iter().enumerate();
    let mut costs: Vec<_> =
        costs.filter_map(|(index, row)| Some((row.cost_bps()?, index))).collect();
    costs.sort_unstable();
    Some((costs.first()?.1, costs.last()?.1))
}

/// The page.
pub(in super::super) fn sweep_page(rows: &[Row<'_>], shown: &Shown) -> String {
    let dimensions = dimensions(rows);
    let title = escaped(&title(rows));
    let heat = heat(&dimensions);
    let charts = if dimensions.is_empty() {
        String::new()
    } else {
        let heat = if heat.is_some() { "<div class=\"chart\" id=\"heat\"></div>\n" } else { "" };
        format!("<div class=\"tools\" id=\"metric\"></div>\n{heat}<div id=\"parameters\"></div>\n")
    };
    let sets = runs_table::sets(rows, &dimensions);
    let sets_place = if sets.is_empty() {
        ""
    } else {
        "<section data-table=\"sets-table\"><h2>Parameters over all tapes</h2></section>\n"
    };
    let body = format!(
        "<header><h1>{title}</h1></header>\n{}{charts}{sets_place}<section data-table=\"runs-table\"><h2>Runs</h2></section>\n{}",
        tiles(rows, &dimensions, &sets),
        facts("What was run", &what_was_run(rows, shown)),
    );
    let data = json!({
        "kind": "sweep",
        "metrics": METRICS,
        "heat": heat,
        "dimensions": dimensions.iter().map(|dimension| json!({ "name": dimension.name, "values": dimension.values })).collect::<Vec<_>>(),
        "runs": rows.iter().enumerate().map(|(index, row)| json!({
            "at": dimensions.iter().map(|dimension| dimension.of_runs[index]).collect::<Vec<_>>(),
            "metrics": row.metrics(),
            "link": row.link,
            "ok": row.is_ok(),
        })).collect::<Vec<_>>(),
        "tables": { "runs-table": runs_table::runs(rows, &dimensions), "sets-table": runs_table::sets_table(&sets, &dimensions) },
    });
    document(
        &title,
        &body,
        &script(&[include_str!("page.js"), include_str!("sweep.js")]),
        &data,
        shown,
    )
}

/// The two dimensions of the heat map: two parameters (mean over the tapes), or one parameter and the tape.
fn heat(dimensions: &[Dimension]) -> Option<[usize; 2]> {
    let params = (0..dimensions.len()).filter(|at| !dimensions[*at].is_tape).collect::<Vec<_>>();
    match (&params[..], dimensions.len()) {
        (&[down, across], _) => Some([down, across]),
        (_, 2) => Some([0, 1]),
        _ => None,
    }
}

fn title(rows: &[Row<'_>]) -> String {
    let runs = counted(rows.len() as u64, "run");
    match rows.iter().find_map(|row| row.result.as_ref().ok()) {
        Some(summary) => format!("{runs}: {}", signal(summary)),
        None => runs,
    }
}

fn tiles(rows: &[Row<'_>], dimensions: &[Dimension], sets: &[Set]) -> String {
    let failed = rows.iter().filter(|row| !row.is_ok()).count();
    let done = rows
        .iter()
        .filter(|row| row.result.as_ref().is_ok_and(|summary| summary.filled >= summary.target));
    let params: Vec<_> = dimensions.iter().filter(|dimension| !dimension.is_tape).collect();
    let all: Vec<_> = dimensions.iter().collect();
    let mut tiles = vec![Tile::new(
        "Runs",
        rows.len().to_string(),
        format!("{} filled the whole target", done.count()),
    )];
    if let Some((best, worst)) = extremes(rows) {
        let cost = |index: usize| rows[index].cost_bps().map_or_else(String::new, bps);
        let of = |index: usize| {
            let words = words(&all, index);
            if rows[index].is_ok() { words } else { format!("{words} (with errors)") }
        };
        tiles.push(Tile::new("Lowest shortfall", cost(best), of(best)));
        tiles.push(Tile::new("Highest shortfall", cost(worst), of(worst)));
        tiles.push(if let Some(set) = sets.first() {
            Tile::new("Lowest mean over tapes", bps(set.mean_bps), words(&params, set.run))
        } else {
            let filled = rows[best].result.as_ref().ok().and_then(|run| filled_share(run));
            let filled = filled.map_or_else(String::new, percent);
            Tile::new("Filled at lowest shortfall", filled, "of the target".into())
        });
    }
    tiles.push(Tile::new("Median shortfall", median(rows), "of all runs that have figures".into()));
    let more = if failed == 0 { "none" } else { "see the table of runs" };
    tiles.push(Tile::new("Runs with errors", failed.to_string(), more.into()).bad_if(failed > 0));
    let links = extremes(rows).map(|(best, worst)| {
        let link = |index: usize, words: &str| {
            let link = rows[index].link.as_ref()?;
            let errors = if rows[index].is_ok() { "" } else { " (with errors)" };
            Some(format!("<a href=\"{}\">{words}</a>{errors}", escaped(link)))
        };
        [link(best, "run with the lowest shortfall"), link(worst, "run with the highest shortfall")]
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

/// What identifies the runs, as far as they have it in common.
fn what_was_run(rows: &[Row<'_>], shown: &Shown) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(Row { settings, .. }) = rows.first() {
        let plugin = &settings.plugin;
        let path = shown_path(Path::new(&plugin.path));
        facts.push(("plugin", format!("{path}, sha256 {}", plugin.sha256)));
        if let Value::Object(params) = &settings.params {
            let is_same = |(name, value): &(&String, &Value)| {
                rows.iter().all(|row| row.settings.params.get(*name) == Some(*value))
            };
            let same = params.iter().filter(is_same);
            let same = same.map(|(name, value)| (name.clone(), value.clone())).collect();
            facts.push(("parameters of all", Value::Object(same).to_string()));
        }
        facts.extend(requested(settings));
        facts.push(("tool", settings.tool.clone()));
    }
    if let Some(summary) = rows.iter().find_map(|row| row.result.as_ref().ok()) {
        facts.push(("signal", signal(summary)));
        facts.push(("host", summary.world.clone()));
        facts.push(("exchange", summary.model.clone()));
    }
    let tapes: BTreeMap<_, _> = rows
        .iter()
        .map(|row| (&row.settings.tape.path, row.settings.tape.sha256.as_deref()))
        .collect();
    for (path, sha256) in tapes {
        let hash = sha256.map_or_else(String::new, |sha256| format!(", sha256 {sha256}"));
        facts.push(("tape", format!("{}{hash}", shown_path(Path::new(path)))));
    }
    facts.extend(shown.facts());
    facts
}
