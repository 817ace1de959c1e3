//! `tesser-template.toml` -> description, variables, rules for files. Pure.
//!
//! Nothing is ignored: a misspelled key is an error that names it, and so is a default value that the variable does not
//! allow.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use regex::Regex;
use rust_decimal::Decimal;
use serde::Deserialize;
use toml_edit::{DocumentMut, Item};

/// Variables that every template has and none can declare.
const GIVEN: [&str; 4] = ["name", "crate_name", "sdk", "target"];

/// A parsed manifest of a template.
#[derive(Clone, Debug, Default)]
pub(super) struct Manifest {
    pub(super) description: String,
    pub(super) variables: Vec<Variable>,
    pub(super) files: Rules,
}

/// Rules for files, as patterns of paths in the template; `**` stands for any number of folders.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Rules {
    /// Files to render, like those that end in `.tera`.
    pub(super) render: Vec<String>,
    /// Files to copy verbatim, even if they end in `.tera`.
    pub(super) verbatim: Vec<String>,
    /// Files to exclude.
    pub(super) skip: Vec<String>,
    /// Files to create only if an expression is true.
    pub(super) when: BTreeMap<String, String>,
}

/// A variable of a template.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name in templates and for `--set`.
    pub name: String,
    /// One line.
    pub description: String,
    /// The type of its values.
    pub kind: Kind,
    /// The default value.
    pub default: Option<Value>,
    /// The allowed values; if empty, every value is allowed.
    pub choices: Vec<Value>,
    /// A pattern that the whole text of a value must match.
    pub pattern: Option<Regex>,
}

/// The type of a variable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A line of text.
    #[default]
    Text,
    /// A whole number.
    Integer,
    /// A decimal number.
    Decimal,
    /// `true` or `false`.
    Boolean,
}

/// A value of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A line of text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A decimal number.
    Decimal(Decimal),
    /// `true` or `false`.
    Boolean(bool),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    #[serde(rename = "type", default)]
    kind: Kind,
    #[serde(default)]
    description: String,
    pattern: Option<String>,
}

impl FromStr for Manifest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let broken = |error: &dyn fmt::Display| format!("its `{}`: {error}", super::MANIFEST);
        let document: DocumentMut = text.parse().map_err(|error| broken(&error))?;
        let mut manifest = Self::default();
        for (key, item) in document.iter() {
            match (key, item) {
                ("description", Item::Value(toml_edit::Value::String(text))) => {
                    text.value().clone_into(&mut manifest.description);
                }
                ("variables", Item::Table(variables)) => {
                    for (name, item) in variables {
                        manifest.variables.push(Variable::declared(name, item)?);
                    }
                }
                ("files", item) => {
                    manifest.files = read(item).map_err(|error| broken(&error))?;
                }
                (key, _) => {
                    return Err(broken(&format_args!(
                        "there is no key `{key}` of that type; the keys are `description`, a text, and the tables `variables` and `files`"
                    )));
                }
            }
        }
        if manifest.description.is_empty() {
            return Err(broken(&"it has no `description`"));
        }
        Ok(manifest)
    }
}

fn read<T: serde::de::DeserializeOwned>(item: &Item) -> Result<T, toml_edit::de::Error> {
    use serde::de::IntoDeserializer as _;
    let value = item.clone().into_value().unwrap_or_else(|_| false.into());
    T::deserialize(value.into_deserializer())
}

impl Variable {
    fn declared(name: &str, item: &Item) -> Result<Self, String> {
        let bad = |problem: &dyn fmt::Display| format!("its variable `{name}`: {problem}");
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(plain) {
            return Err(bad(&"a name may only have lowercase letters, digits and `_`"));
        }
        if GIVEN.contains(&name) {
            return Err(bad(&"every template already has a variable with that name"));
        }
        let mut item = item.clone();
        let Some(table) = item.as_table_like_mut() else {
            return Err(bad(&"it is not a table"));
        };
        let (default, choices) = (table.remove("default"), table.remove("choices"));
        let declared: Declared = read(&item).map_err(|error| bad(&error))?;
        let pattern = declared.pattern.map(|pattern| Regex::new(&format!("^(?:{pattern})$")));
        let mut variable = Self {
            name: name.to_owned(),
            description: declared.description,
            kind: declared.kind,
            default: None,
            choices: Vec::new(),
            pattern: pattern.transpose().map_err(|error| bad(&error))?,
        };
        let listed = choices.iter().flat_map(|item| item.as_array().into_iter().flatten());
        let read: Result<_, _> = listed.map(|choice| variable.read(choice)).collect();
        variable.choices = read.map_err(|error| bad(&format_args!("a choice {error}")))?;
        if choices.is_some() && variable.choices.is_empty() {
            return Err(bad(&"its `choices` are not a list of values"));
        }
        if let Some(default) = default {
            let value = default.as_value().ok_or_else(|| bad(&"its default is not a value"))?;
            let value = variable.read(value);
            variable.default =
                Some(value.map_err(|error| bad(&format_args!("its default {error}")))?);
        }
        Ok(variable)
    }

    /// Reads a value from TOML.
    pub(in crate::new) fn read(&self, value: &toml_edit::Value) -> Result<Value, String> {
        match (value, self.kind) {
            (toml_edit::Value::String(text), _) => self.parse(text.value()),
            (toml_edit::Value::Array(_) | toml_edit::Value::InlineTable(_), _) => {
                Err(format!("is not {}", self.kind))
            }
            (value, Kind::Text) => {
                Err(format!("is `{}`, not text: put it in quotes", value.to_string().trim()))
            }
            (value, _) => self.parse(&value.clone().decorated("", "").to_string()),
        }
    }

