//! The one interface to text and `Value`: a token at a time.

use std::borrow::Cow;
use std::str::FromStr;

use rust_decimal::Decimal;

use super::Error;
use super::text::Reader;
use super::tree::Walker;
use crate::decimal;

/// Whether `serde_json` keeps the text of numbers (`arbitrary_precision`), and thus wants it.
pub(super) const NUMBERS_ARE_TEXT: bool = size_of::<serde_json::Number>() == size_of::<String>();

/// Where tokens come from.
pub(crate) enum Input<'de> {
    Text(Reader<'de>),
    Tree(Walker<'de>),
}

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
        // A number too small for a decimal is no text that reads as one, but a float.
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

impl<'de> Input<'de> {
    #[inline(never)]
    pub(super) fn token(&mut self) -> Result<Token<'de>, Error> {
        match self {
            Self::Text(reader) => reader.token(),
            Self::Tree(walker) => Ok(walker.token()),
        }
    }

    /// Whether `null` comes next; it is not taken.
    pub(super) fn is_null(&mut self) -> bool {
        match self {
            // No other value begins with it.
            Self::Text(reader) => reader.peek() == Some(b'n'),
            Self::Tree(walker) => walker.is_null(),
        }
    }

    /// Whether another element of an array (`]`) or object (`}`) follows. When none does, it is left.
    #[inline(never)]
    pub(super) fn more(&mut self, first: bool, close: u8) -> Result<bool, Error> {
        match self {
            Self::Text(reader) => reader.more(first, close),
            Self::Tree(walker) => Ok(walker.more()),
        }
    }

    /// The key of the next value of an object.
    #[inline(never)]
    pub(super) fn key(&mut self) -> Result<Cow<'de, str>, Error> {
        match self {
            Self::Text(reader) => reader.key(),
            Self::Tree(walker) => Ok(Cow::Borrowed(walker.key())),
        }
    }

    #[inline(never)]
    pub(super) fn skip(&mut self) -> Result<(), Error> {
        match self {
            Self::Text(reader) => reader.skip(),
            Self::Tree(walker) => {
                walker.skip();
                Ok(())
            }
        }
    }

    /// Fails when there is something after the value.
    pub(super) fn finish(&mut self) -> Result<(), Error> {
        match self {
            Self::Text(reader) => reader.finish(),
            Self::Tree(_) => Ok(()),
        }
    }

    pub(super) fn position(&self) -> Option<(usize, usize)> {
        match self {
            Self::Text(reader) => Some(reader.position()),
            Self::Tree(_) => None,
        }
    }
}
