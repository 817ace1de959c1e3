//! A run summary as a table for people, as one JSON document, or as CSV. In: a summary. Out: text.

use std::fmt::Write as _;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::run_settings::SCHEMA;
use super::{Run, RunSettings};
use crate::report::{counted, cut, visible};
use crate::simulator::dedup_log::one_line;
use crate::simulator::{DedupLog, Ending, FillRow, Liquidity, Order, Quality, RunSummary};

/// Maximum number of orders in the table for people; the other formats have all.
const MOST_ROWS: usize = 20;

/// The ending as a phrase.
pub fn ending(ending: &Ending) -> String {
    match ending {
        Ending::Completed => "completed".to_owned(),
        Ending::TapeOver => "not completed when the tape ended".to_owned(),
        Ending::HorizonOver => "not completed at the end of the horizon".to_owned(),
        Ending::Refused(reason) => format!("init refused the signal: {}", one_line(reason)),
        Ending::Cancelled(reason) => format!("cancelled by the host: {}", one_line(reason)),
        Ending::Lost(reason) => format!("the instance is lost: {}", one_line(reason)),
        Ending::HostDown(reason) => format!("the host is down: {}", one_line(reason)),
    }
}

/// The ending from the word and the reason that [`state`] returns.
pub(super) fn ending_of(state: &str, reason: Option<String>) -> Option<Ending> {
    let reason = reason.unwrap_or_default();
    Some(match state {
        "completed" => Ending::Completed,
        "tape-over" => Ending::TapeOver,
        "horizon-over" => Ending::HorizonOver,
        "refused" => Ending::Refused(reason),
        "cancelled" => Ending::Cancelled(reason),
        "lost" => Ending::Lost(reason),
        "host-down" => Ending::HostDown(reason),
        _ => return None,
    })
}

/// The ending as one word for programs, and the reason of the plugin or the host.
pub(super) fn state(ending: &Ending) -> (&'static str, Option<&str>) {
    match ending {
        Ending::Completed => ("completed", None),
        Ending::TapeOver => ("tape-over", None),
        Ending::HorizonOver => ("horizon-over", None),
        Ending::Refused(reason) => ("refused", Some(reason)),
        Ending::Cancelled(reason) => ("cancelled", Some(reason)),
        Ending::Lost(reason) => ("lost", Some(reason)),
        Ending::HostDown(reason) => ("host-down", Some(reason)),
    }
}

/// The summary as a table for people.
pub fn table(summary: &RunSummary) -> String {
    let price = match summary.mean_price() {
        Some(price) => format!(" at a mean price of {}", price.round_dp(8).normalize()),
        None => String::new(),
    };
    let mut text = String::new();
    let mut row = |name: &str, value: &dyn std::fmt::Display| {
        // The other formats have the full text.
        let _ = writeln!(text, "{name:>12}  {}", cut(&value.to_string()));
    };
    row("plugin", &format_args!("sha256 {}", summary.sha256));
    row("host", &summary.world);
    if !summary.model.is_empty() {
        row("exchange", &summary.model);
    }
    row(
        "tape",
        &format_args!(
            "{}, {} of the plugin, {}",
            counted(summary.trades, "row"),
            counted(summary.calls, "call"),
            counted(summary.restarts, "restart")
        ),
    );
    if summary.skipped_rows > 0 {
        row(
            "skipped",
            &format_args!("{} that cannot be read", counted(summary.skipped_rows, "row")),
        );
    }
    row("target", &summary.target);
    row(
        "placed",
        &format_args!(
            "{} in {}, {}",
            summary.placed,
            counted(summary.orders, "order"),
            counted(summary.amended, "amendment")
        ),
    );
    row("filled", &format_args!("{} in {}{price}", summary.filled, counted(summary.fills, "fill")));
    if !summary.expired.is_zero() {
        row("expired", &format_args!("{} of ioc and fok orders", summary.expired));
    }
    if !summary.refused.is_zero() {
        row("refused", &format_args!("{} by the exchange", summary.refused));
    }
    if summary.not_sent > 0 {
        row(
            "not sent",
            &format_args!("{} (or amendments), by the host", counted(summary.not_sent, "order")),
        );
    }
    if summary.stale > 0 {
        row(
            "cancelled",
            &format_args!(
                "{} in {}, by the host: a minute without a fill",
                summary.cancelled,
                counted(summary.stale, "order")
            ),
        );
    }
    row("still open", &summary.outstanding);
    for (name, value) in summary.quality.iter().flat_map(quality) {
        row(name, &value);
    }
    for error in summary.violations().shown() {
        row("error", &error);
    }
    for note in summary.notes.shown() {
        row("note", &note);
    }
    for log in summary.logs.shown() {
        row("log", &log);
    }
    row("ending", &ending(&summary.ending));
    for frame in &summary.frames {
        row("", &visible(frame));
    }
    for line in summary.output.shown() {
        row("output", &line);
    }
    orders(&mut text, &summary.rows);
    text
}

