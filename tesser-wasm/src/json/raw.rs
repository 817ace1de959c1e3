//! A JSON value as its text, read where it is needed. Parameters and states are read so: a `Value` of them, with its tree of
//! fields and its floats, is 10 KB of every plugin.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::Error;
use super::input::Input;
use super::text_reader::Reader;
#[cfg(feature = "exec")]
use super::token::whole;
use super::token::{Number, Token};
use crate::decimal;

/// One well-formed JSON value.
#[derive(Clone, Copy, Debug)]
pub struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    /// The value that a text is, if it is one and nothing else.
    pub(crate) fn new(text: &'a str) -> Result<Self, Error> {
        let mut input = Input::Text(Reader::new(text));
        let read = input.raw().and_then(|value| input.finish().map(|()| value));
        read.map_err(|error| error.at(&input))
    }

    /// The text of one value, without white space around it.
    pub(super) fn of_value(text: &'a str) -> Self {
        Self(text)
    }

    /// What it is; `null` for a string with half of a surrogate pair, which is no text.
    #[inline(never)]
    pub(crate) fn token(self) -> Token<'a> {
        Reader::new(self.0).token().unwrap_or(Token::Null)
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// The elements of an array.
    #[must_use]
    pub fn elements(self) -> Option<Elements<'a>> {
        Items::of(self.0, b'[').map(Elements)
    }

    /// The fields of an object.
    #[must_use]
    #[inline(never)]
    pub fn fields(self) -> Option<Object<'a>> {
        let mut items = Items::of(self.0, b'{')?;
        let mut fields = Vec::new();
        while let Some(field) = items.next() {
            fields.push(field);
        }
        Some(Object(fields))
    }
}

#[cfg(feature = "exec")]
impl<'a> Json<'a> {
    pub(crate) const NULL: Json<'static> = Json("null");

    /// Its text.
    #[must_use]
    pub fn text(self) -> &'a str {
        self.0
    }

    /// The value of a boolean.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self.0 {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// A whole number.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        whole(self.0)?.try_into().ok()
    }

    /// A whole number.
    #[must_use]
    pub fn as_i64(self) -> Option<i64> {
        whole(self.0)?.try_into().ok()
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        match self.token() {
            Token::String(text) => Some(text),
            _ => None,
        }
    }

    /// A decimal: a string, or a number as its author wrote it.
    #[must_use]
    pub fn as_decimal(self) -> Option<Decimal> {
        decimal_of(&self.token())
    }
}

/// The decimal that a token stands for.
#[inline(never)]
pub(crate) fn decimal_of(token: &Token<'_>) -> Option<Decimal> {
    match token {
        Token::String(text) => decimal::parse(text),
        Token::Number(number @ Number::Text(_)) => number.decimal(),
        _ => None,
    }
}

/// The fields of a JSON object.
#[derive(Clone, Debug, Default)]
pub struct Object<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

impl<'a> Object<'a> {
    /// The value of a field; the last one where a name stands twice.
    #[must_use]
    #[inline(never)]
    pub fn get(&self, name: &str) -> Option<Json<'a>> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| *value)
    }

    /// The names of its fields.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| &**key)
    }
}

/// The elements of a JSON array.
#[derive(Clone, Debug)]
pub struct Elements<'a>(Items<'a>);

impl<'a> Iterator for Elements<'a> {
    type Item = Json<'a>;

    fn next(&mut self) -> Option<Json<'a>> {
        self.0.next().map(|(_, value)| value)
    }
}

/// Keys and values of an object, or values of an array.
#[derive(Clone, Debug)]
struct Items<'a> {
    reader: Reader<'a>,
    first: bool,
    close: u8,
}

impl<'a> Items<'a> {
    fn of(text: &'a str, open: u8) -> Option<Self> {
        if text.as_bytes().first() != Some(&open) {
            return None;
        }
        // In ASCII, `]` and `}` are two behind what they close.
        Some(Self { reader: Reader::inside(text), first: true, close: open + 2 })
    }

    /// The text is well-formed; what ends it early is a key with half of a surrogate pair.
    #[inline(never)]
    fn next(&mut self) -> Option<(Cow<'a, str>, Json<'a>)> {
        if !self.reader.more(std::mem::take(&mut self.first), self.close).ok()? {
            return None;
        }
        let key = if self.close == b'}' { self.reader.key().ok()? } else { Cow::Borrowed("") };
        Some((key, Json(self.reader.raw().ok()?)))
    }
}
