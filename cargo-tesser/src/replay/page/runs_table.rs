//! The tables of a sweep: all runs, and with several tapes the sets of parameters. In: runs. Out: columns and rows.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::dimensions::Dimension;
use super::sweep::Row;
use crate::report::line;

/// A row for each run, the lowest shortfall first.
pub(super) fn runs(rows: &[Row], dimensions: &[Dimension]) -> Value {
    let has_errors = rows.iter().any(|row| !row.record.is_ok());
    let first =
        [("run", "number"), ("page", "link"), ("shortfall bps", "number"), ("errors", "number")];
    let sorted = 2;
    let mut columns: Vec<_> = first.map(|(name, kind)| (name.to_owned(), kind)).into();
    columns.extend(has_errors.then(|| ("first error".to_owned(), "long")));
    columns.extend(dimensions.iter().map(|dimension| (dimension.name.clone(), "text")));
    let numbers =
        ["VWAP bps", "filled", "unfilled", "orders", "mean price", "participation", "maker share"];
    columns.extend(numbers.map(|name| (name.to_owned(), "number")));
    columns.push(("ending".to_owned(), "text"));
    let exact = |value: Option<Decimal>| {
        value.map_or(Value::Null, |value| value.normalize().to_string().into())
    };
    let row = |(index, row): (usize, &Row)| {
        let (errors, error) = errors(row);
        let cost = exact(row.record.cost_bps());
        let mut cells = vec![json!(index + 1), json!(row.link), cost, json!(errors)];
        cells.extend(has_errors.then(|| json!(error)));
        cells.extend(
            dimensions.iter().map(|dimension| json!(dimension.values[dimension.of_runs[index]])),
        );
        let costs = row.record.costs();
        if let Ok(figures) = &row.record.result {
            cells.extend([
                exact(costs.and_then(|costs| costs.to_vwap_bps)),
                exact(Some(figures.filled)),
                exact(Some(row.record.target.saturating_sub(figures.filled))),
                json!(figures.orders),
                exact(figures.mean_price.map(|price| price.round_dp(8))),
                exact(costs.map(|costs| costs.participation)),
                exact(costs.and_then(|costs| costs.maker_share)),
                figures.ending.clone().into(),
            ]);
        } else {
            cells.extend(numbers.map(|_| Value::Null));
            cells.push("not run".into());
        }
        cells
    };
    json!({ "columns": columns, "rows": rows.iter().enumerate().map(row).collect::<Vec<_>>(), "sorted": sorted })
}

/// The number of errors of a run, and the first one.
fn errors(row: &Row) -> (u64, Option<String>) {
    match &row.record.result {
        Ok(figures) => {
            // The ending can be an error without a line of its own.
            let ended = || (!figures.is_ok).then(|| figures.ending.clone());
            (figures.error_count, figures.errors.first().cloned().or_else(ended))
        }
        Err(error) => (1, Some(line(error))),
    }
}

/// One set of parameters over all tapes, starts and sides.
pub(super) struct Set {
    /// Index of one of its runs.
    pub(super) run: usize,
    pub(super) mean_bps: Decimal,
    worst_bps: Decimal,
    mean_filled: Decimal,
    runs: u64,
    /// Tapes, starts and sides in which it was measured.
    markets: usize,
    errors: u64,
}

/// The sets, the lowest mean shortfall first, and sets without figures for some tape, start or side last; empty with only one of
/// those or one set.
pub(super) fn sets(rows: &[Row], dimensions: &[Dimension]) -> Vec<Set> {
    let (markets, params): (Vec<_>, Vec<_>) =
        dimensions.iter().partition(|dimension| dimension.is_market);
    if markets.is_empty() || params.is_empty() {
        return Vec::new();
    }
    let mut groups: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
    for run in 0..rows.len() {
        let key = params.iter().map(|dimension| dimension.of_runs[run]).collect();
        groups.entry(key).or_default().push(run);
    }
    let mut sets: Vec<_> =
        groups.into_values().filter_map(|runs| set(rows, &runs, &markets)).collect();
    let most = sets.iter().map(|set| set.markets).max();
    sets.sort_by_key(|set| (Some(set.markets) < most, set.mean_bps));
    sets
}

fn set(rows: &[Row], runs: &[usize], markets: &[&Dimension]) -> Option<Set> {
    let measured = runs.iter().filter(|run| rows[**run].record.cost_bps().is_some());
    let market =
        |run: &usize| markets.iter().map(|market| market.of_runs[*run]).collect::<Vec<_>>();
    let markets: BTreeSet<_> = measured.map(market).collect();
    let costs: Vec<_> = runs.iter().filter_map(|run| rows[*run].record.cost_bps()).collect();
    let filled = runs.iter().filter_map(|run| rows[*run].record.filled_share());
    let number = Decimal::from(costs.len());
    let mean = |sum: Decimal| sum.checked_div(number).map(|mean| mean.round_dp(4).normalize());
    Some(Set {
        run: *runs.first()?,
        mean_bps: mean(costs.iter().sum())?,
        worst_bps: costs.iter().max().copied()?,
        mean_filled: mean(filled.sum())?,
        runs: costs.len() as u64,
        markets: markets.len(),
        errors: runs.iter().filter(|run| !rows[**run].record.is_ok()).count() as u64,
    })
}

/// A row for each set.
pub(super) fn sets_table(sets: &[Set], dimensions: &[Dimension]) -> Value {
    let params: Vec<_> = dimensions.iter().filter(|dimension| !dimension.is_market).collect();
    let number = |name: &str| (name.to_owned(), "number");
    let mut columns = ["mean shortfall bps", "runs", "with errors"].map(number).to_vec();
    columns.extend(params.iter().map(|dimension| (dimension.name.clone(), "text")));
    columns.extend(["worst shortfall bps", "mean share filled"].map(number));
    let row = |set: &Set| {
        let mut cells = vec![json!(set.mean_bps.to_string()), json!(set.runs), json!(set.errors)];
        let values = params.iter().map(|dimension| &dimension.values[dimension.of_runs[set.run]]);
        cells.extend(values.map(|value| json!(value)));
        cells.extend([
            json!(set.worst_bps.normalize().to_string()),
            json!(set.mean_filled.to_string()),
        ]);
        cells
    };
    json!({ "columns": columns, "rows": sets.iter().map(row).collect::<Vec<_>>(), "sorted": null })
}
