//! The profile that plugins really get: what is wrong with it, and what that costs.
//!
//! In: cargo's unit graph, which has merged manifests, configuration and variables. Out: warnings, or an error
//! for a profile in which a wrong number could become an order. It changes no profile.

use serde::Deserialize;

use super::cargo::CargoFlags;
use super::error::Error;
use super::select::Plugin;
use crate::toolchain::Toolchain;

/// Cargo's plan, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Graph {
    units: Vec<Unit>,
    roots: Vec<usize>,
}

#[derive(Debug, Deserialize)]
struct Unit {
    pkg_id: String,
    profile: Profile,
}

/// A profile with everything decided.
#[derive(Clone, Debug, Deserialize)]
struct Profile {
    opt_level: String,
    lto: String,
    overflow_checks: bool,
    panic: String,
    strip: serde_json::Value,
}

/// Checks the profiles of the plugins. Warnings are for optimized builds alone: others are not for trading.
pub(super) fn check(
    flags: &CargoFlags,
    toolchain: &Toolchain,
    plugins: &[Plugin],
) -> Result<Vec<String>, Error> {
    let cmd = flags.unit_graph(toolchain, plugins);
    let command = cmd.line();
    let graph: Graph = serde_json::from_str(&cmd.read()?)
        .map_err(|source| Error::Answer { command, source: Box::new(source) })?;
    let mut warnings = Vec::new();
    for unit in graph.roots.iter().filter_map(|root| graph.units.get(*root)) {
        let package = plugins.iter().find(|plugin| plugin.id.repr == unit.pkg_id);
        let package = package.map_or(unit.pkg_id.as_str(), |plugin| &plugin.name);
        let profile = flags.profile().to_owned();
        if !unit.profile.overflow_checks {
            return Err(Error::OverflowChecks { package: package.to_owned(), profile });
        }
        for problem in problems(&unit.profile) {
            let warning = format!("the profile `{profile}` of `{package}` {problem}");
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
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
