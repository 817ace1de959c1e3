//! The files to validate.
//!
//! In: the user's paths. Out: one input for each file, in order, with folders expanded.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::Error;
use crate::fs::{self, Input};

/// Returns the files that the paths stand for, each once: a folder stands for its `.wasm` files, sorted, without those in
/// subfolders.
///
/// # Errors
/// If a folder has nothing to validate, or cannot be read.
pub fn inputs(paths: &[PathBuf]) -> Result<Vec<Input>, Error> {
    let mut found = Vec::new();
    for path in paths {
        // A missing file fails when it is read, with its own name.
        let is_dir = fs::metadata(path).is_ok_and(|metadata| metadata.is_dir());
        if path == Path::new("-") || !is_dir {
            found.push(path.clone());
            continue;
        }
        let before = found.len();
        found.extend(
            fs::entries(path)?
                .into_iter()
                .filter(|entry| entry.extension().is_some_and(|extension| extension == "wasm")),
        );
        if found.len() == before {
            return Err(Error::EmptyDirectory { path: path.clone() });
        }
    }
    let mut seen = HashSet::new();
    found.retain(|path| seen.insert(path.clone()));
    Ok(found.into_iter().map(|path| Input { path }).collect())
}
