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

/// A run and the trades of its interval.
struct Interval<'a> {
    host: &'a Host<'a>,
    options: &'a Options,
    sign: Decimal,
    trades: &'a [Trade],
    start: i64,
    span: i64,
    filled: Decimal,
    paid: Decimal,
}

pub fn quality(host: &Host, options: &Options, tape: &[Trade]) -> Value {
    let (fills, start) = (&host.exchange.fills, tape[0].ms);
    // To the last trade that the running plugin saw, or the whole horizon.
    let until = options.horizon_ms.map_or(i64::MAX, |ms| start + ms);
    let seen = host.completed.filter(|_| options.horizon_ms.is_none()).unwrap_or(tape.len());
    let trades = &tape[..tape.iter().take(seen).take_while(|trade| trade.ms <= until).count()];
    let span = options.horizon_ms.unwrap_or(trades[trades.len() - 1].ms - start);
    let sign = if options.sells { -Decimal::ONE } else { Decimal::ONE };
    let filled = fills.iter().map(|fill| fill.quantity).sum();
    let paid = fills.iter().map(|fill| fill.quantity * fill.price).sum();
    let interval = Interval { host, options, sign, trades, start, span, filled, paid };

    let made: Decimal = fills.iter().filter(|fill| !fill.takes).map(|fill| fill.quantity).sum();
    let (behind_mean, behind_most) = behind(fills, options.target, start, span);
    let mut quality = interval.prices();
    for (name, value) in [
        ("fees", text(fills.iter().map(|fill| fill.fee).sum())),
        ("filled_ms", interval.after(Decimal::ONE)),
        ("first_fill_ms", json!(fills.first().map(|fill| fill.ms - start))),
        ("half_filled_ms", interval.after(Decimal::new(5, 1))),
        ("interval_ms", json!(span)),
        ("maker_share", text((made / filled).round_dp(8))),
        (
            "markouts",
            [1, 10, 60].map(|seconds| markout(fills, tape, sign, seconds)).into_iter().collect(),
        ),
        (
            "schedule",
            json!({"behind_mean": text(behind_mean.round_dp(8)), "behind_most": text(behind_most.round_dp(8))}),
        ),
        ("shortfall", interval.shortfall()),
        ("start_ms", json!(start)),
        ("unfilled", text(options.target - filled)),
    ] {
        quality[name] = value;
    }
    quality
}

impl Interval<'_> {
    /// The last price, and that of a taker then.
    fn end(&self) -> (Decimal, Decimal) {
        let (bid, ask) = self.host.exchange.market(self.trades.len());
        (self.trades[self.trades.len() - 1].price, if self.options.sells { bid } else { ask })
    }

    fn prices(&self) -> Value {
        let (arrival, (last, crossing)) = (self.trades[0].price, self.end());
        let volume: Decimal = self.trades.iter().map(|trade| trade.quantity).sum();
        let value: Decimal = self.trades.iter().map(|trade| trade.quantity * trade.price).sum();
        let mut by_time = Decimal::ZERO;
        for (at, trade) in self.trades.iter().enumerate() {
            let until = self.trades.get(at + 1).map_or(self.start + self.span, |next| next.ms);
            by_time += trade.price * Decimal::from(until - trade.ms);
        }
        let (mean, vwap, twap) =
            (self.paid / self.filled, value / volume, by_time / Decimal::from(self.span));
        let cost = |benchmark: Decimal| text(bps(self.sign * (mean - benchmark), benchmark));
        json!({
            "arrival_price": text(arrival), "last_price": text(last), "crossing_price": text(crossing.round_dp(8)),
            "mean_price": text(mean.round_dp(8)), "vwap": text(vwap.round_dp(8)), "twap": text(twap.round_dp(8)),
            "cost_to_arrival_bps": cost(arrival), "cost_to_vwap_bps": cost(vwap), "cost_to_twap_bps": cost(twap),
            "traded": text(volume), "participation": text((self.filled / volume).round_dp(8)),
        })
    }

    /// In parts of what the target was worth at arrival.
    fn shortfall(&self) -> Value {
        let (arrival, (last, crossing)) = (self.trades[0].price, self.end());
        let exchange = &self.host.exchange;
        let first = exchange.orders.iter().min_by_key(|order| order.sent_ms);
        let released = first.and_then(|order| order.market_price).unwrap_or(arrival);
        let delay = self.sign * (released - arrival) * self.filled;
        let trading = self.sign * (self.paid - released * self.filled);
        let missed =
            |price: Decimal| self.sign * (price - arrival) * (self.options.target - self.filled);
        let fees: Decimal = exchange.fills.iter().map(|fill| fill.fee).sum();
        let part = |part: Decimal| text(bps(part, self.options.target * arrival));
        json!({
            "delay_bps": part(delay), "trading_bps": part(trading), "fees_bps": part(fees),
            "opportunity_bps": part(missed(last)), "opportunity_crossing_bps": part(missed(crossing)),
            "total_bps": part(delay + trading + missed(last) + fees),
            "total_crossing_bps": part(delay + trading + missed(crossing) + fees),
        })
    }

    /// When this share of the target was filled.
    fn after(&self, share: Decimal) -> Value {
        let mut sum = Decimal::ZERO;
        let reaches = |fill: &&Fill| {
            sum += fill.quantity;
            sum >= self.options.target * share
        };
        json!(self.host.exchange.fills.iter().find(reaches).map(|fill| fill.ms - self.start))
    }
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
        let (due, end) = (Decimal::from(until) / whole, Decimal::from(until));
        if end > passes {
            let (low, high) = (passes / whole - filled / target, due - filled / target);
            area += (low + high) / Decimal::TWO * (end - passes);
            most = most.max(high);
        }
        filled += quantity;
        at = until;
    }
    (area / whole, most)
}
