//! The page of a sweep: cost by parameters. In: the runs. Out: HTML, with links to the pages of two runs.

use std::collections::BTreeMap;
use std::path::Path;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::Deserialize as _;
use serde_json::{Value, json};

use super::super::record::Record;
use super::dimensions::{Dimension, dimensions, words};
use super::html::{escaped, facts};
use super::runs_table::{self, Set};
use super::tiles::{Tile, bps, percent, row};
use super::{Expected, Interval, RunSettings, Shown, document, requested, script};
use crate::report::{counted, path as shown_path};
use crate::simulator::RunSummary;

/// One run.
pub(in super::super) struct Row {
    /// Its settings and figures.
    pub(in super::super) record: Record,
    /// File name of its own page, beside this one.
    pub(in super::super) link: Option<String>,
}

/// What all runs have in common, beside what their records have.
pub(in super::super) struct Common {
    pub(in super::super) plugin: String,
    pub(in super::super) plugin_sha256: String,
    pub(in super::super) tool: String,
    /// Its start is that of a run, if not all have the same.
    pub(in super::super) interval: Interval,
    pub(in super::super) expected: Expected,
    /// The simulated host, in words.
    pub(in super::super) host: String,
    /// The exchange model, in words.
    pub(in super::super) exchange: String,
}

impl Common {
    /// Of the settings of a run, and of one that was made.
    pub(in super::super) fn of(settings: &RunSettings, made: Option<&RunSummary>) -> Self {
        let words = |of: fn(&RunSummary) -> &String| made.map(of).cloned().unwrap_or_default();
        Self {
            plugin: settings.plugin.path.clone(),
            plugin_sha256: settings.plugin.sha256.clone(),
            tool: settings.tool.clone(),
            interval: settings.interval,
            expected: settings.expected,
            host: words(|summary| &summary.world),
            exchange: words(|summary| &summary.model),
        }
    }

