//! The tables of a sweep: all runs, and over several tapes the sets of parameters. In: runs. Out: columns and rows.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::show::ending;
use super::dimensions::Dimension;
use super::sweep::{Row, filled_share};
use crate::report::line;
use crate::simulator::RunSummary;

/// A row for each run, the cheapest first.
pub(super) fn runs(rows: &[Row<'_>], dimensions: &[Dimension]) -> Value {
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

/// One set of parameters over all tapes.
pub(super) struct Set {
    /// One of its runs.
    pub(super) run: usize,
    pub(super) mean_bps: Decimal,
    worst_bps: Decimal,
    mean_filled: Decimal,
    runs: u64,
    errors: u64,
}

/// The sets, the cheapest on average first, and those with errors last; none where there is only one tape, or only one set.
pub(super) fn sets(rows: &[Row<'_>], dimensions: &[Dimension]) -> Vec<Set> {
    let (tapes, params): (Vec<_>, Vec<_>) =
        dimensions.iter().partition(|dimension| dimension.is_tape);
    if tapes.is_empty() || params.is_empty() {
        return Vec::new();
    }
    let mut groups: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
    for run in 0..rows.len() {
        let key = params.iter().map(|dimension| dimension.of_runs[run]).collect();
        groups.entry(key).or_default().push(run);
    }
    let mut sets: Vec<_> = groups.into_values().filter_map(|runs| set(rows, &runs)).collect();
    sets.sort_by_key(|set| (set.errors > 0, set.mean_bps));
    sets
}

fn set(rows: &[Row<'_>], runs: &[usize]) -> Option<Set> {
    let costs: Vec<_> = runs.iter().filter_map(|run| rows[*run].cost_bps()).collect();
    let filled = runs.iter().filter_map(|run| filled_share(rows[*run].result.as_ref().ok()?));
    let number = Decimal::from(costs.len());
    let mean = |sum: Decimal| sum.checked_div(number).map(|mean| mean.round_dp(4).normalize());
    Some(Set {
        run: *runs.first()?,
        mean_bps: mean(costs.iter().sum())?,
        worst_bps: costs.iter().max().copied()?,
        mean_filled: mean(filled.sum())?,
        runs: costs.len() as u64,
        errors: runs.iter().filter(|run| !rows[**run].is_ok()).count() as u64,
    })
}

/// A row for each set.
pub(super) fn sets_table(sets: &[Set], dimensions: &[Dimension]) -> Value {
    let params: Vec<_> = dimensions.iter().filter(|dimension| !dimension.is_tape).collect();
    let mut columns: Vec<_> =
        params.iter().map(|dimension| (dimension.name.clone(), "text")).collect();
    let numbers =
        ["mean shortfall bps", "worst shortfall bps", "mean share filled", "runs", "with errors"];
    columns.extend(numbers.map(|name| (name.to_owned(), "number")));
    let row = |set: &Set| {
        let mut cells: Vec<_> = params
            .iter()
            .map(|dimension| json!(dimension.values[dimension.of_runs[set.run]]))
            .collect();
        cells.extend([
            set.mean_bps.to_string().into(),
            set.worst_bps.normalize().to_string().into(),
            set.mean_filled.to_string().into(),
            json!(set.runs),
            json!(set.errors),
        ]);
        cells
    };
    json!({ "columns": columns, "rows": sets.iter().map(row).collect::<Vec<_>>(), "sorted": params.len() })
}
