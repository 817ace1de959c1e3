//! The parameters that a plugin takes, as data: read from a component's bytes, checked, and written as JSON Schema.
//!
//! A plugin on the execution kit carries its schema in the custom section `tesser:params`. It can be read without running
//! the plugin.

mod describe;
mod error;
mod section;
mod value;

use serde_json::Value;

pub use error::{ParamError, SchemaError};
#[cfg(feature = "exec")]
pub use value::{Scalar, Spec};
#[cfg(not(feature = "exec"))]
use value::{Spec, nearest, read};
#[cfg(feature = "exec")]
pub(crate) use value::{nearest, read};

use crate::json::{Json, Object};

/// Name of the custom section that holds the schema.
pub const PARAMS_SECTION: &str = "tesser:params";

/// Version of the section's format.
const FORMAT: u64 = 1;

/// Type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParamKind {
    /// A whole number. JSON: a number.
    Integer,
    /// A decimal. JSON: a string such as `"0.25"`, or a number.
    Decimal,
    /// `true` or `false`.
    Boolean,
    /// One of [`Param::choices`], as a string.
    Choice,
    /// Any non-empty string.
    Text,
    /// A list of decimals.
    Decimals,
}

impl ParamKind {
    const NAMES: [(Self, &'static str); 6] = [
        (Self::Integer, "integer"),
        (Self::Decimal, "decimal"),
        (Self::Boolean, "boolean"),
        (Self::Choice, "choice"),
        (Self::Text, "text"),
        (Self::Decimals, "decimals"),
    ];

    /// Its name in the section.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Boolean => "boolean",
            Self::Choice => "choice",
            Self::Text => "text",
            Self::Decimals => "decimals",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// One parameter of a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// Its key in the `params` of the execution hint.
    pub name: String,
    /// Its type.
    pub kind: ParamKind,
    /// What it does, in one or two sentences.
    pub doc: String,
    /// Unit of its value, such as `s` or `bps`.
    pub unit: Option<String>,
    /// Text of the default. Absent if the parameter is required or may stay unset.
    pub default: Option<String>,
    /// Smallest allowed value.
    pub min: Option<String>,
    /// Largest allowed value.
    pub max: Option<String>,
    /// Allowed words of a [`ParamKind::Choice`].
    pub choices: Vec<String>,
    /// Whether a hint without it is refused.
    pub required: bool,
}

/// All parameters of a plugin.
///
/// ```no_run
/// use tesser_wasm::ParamSchema;
///
/// let component = std::fs::read("twap.wasm")?;
/// if let Some(schema) = ParamSchema::from_component(&component)? {
///     let params = serde_json::json!({ "venue": "bybit_linear", "duration_secs": 900 });
///     for error in schema.check(&params).err().unwrap_or_default() {
///         eprintln!("{error}");
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParamSchema {
    /// The parameters, in the order in which the plugin documents them.
    pub params: Vec<Param>,
}

impl ParamSchema {
    /// Reads the schema of a component or core module; `None` if it has no schema.
    ///
    /// Only the section headers are followed; nothing is validated or run.
    ///
    /// # Errors
    /// If the bytes are not WebAssembly or end within a section, if the schema is malformed, or if there are two different ones.
    pub fn from_component(bytes: &[u8]) -> Result<Option<Self>, SchemaError> {
        section::find(bytes, PARAMS_SECTION)?.map(Self::from_section).transpose()
    }

    /// Reads the contents of a `tesser:params` section.
    ///
    /// # Errors
    /// If it is not a schema, or has a later format.
    pub fn from_section(bytes: &[u8]) -> Result<Self, SchemaError> {
        let json: Value = serde_json::from_slice(bytes)
            .map_err(|error| SchemaError::new(format!("the schema is not JSON: {error}")))?;
        match json.get("format").and_then(Value::as_u64) {
            Some(FORMAT) => {}
            Some(format) => {
                return Err(SchemaError::new(format!(
                    "the schema has format {format}; this version reads format {FORMAT}"
                )));
            }
            None => return Err(SchemaError::new("the schema has no `format`")),
        }
        let params = json.get("params").and_then(Value::as_array);
        let params = params.ok_or_else(|| SchemaError::new("the schema has no `params`"))?;
        let params = params.iter().map(param).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { params })
    }

    /// Returns the parameter with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|param| param.name == name)
    }

    /// Checks the `params` of an execution hint with the rules that the plugin applies to single parameters. The plugin's
    /// `init` checks rules that involve several parameters or the signal.
    ///
    /// # Errors
    /// Lists every parameter that is unknown, missing, out of range or of a wrong type.
    pub fn check(&self, params: &Value) -> Result<(), Vec<ParamError>> {
        let text = params.to_string();
        let given = Json::new(&text).ok().and_then(params_of);
        let given = given.ok_or_else(|| vec![ParamError::general("must be an object")])?;
        let names = self.params.iter().map(|param| param.name.as_str());
        let unknown = given.keys().filter(|name| self.get(name).is_none());
        let mut errors: Vec<_> =
            unknown.map(|name| ParamError::unknown(name, nearest(name, names.clone()))).collect();
        for param in &self.params {
            let choices: Vec<&str> = param.choices.iter().map(String::as_str).collect();
            let spec = Spec {
                name: &param.name,
                kind: param.kind,
                default: param.default.as_deref(),
                min: param.min.as_deref(),
                max: param.max.as_deref(),
                choices: &choices,
                required: param.required,
            };
            errors.extend(read(&spec, given.get(&param.name)).err());
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

fn param(json: &Value) -> Result<Param, SchemaError> {
    let text = |key: &str| json.get(key).and_then(Value::as_str).map(str::to_owned);
    let needed = |key: &str| {
        text(key)
            .ok_or_else(|| SchemaError::new(format!("a parameter of the schema has no `{key}`")))
    };
    let kind = needed("type")?;
    let choices = json.get("choices").and_then(Value::as_array);
    Ok(Param {
        name: needed("name")?,
        kind: ParamKind::named(&kind).ok_or_else(|| {
            SchemaError::new(format!("a parameter of the schema has the unknown type `{kind}`"))
        })?,
        doc: text("doc").unwrap_or_default(),
        unit: text("unit"),
        default: text("default"),
        min: text("min"),
        max: text("max"),
        choices: choices
            .into_iter()
            .flatten()
            .filter_map(|choice| choice.as_str().map(str::to_owned))
            .collect(),
        required: json.get("required").and_then(Value::as_bool).unwrap_or_default(),
    })
}

/// The parameters that were given; none is an empty object.
pub(crate) fn params_of(params: Json<'_>) -> Option<Object<'_>> {
    if params.is_null() { Some(Object::default()) } else { params.fields() }
}
