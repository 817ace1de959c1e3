//! The user's input -> a value for every variable of a template.
//!
//! In: the template's variables; `--set`, `--values` and the environment, in this order of precedence; and a terminal, if there
//! is one. Out: all values, or all errors at once. Without a terminal no question is asked.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::error::Error;
use super::template::{Template, Value, Variable};
use crate::fs;
use crate::shell::Shell;

/// Prefix of environment variables; the name in upper case follows.
pub const ENVIRONMENT: &str = "TESSER_VAR_";

/// Values as the user gave them.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// `--set NAME=VALUE`.
    pub set: Vec<(String, String)>,
    /// `--values FILE`.
    pub file: Option<PathBuf>,
    /// `TESSER_VAR_<NAME>`, by the part after the prefix in lower case.
    pub environment: BTreeMap<String, String>,
    /// Whether to ask on a terminal for missing values.
    pub ask: bool,
}

/// Returns a value for each variable, in the template's order.
pub(super) fn resolve(
    template: &Template,
    given: &Given,
    shell: Shell,
) -> Result<Vec<(String, Value)>, Error> {
    let file = read_file(given)?;
    let mut problems = unknown(template, given, &file);
    let mut values = Vec::new();
    let mut missing = Vec::new();
    for variable in &template.variables {
        match find(variable, given, &file) {
            Some((_, Ok(value))) => values.push((variable.name.clone(), value)),
            Some((source, Err(problem))) => {
                problems.push(format!("`{}` {problem} (from {source})", variable.name));
            }
            None => missing.push(variable),
        }
    }
    // Asks only if there are no errors so far, so that no answer is given in vain.
    let ask = given.ask && problems.is_empty() && shell.can_ask();
    for variable in missing {
        let value = if ask { question(variable, shell) } else { variable.default.clone() };
        match value {
            Some(value) => values.push((variable.name.clone(), value)),
            None => problems.push(format!("`{}` has no value", variable.name)),
        }
    }
    if problems.is_empty() {
        return Ok(values);
    }
    Err(Error::Variables { template: template.name.clone(), problems, known: described(template) })
}

fn read_file(given: &Given) -> Result<toml_edit::DocumentMut, Error> {
    let Some(path) = &given.file else { return Ok(toml_edit::DocumentMut::new()) };
    let text = fs::read_text(path)?;
    text.parse().map_err(|error: toml_edit::TomlError| Error::BadValues {
        path: path.clone(),
        problem: error.to_string(),
    })
}

/// Returns errors for names that the template does not have. The environment may have values for other templates.
fn unknown(template: &Template, given: &Given, file: &toml_edit::DocumentMut) -> Vec<String> {
    let set = given.set.iter().map(|(name, _)| (name.as_str(), "`--set`"));
    let named = set.chain(file.iter().map(|(name, _)| (name, "`--values`")));
    let unknown = named.filter(|(name, _)| template.variables.iter().all(|it| it.name != *name));
    unknown.map(|(name, source)| format!("there is no variable `{name}` (from {source})")).collect()
}

/// Returns the value with the highest precedence, and its source.
fn find(
    variable: &Variable,
    given: &Given,
    file: &toml_edit::DocumentMut,
) -> Option<(String, Result<Value, String>)> {
    // The last one wins, as with cargo's own flags.
    if let Some((_, text)) = given.set.iter().rfind(|(name, _)| *name == variable.name) {
        return Some(("`--set`".into(), variable.parse(text)));
    }
    if let Some(item) = file.get(&variable.name) {
        let value = item.as_value().map(|value| variable.read(value));
        let value = value.unwrap_or_else(|| Err(format!("is a table, not {}", variable.kind)));
        return Some(("`--values`".into(), value));
    }
    let text = given.environment.get(&variable.name)?;
    Some((format!("`{ENVIRONMENT}{}`", variable.name.to_uppercase()), variable.parse(text)))
}