    /// Reads a value from a command line.
    pub(in crate::new) fn parse(&self, text: &str) -> Result<Value, String> {
        let value = match self.kind {
            // A line break could end a string or a comment in the rendered file.
            Kind::Text if !text.chars().any(char::is_control) => Some(Value::Text(text.to_owned())),
            Kind::Text => None,
            Kind::Integer => text.parse().ok().map(Value::Integer),
            Kind::Decimal => text.parse().ok().map(Value::Decimal),
            Kind::Boolean => text.parse().ok().map(Value::Boolean),
        };
        let value = value.ok_or_else(|| format!("is `{text}`, not {}", self.kind))?;
        if !self.choices.is_empty() && !self.choices.contains(&value) {
            return Err(format!("is `{text}`, not {}", self.one_of()));
        }
        match &self.pattern {
            Some(pattern) if !pattern.is_match(text) => Err(format!(
                "is `{text}`, which does not match the pattern `{}`",
                self.pattern_text()
            )),
            _ => Ok(value),
        }
    }

    /// Returns its type, or the allowed values.
    pub fn domain(&self) -> String {
        match (&self.pattern, self.choices.is_empty()) {
            (_, false) => self.one_of(),
            (Some(_), true) => format!("{} like `{}`", self.kind, self.pattern_text()),
            (None, true) => self.kind.to_string(),
        }
    }

    fn one_of(&self) -> String {
        let choices: Vec<_> = self.choices.iter().map(|choice| format!("`{choice}`")).collect();
        format!("one of {}", choices.join(", "))
    }

    fn pattern_text(&self) -> &str {
        let pattern = self.pattern.as_ref().map_or("", Regex::as_str);
        pattern.trim_start_matches("^(?:").strip_suffix(")$").unwrap_or(pattern)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "a line of text",
            Self::Integer => "a whole number",
            Self::Decimal => "a decimal number",
            Self::Boolean => "`true` or `false`",
        })
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => number.fmt(f),
            Self::Decimal(number) => number.fmt(f),
            Self::Boolean(flag) => flag.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(declaration: &str) -> Result<Variable, String> {
        let text = format!("description = \"x\"\n[variables.v]\n{declaration}");
        text.parse::<Manifest>().map(|mut manifest| manifest.variables.remove(0))
    }

    #[test]
    fn values_are_typed() {
        let kind = |kind| variable(&format!("type = \"{kind}\"")).unwrap();
        assert_eq!(kind("integer").parse("-5"), Ok(Value::Integer(-5)));
        assert_eq!(kind("integer").parse("5.0").unwrap_err(), "is `5.0`, not a whole number");
        assert_eq!(kind("decimal").parse("0.10").unwrap().to_string(), "0.10");
        assert_eq!(kind("decimal").parse("NaN").unwrap_err(), "is `NaN`, not a decimal number");
        assert_eq!(kind("boolean").parse("true"), Ok(Value::Boolean(true)));
        assert_eq!(kind("boolean").parse("yes").unwrap_err(), "is `yes`, not `true` or `false`");
        assert_eq!(kind("text").parse("a\nb").unwrap_err(), "is `a\nb`, not a line of text");
    }

    #[test]
    fn choices_and_patterns_hold_for_the_whole_value() {
        let choices = variable("choices = [\"a\", \"b\"]").unwrap();
        assert_eq!(choices.parse("c").unwrap_err(), "is `c`, not one of `a`, `b`");
        let pattern = variable("pattern = \"[a-z]+|[0-9]\"").unwrap();
        assert!(pattern.parse("abc").is_ok());
        assert_eq!(
            pattern.parse("abc1").unwrap_err(),
            "is `abc1`, which does not match the pattern `[a-z]+|[0-9]`"
        );
    }

    #[test]
    fn decimals_keep_the_digits_that_toml_has() {
        let decimal = variable("type = \"decimal\"\ndefault = 0.10").unwrap();
        assert_eq!(decimal.default.unwrap().to_string(), "0.10");
    }

    #[test]
    fn a_manifest_that_contradicts_itself_is_refused() {
        let refused = |declaration, expected: &str| {
            let error = variable(declaration).unwrap_err();
            assert!(error.contains(expected), "{declaration}: {error}");
        };
        refused("default = 5", "`v`: its default is `5`, not text: put it in quotes");
        refused("type = \"integer\"\ndefault = \"x\"", "its default is `x`, not a whole number");
        refused("choices = [\"a\"]\ndefault = \"b\"", "its default is `b`, not one of `a`");
        refused("choices = []", "`choices` are not a list");
        refused("pattern = \"(\"", "regex parse error");
        refused("type = \"float\"", "unknown variant `float`");
        refused("prompt = \"x\"", "unknown field `prompt`");
        let manifest = |text: &str| text.parse::<Manifest>().unwrap_err();
        assert!(manifest("").contains("no `description`"));
        assert!(manifest("description = \"x\"\nhooks = []").contains("there is no key `hooks`"));
        assert!(manifest("description = 1").contains("there is no key `description` of that type"));
        assert!(manifest("description = \"x\"\n[variables.Name]").contains("lowercase letters"));
        assert!(manifest("description = \"x\"\n[variables.sdk]").contains("already"));
        assert!(
            manifest("description = \"x\"\n[files]\nhook = []").contains("unknown field `hook`")
        );
    }
}
