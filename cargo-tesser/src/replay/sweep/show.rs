//! The runs of a sweep as rows: for people, and as CSV. In: records. Out: text.

use std::fmt::Write as _;
use std::path::Path;

use rust_decimal::Decimal;

use super::super::record::{Costs, Record};
use super::super::show::aligned;
use crate::report::{counted, cut, escape_untrusted, path as shown};
use crate::simulator::tape::times::shown as shown_time;

/// The widest that a column with text is in the table for people.
const WIDEST: usize = 32;

const HEADS: [&str; 9] = [
    "tape",
    "params",
    "orders",
    "filled",
    "unfilled",
    "mean price",
    "arrival bps",
    "VWAP bps",
    "ending",
];

/// Columns that only CSV has.
const MORE_HEADS: [&str; 6] =
    ["shortfall bps", "shortfall crossing bps", "maker share", "run id", "side", "start"];

/// As a table for people. It fits a screen, so that long values are cut, and it has the parameters in which the runs differ, and
/// start and side only if they do; endings that were cut are below it.
pub(super) fn table(records: &[Record], left_out: u64) -> String {
    let numbered: Vec<_> = (1..).zip(records).collect();
    table_of(&numbered, left_out)
}

/// The same of some runs by their numbers.
pub(super) fn table_of(records: &[(u64, &Record)], left_out: u64) -> String {
    let has_start = differs(records, |record| record.from_ms);
    let has_side = differs(records, |record| record.side.clone());
    let is_shown = |name: &str| differs(records, |record| record.params.get(name).cloned());
    let mut names: Vec<&String> = records
        .iter()
        .filter_map(|(_, record)| record.params.as_object())
        .flat_map(|p| p.keys())
        .collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| is_shown(name));
    let optional = |start: String, side: String| {
        has_start.then_some(start).into_iter().chain(has_side.then_some(side))
    };
    let line = |number: String, fields: [String; 9], start, side, shortfall: String| {
        let [tape, fields @ .., ending] = fields;
        let first = [number, tape].into_iter().chain(optional(start, side));
        first.chain(fields).chain([shortfall, ending]).collect::<Vec<_>>()
    };
    let head = |text: &str| text.to_owned();
    let heads = HEADS.map(str::to_owned);
    let mut rows =
        vec![line(head("run"), heads, head("start"), head("side"), head("shortfall bps"))];
    let mut long = Vec::new();
    for (number, record) in records {
        let mut row = fields(record);
        row[0] = narrow(&row[0], WIDEST, true);
        row[1] = narrow(&params(record, &names), WIDEST, false);
        let short = narrow(&row[8], WIDEST, false);
        if short != row[8] {
            long.push((*number, std::mem::replace(&mut row[8], short)));
        }
        let [_, shortfall, _, _, side, start] = more(record);
        rows.push(line(number.to_string(), row, start, side, shortfall));
    }
    let mut text = String::new();
    aligned(&mut text, &rows);
    for (number, ending) in long {
        let _ = writeln!(text, "  run {number}: {}", cut(&ending));
    }
    if left_out > 0 {
        let more = counted(left_out, "more run");
        let _ = writeln!(text, "and {more} with a higher shortfall, which `--format csv` has");
    }
    text
}

fn differs<T: PartialEq>(records: &[(u64, &Record)], of: impl Fn(&Record) -> T) -> bool {
    let mut values = records.iter().map(|(_, record)| of(record));
    let first = values.next();
    values.any(|value| Some(value) != first)
}

/// The first line of CSV.
pub(super) fn csv_head() -> String {
    csv(HEADS.iter().chain(&MORE_HEADS).map(|head| (*head).to_owned()))
}

/// A run as CSV.
pub(super) fn csv_line(record: &Record) -> String {
    csv(fields(record).into_iter().chain(more(record)))
}

fn csv(fields: impl Iterator<Item = String>) -> String {
    let quoted = fields.map(|field| format!("\"{}\"", field.replace('"', "\"\"")));
    quoted.collect::<Vec<_>>().join(",") + "\n"
}

/// Without what does not fit into a column: the end of a text, or the start of a path.
fn narrow(text: &str, width: usize, is_path: bool) -> String {
    let length = text.chars().count();
    if length <= width {
        text.to_owned()
    } else if is_path {
        "…".chars().chain(text.chars().skip(length - width + 1)).collect()
    } else {
        text.chars().take(width - 1).chain("…".chars()).collect()
    }
}

fn number(value: Option<Decimal>) -> String {
    value.map_or_else(String::new, |value| value.normalize().to_string())
}

/// The parameters of these names, as `name=value`.
fn params(record: &Record, names: &[&String]) -> String {
    let params = names.iter().filter_map(|name| Some((*name, record.params.get(*name)?)));
    let shown = params.map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{}={}", escape_untrusted(name), escape_untrusted(&value))
    });
    shown.collect::<Vec<_>>().join(" ")
}

fn more(record: &Record) -> [String; 6] {
    let costs = record.costs();
    [
        number(costs.map(|costs| costs.total_bps)),
        number(costs.map(|costs| costs.total_crossing_bps)),
        number(costs.and_then(|costs| costs.maker_share)),
        record.id.clone(),
        record.side.clone(),
        record.from_ms.map_or_else(String::new, shown_time),
    ]
}

fn fields(record: &Record) -> [String; 9] {
    let tape = shown(Path::new(&record.tape));
    let params = escape_untrusted(&record.params.to_string());
    let figures = match &record.result {
        Ok(figures) => figures,
        Err(error) => {
            let empty = String::new;
            let error = escape_untrusted(error);
            return [tape, params, empty(), empty(), empty(), empty(), empty(), empty(), error];
        }
    };
    let costs = figures.costs;
    let mut ending = figures.ending.clone();
    if !figures.errors.is_empty() {
        ending = format!("error: {}; {ending}", figures.errors.join("; "));
    }
    let unfilled = record.target.saturating_sub(figures.filled);
    let of = |bps: fn(Costs) -> Option<Decimal>| number(costs.and_then(bps));
    [
        tape,
        params,
        figures.orders.to_string(),
        number(Some(figures.filled)),
        number(Some(unfilled)),
        number(figures.mean_price.map(|price| price.round_dp(8))),
        of(|costs| costs.to_arrival_bps),
        of(|costs| costs.to_vwap_bps),
        ending,
    ]
}
