//! Hints in a file.
//!
//! In: JSON or TOML of any strategy. Out: every plugin hint in it, with the fields of its signal.

use std::path::Path;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::Error;
use crate::fs;

/// A hint, and the fields of its signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Hint {
    /// Where in the file it is, as `[signals.entry]`.
    pub place: String,
    /// Name of the plugin.
    pub name: String,
    /// Its parameters.
    pub params: Value,
    /// Symbol of the signal, with its venue or without.
    pub symbol: Option<String>,
    /// Kind of the signal, such as `enter_long`.
    pub kind: Option<String>,
    /// Quantity of the signal.
    pub quantity: Option<Decimal>,
}

/// Reads a file by its extension: `.toml` is TOML, everything else JSON.
pub(super) fn read(path: &Path) -> Result<Vec<Hint>, Error> {
    let text = fs::read_text(path)?;
    let bad = |format, reason: String| Error::Parse { path: path.to_owned(), format, reason };
    let value: Value = if path.extension().is_some_and(|ending| ending == "toml") {
        toml_edit::de::from_str(&text).map_err(|error| bad("TOML", error.to_string()))?
    } else {
        serde_json::from_str(&text).map_err(|error| bad("JSON", error.to_string()))?
    };
    let mut hints = Vec::new();
    collect(&value, &Map::new(), &mut Vec::new(), &mut hints);
    // The file may contain only the content of a hint.
    if hints.is_empty()
        && let Some(fields) = value.as_object()
    {
        hints.extend(hint(fields, fields, &[]));
    }
    if hints.is_empty() { Err(Error::NoHint { path: path.to_owned() }) } else { Ok(hints) }
}

/// Looks for `Plugin = { name, params }`, as `ExecutionHint::Plugin` is written. `beside` is the enclosing table.
fn collect(
    value: &Value,
    beside: &Map<String, Value>,
    place: &mut Vec<String>,
    hints: &mut Vec<Hint>,
) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                place.push(key.clone());
                let content = field.as_object().filter(|_| key == "Plugin" || key == "plugin");
                match content.and_then(|content| hint(content, beside, place)) {
                    Some(hint) => hints.push(hint),
                    // The fields beside a table `execution_hint` belong to its signal.
                    None => collect(field, fields, place, hints),
                }
                place.pop();
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                place.push((number + 1).to_string());
                collect(item, beside, place, hints);
                place.pop();
            }
        }
        _ => {}
    }
}

fn hint(
    content: &Map<String, Value>,
    beside: &Map<String, Value>,
    place: &[String],
) -> Option<Hint> {
    let text = |name: &str| beside.get(name).and_then(Value::as_str).map(str::to_owned);
    let quantity = beside.get("quantity").and_then(|value| match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    });
    Some(Hint {
        place: place.join("."),
        name: content.get("name")?.as_str()?.to_owned(),
        params: content.get("params").cloned().unwrap_or_default(),
        symbol: text("symbol"),
        kind: text("kind").map(|kind| snake_case(&kind)),
        quantity,
    })
}

/// Converts `EnterLong`, as the host's enum is written, to `enter_long`.
fn snake_case(kind: &str) -> String {
    let mut snake = String::new();
    for (at, letter) in kind.char_indices() {
        if letter.is_uppercase() && at > 0 {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, text: &str) -> Result<Vec<Hint>, String> {
        let dir = fs::scratch_dir().unwrap();
        let path = dir.path().join(name);
        fs::write_new(&path, text.as_bytes()).unwrap();
        read(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn hints_are_found_wherever_a_strategy_keeps_them() {
        let toml = "[entry]\nsymbol = \"bybit_linear:BTCUSDT\"\nkind = \"EnterShort\"\nquantity = 0.5\n\
                    [entry.execution_hint.Plugin]\nname = \"chase\"\nparams = { venue = \"bybit_linear\" }\n";
        let hints = found("strategy.toml", toml).unwrap();
        assert_eq!(hints.len(), 1);
        let hint = &hints[0];
        assert_eq!(
            (hint.place.as_str(), hint.name.as_str()),
            ("entry.execution_hint.Plugin", "chase")
        );
        assert_eq!(hint.params["venue"], "bybit_linear");
        assert_eq!(hint.symbol.as_deref(), Some("bybit_linear:BTCUSDT"));
        assert_eq!(hint.kind.as_deref(), Some("enter_short"));
        assert_eq!(hint.quantity, Some(Decimal::new(5, 1)));
        let json = r#"[{"Plugin": {"name": "a"}}, {"Plugin": {"name": "b"}}]"#;
        assert_eq!(found("hints.json", json).unwrap().len(), 2);
        assert_eq!(found("hint.json", r#"{"name": "a", "params": {}}"#).unwrap()[0].name, "a");
    }

    #[test]
    fn a_file_without_a_hint_is_an_error() {
        assert!(
            found("hint.json", r#"{"Twap": {}}"#)
                .unwrap_err()
                .ends_with("has no hint for a plugin")
        );
        assert!(found("hint.json", "{").unwrap_err().contains("is not JSON"));
    }
}
