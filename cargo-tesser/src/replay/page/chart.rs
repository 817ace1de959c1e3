//! Data for the charts of a run. In: a summary. Out: numbers, rounded to floats.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Value, json};

use super::tables::MOST;
use crate::simulator::{Order, Quality, RunSummary};

/// The data for all charts. `params` may have a limit price.
pub(super) fn data(summary: &RunSummary, params: &Value) -> Value {
    let points = prices(summary);
    let (width_ms, volumes) = summary.market.prices.volumes();
    let (start_ms, end_ms) = span(summary);
    let interval = interval(summary).unwrap_or([start_ms, end_ms]);
    let own = summary.rows.iter().enumerate().take(MOST);
    let own = own.filter(|(_, order)| order.symbol == summary.symbol);
    json!({
        "start": start_ms,
        "end": end_ms,
        "interval": interval,
        "target": number(summary.target),
        "price": {
            "times": differences(points.iter().map(|(time_ms, _)| *time_ms)),
            "prices": points.iter().map(|(_, price)| number(*price)).collect::<Vec<_>>(),
        },
        "volume": {
            "width": width_ms,
            "times": differences(volumes.iter().map(|(time_ms, _)| *time_ms)),
            "quantities": volumes.iter().map(|(_, quantity)| number(*quantity)).collect::<Vec<_>>(),
        },
        "levels": levels(summary, params),
        "orders": own.filter_map(order_line).collect::<Vec<_>>(),
        "parts": summary.quality.as_ref().map(parts),
        "markouts": summary.quality.as_ref().map(markouts),
    })
}

fn number(value: Decimal) -> Option<f64> {
    value.to_f64()
}

fn differences(times: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut last = 0;
    times.map(|time| time - std::mem::replace(&mut last, time)).collect()
}

/// The measured interval.
fn interval(summary: &RunSummary) -> Option<[i64; 2]> {
    let quality = summary.quality.as_ref()?;
    Some([quality.start_ms, quality.start_ms.saturating_add(quality.interval_ms)])
}

/// The price line. The last price holds to the end of the interval, as in the TWAP.
fn prices(summary: &RunSummary) -> Vec<(i64, Decimal)> {
    let mut points = summary.market.prices.points();
    let last = points.last().copied();
    if let (Some((time_ms, price)), Some(quality)) = (last, &summary.quality) {
        // The last point is an extreme of its bucket, not always the last trade.
        if price != quality.last_price {
            points.push((time_ms, quality.last_price));
        }
        let end_ms = quality.start_ms.saturating_add(quality.interval_ms);
        if end_ms > time_ms {
            points.push((end_ms, quality.last_price));
        }
    }
    points
}

/// The time range from the first to the last event, which may extend beyond the interval.
fn span(summary: &RunSummary) -> (i64, i64) {
    let times = interval(summary).into_iter().flatten();
    let times = times.chain(
        summary
            .rows
            .iter()
            .flat_map(|order| [order.time_ms, order.ended_ms.unwrap_or(order.time_ms)]),
    );
    let times = times.chain(summary.fill_rows.iter().map(|fill| fill.time_ms));
    let (first, last) =
        times.fold((i64::MAX, i64::MIN), |(first, last), time| (first.min(time), last.max(time)));
    if first > last { (0, 0) } else { (first, last) }
}

fn levels(summary: &RunSummary, params: &Value) -> Vec<Value> {
    let level = |name, label, price: Decimal| json!({ "name": name, "label": label, "price": price.round_dp(4).normalize().to_string(), "value": number(price) });
    let mut levels = Vec::new();
    if let Some(quality) = &summary.quality {
        levels.push(level("arrival", "arrival", quality.arrival_price));
        levels.push(level("vwap", "VWAP", quality.vwap));
    }
    levels.extend(limit(params).map(|price| level("limit", "limit", price)));
    levels
}

/// The limit price, a parameter of the execution kit's plugins.
fn limit(params: &Value) -> Option<Decimal> {
    let limit = params.get("limit_price")?;
    let text = limit.as_str().map_or_else(|| limit.to_string(), str::to_owned);
    text.parse().ok()
}

/// The line of an order, with its row in the table: its first price, and those of its amendments.
fn order_line((row, order): (usize, &Order)) -> Option<Value> {
    // A market order has no limit: its line is at the market's price when it was sent.
    let first = order.first_price.or(order.market_price).or(order.mean_price)?;
    let mut last = first;
    let amendments = order.amendments.iter().map(|amendment| {
        last = amendment.price.unwrap_or(last);
        (amendment.time_ms, number(last))
    });
    Some(json!([row, number(first), amendments.collect::<Vec<_>>()]))
}

/// The parts of the shortfall, then their sum.
fn parts(quality: &Quality) -> Value {
    let cost = &quality.shortfall;
    let parts = [
        ("delay", cost.delay_bps),
        ("trading", cost.trading_bps),
        ("unfilled", cost.opportunity_crossing_bps),
        ("fees", cost.fees_bps),
        ("total", cost.total_crossing_bps),
    ];
    let part = |(name, bps): (&str, Decimal)| json!({ "name": name, "bps": bps.normalize().to_string(), "value": number(bps) });
    parts.map(part).to_vec().into()
}

fn markouts(quality: &Quality) -> Value {
    let bps = |bps: Option<Decimal>| bps.map(|bps| bps.normalize().to_string());
    let markouts = quality.markouts.iter().map(|markout| {
        json!({
            "seconds": markout.seconds,
            "fills": markout.fills,
            "bps": bps(markout.cost_bps),
            "value": markout.cost_bps.and_then(number),
        })
    });
    markouts.collect::<Vec<_>>().into()
}
