//! The tokens of JSON, independent of the type that is read.

use std::borrow::Cow;
use std::str::FromStr;

use rust_decimal::Decimal;

use super::Error;
use crate::decimal;

/// Whether `serde_json` has the feature `arbitrary_precision`, with which it keeps the text of numbers and expects text from a
/// reader. Any crate of a build can enable it, and Rust has no way to query the features of another crate. So this uses the
/// size of a `Number` as a proxy: with the feature it is a `String` (24 bytes), without it an enum of 64-bit numbers (16
/// bytes). The tests run with and without the feature, and fail if a version of `serde_json` changes that.
pub(super) const NUMBERS_ARE_TEXT: bool = size_of::<serde_json::Number>() == size_of::<String>();

/// One value, or the beginning of an array or object.
pub(crate) enum Token<'de> {
    Null,
    Bool(bool),
    Number(Number<'de>),
    String(Cow<'de, str>),
    Array,
    Object,
}

/// A number, independent of the type that is read.
#[derive(Clone, Copy)]
pub(crate) enum Number<'de> {
    Text(&'de str),
    Value(&'de dyn Kept),
}

/// A number of a `Value`. Behind a pointer, so that a plugin that reads none has no code for its floats.
pub(crate) trait Kept {
    fn number(&self) -> serde_json::Number;

    /// Its text, as far as `serde_json` has kept it.
    fn text(&self) -> Cow<'_, str>;

    /// The decimal of its author; of a float, the one with the fewest digits.
    fn decimal(&self) -> Option<Decimal>;
}

impl Kept for serde_json::Number {
    fn number(&self) -> Self {
        self.clone()
    }

    fn text(&self) -> Cow<'_, str> {
        // Links the printing of floats, 10 KB: only where there are none.
        if NUMBERS_ARE_TEXT {
            return self.to_string().into();
        }
        match (self.as_u64(), self.as_i64()) {
            (Some(value), _) => value.to_string().into(),
            (_, Some(value)) => value.to_string().into(),
            _ => Cow::Borrowed("a float"),
        }
    }

    fn decimal(&self) -> Option<Decimal> {
        // A number that is too small for a decimal is read as a float.
        decimal::parse(&self.text()).or_else(|| self.as_f64().and_then(decimal::from_float))
    }
}

impl Number<'_> {
    /// The number as a `serde_json::Number`.
    #[inline(never)]
    pub(super) fn value(self) -> Result<serde_json::Number, Error> {
        match self {
            Self::Text(text) => number(text).ok_or_else(|| Error::new("number out of range")),
            Self::Value(number) => Ok(number.number()),
        }
    }

    /// What it is when something else was expected.
    pub(super) fn found(&self) -> String {
        let text = self.text();
        // `-0` is a float, too.
        match whole(&text) {
            Some(number) if fits(number) && text != "-0" => ["integer `", &text, "`"].concat(),
            _ => "floating point number".to_owned(),
        }
    }

    /// Reads integers that are too large for a `serde_json::Number`.
    pub(super) fn integer<T: FromStr>(self) -> Result<T, Error> {
        self.text().parse().map_err(|_| Error::new("number out of range"))
    }

    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Value(number) => number.text(),
        }
    }

    /// The decimal of its author.
    pub(super) fn decimal(&self) -> Option<Decimal> {
        match self {
            Self::Text(text) => decimal::parse_number(text),
            Self::Value(number) => number.decimal(),
        }
    }
}

/// The whole number that a text is, if it has no point and no exponent.
#[inline(never)]
pub(super) fn whole(text: &str) -> Option<i128> {
    let is_whole = text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit());
    if is_whole { decimal::parse(text).map(|number| number.mantissa()) } else { None }
}

/// Whether it is an integer to `serde_json`, and no float.
fn fits(number: i128) -> bool {
    i64::try_from(number).is_ok() || u64::try_from(number).is_ok()
}

/// What `serde_json` makes of the text of a number; of a float, the nearest.
fn number(text: &str) -> Option<serde_json::Number> {
    if NUMBERS_ARE_TEXT {
        return text.parse().ok();
    }
    if let Ok(number) = text.parse::<u64>() {
        return Some(number.into());
    }
    match text.parse::<i64>() {
        Ok(number) if number < 0 => Some(number.into()),
        // `-0` is a float, too.
        _ => serde_json::Number::from_f64(decimal::to_float(text)?),
    }
}
