//! The contents of files when they were last checked, to distinguish a change from a write of the same bytes.
//!
//! In: paths. Out: whether the contents are different now.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::entries;

/// Larger files are compared by length and time: sources are smaller.
const LARGE: u64 = 1 << 20;

/// Contents by path.
#[derive(Debug, Default)]
pub(super) struct Contents {
    seen: HashMap<PathBuf, String>,
}

impl Contents {
    /// Checks a file, or all files of a folder that are `is_wanted`; returns whether one is new, removed or has other contents.
    pub(super) fn differ(&mut self, path: &Path, is_wanted: &dyn Fn(&Path) -> bool) -> bool {
        let Ok(metadata) = fs::metadata(path) else {
            // If a folder is removed, so are its files.
            let before = self.seen.len();
            self.seen.retain(|seen, _| !seen.starts_with(path));
            return self.seen.len() != before;
        };
        if !metadata.is_dir() {
            let now = of_file(path, &metadata);
            return self.seen.insert(path.to_owned(), now.clone()) != Some(now);
        }
        // A link may lead back up.
        if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
            return false;
        }
        let mut differ = false;
        for entry in entries(path).unwrap_or_default() {
            differ |= is_wanted(&entry) && self.differ(&entry, is_wanted);
        }
        differ
    }
}

fn of_file(path: &Path, metadata: &Metadata) -> String {
    let is_small = metadata.is_file() && metadata.len() <= LARGE;
    match is_small.then(|| fs::read(path)) {
        Some(Ok(bytes)) => format!("{:x?}", Sha256::digest(bytes)),
        _ => format!("{} {:?}", metadata.len(), metadata.modified().ok()),
    }
}
