//! Temporary and staging folders, and leftovers of killed runs.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::{Error, at, entries, parent, remove_all};

/// Creates a temporary folder in `dir`, which is created if necessary. It is removed when dropped.
///
/// # Errors
/// If it cannot be created.
pub fn scratch(dir: &Path) -> Result<tempfile::TempDir, Error> {
    fs::create_dir_all(dir).map_err(at("create the directory", dir))?;
    tempfile::Builder::new()
        .prefix("tesser-")
        .tempdir_in(dir)
        .map_err(at("create a directory in", dir))
}

/// Creates a directory beside `path`, on the same file system. It is removed when dropped, unless it was moved away.
///
/// # Errors
/// If it cannot be created.
pub fn staging_dir(path: &Path) -> Result<tempfile::TempDir, Error> {
    let parent = parent(path);
    tempfile::Builder::new()
        .prefix(".tesser-")
        .tempdir_in(parent)
        .map_err(at("create a directory in", parent))
}

/// Creates a temporary directory, which is removed when dropped.
///
/// # Errors
/// If it cannot be created.
pub fn scratch_dir() -> Result<tempfile::TempDir, Error> {
    tempfile::Builder::new()
        .prefix("tesser-")
        .tempdir()
        .map_err(at("create a directory in", &std::env::temp_dir()))
}

/// Checks that files can be created in a folder, by creating one that is removed at once.
///
/// # Errors
/// If they cannot.
pub fn check_writable(dir: &Path) -> Result<(), Error> {
    tempfile::tempfile_in(dir).map(drop).map_err(at("create a file in", dir))
}

/// Whether a path has the name of a staging file or directory.
pub fn is_staging(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".tesser-"))
}

/// Removes the staging files and directories that killed runs left in `dir`, if they are older than `age`, as far as
/// possible.
pub fn sweep_staging(dir: &Path, age: Duration) {
    for path in entries(dir).unwrap_or_default() {
        let modified = fs::symlink_metadata(&path).and_then(|metadata| metadata.modified());
        let old = modified.is_ok_and(|time| time.elapsed().is_ok_and(|elapsed| elapsed > age));
        if is_staging(&path) && old {
            remove_all(&path);
        }
    }
}
