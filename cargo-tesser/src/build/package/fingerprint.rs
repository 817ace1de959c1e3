//! Whether a plugin has to be built again.
//!
//! In: a core module, and everything else that determines the plugin. Out: the installed plugin, if it was made from the same
//! inputs and has not been changed since. Only contents are compared, never times.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::build::package::{PackagedPlugin, Summary};
use crate::digest::sha256;
use crate::fs;
use crate::plugin::{Component, CoreModule};

/// The inputs of a plugin and the result, stored beside the plugin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::build) struct Record {
    /// Hash of all inputs.
    key: String,
    /// Hash of the component.
    sha256: String,
    /// Facts for the report.
    summary: Summary,
    /// The commit that was checked out when git was asked for that of the sources.
    head: Option<String>,
}

/// Returns the hash of all inputs of a plugin; `settings` is everything except the module.
pub(in crate::build) fn key(module: &CoreModule, settings: &impl Serialize) -> String {
    let settings = serde_json::to_string(settings).unwrap_or_default();
    let program = fs::own_identity();
    sha256(format!("{} {settings} {program}", sha256(&module.0)).as_bytes())
}

/// Returns the plugin, if it was made from the same inputs, and the commit that was checked out then.
pub(in crate::build) fn unchanged(
    plugin: &Path,
    key: &str,
) -> Option<(PackagedPlugin, Option<String>)> {
    let record: Record = serde_json::from_slice(&fs::read(&path(plugin)).ok()?).ok()?;
    if record.key != key {
        return None;
    }
    let bytes = fs::read(plugin).ok()?;
    if sha256(&bytes) != record.sha256 {
        return None;
    }
    let Record { sha256, summary, head, .. } = record;
    Some((PackagedPlugin { component: Component(bytes), sha256, summary }, head))
}

/// The fingerprint of a plugin that is not installed yet.
pub(in crate::build) struct FingerprintRecord {
    pub key: String,
    pub head: Option<String>,
}

/// Stores the fingerprint of a plugin. Without it the next build builds the plugin again.
pub(in crate::build) fn note(
    plugin: &Path,
    note: FingerprintRecord,
    sha256: String,
    summary: Summary,
) {
    let FingerprintRecord { key, head } = note;
    if let Ok(json) = serde_json::to_vec(&Record { key, sha256, summary, head }) {
        let _ = fs::write_atomic(&path(plugin), &json);
    }
}

fn path(plugin: &Path) -> PathBuf {
    let name = plugin.file_stem().unwrap_or_default().to_string_lossy();
    plugin.with_file_name(format!(".{name}.fresh"))
}
