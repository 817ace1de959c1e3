//! Packages that may not be meant as plugins: a library for another program, say, that is built as a `cdylib`, too, and
//! uses the SDK's types.
//!
//! In: plugins. Out: names of those whose sources export no plugin. It is a guess, good enough for a hint.

use std::path::Path;

use super::plan::select::Plugin;
use crate::fs;

/// Of several plugins that nobody has named, those that seem to be something else.
pub(super) fn doubtful(plugins: &[Plugin]) -> Vec<String> {
    let is_doubtful = |plugin: &&Plugin| !plugin.is_named && !exports(&plugin.dir.join("src"));
    plugins.iter().filter(is_doubtful).map(|plugin| plugin.name.clone()).collect()
}

fn exports(dir: &Path) -> bool {
    fs::entries(dir).unwrap_or_default().iter().any(|path| {
        fs::read_text(path).is_ok_and(|text| text.contains("export_plugin!")) || exports(path)
    })
}
