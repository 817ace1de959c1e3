//! The parameters of a plugin.
//!
//! In: its file. Out: the schema in it, as text or as JSON Schema.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;
use tesser_wasm::{Param, ParamSchema};

use super::Error;
use crate::facts::LARGEST_FILE;
use crate::fs::Input;
use crate::report::{self, counted, line};

/// Reads the parameter schema of a file; `None` if it has none.
///
/// # Errors
/// If the file cannot be read, is not WebAssembly, or its schema is malformed.
pub fn params(path: &Path) -> Result<Option<ParamSchema>, Error> {
    let input = Input { path: path.to_owned() };
    let bytes = input
        .read(LARGEST_FILE)
        .map_err(|source| Error::Unread { path: path.to_owned(), source })?;
    let schema = ParamSchema::from_component(&bytes)
        .map_err(|source| Error::Params { path: path.to_owned(), source })?;
    Ok(schema
        .map(|schema| ParamSchema { params: schema.params.iter().map(escape_untrusted).collect() }))
}

/// Returns the schema as JSON Schema; `null` for a file without one.
pub fn params_json(schema: Option<&ParamSchema>) -> Value {
    schema.map_or(Value::Null, ParamSchema::to_json_schema)
}

/// Returns a table of the parameters, each with its documentation below it.
pub fn params_human(path: &Path, schema: Option<&ParamSchema>) -> String {
    let path = report::path(path);
    let Some(schema) = schema else {
        return format!(
            "{path}: no parameter schema\n  plugins built on the execution kit have one (`params!`); for others, see the source of their `init`\n"
        );
    };
    let mut text = format!("{path}: {}\n\n", counted(schema.params.len(), "parameter"));
    let heads = ["name", "type", "default", "allowed", "unit"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(heads).chain(schema.params.iter().map(row)).collect();
    let mut widths = [0; 5];
    for row in &rows {
        for (width, field) in widths.iter_mut().zip(row) {
            *width = field.chars().count().max(*width);
        }
    }
    let docs = std::iter::once("").chain(schema.params.iter().map(|param| param.doc.as_str()));
    for (row, doc) in rows.iter().zip(docs) {
        let fields = row
            .iter()
            .zip(widths)
            .fold(String::new(), |fields, (field, width)| format!("{fields}  {field:<width$}"));
        text += &(fields.trim_end().to_owned() + "\n");
        if !doc.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "      {doc}");
        }
    }
    text
}

/// Returns the columns of a parameter.
fn row(param: &Param) -> [String; 5] {
    let default = match &param.default {
        Some(default) => default.clone(),
        None if param.required => "required".into(),
        None => "unset".into(),
    };
    let allowed = match (&param.min, &param.max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => param.choices.join(", "),
    };
    let unit = param.unit.clone().unwrap_or_default();
    [param.name.clone(), param.kind.name().into(), default, allowed, unit]
}

/// Returns the parameter with escaped texts.
fn escape_untrusted(param: &Param) -> Param {
    let text = |text: &Option<String>| text.as_deref().map(line);
    Param {
        name: line(&param.name),
        kind: param.kind,
        doc: line(param.doc.trim()),
        unit: text(&param.unit),
        default: text(&param.default),
        min: text(&param.min),
        max: text(&param.max),
        choices: param.choices.iter().map(|word| line(word)).collect(),
        required: param.required,
    }
}
