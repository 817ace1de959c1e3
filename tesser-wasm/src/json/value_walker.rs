//! A `Value` -> the same tokens as from its text.

use std::borrow::Cow;

use serde_json::{Value, map};

use super::input::Tokens;
use super::token::{Number, Token};

/// A position in a value.
pub(crate) struct Walker<'de> {
    next: Option<&'de Value>,
    key: &'de str,
    open: Vec<Level<'de>>,
}

enum Level<'de> {
    Array(std::slice::Iter<'de, Value>),
    Object(map::Iter<'de>),
}

impl<'de> Walker<'de> {
    pub(super) fn new(value: &'de Value) -> Self {
        Self { next: Some(value), key: "", open: Vec::new() }
    }
}

impl<'de> Tokens<'de> for Walker<'de> {
    fn is_null(&self) -> bool {
        matches!(self.next, Some(Value::Null))
    }

    fn token(&mut self) -> Token<'de> {
        match self.next.take().unwrap_or(&Value::Null) {
            Value::Null => Token::Null,
            Value::Bool(value) => Token::Bool(*value),
            Value::Number(number) => Token::Number(Number::Value(number)),
            Value::String(text) => Token::String(Cow::Borrowed(text)),
            Value::Array(values) => {
                self.open.push(Level::Array(values.iter()));
                Token::Array
            }
            Value::Object(fields) => {
                self.open.push(Level::Object(fields.iter()));
                Token::Object
            }
        }
    }

    fn more(&mut self) -> bool {
        self.next = match self.open.last_mut() {
            Some(Level::Array(values)) => values.next(),
            Some(Level::Object(fields)) => fields.next().map(|(key, value)| {
                self.key = key;
                value
            }),
            None => None,
        };
        if self.next.is_none() {
            self.open.pop();
        }
        self.next.is_some()
    }

    fn key(&self) -> &'de str {
        self.key
    }

    fn skip(&mut self) {
        self.next = None;
    }
}
