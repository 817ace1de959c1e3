//! Forms of paths: absolute, resolved, with slashes.
//!
//! In: a path. Out: another form of it, or a fact about it. Nothing is written.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::{Error, at};

/// Returns a path with `/` on all systems. Cargo and others accept that everywhere, and a file that contains it works on
/// every system.
pub fn with_slashes(path: &str) -> String {
    if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() }
}

/// Whether a path exists, even as a dangling symbolic link.
pub fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Returns an absolute path without symbolic links and `..`; its last parts need not exist.
///
/// # Errors
/// If the path is empty, there is no working directory, or access to one of its folders is denied.
pub fn resolved(path: &Path) -> Result<PathBuf, Error> {
    let mut resolved = PathBuf::new();
    for part in absolute(path)?.components() {
        match part {
            Component::ParentDir => {
                resolved.pop();
            }
            part => resolved.push(part),
        }
        // At each step, since `..` behind a link leads elsewhere than it looks.
        match fs::symlink_metadata(&resolved) {
            Ok(metadata) if metadata.is_symlink() => resolved = canonical(&resolved)?,
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Err(at("find", &resolved)(error));
            }
            _ => {}
        }
    }
    Ok(resolved)
}

/// Returns an absolute path without symbolic links.
///
/// # Errors
/// If the path does not exist.
pub fn canonical(path: &Path) -> Result<PathBuf, Error> {
    let canonical = fs::canonicalize(path).map_err(at("find", path))?;
    // The verbatim form of Windows is right, but cargo and people cannot use it in a manifest.
    #[cfg(windows)]
    if let Some(plain) = canonical.to_str().and_then(|path| path.strip_prefix(r"\\?\"))
        && !plain.starts_with("UNC")
    {
        return Ok(PathBuf::from(plain));
    }
    Ok(canonical)
}

/// Returns an absolute path, which need not exist.
///
/// # Errors
/// If the path is empty, or there is no working directory.
pub fn absolute(path: &Path) -> Result<PathBuf, Error> {
    std::path::absolute(path).map_err(at("resolve", path))
}

/// Returns an absolute path without `..` that keeps other symbolic links, as cargo names its target directory. It need not
/// exist.
///
/// # Errors
/// The same as [`absolute`].
pub fn without_parents(path: &Path) -> Result<PathBuf, Error> {
    // Without a slash at the end.
    let path: PathBuf = absolute(path)?.components().collect();
    if !path.components().any(|component| component == Component::ParentDir) {
        return Ok(path);
    }
    let there = path.ancestors().find_map(|dir| Some((dir, canonical(dir).ok()?)));
    let resolved = there.and_then(|(dir, real)| Some(real.join(path.strip_prefix(dir).ok()?)));
    Ok(resolved.unwrap_or(path).components().collect())
}

/// Whether a path is the working directory.
pub fn is_current_dir(path: &Path) -> bool {
    let here = std::env::current_dir().and_then(fs::canonicalize);
    here.is_ok_and(|here| fs::canonicalize(path).is_ok_and(|path| path == here))
}

/// Whether the working directory, or a folder above it, has a `Cargo.toml`.
pub fn is_in_a_crate() -> bool {
    let here = std::env::current_dir();
    here.is_ok_and(|here| here.ancestors().any(|dir| is_there(&dir.join("Cargo.toml"))))
}

/// Returns the directory that contains a path.
pub fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}
