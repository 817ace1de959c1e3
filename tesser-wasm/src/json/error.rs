//! Errors in JSON, and where they are.

use std::fmt::{self, Display};

use serde_core::de::{Expected, Unexpected};

use super::input::Input;
use super::ser::Writer;
use super::token::Token;
use crate::decimal;

/// Names the field, as a path from the outermost value, and says what was wrong.
// One pointer, so that a `Result` costs next to nothing in the case without an error.
#[derive(Debug)]
pub(crate) struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    path: String,
    message: String,
}

impl Error {
    #[cold]
    #[inline(never)]
    pub(super) fn new(message: &str) -> Self {
        Self(Box::new(Inner { path: String::new(), message: message.to_owned() }))
    }

    /// From parts, since `core::fmt` is 4 KB.
    #[cold]
    #[inline(never)]
    pub(super) fn of(parts: &[&str]) -> Self {
        Self(Box::new(Inner { path: String::new(), message: parts.concat() }))
    }

    #[cold]
    #[inline(never)]
    pub(super) fn wrong_type(found: &Token<'_>, expected: &str) -> Self {
        Self::of(&["invalid type: ", &found.describe(), ", expected ", expected])
    }

    #[cfg_attr(not(feature = "guest"), expect(dead_code, reason = "hosts use serde_json itself"))]
    #[cold]
    #[inline(never)]
    pub(super) fn wrong_value(found: &Token<'_>, expected: &str) -> Self {
        Self::of(&["invalid value: ", &found.describe(), ", expected ", expected])
    }

    /// Its text.
    #[cold]
    #[inline(never)]
    pub(crate) fn text(&self) -> String {
        let Inner { path, message } = &*self.0;
        if path.is_empty() { message.clone() } else { ["`", path, "`: ", message].concat() }
    }

    /// Its text behind that of which text it is about.
    #[cfg_attr(not(feature = "guest"), expect(dead_code, reason = "hosts use serde_json itself"))]
    #[cold]
    #[inline(never)]
    pub(crate) fn of_what(&self, what: &str) -> String {
        [what, ": ", &self.text()].concat()
    }

    #[cold]
    #[inline(never)]
    fn format(message: fmt::Arguments<'_>) -> Self {
        Self(Box::new(Inner { path: String::new(), message: message.to_string() }))
    }

    /// Adds the name of the field whose value has the error.
    #[cold]
    #[inline(never)]
    pub(super) fn within(mut self, key: &str) -> Self {
        if !self.0.path.is_empty() {
            self.0.path.insert(0, '.');
        }
        self.0.path.insert_str(0, key);
        self
    }

    /// Adds the position up to which the input was read.
    #[cold]
    #[inline(never)]
    pub(super) fn at(mut self, input: &Input<'_>) -> Self {
        if let Some((line, column)) = input.position() {
            let parts = [" at line ", &written(line), " column ", &written(column)];
            self.0.message.push_str(&parts.concat());
        }
        self
    }
}

impl Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text())
    }
}

impl std::error::Error for Error {}

impl serde_core::ser::Error for Error {
    #[cold]
    fn custom<T: Display>(message: T) -> Self {
        Self::format(format_args!("{message}"))
    }
}

impl serde_core::de::Error for Error {
    #[cold]
    fn custom<T: Display>(message: T) -> Self {
        Self::format(format_args!("{message}"))
    }

    #[cold]
    #[inline(never)]
    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::format(format_args!("invalid type: {}, expected {expected}", Found(found)))
    }

    #[cold]
    #[inline(never)]
    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::format(format_args!("invalid value: {}, expected {expected}", Found(found)))
    }
}

fn written(number: usize) -> String {
    decimal::to_string(u64::try_from(number).unwrap_or(u64::MAX).into())
}

impl Token<'_> {
    /// What it is, in `serde_json`'s words.
    #[cold]
    #[inline(never)]
    fn describe(&self) -> String {
        let word = match self {
            Self::Null => "null",
            Self::Bool(true) => "boolean `true`",
            Self::Bool(false) => "boolean `false`",
            Self::Number(number) => return number.found(),
            Self::String(text) => {
                let mut json = Writer::with_capacity(text.len() + 2);
                json.string(text);
                return ["string ", &json.finish()].concat();
            }
            Self::Array => "sequence",
            Self::Object => "map",
        };
        word.to_owned()
    }
}

/// What was found, in `serde_json`'s words. Floats are not printed: code and tables for that are 10 KB.
struct Found<'a>(Unexpected<'a>);

impl Display for Found<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Unexpected::Bool(found) => write!(formatter, "boolean `{found}`"),
            Unexpected::Unsigned(found) => write!(formatter, "integer `{found}`"),
            Unexpected::Signed(found) => write!(formatter, "integer `{found}`"),
            // As JSON. `Debug` brings tables of what is printable in Unicode, 6 KB.
            Unexpected::Str(found) => formatter.write_str(&Token::String(found.into()).describe()),
            Unexpected::Float(_) => formatter.write_str("floating point number"),
            Unexpected::Unit => formatter.write_str("null"),
            Unexpected::Seq => formatter.write_str("sequence"),
            Unexpected::Map => formatter.write_str("map"),
            Unexpected::UnitVariant => formatter.write_str("unit variant"),
            _ => formatter.write_str("another kind of value"),
        }
    }
}
