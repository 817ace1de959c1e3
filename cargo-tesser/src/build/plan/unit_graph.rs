//! What cargo would compile, from its unit graph.
//!
//! In: the flags and the plugins. Out: each plugin's profile, with manifests, configuration and variables merged, and
//! the crates that are linked into it. This module compiles nothing.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::cargo_build;
use crate::build::cargo_flags::CargoFlags;
use crate::build::error::Error;
use crate::build::plan::select::Plugin;
use crate::process::Cmd;
use crate::toolchain::Toolchain;

/// Cargo's units, with the fields that matter here.
#[derive(Debug, Deserialize)]
pub(in crate::build) struct Graph {
    units: Vec<Unit>,
    roots: Vec<usize>,
}

/// One call of the compiler.
#[derive(Debug, Deserialize)]
pub(in crate::build) struct Unit {
    pkg_id: String,
    target: Target,
    /// The target triple; `None` is the build machine.
    platform: Option<String>,
    pub(in crate::build) profile: Profile,
    mode: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    index: usize,
}

/// A profile with all settings resolved.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::build) struct Profile {
    pub(in crate::build) opt_level: String,
    pub(in crate::build) lto: String,
    pub(in crate::build) overflow_checks: bool,
    pub(in crate::build) panic: String,
    pub(in crate::build) strip: serde_json::Value,
}

impl Graph {
    /// Asks cargo for the graph.
    pub(in crate::build) fn ask(
        flags: &CargoFlags,
        toolchain: &Toolchain,
        plugins: &[Plugin],
    ) -> Result<Self, Error> {
        cargo_build::read_json(command(flags, toolchain, plugins))
    }

    /// Returns the unit of a plugin.
    pub(in crate::build) fn unit(&self, plugin: &Plugin) -> Result<&Unit, Error> {
        let is_it = |unit: &&Unit| {
            let example = plugin.example.as_ref();
            is_id(&unit.pkg_id, &plugin.id.repr)
                && example.is_none_or(|name| *name == unit.target.name)
        };
        let mut units = self.roots.iter().filter_map(|root| self.units.get(*root));
        units.find(is_it).ok_or_else(|| Error::NoArtifact { package: plugin.name.clone() })
    }

    /// Returns a unit and all units that are linked into it.
    fn linked<'a>(&'a self, unit: &'a Unit) -> Vec<&'a Unit> {
        let mut seen = BTreeSet::new();
        let mut queue = vec![unit];
        let mut linked = Vec::new();
        while let Some(unit) = queue.pop() {
            linked.push(unit);
            let next = unit.dependencies.iter().filter(|next| seen.insert(next.index));
            let units = next.filter_map(|next| self.units.get(next.index));
            // A build script belongs to the target, but runs on this machine.
            let is_linked = |next: &&Unit| next.platform.is_some() && next.mode == "build";
            queue.extend(units.filter(is_linked));
        }
        linked
    }

    /// Returns the names of the crates that are linked into a unit.
    pub(in crate::build) fn names<'a>(&'a self, unit: &'a Unit) -> BTreeSet<&'a str> {
        self.linked(unit).into_iter().map(|unit| unit.target.name.as_str()).collect()
    }

    /// Returns the linked units of local packages and of the SDK: the code that works with orders.
    pub(in crate::build) fn own<'a>(&'a self, unit: &'a Unit) -> impl Iterator<Item = &'a Unit> {
        let is_own = |unit: &&Unit| {
            unit.pkg_id.contains("path+file:")
                || unit.target.name.replace('-', "_") == "tesser_wasm"
        };
        self.linked(unit).into_iter().filter(is_own)
    }
}

/// Whether a unit belongs to a package. Older cargo versions (such as 1.85) write `name version (source)` here, and
/// `source#version` or
/// `source#name@version` everywhere else.
fn is_id(unit: &str, id: &str) -> bool {
    let old = || {
        let (package, source) = unit.strip_suffix(')')?.split_once(" (")?;
        let (name, version) = package.split_once(' ')?;
        let fragment = id.strip_prefix(source)?.strip_prefix('#')?;
        Some(
            fragment.strip_prefix(name).and_then(|rest| rest.strip_prefix('@')).unwrap_or(fragment)
                == version,
        )
    };
    unit == id || old().unwrap_or(false)
}

/// Returns the command that prints the units of a `cargo build` with their profiles as JSON. The flag is unstable, but every
/// supported cargo has it.
fn command(flags: &CargoFlags, toolchain: &Toolchain, plugins: &[Plugin]) -> Cmd {
    cargo_build::command(flags, toolchain, plugins)
        .args(["--unit-graph", "-Z", "unstable-options"])
        .env("RUSTC_BOOTSTRAP", "1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_old_and_new_cargos_write_them() {
        let old = "mine 0.1.0 (path+file:///desk/mine)";
        assert!(is_id(old, "path+file:///desk/mine#0.1.0"));
        assert!(is_id(old, "path+file:///desk/mine#mine@0.1.0"));
        assert!(is_id("path+file:///desk/mine#0.1.0", "path+file:///desk/mine#0.1.0"));
        for other in [
            "path+file:///desk/mine#0.1.1",
            "path+file:///desk/mine2#0.1.0",
            "path+file:///desk/mine#other@0.1.0",
        ] {
            assert!(!is_id(old, other), "{other}");
        }
    }
}