/// Asks until the input is a valid value; `None` at the end of input.
fn question(variable: &Variable, shell: Shell) -> Option<Value> {
    let default = variable.default.as_ref().map(|it| format!(" [{it}]")).unwrap_or_default();
    let text = match variable.description.as_str() {
        "" => String::new(),
        text => format!(": {text}"),
    };
    loop {
        let question = format!("{}{text} ({}){default}:", variable.name, variable.domain());
        let answer = shell.prompt(question)?;
        if let (true, Some(default)) = (answer.is_empty(), &variable.default) {
            return Some(default.clone());
        }
        match variable.parse(&answer) {
            Ok(value) => return Some(value),
            Err(problem) => shell.warn(format_args!("`{}` {problem}", variable.name)),
        }
    }
}

/// Returns a line for each variable of a template.
pub(super) fn described(template: &Template) -> String {
    let line = |variable: &Variable| {
        let default = variable.default.as_ref();
        let default = default.map_or_else(String::new, |it| format!(", default `{it}`"));
        let text = match variable.description.as_str() {
            "" => String::new(),
            text => format!(": {text}"),
        };
        format!("\n  {}: {}{default}{text}", variable.name, variable.domain())
    };
    template.variables.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template() -> Template {
        let manifest = r#"description = "x"
[variables.clip]
type = "decimal"
default = "0.5"
description = "size of one clip"
[variables.venue]
choices = ["a", "b"]
"#;
        let dir = fs::scratch_dir().unwrap();
        fs::write_new(&dir.path().join("tesser-template.toml"), manifest.as_bytes()).unwrap();
        fs::write_new(&dir.path().join("Cargo.toml"), b"").unwrap();
        let path = dir.path().display().to_string();
        Template::load(&path, None, Shell::default()).unwrap()
    }

    fn given(set: &[(&str, &str)], environment: &[(&str, &str)]) -> Given {
        let own = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        Given {
            set: set.iter().map(own).collect(),
            environment: environment.iter().map(own).collect(),
            ..Given::default()
        }
    }

    #[test]
    fn the_command_line_comes_before_the_file_and_the_environment() {
        let values = |given: &Given| -> Vec<String> {
            let values = resolve(&template(), given, Shell::default()).unwrap();
            values.iter().map(|(name, value)| format!("{name}={value}")).collect()
        };
        let mut given = given(&[], &[("clip", "1"), ("venue", "a"), ("other", "x")]);
        assert_eq!(values(&given), ["clip=1", "venue=a"]);
        let dir = fs::scratch_dir().unwrap();
        let file = dir.path().join("values.toml");
        fs::write_new(&file, b"clip = 2.50\n").unwrap();
        given.file = Some(file);
        assert_eq!(values(&given), ["clip=2.50", "venue=a"]);
        given.set = vec![("clip".into(), "3".into()), ("clip".into(), "4".into())];
        assert_eq!(values(&given), ["clip=4", "venue=a"]);
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once_with_the_list() {
        let given = given(&[("clip", "x"), ("size", "1")], &[("venue", "c")]);
        let error = resolve(&template(), &given, Shell::default()).unwrap_err();
        let Error::Variables { problems, known, .. } = error else { panic!("{error}") };
        assert_eq!(
            problems,
            [
                "there is no variable `size` (from `--set`)",
                "`clip` is `x`, not a decimal number (from `--set`)",
                "`venue` is `c`, not one of `a`, `b` (from `TESSER_VAR_VENUE`)",
            ]
        );
        assert_eq!(
            known,
            "\n  clip: a decimal number, default `0.5`: size of one clip\n  venue: one of `a`, `b`"
        );
    }

    #[test]
    fn what_has_neither_value_nor_default_is_missing() {
        let error = resolve(&template(), &Given::default(), Shell::default()).unwrap_err();
        let Error::Variables { problems, .. } = error else { panic!("{error}") };
        assert_eq!(problems, ["`venue` has no value"]);
    }
}
