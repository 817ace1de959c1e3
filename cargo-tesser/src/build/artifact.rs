//! What a build hands over: plugins in their places.

use std::path::PathBuf;

use super::package::Summary;
use crate::plugin::TestSettings;

/// A plugin in its place.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// Cargo's id of the package.
    pub package_id: String,
    /// Folder of its manifest.
    pub dir: PathBuf,
    /// Name of the library.
    pub name: String,
    /// How it is tested.
    pub test: TestSettings,
    /// SHA-256 of the component's bytes, in hex.
    pub sha256: String,
    /// Number of its bytes.
    pub size: u64,
    /// Number of bytes of the core module that cargo built.
    pub core_size: u64,
    /// Number of bytes of the plugin that lay there before.
    pub previous_size: Option<u64>,
    /// What else is told of it.
    pub summary: Summary,
    /// Where it lies: in the target directory first, then in the folder that was asked for.
    pub places: Vec<InstalledFile>,
}

/// One file of a plugin.
#[derive(Clone, Debug)]
pub struct InstalledFile {
    /// Its path.
    pub path: PathBuf,
    /// Whether the same bytes were there already, so that nothing was written.
    pub fresh: bool,
}
