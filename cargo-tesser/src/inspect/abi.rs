//! How exports and imports compare to the ABI. In: facts. Out: what differs, and what is asked of a host.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Error;
use crate::abi::Abi;
use crate::build::PluginMetadata;
use crate::report::harmless;
use crate::validate::{Facts, Item, Kind};

/// How a file compares to the ABI that this tool has built in.
#[derive(Clone, Debug, Serialize)]
pub struct AbiMatch {
    /// Version of the built-in ABI.
    pub built_in: String,
    /// The version that the file says it was built for.
    pub stated: Option<String>,
    /// Whether all exports are there with the right types. Of a core module only the names are compared.
    pub matches: bool,
    /// The exports that are missing or of another type.
    pub differences: Vec<String>,
}

pub(super) fn compare(facts: &Facts, bytes: &[u8]) -> Result<AbiMatch, Error> {
    let abi = Abi::built_in()?;
    let mut differences = Vec::new();
    for expected in &abi.exports {
        let name = &expected.name;
        if facts.kind == Kind::CoreModule {
            if !facts.core_exports.contains(name) {
                differences.push(format!("`{name}` is missing"));
            }
            continue;
        }
        let found = facts.exports.iter().find(|export| export.name == *name);
        match found.map(|export| &export.item) {
            Some(Item::Func(ty)) if expected.ty.differences(ty).is_empty() => {}
            Some(_) => differences.push(format!("`{name}` is not `{}`", expected.ty)),
            None => differences.push(format!("`{name}` is missing")),
        }
    }
    Ok(AbiMatch {
        built_in: abi.version,
        stated: PluginMetadata::read(bytes).map(|built| harmless(&built.abi)),
        matches: differences.is_empty(),
        differences,
    })
}

/// The kinds of things that are imported: of `wasi:clocks/wall-clock@0.2.0` it is `wasi:clocks`.
pub(super) fn capabilities<'a>(imports: impl Iterator<Item = &'a str>) -> Vec<String> {
    let kind = |name: &'a str| match name.split_once('/') {
        Some((package, _)) if package.starts_with("wasi:") => package,
        _ => name,
    };
    imports.map(kind).map(harmless).collect::<BTreeSet<_>>().into_iter().collect()
}
