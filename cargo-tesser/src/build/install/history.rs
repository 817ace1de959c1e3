//! Earlier versions of an installed plugin.
//!
//! In: the path of a plugin. Out: copies of its earlier versions, in a folder beside it, under names that no host loads:
//! they do not end in `.wasm`, and the host does not look into that folder. This module does not decide which version is good.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::build::error::Error;
use crate::digest::sha256;
use crate::fs;

/// The folder of all kept versions, below the folder that plugins are installed into. Its name must not be one that `fs`
/// removes as a leftover.
const FOLDER: &str = ".kept";
/// Extension of a version that was rolled back.
const UNDONE: &str = "undone";
/// Extension of every other version.
const KEPT: &str = "kept";

/// A kept version.
#[derive(Clone, Debug)]
pub struct Version {
    /// Ascending number; the highest is the latest version.
    number: u64,
    /// The first 12 digits of its hash, in hex.
    pub hash: String,
    /// Whether it was rolled back, so that the next rollback skips it.
    pub undone: bool,
    /// Path of the copy.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// When it was installed.
    pub installed: Option<SystemTime>,
}

/// Returns all kept versions of a plugin, the latest first.
pub fn versions(place: &Path) -> Vec<Version> {
    let entries = fs::entries(&folder(place)).unwrap_or_default();
    let mut versions: Vec<_> = entries.into_iter().filter_map(version).collect();
    versions.sort_unstable_by_key(|version| std::cmp::Reverse(version.number));
    versions
}

/// Keeps a copy of the installed file, and removes the oldest copies beyond `most`. Does nothing if no file is installed.
pub(crate) fn keep(place: &Path, most: usize, undone: bool) -> Result<(), Error> {
    if !fs::is_there(place) {
        return Ok(());
    }
    let bytes = fs::read(place)?;
    let hash = short(&bytes);
    let versions = versions(place);
    let newest = versions.first();
    // A build that was killed may already have kept it.
    if newest.is_none_or(|newest| newest.hash != hash || newest.undone != undone) {
        let number = newest.map_or(1, |newest| newest.number + 1);
        let end = if undone { UNDONE } else { KEPT };
        let copy = folder(place).join(format!("{number:06}-{hash}.{end}"));
        fs::write_atomic(&copy, &bytes)?;
        fs::copy_time(place, &copy);
    }
    for old in self::versions(place).iter().skip(most) {
        fs::remove_file(&old.path);
    }
    Ok(())
}

/// Locks the history while versions are kept or restored; other processes wait.
pub(crate) fn lock(place: &Path) -> Option<std::fs::File> {
    fs::lock(&folder(place).join(".lock"), || ())
}

/// Returns the digits of the hash that identify a version.
pub(crate) fn short(bytes: &[u8]) -> String {
    sha256(bytes).chars().take(12).collect()
}

fn version(path: PathBuf) -> Option<Version> {
    let undone = path.extension()? == UNDONE;
    if !undone && path.extension()? != KEPT {
        return None;
    }
    let (number, hash) = path.file_stem()?.to_str()?.split_once('-')?;
    let (number, hash) = (number.parse().ok()?, hash.to_owned());
    let metadata = fs::metadata(&path).ok()?;
    let (size, installed) = (metadata.len(), metadata.modified().ok());
    Some(Version { number, hash, undone, path, size, installed })
}

fn folder(place: &Path) -> PathBuf {
    let name = place.file_stem().unwrap_or_default();
    fs::parent(place).join(FOLDER).join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_outlives_the_sweep_of_what_killed_runs_left() {
        let dir = fs::scratch_dir().unwrap();
        let place = dir.path().join("a.wasm");
        fs::write_atomic(&place, b"one").unwrap();
        keep(&place, 2, false).unwrap();
        fs::sweep_staging(dir.path(), std::time::Duration::ZERO);
        assert_eq!(versions(&place).len(), 1);
    }

    #[test]
    fn as_many_are_kept_as_were_asked_for_and_the_latest_comes_first() {
        let dir = fs::scratch_dir().unwrap();
        let place = dir.path().join("a.wasm");
        for text in ["one", "two", "three", "four"] {
            keep(&place, 2, false).unwrap();
            fs::write_atomic(&place, text.as_bytes()).unwrap();
        }
        let hashes = |place| versions(place).into_iter().map(|version| version.hash);
        assert_eq!(hashes(&place).collect::<Vec<_>>(), [short(b"three"), short(b"two")]);
        // Once more without an install in between, as after a kill.
        keep(&place, 3, false).unwrap();
        keep(&place, 3, false).unwrap();
        let all = [short(b"four"), short(b"three"), short(b"two")];
        assert_eq!(hashes(&place).collect::<Vec<_>>(), all);
    }
}
