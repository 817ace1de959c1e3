//! Errors in JSON, and where they are.

use std::fmt::{self, Display, Write as _};

use serde_core::de::{Expected, Unexpected};

use super::input::Input;

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
            // Writing to a string cannot fail.
            let _ = write!(self.0.message, " at line {line} column {column}");
        }
        self
    }
}

impl Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { path, message } = &*self.0;
        if path.is_empty() {
            formatter.write_str(message)
        } else {
            write!(formatter, "`{path}`: {message}")
        }
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

/// The value that was found, in `serde_json`'s words. Floats are not printed: the code and tables for that take 10 KB.
struct Found<'a>(Unexpected<'a>);

impl Display for Found<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Unexpected::Bool(found) => write!(formatter, "boolean `{found}`"),
            Unexpected::Unsigned(found) => write!(formatter, "integer `{found}`"),
            Unexpected::Signed(found) => write!(formatter, "integer `{found}`"),
            // As JSON: `Debug` would link 6 KB of tables of printable Unicode characters.
            Unexpected::Str(found) => {
                let json = super::to_string(&found, found.len() + 2).unwrap_or_default();
                write!(formatter, "string {json}")
            }
            Unexpected::Float(_) => formatter.write_str("floating point number"),
            Unexpected::Unit => formatter.write_str("null"),
            Unexpected::Seq => formatter.write_str("sequence"),
            Unexpected::Map => formatter.write_str("map"),
            Unexpected::UnitVariant => formatter.write_str("unit variant"),
            _ => formatter.write_str("another kind of value"),
        }
    }
}
