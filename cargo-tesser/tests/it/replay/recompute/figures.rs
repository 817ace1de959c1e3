//! The figures of `docs/replay.md`, from the page only, in the names of `--format json`.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::exchange::{Fill, Trade};
use super::host::Host;
use super::options::Options;

fn bps(part: Decimal, whole: Decimal) -> Decimal {
    (part * Decimal::from(10_000) / whole).round_dp(4)
}

/// A value of `quality` is the same if its decimals are.
fn text(value: Decimal) -> Value {
    json!(value.normalize().to_string())
}

pub fn quality(host: &Host, options: &Options, tape: &[Trade]) -> Value {
    let (fills, orders) = (&host.exchange.fills, &host.exchange.orders);
    let start = tape[0].ms;
    let until = options.horizon_ms.map_or(i64::MAX, |ms| start + ms);
    let seen = host.completed.filter(|_| options.horizon_ms.is_none()).unwrap_or(tape.len());
    let trades = &tape[..tape.iter().take(seen).take_while(|trade| trade.ms <= until).count()];
    let last = trades[trades.len() - 1];
    let span = options.horizon_ms.unwrap_or(last.ms - start);
    let sign = if options.sells { -Decimal::ONE } else { Decimal::ONE };

    let filled: Decimal = fills.iter().map(|fill| fill.quantity).sum();
    let paid: Decimal = fills.iter().map(|fill| fill.quantity * fill.price).sum();
    let fees: Decimal = fills.iter().map(|fill| fill.fee).sum();
    let made: Decimal = fills.iter().filter(|fill| !fill.takes).map(|fill| fill.quantity).sum();
    let traded: Decimal = trades.iter().map(|trade| trade.quantity).sum();
    let vwap = trades.iter().map(|trade| trade.quantity * trade.price).sum::<Decimal>() / traded;
    let mut by_time = Decimal::ZERO;
    for (at, trade) in trades.iter().enumerate() {
        let until = trades.get(at + 1).map_or(start + span, |next| next.ms);
        by_time += trade.price * Decimal::from(until - trade.ms);
    }
    let twap = if span == 0 { last.price } else { by_time / Decimal::from(span) };
    let (bid, ask) = host.exchange.market(trades.len());
    let crossing = if options.sells { bid } else { ask };
    let arrival = tape[0].price;
    let rest = options.target - filled;

    // Of the target's value at arrival.
    let whole = options.target * arrival;
    let released = orders
        .iter()
        .min_by_key(|order| order.sent_ms)
        .and_then(|order| order.market_price)
        .unwrap_or(arrival);
    let delay = sign * (released - arrival) * filled;
    let trading = sign * (paid - released * filled);
    let opportunity = |price: Decimal| sign * (price - arrival) * rest;
    let total = |price| bps(delay + trading + opportunity(price) + fees, whole);

    let mean = paid / filled;
    let cost = |benchmark: Decimal| text(bps(sign * (mean - benchmark), benchmark));
    let after = |share: Decimal| {
        let mut sum = Decimal::ZERO;
        for fill in fills {
            sum += fill.quantity;
            if sum >= options.target * share {
                return json!(fill.ms - start);
            }
        }
        Value::Null
    };
    let (behind_mean, behind_most) = behind(fills, options.target, start, span);
    let markouts = [1, 10, 60].map(|seconds| markout(fills, tape, sign, seconds));
    json!({
        "arrival_price": text(arrival),
        "cost_to_arrival_bps": cost(arrival),
        "cost_to_twap_bps": cost(twap),
        "cost_to_vwap_bps": cost(vwap),
        "crossing_price": text(crossing.round_dp(8)),
        "fees": text(fees),
        "filled_ms": after(Decimal::ONE),
        "first_fill_ms": fills.first().map(|fill| fill.ms - start),
        "half_filled_ms": after(Decimal::new(5, 1)),
        "interval_ms": span,
        "last_price": text(last.price),
        "maker_share": text((made / filled).round_dp(8)),
        "markouts": markouts,
        "mean_price": text(mean.round_dp(8)),
        "participation": text((filled / traded).round_dp(8)),
        "schedule": {"behind_mean": text(behind_mean.round_dp(8)), "behind_most": text(behind_most.round_dp(8))},
        "shortfall": {
            "delay_bps": text(bps(delay, whole)),
            "fees_bps": text(bps(fees, whole)),
            "opportunity_bps": text(bps(opportunity(last.price), whole)),
            "opportunity_crossing_bps": text(bps(opportunity(crossing), whole)),
            "total_bps": text(total(last.price)),
            "total_crossing_bps": text(total(crossing)),
            "trading_bps": text(bps(trading, whole)),
        },
        "start_ms": start,
        "traded": text(traded),
        "twap": text(twap.round_dp(8)),
        "unfilled": text(rest),
        "vwap": text(vwap.round_dp(8)),
    })
}

/// What was paid above the price some time later, of the fills after which the tape goes on so long.
fn markout(fills: &[Fill], tape: &[Trade], sign: Decimal, seconds: i64) -> Value {
    let (mut cost, mut paid, mut count) = (Decimal::ZERO, Decimal::ZERO, 0);
    for fill in fills {
        let then = fill.ms + seconds * 1_000;
        if tape[tape.len() - 1].ms < then {
            continue;
        }
        let later = tape.iter().rev().find(|trade| trade.ms <= then).unwrap().price;
        cost += sign * (fill.price - later) * fill.quantity;
        paid += fill.price * fill.quantity;
        count += 1;
    }
    let cost_bps = if count == 0 { Value::Null } else { text(bps(cost, paid)) };
    json!({"seconds": seconds, "fills": count, "cost_bps": cost_bps})
}

/// How far the filled share is behind a straight line over the interval: on average over time, and at most.
fn behind(fills: &[Fill], target: Decimal, start: i64, span: i64) -> (Decimal, Decimal) {
    let (mut area, mut most, mut filled, mut at) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO, 0);
    let whole = Decimal::from(span);
    let ends =
        fills.iter().map(|fill| (fill.ms - start, fill.quantity)).chain([(span, Decimal::ZERO)]);
    for (until, quantity) in ends {
        let until = until.min(span);
        // The straight line passes what is filled at this time.
        let passes = (filled / target * whole).max(Decimal::from(at));
        let (due, until_) = (Decimal::from(until) / whole, Decimal::from(until));
        if until_ > passes {
            let (low, high) = (passes / whole - filled / target, due - filled / target);
            area += (low + high) / Decimal::TWO * (until_ - passes);
            most = most.max(high);
        }
        filled += quantity;
        at = until;
    }
    (area / whole, most)
}
