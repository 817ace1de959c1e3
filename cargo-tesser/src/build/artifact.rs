//! The result of a build: installed plugins.

use std::path::PathBuf;

use super::package::Summary;
use crate::plugin::TestSettings;

/// An installed plugin.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// Cargo's id of the package.
    pub package_id: String,
    /// Folder of its manifest.
    pub dir: PathBuf,
    /// Name of the library.
    pub name: String,
    /// Settings for `cargo tesser test`.
    pub test: TestSettings,
    /// SHA-256 of the component's bytes, in hex.
    pub sha256: String,
    /// Size of the component in bytes.
    pub size: u64,
    /// Size of the core module that cargo built, in bytes.
    pub core_size: u64,
    /// Size of the previously installed plugin, in bytes.
    pub previous_size: Option<u64>,
    /// Further facts for the report.
    pub summary: Summary,
    /// Where it is installed: first the target directory, then `--out-dir`.
    pub places: Vec<InstalledFile>,
}

/// One installed file of a plugin.
#[derive(Clone, Debug)]
pub struct InstalledFile {
    /// Its path.
    pub path: PathBuf,
    /// Whether the same bytes were there already, so that nothing was written.
    pub fresh: bool,
}
