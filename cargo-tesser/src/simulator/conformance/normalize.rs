//! Normalizes values that differ between runs. In: JSON. Out: JSON with names for ids and with long texts cut, as in the
//! recordings.

use regex::Regex;
use serde_json::Value;

use crate::digest::sha256;

/// Longer texts are cut to [`KEPT`] characters.
const LONGEST: usize = 3_000;
const KEPT: usize = 120;

/// The ids so far, in the order in which they appeared.
pub(super) struct Names {
    kinds: Vec<Kind>,
}

struct Kind {
    name: &'static str,
    pattern: Regex,
    seen: Vec<String>,
}

impl Names {
    pub(super) fn new() -> Self {
        let kinds = [("algorithm", "a1"), ("signal", "51"), ("group", "61"), ("router", "b1")];
        let kind = |(name, start): (&'static str, &str)| {
            let pattern = format!("{start}000000-?0000-?4000-?8000-?([0-9]{{12}})");
            Some(Kind { name, pattern: Regex::new(&pattern).ok()?, seen: Vec::new() })
        };
        Self { kinds: kinds.into_iter().filter_map(kind).collect() }
    }

    /// The same value with names for ids, and with long texts cut.
    pub(super) fn value(&mut self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(fields) => {
                let fields = fields.into_iter();
                Value::Object(
                    fields.map(|(key, field)| (self.text(&key), self.value(field))).collect(),
                )
            }
            other => other,
        }
    }

    /// The same for a text.
    pub(super) fn text(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for Kind { name, pattern, seen } in &mut self.kinds {
            let named = pattern.replace_all(&text, |found: &regex::Captures<'_>| {
                let id = found[1].to_owned();
                let number = seen.iter().position(|known| *known == id).unwrap_or_else(|| {
                    seen.push(id);
                    seen.len() - 1
                });
                format!("{{{name}-{}}}", number + 1)
            });
            text = named.into_owned();
        }
        cut(text)
    }
}

fn cut(text: String) -> String {
    let characters = text.chars().count();
    if characters <= LONGEST {
        return text;
    }
    let kept: String = text.chars().take(KEPT).collect();
    format!("{kept}...({characters} characters, sha256 {})", sha256(text.as_bytes()))
}