/// The figures of execution quality, as names and values.
pub(super) fn quality(quality: &Quality) -> Vec<(&'static str, String)> {
    let against = |price: Decimal, bps: Option<Decimal>| match bps {
        Some(bps) => format!("{}, cost {bps} bps", price.normalize()),
        None => price.normalize().to_string(),
    };
    let time = |ms: Option<i64>| ms.map_or_else(|| "never".into(), seconds);
    let percent =
        |share: Decimal| share.saturating_mul(Decimal::ONE_HUNDRED).round_dp(4).normalize();
    let cost = &quality.shortfall;
    let mut rows = vec![
        ("arrival", against(quality.arrival_price, quality.cost_to_arrival_bps)),
        ("VWAP", against(quality.vwap, quality.cost_to_vwap_bps)),
        ("TWAP", against(quality.twap, quality.cost_to_twap_bps)),
        (
            "shortfall",
            format!(
                "{} bps: delay {}, trading {}, unfilled {}, fees {}",
                cost.total_bps,
                cost.delay_bps,
                cost.trading_bps,
                cost.opportunity_bps,
                cost.fees_bps
            ),
        ),
    ];
    if !quality.unfilled.is_zero() {
        let crossing = quality.crossing_price.normalize();
        let total = cost.total_crossing_bps;
        rows.push(("", format!("{total} bps with the rest taken at {crossing}")));
    }
    let marked = quality.markouts.iter().filter_map(|markout| {
        let bps = markout.cost_bps?;
        Some(format!("{bps} bps after {} s ({})", markout.seconds, counted(markout.fills, "fill")))
    });
    let marked: Vec<_> = marked.collect();
    if !marked.is_empty() {
        rows.push(("markout", marked.join(", ")));
    }
    let (mean, most) =
        (percent(quality.schedule.behind_mean), percent(quality.schedule.behind_most));
    rows.push(("behind", format!("{mean} % of the target on average, {most} % at most")));
    rows.push(("traded", format!("{} in {}", quality.traded, seconds(quality.interval_ms))));
    rows.push(("share", format!("{} % of it", percent(quality.participation))));
    if let Some(share) = quality.maker_share {
        rows.push(("maker", format!("{} % of what was filled", percent(share))));
    }
    if !quality.fees.is_zero() {
        rows.push(("fees", quality.fees.normalize().to_string()));
    }
    let (first, half, all) = (quality.first_fill_ms, quality.half_filled_ms, quality.filled_ms);
    rows.push(("first fill", time(first)));
    rows.push(("half filled", time(half)));
    rows.push(("all filled", time(all)));
    rows.push(("unfilled", quality.unfilled.normalize().to_string()));
    rows
}

fn seconds(ms: i64) -> String {
    format!("{} s", Decimal::new(ms, 3).normalize())
}

/// Column names of the orders, in the table and in CSV.
pub(super) const HEADS: [&str; 9] =
    ["number", "time_ms", "side", "type", "price", "quantity", "filled", "mean_price", "state"];

/// The fields of an order under [`HEADS`].
pub(super) fn fields(order: &Order) -> [String; 9] {
    let price = |price: Option<Decimal>| price.map_or_else(String::new, |p| p.to_string());
    [
        order.number.to_string(),
        order.time_ms.to_string(),
        order.side.to_string(),
        order.kind.to_string(),
        price(order.price),
        order.quantity.to_string(),
        order.filled.to_string(),
        price(order.mean_price),
        order.state.word().to_owned(),
    ]
}

