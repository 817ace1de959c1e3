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
    Value(&'de serde_json::Number),
}

impl Number<'_> {
    /// The number as a `serde_json::Number`.
    #[inline(never)]
    pub(super) fn value(self) -> Result<serde_json::Number, Error> {
        match self {
            Self::Text(text) => number(text).ok_or_else(|| Error::new("number out of range")),
            Self::Value(number) => Ok(number.clone()),
        }
    }

    /// Reads integers that are too large for a `serde_json::Number`.
    pub(super) fn integer<T: FromStr>(self) -> Result<T, Error> {
        self.text().parse().map_err(|_| Error::new("number out of range"))
    }

    /// The text of the number, as far as `serde_json` has kept it.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            // Printing floats would link 10 KB, so this is only done when numbers are kept as text.
            Self::Value(number) if NUMBERS_ARE_TEXT => number.to_string().into(),
            Self::Value(number) => match (number.as_u64(), number.as_i64()) {
                (Some(value), _) => value.to_string().into(),
                (_, Some(value)) => value.to_string().into(),
                _ => Cow::Borrowed("a float"),
            },
        }
    }

    /// The number as a decimal, as it was written; for a float in a `Value`, the decimal with the fewest digits.
    #[inline(never)]
    pub(super) fn decimal(&self) -> Option<Decimal> {
        // A number that is too small for a decimal is read as a float.
        let float = || self.value().ok()?.as_f64().and_then(decimal::from_float);
        decimal::parse(&self.text()).or_else(float)
    }
}

/// Converts the text of a number as `serde_json` does; a float is the nearest one.
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
