//! Times as tapes have them. In: text. Out: milliseconds since 1970.
//!
//! What a column has, its first time tells: the unit of a number by its size, of a text whether it names a zone. All others have
//! to be the same, so that no time is ever read in a wrong unit.

use chrono::{DateTime, NaiveDate, SecondsFormat};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::{Bad, LATEST_MS, WayOut};
use crate::report::escape_untrusted;

/// How a column says times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeFormat {
    /// A number, which may have a fraction.
    Number(Unit),
    /// ISO 8601 and what is like it: `2024-01-31T08:00:00.123Z`.
    Text { has_zone: bool },
    /// No time could be read.
    Unknown,
}

/// The unit of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnitName {
    S,
    Ms,
    Us,
    Ns,
}

impl UnitName {
    pub(super) const ALL: [Self; 4] = [Self::S, Self::Ms, Self::Us, Self::Ns];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::S => "s",
            Self::Ms => "ms",
            Self::Us => "us",
            Self::Ns => "ns",
        }
    }

    /// So many of them are a second.
    pub(super) fn per_second(self) -> i64 {
        match self {
            Self::S => 1,
            Self::Ms => 1_000,
            Self::Us => 1_000_000,
            Self::Ns => 1_000_000_000,
        }
    }
}

/// A unit, and the numbers that are times in it: from `low` and below `high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) name: UnitName,
    pub(super) low: i64,
    pub(super) high: i64,
}

/// 1973 in seconds, as a number; and 3 years in milliseconds after 1970. Nobody traded then.
const FIRST_S: i64 = 100_000_000;
const FIRST_MS: i64 = FIRST_S * 1_000;
const FIRST_US: i64 = FIRST_MS * 1_000;
const FIRST_NS: i64 = FIRST_US * 1_000;

/// Times of our days in milliseconds, and no others.
pub(super) const MILLISECONDS: std::ops::Range<i64> = FIRST_MS..FIRST_US;

impl Unit {
    /// Said by the user or by the type of a column: any number.
    pub(super) fn given(name: UnitName) -> Self {
        let high = (LATEST_MS / 1_000).saturating_mul(name.per_second());
        Self { name, low: i64::MIN, high }
    }

    /// The unit of a number: times of our days are a thousand times apart. A small one counts milliseconds from a start of
    /// its own.
    fn of(time: i64) -> Self {
        let unit = |name, low, high| Self { name, low, high };
        match time {
            ..FIRST_S => unit(UnitName::Ms, i64::MIN, FIRST_MS),
            FIRST_S..FIRST_MS => unit(UnitName::S, FIRST_S, FIRST_MS),
            FIRST_MS..FIRST_US => unit(UnitName::Ms, FIRST_MS, FIRST_US),
            FIRST_US..FIRST_NS => unit(UnitName::Us, FIRST_US, FIRST_NS),
            FIRST_NS.. => unit(UnitName::Ns, FIRST_NS, i64::MAX),
        }
    }

    /// Milliseconds of a time in this unit.
    pub(super) fn ms(self, time: i64) -> Result<i64, Bad> {
        if time < self.low || time >= self.high {
            return Err(self.other_unit(&time.to_string()));
        }
        Ok(match self.name {
            UnitName::S => time * 1_000,
            UnitName::Ms => time,
            UnitName::Us => time.div_euclid(1_000),
            UnitName::Ns => time.div_euclid(1_000_000),
        })
    }

    /// The same, of one with a fraction.
    pub(super) fn ms_of(self, time: Decimal) -> Result<i64, Bad> {
        let whole = time.floor().to_i64().ok_or_else(|| self.other_unit(&time.to_string()))?;
        let ms = self.ms(whole)?;
        let fraction = time - time.floor();
        let rest =
            if self.name == UnitName::S { fraction * Decimal::ONE_THOUSAND } else { Decimal::ZERO };
        Ok(ms + rest.floor().to_i64().unwrap_or(0))
    }

    fn other_unit(self, time: &str) -> Bad {
        let reason =
            format!("the time `{time}` is not in {}, unlike the first one", self.name.word());
        Bad::place(reason, WayOut::Unit)
    }
}

