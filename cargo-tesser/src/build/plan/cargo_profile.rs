//! The profile that plugins are really built with, and its cost.
//!
//! In: cargo's unit graph, which has merged manifests, configuration and variables. Out: one warning for all plugins. This
//! module changes no profile.

use std::collections::BTreeSet;
use std::path::Path;

use toml_edit::DocumentMut;

use crate::build::advice::Advice;
use crate::build::error::Error;
use crate::build::plan::select::Plugin;
use crate::build::plan::unit_graph::{Graph, Profile};
use crate::workspace::PLUGIN_PROFILE;

/// Returns a warning about settings that the profile `name` lacks. Only optimized profiles are checked: others are not for trading.
pub(in crate::build) fn warning(
    graph: &Graph,
    plugins: &[Plugin],
    name: &str,
    root: &Path,
    manifest: &DocumentMut,
) -> Result<Option<Advice>, Error> {
    let mut lacking = BTreeSet::new();
    for plugin in plugins {
        lacking.extend(self::lacking(&graph.unit(plugin)?.profile));
    }
    let settings: Vec<_> = lacking.into_iter().map(|it| format!("`{it}`")).collect();
    let Some((last, others)) = settings.split_last() else { return Ok(None) };
    let settings =
        if others.is_empty() { last.clone() } else { format!("{} and {last}", others.join(", ")) };
    let has_own =
        manifest.get("profile").and_then(|profiles| profiles.get(PLUGIN_PROFILE)).is_some();
    let manifest = root.join("Cargo.toml");
    let manifest = manifest.display();
    let remedy = if has_own && name != PLUGIN_PROFILE {
        format!("build with `--profile {PLUGIN_PROFILE}`, which `{manifest}` has for plugins")
    } else {
        format!(
            "add what is missing to `[profile.{name}]` in `{manifest}`, or to a profile that only plugins use: \
             `[profile.{PLUGIN_PROFILE}]` with `inherits = \"release\"`"
        )
    };
    let fact = format!(
        "the profile `{name}` has no {settings}, so plugins are larger and slower than they could be"
    );
    Ok(Some(Advice { fact, remedy }))
}

/// Returns the settings that an optimized profile lacks: a panic ends the instance anyway, so code for unwinding never runs;
/// without `lto`, calls between crates are not inlined; and names and debug information pass through wasm-opt.
fn lacking(profile: &Profile) -> Vec<&'static str> {
    if profile.opt_level == "0" {
        return Vec::new();
    }
    let mut lacking = Vec::new();
    if profile.panic != "abort" {
        lacking.push("panic = \"abort\"");
    }
    if profile.lto != "fat" && profile.lto != "true" {
        lacking.push("lto = \"fat\"");
    }
    // `{"resolved": {"Named": "symbols"}}`, or `none` or `debuginfo` instead of `symbols`.
    if !profile.strip.to_string().contains("symbols") {
        lacking.push("strip = true");
    }
    lacking
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
        assert!(lacking(&profile("0")).is_empty());
        assert_eq!(lacking(&profile("s")).len(), 3);
        let good = Profile {
            lto: "fat".into(),
            panic: "abort".into(),
            strip: serde_json::json!({ "resolved": { "Named": "symbols" } }),
            ..profile("3")
        };
        assert!(lacking(&good).is_empty());
    }
}
