//! The profile that plugins really get: what is wrong with it, and what that costs.
//!
//! In: cargo's unit graph, which has merged manifests, configuration and variables. Out: warnings, or an error
//! for a profile in which a wrong number could become an order. It changes no profile.

use super::error::Error;
use super::select::Plugin;
use super::units::{Graph, Profile};

/// Checks the plugins' profile `name`. Warnings are for optimized builds alone: others are not for trading.
pub(super) fn check(graph: &Graph, plugins: &[Plugin], name: &str) -> Result<Vec<String>, Error> {
    let mut warnings = Vec::new();
    for plugin in plugins {
        let unit = graph.unit(plugin)?;
        let package = plugin.name.clone();
        if !unit.profile.overflow_checks {
            return Err(Error::OverflowChecks { package, profile: name.to_owned() });
        }
        let problems = problems(&unit.profile);
        let warning = |problem| format!("the profile `{name}` of `{package}` {problem}");
        warnings.extend(problems.into_iter().map(warning));
    }
    Ok(warnings)
}

/// What an optimized profile should not be.
fn problems(profile: &Profile) -> Vec<&'static str> {
    if profile.opt_level == "0" {
        return Vec::new();
    }
    let mut problems = Vec::new();
    if profile.panic != "abort" {
        problems.push("has no `panic = \"abort\"`: a panic ends the instance anyway, and unwinding is code that never runs");
    }
    if profile.lto != "fat" && profile.lto != "true" {
        problems.push(
            "has no `lto = \"fat\"`: the plugin is larger, and calls between crates stay calls",
        );
    }
    // `{"resolved": {"Named": "symbols"}}`, or the words `none` or `debuginfo` in it.
    if !profile.strip.to_string().contains("symbols") {
        problems.push("has no `strip = true`: wasm-opt gets names and debug information to carry along, and `--no-opt` leaves them in the plugin");
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_optimized_profile_is_judged() {
        let profile = |opt_level: &str| Profile {
            opt_level: opt_level.into(),
            lto: "false".into(),
            overflow_checks: true,
            panic: "unwind".into(),
            strip: serde_json::json!({ "resolved": "None" }),
        };
        assert!(problems(&profile("0")).is_empty());
        let found = problems(&profile("s"));
        assert_eq!(found.len(), 3, "{found:?}");
        let good = Profile {
            lto: "fat".into(),
            panic: "abort".into(),
            strip: serde_json::json!({ "resolved": { "Named": "symbols" } }),
            ..profile("3")
        };
        assert!(problems(&good).is_empty());
    }
}
