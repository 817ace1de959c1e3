//! When the runs of a sweep start: `starts = ["2024-01-31T08:00:00Z"]`, or `{ every = "1h", count = 24 }`.
//!
//! In: the value that the sweep's file has. Out: as many times for each tape, by number, or what is wrong with them.

use chrono::DateTime;
use serde::{Deserialize, Serialize};

use super::ranges::{MAX_RUNS, too_many};

/// Shorter times since the Unix epoch would be seconds, in January 1970.
const EARLIEST_MS: i64 = 946_684_800_000;

/// The units of `every`, in milliseconds.
const UNITS: [(&str, i64); 5] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// A time as milliseconds since the Unix epoch, from the year 2000 on, or as RFC 3339 has it.
pub fn parse_time(text: &str) -> Option<i64> {
    let number = text.parse::<i64>().ok().filter(|ms| *ms >= EARLIEST_MS);
    number.or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp_millis()))
}

/// As the file has them.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Written {
    List(Vec<Time>),
    Steps(Steps),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Time {
    Ms(i64),
    Text(String),
    Toml(toml_edit::Datetime),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Steps {
    every: String,
    from: Option<Time>,
    to: Option<Time>,
    count: Option<usize>,
}

/// When runs start.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) enum Starts {
    /// As the options say it.
    #[default]
    Once,
    /// At these times.
    At(Vec<i64>),
    /// In steps from a time, or from the first trade of each tape.
    Every { from_ms: Option<i64>, every_ms: i64, count: usize },
}

impl Starts {
    /// Reads them.
    pub(super) fn of(written: &Written) -> Result<Self, String> {
        match written {
            Written::List(times) => {
                Ok(Self::At(times.iter().map(Time::ms).collect::<Result<_, _>>()?))
            }
            Written::Steps(steps) => steps.starts(),
        }
    }

    /// How many there are for each tape.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Once => 1,
            Self::At(times) => times.len(),
            Self::Every { count, .. } => *count,
        }
    }

    /// Whether the first trade of a tape is needed.
    pub(super) fn are_of_the_tape(&self) -> bool {
        matches!(self, Self::Every { from_ms: None, .. })
    }

    /// One by its number, on a tape with such a first trade; `None` is as the options say it.
    pub(super) fn get(&self, number: usize, first_ms: Option<i64>) -> Option<i64> {
        match self {
            Self::Once => None,
            Self::At(times) => times.get(number).copied(),
            Self::Every { from_ms, every_ms, .. } => {
                let steps = i64::try_from(number).unwrap_or(i64::MAX).saturating_mul(*every_ms);
                Some(from_ms.or(first_ms)?.saturating_add(steps))
            }
        }
    }
}

impl Time {
    fn ms(&self) -> Result<i64, String> {
        let text = match self {
            Self::Ms(ms) => ms.to_string(),
            Self::Text(text) => text.clone(),
            Self::Toml(time) => time.to_string(),
        };
        parse_time(&text).ok_or_else(|| {
            format!(
                "`{text}` of `starts` is not a time: write milliseconds since the Unix epoch, from the year 2000 on, or \
                 `2024-01-31T08:00:00Z`"
            )
        })
    }
}

impl Steps {
    fn starts(&self) -> Result<Starts, String> {
        let every_ms = parse_duration(&self.every).ok_or_else(|| {
            format!(
                "`every = \"{}\"` of `starts` is not a length such as `30s`, `15m`, `1h` or `1d`",
                self.every
            )
        })?;
        let time = |time: &Option<Time>| time.as_ref().map(Time::ms).transpose();
        let (from_ms, to_ms) = (time(&self.from)?, time(&self.to)?);
        let count = match (from_ms, to_ms, self.count) {
            (_, None, Some(count)) => count,
            (Some(from_ms), Some(to_ms), None) if from_ms <= to_ms => {
                usize::try_from(to_ms.saturating_sub(from_ms) / every_ms).unwrap_or(usize::MAX) + 1
            }
            (Some(_), Some(_), None) => return Err("`to` of `starts` is before `from`".into()),
            (None, Some(_), None) => return Err("`starts` has a `to` and no `from`".into()),
            _ => return Err("`starts` needs one of `count` and `to`".into()),
        };
        if count > MAX_RUNS {
            return Err(too_many());
        }
        Ok(Starts::Every { from_ms, every_ms, count })
    }
}

/// A whole number and a unit, as milliseconds.
pub fn parse_duration(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let (_, ms) = UNITS.into_iter().find(|(name, _)| *name == unit.trim())?;
    number.parse::<i64>().ok()?.checked_mul(ms).filter(|ms| *ms > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Vec<Option<i64>>, String> {
        #[derive(Deserialize)]
        struct File {
            starts: Written,
        }
        let file: File = toml_edit::de::from_str(text).map_err(|error| error.to_string())?;
        let starts = Starts::of(&file.starts)?;
        Ok((0..starts.len()).map(|number| starts.get(number, Some(1_000))).collect())
    }

    #[test]
    fn starts_are_times_or_steps_from_a_time_or_from_the_tape() {
        let day = 1_704_067_200_000;
        let list =
            of("starts = [\"2024-01-01T00:00:00Z\", 2024-01-01T01:00:00+01:00, 1704067200000]");
        assert_eq!(list.unwrap(), [Some(day); 3]);
        let steps = of(
            "starts = { every = \"12h\", from = 2024-01-01T00:00:00Z, to = \"2024-01-02T08:00:00Z\" }",
        );
        assert_eq!(steps.unwrap(), [0, 12, 24].map(|hours| Some(day + hours * 3_600_000)));
        let steps = of("starts = { every = \"1d\", from = 1704067200000, count = 2 }");
        assert_eq!(steps.unwrap(), [Some(day), Some(day + 86_400_000)]);
        let steps = of("starts = { every = \"250ms\", count = 3 }");
        assert_eq!(steps.unwrap(), [Some(1_000), Some(1_250), Some(1_500)]);
    }

    #[test]
    fn starts_that_are_wrong_are_refused() {
        let refused = |text: &str| of(text).unwrap_err();
        assert_eq!(
            refused("starts = [1704067200]"),
            "`1704067200` of `starts` is not a time: write milliseconds since the Unix epoch, from the year 2000 on, or \
             `2024-01-31T08:00:00Z`"
        );
        assert_eq!(
            refused("starts = { every = \"1 week\", count = 2 }"),
            "`every = \"1 week\"` of `starts` is not a length such as `30s`, `15m`, `1h` or `1d`"
        );
        let day = "2024-01-01T00:00:00Z";
        assert_eq!(
            refused(&format!("starts = {{ every = \"1h\", from = {day} }}")),
            "`starts` needs one of `count` and `to`"
        );
        assert_eq!(
            refused(&format!(
                "starts = {{ every = \"1h\", from = {day}, to = 2023-01-01T00:00:00Z }}"
            )),
            "`to` of `starts` is before `from`"
        );
        assert_eq!(
            refused(&format!("starts = {{ every = \"1h\", to = {day} }}")),
            "`starts` has a `to` and no `from`"
        );
        assert_eq!(
            refused(&format!(
                "starts = {{ every = \"1ms\", from = 1704067200000, to = {} }}",
                i64::MAX
            )),
            "it has more than 10000000 runs"
        );
    }
}
