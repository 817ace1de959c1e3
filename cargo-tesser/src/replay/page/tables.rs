//! The tables of orders and fills. In: a summary. Out: columns and rows; numbers are exact, and so texts.

use rust_decimal::Decimal;
use serde_json::{Value, json};
use tesser_wasm::PluginTimeInForce;

use crate::report::{counted, line};
use crate::simulator::{FillRow, Liquidity, Order, RunSummary};

/// Rows of one table; the other formats have all.
pub(super) const MOST: usize = 2_000;

/// Where the tables are put.
pub(super) fn places(summary: &RunSummary) -> String {
    let place = |title: &str, name: &str, number: usize, format: &str| {
        if number == 0 {
            return format!(
                "<section><h2>{title}</h2>\n<p class=\"note\">There are none.</p></section>\n"
            );
        }
        let more = match number.checked_sub(MOST) {
            Some(more @ 1..) => format!(
                "<p class=\"note\">and {}, which `--format {format}` has</p>\n",
                counted(more as u64, "more row")
            ),
            _ => String::new(),
        };
        format!("<section data-table=\"{name}\"><h2>{title}</h2></section>\n{more}")
    };
    place("Orders", "orders", summary.rows.len(), "csv")
        + &place("Fills", "fills", summary.fill_rows.len(), "fills-csv")
}

/// A number without digits that say nothing: divisions leave zeros.
fn exact(value: Decimal) -> Value {
    value.normalize().to_string().into()
}

fn number(value: Option<Decimal>) -> Value {
    value.map_or(Value::Null, exact)
}

/// The orders.
pub(super) fn orders(summary: &RunSummary) -> Value {
    let has_others = summary.rows.iter().any(|order| order.symbol != summary.symbol);
    let mut columns = vec![
        ("order", "number"),
        ("sent (UTC)", "time"),
        ("side", "text"),
        ("type", "text"),
        ("in force", "text"),
        ("quantity", "number"),
        ("first limit", "number"),
        ("last limit", "number"),
        ("amended", "number"),
        ("filled", "number"),
        ("mean price", "number"),
        ("state", "text"),
        ("ended (UTC)", "time"),
    ];
    if has_others {
        columns.push(("symbol", "text"));
    }
    let row = |order: &Order| {
        let mut row = vec![
            json!(order.number),
            json!(order.time_ms),
            order.side.to_string().into(),
            order.kind.to_string().into(),
            order.time_in_force.map_or(Value::Null, in_force),
            exact(order.quantity),
            number(order.first_price),
            number(order.price),
            json!(order.amended),
            exact(order.filled),
            number(order.mean_price),
            order.state.word().into(),
            json!(order.ended_ms),
        ];
        if has_others {
            row.push(line(&order.symbol).into());
        }
        row
    };
    let rows: Vec<_> = summary.rows.iter().take(MOST).map(row).collect();
    json!({ "columns": columns, "rows": rows })
}

fn in_force(time: PluginTimeInForce) -> Value {
    time.to_string().into()
}

/// The fills.
pub(super) fn fills(summary: &RunSummary) -> Value {
    let columns = [
        ("fill", "number"),
        ("time (UTC)", "time"),
        ("order", "number"),
        ("price", "number"),
        ("quantity", "number"),
        ("filled so far", "number"),
        ("fee", "number"),
        ("liquidity", "text"),
    ];
    let mut sum = Decimal::ZERO;
    let row = |(index, fill): (usize, &FillRow)| {
        sum = sum.saturating_add(fill.quantity);
        json!([
            index + 1,
            fill.time_ms,
            fill.order,
            exact(fill.price),
            exact(fill.quantity),
            exact(sum),
            number(fill.fee),
            fill.liquidity.map_or("", Liquidity::word),
        ])
    };
    let rows: Vec<_> = summary.fill_rows.iter().take(MOST).enumerate().map(row).collect();
    json!({ "columns": columns, "rows": rows })
}
