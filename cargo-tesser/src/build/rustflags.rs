//! Our flags for rustc beside the user's.
//!
//! In: flags, and what cargo's configuration says. Out: a command line that has both. Cargo takes flags from
//! the first of four places that has any (`CARGO_ENCODED_RUSTFLAGS`, `RUSTFLAGS`, `target.*.rustflags`,
//! `build.rustflags`) and ignores the rest, so ours go to the place that the user's are in.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::process::Cmd;

/// The variables that cargo asks first.
#[derive(Clone, Debug, Default)]
pub(super) struct Variables {
    /// `CARGO_ENCODED_RUSTFLAGS`, separated by `0x1f`.
    pub(super) encoded: Option<String>,
    /// `RUSTFLAGS`, separated by spaces.
    pub(super) plain: Option<String>,
}

impl Variables {
    /// Those that cargo will inherit.
    pub(super) fn inherited() -> Self {
        let var = |name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        Self { encoded: var("CARGO_ENCODED_RUSTFLAGS"), plain: var("RUSTFLAGS") }
    }
}

/// Flags, and the key of the configuration that they go to where no variable has the user's.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Rustflags {
    /// Ours.
    pub(super) flags: Vec<String>,
    /// `build.rustflags` or `target.<triple>.rustflags`.
    pub(super) key: String,
}

impl Rustflags {
    /// Adds the flags to a `cargo build`.
    pub(super) fn add(&self, cmd: Cmd, variables: &Variables) -> Cmd {
        if self.flags.is_empty() {
            return cmd;
        }
        let set: Vec<&str> = match variables {
            Variables { encoded: Some(encoded), .. } => {
                encoded.split('\x1f').filter(|word| !word.is_empty()).collect()
            }
            Variables { plain: Some(plain), .. } => plain.split_whitespace().collect(),
            Variables { encoded: None, plain: None } => {
                // A list given with `--config` is joined to the one in the files.
                let flags: toml_edit::Array = self.flags.iter().collect();
                return cmd.arg("--config").arg(format!("{}={flags}", self.key));
            }
        };
        let all: Vec<&str> = set.into_iter().chain(self.flags.iter().map(String::as_str)).collect();
        cmd.env("CARGO_ENCODED_RUSTFLAGS", all.join("\x1f"))
    }
}

/// The key of the configuration that has the user's flags for the target.
pub(super) fn key(config: &Value, target: &str) -> String {
    let of_build =
        config["build"]["rustflags"].is_array() || config["build"]["rustflags"].is_string();
    // Whether a `cfg(..)` fits the target is cargo's to say; who writes one for plugins means it to.
    let of_target = config["target"].as_object().is_some_and(|targets| {
        let fits = |name: &str| name == target || name.starts_with("cfg(");
        targets.iter().any(|(name, settings)| fits(name) && !settings["rustflags"].is_null())
    });
    if of_build && !of_target {
        "build.rustflags".into()
    } else {
        format!("target.{target}.rustflags")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TARGET: &str = "wasm32-wasip1";

    fn line(variables: &Variables, config: &Value) -> String {
        let flags = Rustflags { flags: vec!["--ours".into()], key: key(config, TARGET) };
        flags.add(Cmd::new("cargo").arg("build"), variables).line()
    }

    #[test]
    fn flags_go_where_the_users_are() {
        let none = Variables::default();
        let flags = json!({ "rustflags": ["--theirs"] });
        let place = |config: Value| {
            let line = line(&none, &config);
            line.split('\'')
                .nth(1)
                .unwrap_or(&line)
                .split('=')
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        assert_eq!(place(json!({})), "target.wasm32-wasip1.rustflags");
        assert_eq!(place(json!({ "build": flags })), "build.rustflags");
        assert_eq!(
            place(json!({ "build": flags, "target": { TARGET: flags } })),
            "target.wasm32-wasip1.rustflags"
        );
        assert_eq!(
            place(json!({ "build": flags, "target": { "x86_64-apple-darwin": flags } })),
            "build.rustflags"
        );
    }

    #[test]
    fn variables_are_kept_and_added_to() {
        let plain = Variables { encoded: None, plain: Some("-C  opt-level=1".into()) };
        assert_eq!(line(&plain, &Value::Null), "cargo build");
        let encoded = Variables { encoded: Some(String::new()), ..plain };
        assert_eq!(line(&encoded, &Value::Null), "cargo build");
    }
}
