//! What JSON consists of, before anybody has said of which type it is.

use std::borrow::Cow;
use std::str::FromStr;

use rust_decimal::Decimal;

use super::Error;
use crate::decimal;

/// Whether `serde_json` keeps the text of numbers, and thus wants it: its feature `arbitrary_precision`, which any crate of
/// a build can switch on. A crate cannot ask for the features of another one, but a `Number` is then a `String`; a test
/// holds that.
pub(super) const NUMBERS_ARE_TEXT: bool = size_of::<serde_json::Number>() == size_of::<String>();

/// One value; of an array or object only that it begins.
pub(crate) enum Token<'de> {
    Null,
    Bool(bool),
    Number(Number<'de>),
    String(Cow<'de, str>),
    Array,
    Object,
}

/// A number before anybody has said of which type.
#[derive(Clone, Copy)]
pub(crate) enum Number<'de> {
    Text(&'de str),
    Value(&'de serde_json::Number),
}

impl Number<'_> {
    /// What `serde_json` makes of it.
    #[inline(never)]
    pub(super) fn value(self) -> Result<serde_json::Number, Error> {
        match self {
            Self::Text(text) => number(text).ok_or_else(|| Error::new("number out of range")),
            Self::Value(number) => Ok(number.clone()),
        }
    }

    /// For the integers that JSON numbers of `serde_json` are too small for.
    pub(super) fn integer<T: FromStr>(self) -> Result<T, Error> {
        self.text().parse().map_err(|_| Error::new("number out of range"))
    }

    /// Its text, as far as `serde_json` has kept it.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            // Links the printing of floats, 10 KB: only where there are none.
            Self::Value(number) if NUMBERS_ARE_TEXT => number.to_string().into(),
            Self::Value(number) => match (number.as_u64(), number.as_i64()) {
                (Some(value), _) => value.to_string().into(),
                (_, Some(value)) => value.to_string().into(),
                _ => Cow::Borrowed("a float"),
            },
        }
    }

    /// The decimal of its author. Of a float in a `Value`, the one with the fewest digits.
    #[inline(never)]
    pub(super) fn decimal(&self) -> Option<Decimal> {
        // A number that is too small for a decimal is read as a float.
        let float = || self.value().ok()?.as_f64().and_then(decimal::from_float);
        decimal::parse(&self.text()).or_else(float)
    }
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
