//! Cache of tape hashes, since the runs of a sweep read the same tapes. In: paths. Out: hashes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::fs;

/// By path, and by what tells a changed file.
#[derive(Default)]
pub(super) struct TapeHashes(Mutex<HashMap<(PathBuf, String), String>>);

impl TapeHashes {
    fn map(&self) -> MutexGuard<'_, HashMap<(PathBuf, String), String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the hash of a tape that an earlier run has read to its end.
    pub(super) fn known(&self, path: &Path) -> Option<String> {
        self.map().get(&key(path)).cloned()
    }

    /// Keeps a hash for the next run.
    pub(super) fn add(&self, path: &Path, sha256: &str) {
        self.map().insert(key(path), sha256.to_owned());
    }
}

fn key(path: &Path) -> (PathBuf, String) {
    (path.to_owned(), fs::identity(path).unwrap_or_default())
}
