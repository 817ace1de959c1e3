//! Packages that may not be plugins, for example a library for another program that is built as a `cdylib` and uses the
//! SDK's types.
//!
//! In: plugins. Out: the names of those whose sources export no plugin. This is a guess, good enough for a hint.

use std::path::Path;

use super::plan::select::Plugin;
use crate::fs;

/// Returns, of several plugins that were not selected by name, those that seem to be something else.
pub(super) fn doubtful(plugins: &[Plugin]) -> Vec<String> {
    let is_doubtful = |plugin: &&Plugin| !plugin.is_named && !exports(&plugin.dir.join("src"));
    plugins.iter().filter(is_doubtful).map(|plugin| plugin.name.clone()).collect()
}

/// Whether a source in the folder exports a plugin.
pub(super) fn exports(dir: &Path) -> bool {
    fs::entries(dir).unwrap_or_default().iter().any(|path| {
        fs::read_text(path).is_ok_and(|text| text.contains("export_plugin!")) || exports(path)
    })
}