impl TimeFormat {
    /// The format of a time.
    pub(super) fn of(text: &str) -> Option<Self> {
        if let Some((_, has_zone)) = iso(text) {
            return Some(Self::Text { has_zone });
        }
        if let Ok(time) = text.parse() {
            return Some(Self::Number(Unit::of(time)));
        }
        let time = super::row::decimal(text)?;
        let unit = Unit::of(time.floor().to_i64()?);
        // A small one with a fraction may be anything.
        (unit.low != i64::MIN || time.fract().is_zero()).then_some(Self::Number(unit))
    }

    /// Milliseconds since 1970 of a time that was written; `None` where it is no time.
    pub(super) fn ms(self, text: &str) -> Option<Result<i64, Bad>> {
        match self {
            Self::Number(unit) => Some(match text.parse() {
                Ok(time) => unit.ms(time),
                Err(_) => unit.ms_of(super::row::decimal(text)?),
            }),
            Self::Text { has_zone } => {
                let (ms, zone) = iso(text)?;
                Some(if zone == has_zone { Ok(ms) } else { Err(other_zone(text, has_zone)) })
            }
            Self::Unknown => {
                super::row::decimal(text)?;
                let reason =
                    format!("the unit of the time `{}` is unknown", escape_untrusted(text));
                Some(Err(Bad::place(reason, WayOut::Unit)))
            }
        }
    }
}

/// A time as RFC 3339, such as `2024-01-31T08:00:00.000Z`.
pub(crate) fn shown(time_ms: i64) -> String {
    DateTime::from_timestamp_millis(time_ms).map_or_else(
        || time_ms.to_string(),
        |time| time.to_rfc3339_opts(SecondsFormat::Millis, true),
    )
}

/// Why a row is not where it should be.
pub(super) fn goes_back(from_ms: i64, to_ms: i64) -> String {
    let seconds = Decimal::new(from_ms.saturating_sub(to_ms), 3).normalize();
    format!("the time goes back by {seconds} s, from {} to {}", shown(from_ms), shown(to_ms))
}

fn other_zone(text: &str, has_zone: bool) -> Bad {
    let does = if has_zone {
        "has no zone, unlike the first one"
    } else {
        "has a zone, unlike the first one"
    };
    Bad::row(format!("the time `{}` {does}", escape_untrusted(text)))
}

/// Milliseconds since 1970 of `2024-01-31T08:00:00.123+01:00`, and whether it names a zone; without one it is taken for UTC.
fn iso(text: &str) -> Option<(i64, bool)> {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| -> Option<u32> {
        bytes.get(from..to)?.iter().try_fold(0, |number, byte| {
            byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0'))
        })
    };
    let is = |index: usize, known: &[u8]| bytes.get(index).is_some_and(|byte| known.contains(byte));
    let is_like = is(4, b"-/.") && is(7, b"-/.") && is(10, b"T tD") && is(13, b":") && is(16, b":");
    if !is_like {
        return None;
    }
    let date =
        NaiveDate::from_ymd_opt(digits(0, 4)?.try_into().ok()?, digits(5, 7)?, digits(8, 10)?)?;
    let seconds = date.and_hms_opt(digits(11, 13)?, digits(14, 16)?, digits(17, 19)?)?;
    let mut rest = text.get(19..)?;
    let mut ms = 0;
    if let Some(fraction) = rest.strip_prefix(['.', ',']) {
        let count = fraction.bytes().take_while(u8::is_ascii_digit).count();
        let (fraction, zone) = fraction.split_at(count);
        let first = fraction.bytes().chain(*b"000").take(3);
        ms = first.fold(0, |ms, digit| ms * 10 + i64::from(digit - b'0'));
        rest = zone;
    }
    let ms = seconds.and_utc().timestamp_millis() + ms;
    match rest.trim_start() {
        "" => Some((ms, false)),
        zone => Some((ms - zone_ms(zone)?, true)),
    }
}

/// How far a zone is ahead of UTC: `Z`, `UTC`, `+01`, `+0100` or `+01:00`.
fn zone_ms(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z" | "UTC") {
        return Some(0);
    }
    let (sign, text) = match text.split_at_checked(1)? {
        ("+", text) => (1, text),
        ("-", text) => (-1, text),
        _ => return None,
    };
    let (hours, minutes) = text.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    let number = |text: &str| -> Option<i64> {
        (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse().ok())?
    };
    let minutes = if minutes.is_empty() { 0 } else { number(minutes)? };
    Some(sign * (number(hours)? * 60 + minutes) * 60_000)
}
