//! Errors in parameters and in schemas.

use std::fmt;

/// Why a parameter is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamError {
    /// Name of the parameter; empty if the error concerns `params` as a whole.
    pub name: String,
    /// What is wrong, and what is allowed.
    pub message: String,
}

impl ParamError {
    /// Creates an error about one parameter, for the checks of an algorithm itself.
    ///
    /// ```
    /// let error = tesser_wasm::ParamError::new("interval_secs", "must not exceed `duration_secs`");
    /// assert_eq!(error.to_string(), "params: `interval_secs`: must not exceed `duration_secs`");
    /// ```
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn new(name: &str, message: impl Into<String>) -> Self {
        Self { name: name.to_owned(), message: message.into() }
    }

    /// Its text, without the way through `core::fmt`.
    pub(crate) fn text(&self) -> String {
        if self.name.is_empty() {
            return ["params: ", &self.message].concat();
        }
        ["params: `", &self.name, "`: ", &self.message].concat()
    }

    pub(crate) fn general(message: &str) -> Self {
        Self::new("", message)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn unknown(name: &str, nearest: Option<&str>) -> Self {
        let mut message = String::from("unknown parameter");
        if let Some(nearest) = nearest {
            message.push_str("; did you mean `");
            message.push_str(nearest);
            message.push_str("`?");
        }
        Self { name: name.to_owned(), message }
    }
}

impl fmt::Display for ParamError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text())
    }
}

impl std::error::Error for ParamError {}

/// Why the schema of a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaError {
    message: String,
}

impl SchemaError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

impl fmt::Display for SchemaError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for SchemaError {}