    /// Of the same settings as a document.
    pub(in super::super) fn of_document(settings: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (plugin, host) = (&settings["plugin"], &settings["host"]);
        let said = settings["exchange"].as_object().into_iter().flatten();
        let said = said.filter(|(_, value)| !value.is_null()).map(|(name, value)| {
            format!("{name} {}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        });
        Self {
            plugin: text(&plugin["path"]),
            plugin_sha256: text(&plugin["sha256"]),
            tool: text(&settings["tool"]),
            interval: Interval::deserialize(&settings["interval"]).unwrap_or_default(),
            expected: Expected::deserialize(&settings["expected"]).unwrap_or_default(),
            host: format!("{}, {}", text(&host["profile"]), text(&host["instrument_kind"])),
            exchange: said.collect::<Vec<_>>().join(", "),
        }
    }
}

impl Row {
    /// The values for the charts, in the order of [`METRICS`].
    fn metrics(&self) -> [Option<f64>; METRICS.len()] {
        let Some(costs) = self.record.costs() else { return [None; METRICS.len()] };
        let percent = |share: Decimal| share.saturating_mul(Decimal::ONE_HUNDRED).to_f64();
        [
            costs.total_crossing_bps.to_f64(),
            costs.to_vwap_bps.and_then(|bps| bps.to_f64()),
            self.record.filled_share().and_then(percent),
            percent(costs.participation),
            costs.maker_share.and_then(percent),
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

/// The runs with the lowest and the highest shortfall. Runs with errors are included, as in the charts and the tables: runs
/// that filled too little are often the most expensive.
pub(in super::super) fn extremes(rows: &[Row]) -> Option<(usize, usize)> {
    let costs = rows.iter().enumerate();
    let mut costs: Vec<_> =
        costs.filter_map(|(index, row)| Some((row.record.cost_bps()?, index))).collect();
    costs.sort_unstable();
    Some((costs.first()?.1, costs.last()?.1))
}

/// The page.
pub(in super::super) fn sweep_page(rows: &[Row], common: Option<&Common>, shown: &Shown) -> String {
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
        String::new()
    } else {
        let markets = markets(&dimensions);
        format!(
            "<section data-table=\"sets-table\"><h2>Parameters over all {markets}</h2></section>\n"
        )
    };
    let sample = shown.sample_of.map_or_else(String::new, |all| {
        format!(
            "<p class=\"note\">A random sample of {all} runs, including those with the lowest and the highest shortfall of all. `cargo tesser sweep report DIR \
            --format csv` has all of them.</p>\n"
        )
    });
    let body = format!(
        "<header><h1>{title}</h1></header>\n{sample}{}{charts}{sets_place}<section data-table=\"runs-table\"><h2>Runs</h2></section>\n{}",
        tiles(rows, &dimensions, &sets),
        facts("What was run", &what_was_run(rows, common, shown)),
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
            "ok": row.record.is_ok(),
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
    let params = (0..dimensions.len()).filter(|at| !dimensions[*at].is_market).collect::<Vec<_>>();
    match (&params[..], dimensions.len()) {
        (&[down, across], _) => Some([down, across]),
        (_, 2) => Some([0, 1]),
        _ => None,
    }
}

fn title(rows: &[Row]) -> String {
    let runs = counted(rows.len() as u64, "run");
    match rows.iter().find(|row| row.record.result.is_ok()) {
        Some(row) => format!("{runs}: {}", signal_of(rows, &row.record)),
        None => runs,
    }
}

/// The signal of all runs; where their sides differ, without one.
fn signal_of(rows: &[Row], record: &Record) -> String {
    let is_same = rows.iter().all(|row| row.record.side == record.side);
    let side = if is_same { record.side.as_str() } else { "buy or sell" };
    format!("{side} {} {}", record.target.normalize(), record.symbol)
}

/// What runs differ in beside their parameters, such as `tapes and starts`.
fn markets(dimensions: &[Dimension]) -> String {
    let markets = dimensions.iter().filter(|dimension| dimension.is_market);
    markets.map(|dimension| format!("{}s", dimension.name)).collect::<Vec<_>>().join(" and ")
}

fn tiles(rows: &[Row], dimensions: &[Dimension], sets: &[Set]) -> String {
    let failed = rows.iter().filter(|row| !row.record.is_ok()).count();
    let done = rows
        .iter()
        .filter(|row| row.record.filled_share().is_some_and(|share| share >= Decimal::ONE));
    let params: Vec<_> = dimensions.iter().filter(|dimension| !dimension.is_market).collect();
    let all: Vec<_> = dimensions.iter().collect();
    let mut tiles = vec![Tile::new(
        "Runs",
        rows.len().to_string(),
        format!("{} filled the whole target", done.count()),
    )];
    if let Some((best, worst)) = extremes(rows) {
        let cost = |index: usize| rows[index].record.cost_bps().map_or_else(String::new, bps);
        let of = |index: usize| {
            let words = words(&all, index);
            if rows[index].record.is_ok() { words } else { format!("{words} (with errors)") }
        };
        tiles.push(Tile::new("Lowest shortfall", cost(best), of(best)));
        tiles.push(Tile::new("Highest shortfall", cost(worst), of(worst)));
        tiles.push(if let Some(set) = sets.first() {
            {
                let name = format!("Lowest mean over {}", markets(dimensions));
                Tile::new(name, bps(set.mean_bps), words(&params, set.run))
            }
        } else {
            let filled = rows[best].record.filled_share();
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
            let errors = if rows[index].record.is_ok() { "" } else { " (with errors)" };
            Some(format!("<a href=\"{}\">{words}</a>{errors}", escaped(link)))
        };
        [link(best, "run with the lowest shortfall"), link(worst, "run with the highest shortfall")]
    });
    let links: Vec<_> = links.into_iter().flatten().flatten().collect();
    format!("{}<p class=\"note\">{}</p>\n", row(&tiles), links.join(", "))
}

fn median(rows: &[Row]) -> String {
    let mut costs: Vec<_> = rows.iter().filter_map(|row| row.record.cost_bps()).collect();
    costs.sort_unstable();
    let (lower, upper) = (costs.len().saturating_sub(1) / 2, costs.len() / 2);
    match (costs.get(lower), costs.get(upper)) {
        (Some(lower), Some(upper)) => bps((lower + upper) / Decimal::TWO),
        _ => "unknown".into(),
    }
}

/// What identifies the runs, as far as they have it in common.
fn what_was_run(
    rows: &[Row],
    common: Option<&Common>,
    shown: &Shown,
) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let (Some(common), Some(Row { record, .. })) = (common, rows.first()) {
        let path = shown_path(Path::new(&common.plugin));
        facts.push(("plugin", format!("{path}, sha256 {}", common.plugin_sha256)));
        if let Value::Object(params) = &record.params {
            let is_same = |(name, value): &(&String, &Value)| {
                rows.iter().all(|row| row.record.params.get(*name) == Some(*value))
            };
            let same = params.iter().filter(is_same);
            let same = same.map(|(name, value)| (name.clone(), value.clone())).collect();
            facts.push(("parameters of all", Value::Object(same).to_string()));
        }
        let mut interval = common.interval;
        if rows.iter().any(|row| row.record.from_ms != interval.from_ms) {
            interval.from_ms = None;
        }
        facts.extend(requested(interval, common.expected));
        facts.push(("tool", common.tool.clone()));
        if rows.iter().any(|row| row.record.result.is_ok()) {
            facts.push(("signal", signal_of(rows, record)));
            facts.push(("host", common.host.clone()));
            facts.push(("exchange", common.exchange.clone()));
        }
    }
    let tapes: BTreeMap<_, _> =
        rows.iter().map(|row| (&row.record.tape, row.record.tape_sha256.as_deref())).collect();
    for (path, sha256) in tapes {
        let hash = sha256.map_or_else(String::new, |sha256| format!(", sha256 {sha256}"));
        facts.push(("tape", format!("{}{hash}", shown_path(Path::new(path)))));
    }
    facts.extend(shown.facts());
    facts
}