fn orders(text: &mut String, orders: &[Order]) {
    if orders.is_empty() {
        return;
    }
    let mut rows = vec![HEADS.map(|head| head.replace('_', " "))];
    rows.extend(orders.iter().take(MOST_ROWS).map(fields));
    text.push('\n');
    aligned(text, &rows);
    if let Some(more @ 1..) = orders.len().checked_sub(MOST_ROWS) {
        let _ = writeln!(text, "and {more} more, which `--format csv` shows");
    }
}

/// Writes right-aligned columns, two spaces apart.
pub(crate) fn aligned(text: &mut String, rows: &[impl AsRef<[String]>]) {
    let columns = rows.first().map_or(0, |row| row.as_ref().len());
    let width = |column: usize| rows.iter().map(|row| row.as_ref()[column].chars().count()).max();
    let widths: Vec<_> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    for row in rows {
        for (field, width) in row.as_ref().iter().zip(&widths) {
            let _ = write!(text, "  {field:>width$}");
        }
        text.push('\n');
    }
}

/// Columns that only CSV has, after the others.
const MORE_HEADS: [&str; 6] =
    ["time_in_force", "first_price", "first_quantity", "amended", "ended_ms", "market_price"];

/// The child orders as CSV.
pub fn orders_csv(summary: &RunSummary) -> String {
    let text = |value: Option<String>| value.unwrap_or_default();
    let rows = summary.rows.iter().map(|order| {
        let more = [
            text(order.time_in_force.map(|time_in_force| time_in_force.to_string())),
            text(order.first_price.map(|price| price.to_string())),
            order.first_quantity.to_string(),
            order.amended.to_string(),
            text(order.ended_ms.map(|ms| ms.to_string())),
            text(order.market_price.map(|price| price.to_string())),
        ];
        format!("{},{}", fields(order).join(","), more.join(","))
    });
    lines(&[&HEADS[..], &MORE_HEADS].concat().join(","), rows)
}

/// The fills as CSV.
pub fn fills_csv(summary: &RunSummary) -> String {
    let rows = summary.fill_rows.iter().map(|fill| {
        let fee = fill.fee.map_or_else(String::new, |fee| fee.to_string());
        let liquidity = fill.liquidity.map_or("", Liquidity::word);
        let FillRow { order, time_ms, price, quantity, .. } = fill;
        format!("{order},{time_ms},{price},{quantity},{fee},{liquidity}")
    });
    lines("order,time_ms,price,quantity,fee,liquidity", rows)
}

fn lines(head: &str, rows: impl Iterator<Item = String>) -> String {
    let mut text = format!("{head}\n");
    for row in rows {
        text += &row;
        text.push('\n');
    }
    text
}

/// A run as one JSON document. Decimals are strings.
pub fn json(run: &Run) -> String {
    format!("{:#}\n", run_document(&run.settings, &run.summary))
}

/// The same as a JSON value.
pub(super) fn run_document(settings: &RunSettings, summary: &RunSummary) -> Value {
    let mut document = document(summary);
    document["run"] = json!(settings);
    document
}

/// A summary as a JSON value.
pub(super) fn document(summary: &RunSummary) -> Value {
    let (state, reason) = state(&summary.ending);
    let said = |lines: &DedupLog| lines.shown().collect::<Vec<_>>();
    json!({
        "schema": SCHEMA,
        "ok": summary.ok(),
        "ending": { "state": state, "reason": reason },
        "frames": summary.frames,
        "output": said(&summary.output),
        "plugin_sha256": summary.sha256,
        "host": summary.world,
        "exchange": (!summary.model.is_empty()).then_some(&summary.model),
        "spread": summary.spread.map(|spread| spread.to_string()),
        "symbol": summary.symbol,
        "side": summary.side,
        "target": summary.target.to_string(),
        "tape_rows": summary.trades,
        "skipped_rows": summary.skipped_rows,
        "calls": summary.calls,
        "restarts": summary.restarts,
        "placed": summary.placed.to_string(),
        "amendments": summary.amended,
        "filled": summary.filled.to_string(),
        "expired": summary.expired.to_string(),
        "refused": summary.refused.to_string(),
        "not_sent": summary.not_sent,
        "stale_orders": summary.stale,
        "cancelled": summary.cancelled.to_string(),
        "still_open": summary.outstanding.to_string(),
        "quality": summary.quality,
        "orders": summary.rows,
        "fills": summary.fill_rows,
        "errors": said(&summary.violations()),
        "notes": said(&summary.notes),
        "logs": said(&summary.logs),
    })
}
