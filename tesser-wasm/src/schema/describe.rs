//! A schema -> JSON Schema, and a table for a README.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{Param, ParamKind, ParamSchema};

impl ParamSchema {
    /// Returns the schema as JSON Schema 2020-12. JSON Schema has no keyword for units or for the range of a decimal that is
    /// a string: these are in `x-unit`, `x-minimum` and `x-maximum`.
    #[must_use]
    pub fn to_json_schema(&self) -> Value {
        let properties: Map<_, _> =
            self.params.iter().map(|param| (param.name.clone(), property(param))).collect();
        let required: Vec<_> =
            self.params.iter().filter(|param| param.required).map(|param| &param.name).collect();
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        })
    }

    /// Returns a Markdown table of all parameters: name, default, allowed values with unit, meaning.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut table =
            String::from("| name | default | allowed | meaning |\n| --- | --- | --- | --- |\n");
        for param in &self.params {
            let default = match &param.default {
                Some(default) => format!("`{default}`"),
                None if param.required => "**required**".to_owned(),
                None => "unset".to_owned(),
            };
            let unit = param.unit.as_deref().map(|unit| format!(" {unit}")).unwrap_or_default();
            let allowed = match (&param.min, &param.max) {
                (Some(min), Some(max)) => format!("{min} to {max}{unit}"),
                _ if !param.choices.is_empty() => param
                    .choices
                    .iter()
                    .map(|word| format!("`{word}`"))
                    .collect::<Vec<_>>()
                    .join(", "),
                _ => format!("{}{unit}", param.kind.name()),
            };
            let doc = param.doc.replace('|', "\\|");
            // Writing to a string cannot fail.
            let _ = writeln!(table, "| `{}` | {default} | {allowed} | {doc} |", param.name);
        }
        table
    }
}

fn property(param: &Param) -> Value {
    let mut property = Map::new();
    let number = |text: &Option<String>| {
        text.as_deref().and_then(|text| serde_json::from_str::<serde_json::Number>(text).ok())
    };
    let item = json!({ "type": ["string", "number"], "pattern": "^[+-]?[0-9_]*\\.?[0-9_]*([eE][+-]?[0-9]+)?$" });
    match param.kind {
        ParamKind::Integer => {
            property.insert("type".into(), json!("integer"));
        }
        ParamKind::Decimal => property = item.as_object().cloned().unwrap_or_default(),
        ParamKind::Boolean => {
            property.insert("type".into(), json!("boolean"));
        }
        ParamKind::Choice => {
            property.insert("enum".into(), json!(param.choices));
        }
        ParamKind::Text => {
            property.insert("type".into(), json!("string"));
            property.insert("minLength".into(), json!(1));
        }
        ParamKind::Decimals => {
            property.insert("type".into(), json!("array"));
            property.insert("items".into(), item);
        }
    }
    for (bound, plain, extended) in
        [(&param.min, "minimum", "x-minimum"), (&param.max, "maximum", "x-maximum")]
    {
        if let Some(bound) = bound {
            if let (ParamKind::Integer | ParamKind::Decimal, Some(number)) =
                (param.kind, number(&Some(bound.clone())))
            {
                property.insert(plain.into(), Value::Number(number));
            }
            if param.kind != ParamKind::Integer {
                property.insert(extended.into(), json!(bound));
            }
        }
    }
    if let Some(default) = &param.default {
        let value = match param.kind {
            ParamKind::Integer => number(&param.default).map_or(Value::Null, Value::Number),
            ParamKind::Boolean => Value::Bool(default == "true"),
            _ => Value::String(default.clone()),
        };
        property.insert("default".into(), value);
    }
    if !param.doc.is_empty() {
        property.insert("description".into(), json!(param.doc));
    }
    if let Some(unit) = &param.unit {
        property.insert("x-unit".into(), json!(unit));
    }
    Value::Object(property)
}
