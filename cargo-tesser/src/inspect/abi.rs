//! Compares exports and imports with the ABI.
//!
//! In: facts and findings. Out: the differences, and what the host has to provide.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Error;
use super::layout::Layout;
use crate::abi::Abi;
use crate::facts::Kind;
use crate::plugin::PluginMetadata;
use crate::report::{Code, FileReport, escape_untrusted};

/// How a file compares to the ABI that this tool has built in.
#[derive(Clone, Debug, Serialize)]
pub struct AbiMatch {
    /// Version of the built-in ABI.
    pub built_in: String,
    /// The version for which the file says that it was built.
    pub stated: Option<String>,
    /// Whether all exports exist with the right types. For a core module only the names are compared.
    pub matches: bool,
    /// Exports that are missing or have another type.
    pub differences: Vec<String>,
}

pub(super) fn compare(
    kind: Kind,
    layout: &Layout,
    checked: &FileReport,
    bytes: &[u8],
) -> Result<Option<AbiMatch>, Error> {
    let abi = Abi::built_in()?;
    let differences: Vec<_> = if kind == Kind::CoreModule {
        let is_there = |name: &str| layout.exports.contains(&format!("{name}: func"));
        let missing = abi.exports.iter().filter(|export| !is_there(&export.name));
        missing.map(|export| format!("there is no export `{}`", export.name)).collect()
    } else {
        let differs = checked
            .findings
            .iter()
            .filter(|finding| matches!(finding.code, Code::MissingExport | Code::ExportType));
        differs.map(|finding| finding.message.clone()).collect()
    };
    // No export of the ABI and no missing one: the host's validator stopped earlier.
    let is_compared =
        kind == Kind::CoreModule || !checked.exports.is_empty() || !differences.is_empty();
    Ok(is_compared.then(|| AbiMatch {
        built_in: abi.version,
        stated: PluginMetadata::read(bytes).map(|built| escape_untrusted(&built.abi)),
        matches: differences.is_empty(),
        differences,
    }))
}

/// Returns the kinds of imports: `wasi:clocks` for `wasi:clocks/wall-clock@0.2.0`. Imports that the host's validator did not
/// read are known only by name.
pub(super) fn capabilities(kind: Kind, layout: &Layout, checked: &FileReport) -> Vec<String> {
    let is_wasi = |name: &&String| name.starts_with("wasi:");
    let names: Vec<&String> = match kind {
        Kind::CoreModule => layout.core_imports.iter().collect(),
        _ if checked.imports.is_empty() => layout.imports.iter().filter(is_wasi).collect(),
        _ => checked.required_imports.iter().collect(),
    };
    let kind = |name: &String| match name.split_once('/') {
        Some((package, _)) if package.starts_with("wasi:") => package.to_owned(),
        _ => name.clone(),
    };
    names.into_iter().map(kind).collect::<BTreeSet<_>>().into_iter().collect()
}
