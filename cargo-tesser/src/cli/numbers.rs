//! Numbers on the command line. An error about a number out of range names the allowed range, in terms of the flag.

use rust_decimal::Decimal;

use crate::replay;

fn number(text: &str) -> Result<Decimal, String> {
    let number = text.parse::<Decimal>().or_else(|_| Decimal::from_scientific(text));
    number.map_err(|_| "it must be a number of at most 28 digits, such as `0.25`".into())
}

fn decimal(text: &str, is_fine: impl Fn(Decimal) -> bool, range: &str) -> Result<Decimal, String> {
    let value = number(text)?;
    if is_fine(value) { Ok(value) } else { Err(range.to_owned()) }
}

/// Parses a quantity to work.
pub(super) fn positive(text: &str) -> Result<Decimal, String> {
    decimal(text, |value| value > Decimal::ZERO, "it must be more than 0")
}

/// Parses a limit, a balance or a queue.
pub(super) fn not_negative(text: &str) -> Result<Decimal, String> {
    decimal(text, |value| value >= Decimal::ZERO, "it must be 0 or more")
}

pub(super) fn share(text: &str) -> Result<Decimal, String> {
    let range = "it must be more than 0 and at most 1, which is all of a trade";
    decimal(text, |value| value > Decimal::ZERO && value <= Decimal::ONE, range)
}

pub(super) fn target_share(text: &str) -> Result<Decimal, String> {
    let range = "it must be more than 0 and at most 1, which is all of the target";
    decimal(text, |value| value > Decimal::ZERO && value <= Decimal::ONE, range)
}

pub(super) fn bps(text: &str) -> Result<Decimal, String> {
    let most = Decimal::from(10_000);
    decimal(text, |value| value.abs() <= most, "it must be from -10000 to 10000 basis points")
}

fn whole(text: &str, least: u64, most: u64, range: &str) -> Result<u64, String> {
    let value = text.parse().ok().filter(|value| (least..=most).contains(value));
    value.ok_or_else(|| format!("it must be {range}"))
}

fn time(text: &str, most: u32, range: &str) -> Result<i64, String> {
    // It fits, since `most` does.
    whole(text, 0, most.into(), range).map(|value| i64::try_from(value).unwrap_or(i64::MAX))
}

pub(super) fn rows(text: &str) -> Result<u64, String> {
    whole(text, 1, u64::MAX, "a whole number of rows, 1 or more")
}

/// Parses a number of cores.
pub(super) fn cores(text: &str) -> Result<usize, String> {
    let value = whole(text, 1, 1_024, "from 1 to 1024 cores")?;
    Ok(usize::try_from(value).unwrap_or(1))
}

pub(super) fn order(text: &str) -> Result<u64, String> {
    whole(text, 1, u64::MAX, "the number of an order, 1 or more")
}

pub(super) fn bytes(text: &str) -> Result<u64, String> {
    whole(text, 0, u64::MAX, "a whole number of bytes")
}

pub(super) fn latency(text: &str) -> Result<i64, String> {
    time(text, 86_399_999, "from 0 to 86399999 ms, less than a day")
}

pub(super) fn horizon(text: &str) -> Result<i64, String> {
    let value = whole(text, 1, 31_536_000, "from 1 to 31536000 s, a year")?;
    Ok(i64::try_from(value).unwrap_or(i64::MAX))
}

/// A time as milliseconds since the Unix epoch, or as RFC 3339 has it.
pub(super) fn time_of_day(text: &str) -> Result<i64, String> {
    replay::parse_time(text).ok_or_else(|| {
        "it must be milliseconds since the Unix epoch, from the year 2000 on, or a time such as `2024-01-31T08:00:00Z`".into()
    })
}

pub(super) fn phase(text: &str) -> Result<i64, String> {
    time(text, 1_000, "from 0 to 1000 ms, one period of the timer")
}

pub(super) fn down(text: &str) -> Result<i64, String> {
    time(text, 86_400, "from 0 to 86400 s, a day")
}

pub(super) fn after(text: &str) -> Result<i64, String> {
    time(text, 31_536_000, "from 0 to 31536000 s, a year")
}

/// A length with its unit, in milliseconds.
pub(super) fn length(text: &str) -> Result<i64, String> {
    replay::parse_duration(text)
        .ok_or_else(|| "it must be a whole number with a unit, such as `30s`, `15m` or `1h`".into())
}

pub(super) fn confidence(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|value| (0.5..=0.99).contains(value));
    value.ok_or_else(|| "it must be from 0.5 to 0.99".into())
}

pub(super) fn resamples(text: &str) -> Result<usize, String> {
    let value = whole(text, 1_000, 1_000_000, "from 1000 to 1000000")?;
    Ok(usize::try_from(value).unwrap_or(usize::MAX))
}
