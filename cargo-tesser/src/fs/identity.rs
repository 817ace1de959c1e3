//! The identity of large files, without reading them.

use std::path::Path;

use super::{Error, at, metadata};

/// Returns length and modification time as text, which distinguish two versions of a large file.
///
/// # Errors
/// If the path does not exist, or access is denied.
pub fn identity(path: &Path) -> Result<String, Error> {
    let metadata = metadata(path)?;
    let modified = metadata.modified().map_err(at("read", path))?;
    Ok(format!("{} {modified:?}", metadata.len()))
}

/// Returns the identity of this program: another build of it may produce other results.
pub fn own_identity() -> String {
    std::env::current_exe().ok().and_then(|path| identity(&path).ok()).unwrap_or_default()
}
