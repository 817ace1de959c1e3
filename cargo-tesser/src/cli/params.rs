//! `--params`: JSON on the command line, or a file.

use std::path::Path;

use serde_json::Value;

use crate::fs;
use crate::report::escape_untrusted;

/// Reads `{..}`, or the JSON or TOML file with that name, with or without an `@` in front.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let text = text.trim();
    if let Some(path) = text.strip_prefix('@') {
        return file(path);
    }
    match serde_json::from_str(text) {
        Ok(value) => return Ok(value),
        Err(error) if text.is_empty() || text.starts_with(['{', '[', '"']) => {
            return Err(format!("not JSON: {error}"));
        }
        Err(_) => {}
    }
    file(text)
}

fn file(text: &str) -> Result<Value, String> {
    let (path, name) = (Path::new(text), escape_untrusted(text));
    let contents =
        fs::read_text(path).map_err(|error| format!("cannot read `{name}`: {}", error.source))?;
    if path.extension().is_some_and(|ending| ending == "toml") {
        toml_edit::de::from_str(&contents).map_err(|error| format!("`{name}` is not TOML: {error}"))
    } else {
        serde_json::from_str(&contents).map_err(|error| format!("`{name}` is not JSON: {error}"))
    }
}
