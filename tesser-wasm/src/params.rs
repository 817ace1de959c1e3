//! Typed parameters of a plugin.

use std::fmt;

use serde_core::de::DeserializeOwned;
use serde_json::Value;

use crate::{PluginInitContext, json};

/// Why the parameters of a plugin could not be decoded; names the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamsError {
    message: String,
}

impl ParamsError {
    fn new(message: &str) -> Self {
        Self { message: message.to_owned() }
    }
}

impl fmt::Display for ParamsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "params: {}", self.message)
    }
}

impl std::error::Error for ParamsError {}

impl PluginInitContext {
    /// Reads the parameters into a type of the plugin. Absent parameters (`null`) count as an empty object, so
    /// `#[serde(default)]` fields get their defaults.
    ///
    /// ```
    /// use rust_decimal::Decimal;
    /// use serde::Deserialize;
    /// use serde_json::json;
    /// use tesser_wasm::{PluginInitContext, PluginRiskContext, PluginSignal};
    ///
    /// #[derive(Deserialize)]
    /// #[serde(deny_unknown_fields)]
    /// struct Params {
    ///     #[serde(with = "tesser_wasm::decimal")]
    ///     clip_size: Decimal,
    /// }
    ///
    /// let mut ctx = PluginInitContext {
    ///     plugin: "chase".into(),
    ///     params: json!({ "clip_size": "0.25" }),
    ///     signal: PluginSignal::test("BTCUSDT", Decimal::ONE),
    ///     risk: PluginRiskContext::default(),
    ///     metadata: json!(null),
    /// };
    /// assert_eq!(ctx.params::<Params>()?.clip_size, Decimal::new(25, 2));
    ///
    /// ctx.params = json!({ "clip_size": "much" });
    /// let error = ctx.params::<Params>().err().unwrap().to_string();
    /// assert!(error.starts_with("params: `clip_size`: "), "{error}");
    /// # Ok::<(), tesser_wasm::ParamsError>(())
    /// ```
    ///
    /// # Errors
    /// A field that is missing, unknown (with `deny_unknown_fields`) or of a wrong type or value;
    /// params that are not an object.
    pub fn params<T: DeserializeOwned>(&self) -> Result<T, ParamsError> {
        let none = Value::Object(serde_json::Map::new());
        let params = match &self.params {
            Value::Null => &none,
            Value::Object(_) => &self.params,
            Value::Array(_) => return Err(ParamsError::new("not an object but an array")),
            _ => return Err(ParamsError::new("not an object")),
        };
        json::from_value(params).map_err(|error| ParamsError { message: error.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PluginRiskContext, PluginSignal};
    use rust_decimal::Decimal;
    use serde_json::json;

    #[derive(serde::Deserialize, Debug, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Params {
        #[serde(default)]
        aggressive: bool,
        levels: u8,
    }

    fn params(value: Value) -> Result<Params, String> {
        PluginInitContext {
            plugin: "test".into(),
            params: value,
            signal: PluginSignal::test("BTCUSDT", Decimal::ONE),
            risk: PluginRiskContext::default(),
            metadata: Value::Null,
        }
        .params()
        .map_err(|error| error.to_string())
    }

    #[test]
    fn fields_left_out_get_their_defaults() {
        assert_eq!(params(json!({"levels": 3})), Ok(Params { aggressive: false, levels: 3 }));
    }

    #[test]
    fn every_error_names_its_field_once() {
        let cases = [
            (
                json!({"aggressive": 1, "levels": 3}),
                "params: `aggressive`: invalid type: integer `1`, expected a boolean",
            ),
            (json!({"levels": 300}), "params: `levels`: invalid value: integer `300`, expected u8"),
            (json!({"aggressive": true}), "params: missing field `levels`"),
            (json!(null), "params: missing field `levels`"),
            (
                json!({"level": 3}),
                "params: unknown field `level`, expected `aggressive` or `levels`",
            ),
            (json!([1]), "params: not an object but an array"),
        ];
        for (value, message) in cases {
            assert_eq!(params(value), Err(message.to_owned()));
        }
    }
}
