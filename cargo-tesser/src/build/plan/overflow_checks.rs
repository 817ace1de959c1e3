//! Overflow checks: a plugin moves money, so an integer overflow must never wrap silently.
//!
//! In: cargo's unit graph, and the project's settings of the profile. Out: whether the build has to enable the checks, or
//! an error if the project has disabled them. This module reads no files.

use std::path::Path;

use serde_json::Value;
use toml_edit::DocumentMut;

use crate::build::advice::Advice;
use crate::build::error::Error;
use crate::build::plan::select::Plugin;
use crate::build::plan::unit_graph::Graph;

/// Where cargo reads the settings of a profile from.
pub(in crate::build) struct Sources<'a> {
    /// The manifest at the root of the workspace.
    pub(in crate::build) manifest: &'a DocumentMut,
    /// Cargo's merged configuration.
    pub(in crate::build) config: &'a Value,
    /// A variable of the environment.
    pub(in crate::build) variable: &'a dyn Fn(&str) -> Option<String>,
}

impl Sources<'_> {
    /// Returns a setting of one profile as text: variables come first, then the configuration, then the manifest.
    fn setting(&self, profile: &str, key: &str) -> Option<String> {
        let name = |text: &str| text.to_uppercase().replace('-', "_");
        let variable = format!("CARGO_PROFILE_{}_{}", name(profile), name(key));
        let of_config = || match &self.config["profile"][profile][key] {
            Value::Bool(value) => Some(value.to_string()),
            Value::String(text) => Some(text.clone()),
            _ => None,
        };
        let of_manifest = || {
            let item = self.manifest.get("profile")?.get(profile)?.get(key)?;
            item.as_bool().map(|value| value.to_string()).or_else(|| Some(item.as_str()?.into()))
        };
        (self.variable)(&variable).or_else(of_config).or_else(of_manifest)
    }

    /// Whether the profile, or one that it inherits from, disables the checks.
    fn switch_off(&self, profile: &str) -> bool {
        let mut name = profile.to_owned();
        // Cargo has already refused cycles.
        for _ in 0..32 {
            if let Some(value) = self.setting(&name, "overflow-checks") {
                return value == "false";
            }
            name = match (self.setting(&name, "inherits"), name.as_str()) {
                (_, "dev" | "release") => return false,
                (_, "test") => "dev".into(),
                (_, "bench") => "release".into(),
                (Some(parent), _) => parent,
                (None, _) => return false,
            };
        }
        false
    }
}

/// Returns the value for `--config` that enables the checks, if they are off and the profile does not set them.
pub(in crate::build) fn to_switch_on(
    graph: &Graph,
    plugins: &[Plugin],
    profile: &str,
    sources: &Sources<'_>,
) -> Result<Option<String>, Error> {
    for plugin in plugins {
        let unit = graph.unit(plugin)?;
        let lacks_checks = graph.own(unit).any(|unit| !unit.profile.overflow_checks);
        if lacks_checks && !sources.switch_off(profile) {
            return Ok(Some(format!("profile.{profile}.overflow-checks=true")));
        }
    }
    Ok(None)
}

/// Refuses plugins without the checks.
pub(in crate::build) fn refuse_off(
    graph: &Graph,
    plugins: &[Plugin],
    profile: &str,
) -> Result<(), Error> {
    for plugin in plugins {
        if !graph.unit(plugin)?.profile.overflow_checks {
            let (package, profile) = (plugin.name.clone(), profile.to_owned());
            return Err(Error::OverflowChecks { package, profile });
        }
    }
    Ok(())
}

/// Returns the note for a build that has enabled them.
pub(in crate::build) fn note(profile: &str, root: &Path) -> Advice {
    Advice {
        fact: format!(
            "the profile `{profile}` does not set `overflow-checks`, so `cargo tesser build` enables them: an overflow must panic, \
             not become an order"
        ),
        remedy: format!(
            "add `overflow-checks = true` to `[profile.{profile}]` in `{}` to have them in every build",
            root.join("Cargo.toml").display()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn is_off(manifest: &str, config: &Value, variables: &[(&str, &str)], profile: &str) -> bool {
        let variable = |name: &str| {
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        let manifest = manifest.parse().unwrap();
        Sources { manifest: &manifest, config, variable: &variable }.switch_off(profile)
    }

    #[test]
    fn a_profile_that_says_nothing_has_not_switched_the_checks_off() {
        let none = json!({});
        let mine = "[profile.mine]\ninherits = \"release\"\n";
        for (manifest, profile) in [("", "release"), ("", "bench"), (mine, "mine"), ("", "dev")] {
            assert!(!is_off(manifest, &none, &[], profile), "{manifest} {profile}");
        }
    }

    #[test]
    fn what_a_profile_inherits_counts_and_the_nearest_word_wins() {
        let none = json!({});
        let off =
            "[profile.release]\noverflow-checks = false\n[profile.mine]\ninherits = \"release\"\n";
        assert!(is_off(off, &none, &[], "release"));
        assert!(is_off(off, &none, &[], "mine"));
        assert!(is_off(off, &none, &[], "bench"));
        assert!(!is_off(&format!("{off}overflow-checks = true\n"), &none, &[], "mine"));
    }

    #[test]
    fn variables_come_before_the_configuration_and_that_before_the_manifest() {
        let on = "[profile.my-own]\ninherits = \"release\"\noverflow-checks = true\n";
        let off = json!({ "profile": { "my-own": { "overflow-checks": false } } });
        assert!(is_off(on, &off, &[], "my-own"));
        let variable = "CARGO_PROFILE_MY_OWN_OVERFLOW_CHECKS";
        assert!(!is_off(on, &off, &[(variable, "true")], "my-own"));
        assert!(is_off(on, &json!({}), &[(variable, "false")], "my-own"));
    }
}
