//! Replaces a file in one step.
//!
//! In: a path and bytes. Out: either the old file or the new one, which then has a later time.

use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::{NamedTempFile, TempPath};

use super::{Error, at, canonical, create_dir_all, parent, read, sweep_staging};

/// Whether `write_atomic` wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The file has new bytes and a later modification time.
    Changed,
    /// The file had these bytes already and was not touched.
    Unchanged,
}

/// Writes a file so that a reader sees either the old file or the new one, never a part.
///
/// The host reloads a plugin when its modification time is strictly greater than the one it saw, so
/// the new file's time is later than the old one's even if the clock stands still or went back. A file that already has
/// these bytes is not touched, so that the host does not reload it.
///
/// # Errors
/// If a step fails; the old file is then intact and the new one is removed.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<Written, Error> {
    match stage(path, bytes)? {
        Some(staged) => staged.replace().map(|()| Written::Changed),
        None => Ok(Written::Unchanged),
    }
}

/// A complete temporary file in the folder of its target; removed when dropped.
#[derive(Debug)]
pub struct Staged {
    target: PathBuf,
    file: NamedTempFile,
}

/// Writes a temporary file in the folder of its target; `None` if the target already has these bytes.
///
/// # Errors
/// If it cannot be written, or the target is a folder.
pub fn stage(path: &Path, bytes: &[u8]) -> Result<Option<Staged>, Error> {
    let (target, old) = target(path)?;
    if old.as_ref().is_some_and(|old| old.len() == bytes.len() as u64) && read(&target)? == bytes {
        return Ok(None);
    }
    let write = |mut file: &File, path: &Path| file.write_all(bytes).map_err(at("write", path));
    staged(target.clone(), old.as_ref(), write).map(Some)
}

/// The same with a file that is written piece by piece.
///
/// # Errors
/// The same, and those of the writer.
pub fn stage_by<E: From<Error>>(
    path: &Path,
    write: impl FnOnce(&File, &Path) -> Result<(), E>,
) -> Result<Staged, E> {
    let (target, old) = target(path)?;
    staged(target, old.as_ref(), write)
}

/// Where a path leads to, and what is there.
fn target(path: &Path) -> Result<(PathBuf, Option<Metadata>), Error> {
    // Written to the target of a link, so that a link stays a link.
    let target = match fs::read_link(path) {
        Ok(link) => canonical(&parent(path).join(link))?,
        Err(_) => path.to_owned(),
    };
    let old = match fs::metadata(&target) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(at("write", &target)(error)),
    };
    if old.as_ref().is_some_and(Metadata::is_dir) {
        return Err(at("write", &target)(io::Error::from(io::ErrorKind::IsADirectory)));
    }
    Ok((target, old))
}

fn staged<E: From<Error>>(
    target: PathBuf,
    old: Option<&Metadata>,
    write: impl FnOnce(&File, &Path) -> Result<(), E>,
) -> Result<Staged, E> {
    let dir = parent(&target);
    create_dir_all(dir)?;
    sweep_staging(dir, STALE);
    let file = temporary(dir)?;
    failpoint("staged", &target);
    write(file.as_file(), file.path())?;
    failpoint("written", &target);
    if let Some(old) = old {
        keep_owner(file.as_file(), old);
        file.as_file()
            .set_permissions(old.permissions())
            .map_err(at("set the permissions of", file.path()))?;
    }
    file.as_file().sync_all().map_err(at("flush", file.path()))?;
    Ok(Staged { target, file })
}

impl Staged {
    /// Renames it to its target.
    fn replace(self) -> Result<(), Error> {
        let Self { target, file } = self;
        // Read again, since another build may have installed its own file in the meantime.
        if let Ok(old) = fs::metadata(&target).and_then(|old| old.modified()) {
            make_later(file.as_file(), old).map_err(at("set the time of", file.path()))?;
        }
        failpoint("dated", &target);
        file.as_file().sync_all().map_err(at("flush", file.path()))?;
        failpoint("flushed", &target);
        file.persist(&target).map_err(|error| at("replace", &target)(error.error))?;
        failpoint("replaced", &target);
        sync_dir(parent(&target));
        Ok(())
    }
}

/// Renames all files to their targets, or none: if one fails, those before it are restored, with the old bytes
/// but a later time.
///
/// # Errors
/// If one cannot be renamed.
pub fn replace_all(staged: Vec<Staged>) -> Result<(), Error> {
    let mut replaced: Vec<(PathBuf, Option<TempPath>)> = Vec::new();
    for one in staged {
        let target = one.target.clone();
        let result = second_name(&target).and_then(|old| {
            one.replace()?;
            Ok(old)
        });
        match result {
            Ok(old) => replaced.push((target, old)),
            Err(error) => {
                for (target, old) in replaced.into_iter().rev() {
                    take_back(&target, old)?;
                }
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Creates a second name for a file, which keeps it when another file replaces it.
fn second_name(target: &Path) -> Result<Option<TempPath>, Error> {
    if !fs::metadata(target).is_ok_and(|metadata| metadata.is_file()) {
        return Ok(None);
    }
    let dir = parent(target);
    let link =
        |path: &Path| fs::hard_link(target, path).or_else(|_| fs::copy(target, path).map(drop));
    let file = tempfile::Builder::new().prefix(PREFIX).suffix(SUFFIX).make_in(dir, link);
    Ok(Some(file.map_err(at("create a file in", dir))?.into_temp_path()))
}

fn take_back(target: &Path, old: Option<TempPath>) -> Result<(), Error> {
    let failed = |error: io::Error| at("restore the old file at", target)(error);
    let Some(old) = old else { return fs::remove_file(target).map_err(failed) };
    let file = File::options().write(true).open(&old).map_err(failed)?;
    if let Ok(new) = fs::metadata(target).and_then(|new| new.modified()) {
        make_later(&file, new).map_err(failed)?;
    }
    old.persist(target).map_err(|error| failed(error.error))
}

/// Ends the process at once if `TESSER_FAILPOINT` is `<step> <end of the path>`, for tests of what such an end leaves behind.
/// Release builds do not contain it.
fn failpoint(step: &str, target: &Path) {
    if cfg!(debug_assertions)
        && let Ok(wanted) = std::env::var("TESSER_FAILPOINT")
        && let Some((at, path)) = wanted.split_once(' ')
        && at == step
        && target.ends_with(path)
    {
        std::process::abort();
    }
}

/// Age at which a staging file must be a leftover of a killed run.
const STALE: Duration = Duration::from_secs(3600);

/// Prefix of the names of staging files.
const PREFIX: &str = ".tesser-";
const SUFFIX: &str = ".tmp";

fn temporary(dir: &Path) -> Result<NamedTempFile, Error> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Subject to the umask, as for any new file; tempfile's own default is a private file.
        builder.permissions(fs::Permissions::from_mode(0o644));
    }
    builder.tempfile_in(dir).map_err(at("create a file in", dir))
}

/// Keeps the group, which may decide whether the host can read the file. If that fails, the file still has the right
/// mode.
#[cfg(unix)]
fn keep_owner(file: &File, old: &Metadata) {
    use std::os::unix::fs::MetadataExt as _;
    let _ = std::os::unix::fs::fchown(file, None, Some(old.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_file: &File, _old: &Metadata) {}

/// Sets a modification time that reads back as later than `old`: now, if the clock and the file system's resolution
/// allow it, otherwise the smallest later step that the file system can store.
fn make_later(file: &File, old: SystemTime) -> io::Result<()> {
    let steps = [Duration::from_millis(1), Duration::from_secs(1), Duration::from_secs(2)];
    let later = steps.iter().filter_map(|step| old.checked_add(*step));
    let candidates = std::iter::once(SystemTime::now()).chain(later);
    for modified in candidates {
        file.set_modified(modified)?;
        if file.metadata()?.modified()? > old {
            return Ok(());
        }
    }
    Err(io::Error::other("the file system does not store a later time"))
}

/// Makes the rename durable. Some network file systems do not support this; the new file is installed anyway.
#[cfg(unix)]
fn sync_dir(dir: &Path) {
    let _ = File::open(dir).and_then(|dir| dir.sync_all());
}

/// Windows has no handle to flush a directory with; the rename is journalled.
#[cfg(not(unix))]
fn sync_dir(_dir: &Path) {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::{entries, scratch_dir};

    fn dir() -> tempfile::TempDir {
        scratch_dir().expect("a scratch directory")
    }

    #[test]
    fn a_changed_file_gets_a_strictly_later_time_even_against_the_clock() {
        let dir = dir();
        let path = dir.path().join("a.wasm");
        write_atomic(&path, b"one").unwrap();
        let future = SystemTime::now() + Duration::from_secs(3600);
        File::options().write(true).open(&path).unwrap().set_modified(future).unwrap();
        assert_eq!(write_atomic(&path, b"two").unwrap(), Written::Changed);
        assert!(fs::metadata(&path).unwrap().modified().unwrap() > future);
        assert_eq!(fs::read(&path).unwrap(), b"two");
    }

    #[test]
    fn an_unchanged_file_is_not_touched() {
        let dir = dir();
        let path = dir.path().join("a.wasm");
        write_atomic(&path, b"one").unwrap();
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        assert_eq!(write_atomic(&path, b"one").unwrap(), Written::Unchanged);
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
    }

    #[test]
    fn nothing_but_the_file_is_left() {
        let dir = dir();
        let path = dir.path().join("deep/er/a.wasm");
        write_atomic(&path, b"one").unwrap();
        write_atomic(&path, b"two").unwrap();
        assert_eq!(entries(&dir.path().join("deep/er")).unwrap(), [path]);
    }

    #[test]
    fn a_directory_is_not_replaced() {
        let dir = dir();
        let path = dir.path().join("a.wasm");
        fs::create_dir(&path).unwrap();
        let error = write_atomic(&path, b"one").unwrap_err();
        assert!(error.to_string().starts_with("cannot write `"), "{error}");
        assert_eq!(entries(dir.path()).unwrap(), [path]);
    }

    #[test]
    fn when_one_file_cannot_be_replaced_all_are_as_they_were_with_a_later_time() {
        let dir = dir();
        let places = ["a", "b", "c", "d"].map(|name| dir.path().join(name));
        fs::write(&places[0], b"old").unwrap();
        fs::write(&places[3], b"old").unwrap();
        let before = fs::metadata(&places[0]).unwrap().modified().unwrap();
        let stage = |path: &PathBuf| stage(path, b"new").unwrap();
        let staged: Vec<_> = places.iter().filter_map(stage).collect();
        // In the way since then.
        fs::create_dir_all(places[2].join("mine")).unwrap();
        let error = replace_all(staged).unwrap_err();
        assert!(error.to_string().starts_with("cannot replace `"), "{error}");
        assert_eq!(fs::read(&places[0]).unwrap(), b"old");
        assert!(fs::metadata(&places[0]).unwrap().modified().unwrap() > before);
        assert_eq!(fs::read(&places[3]).unwrap(), b"old");
        let [a, _, c, d] = &places;
        assert!(entries(dir.path()).unwrap().iter().eq([a, c, d]));

        fs::remove_dir_all(&places[2]).unwrap();
        replace_all(places.iter().filter_map(stage).collect()).unwrap();
        assert!(places.iter().all(|path| fs::read(path).unwrap() == b"new"));
        assert_eq!(entries(dir.path()).unwrap(), places);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_a_mode_stays_a_mode() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = dir();
        let real = dir.path().join("real.wasm");
        let link = dir.path().join("link.wasm");
        write_atomic(&real, b"one").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        write_atomic(&link, b"two").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&real).unwrap(), b"two");
        assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_is_refused_and_stays() {
        let dir = dir();
        let link = dir.path().join("link.wasm");
        std::os::unix::fs::symlink(dir.path().join("gone.wasm"), &link).unwrap();
        let error = write_atomic(&link, b"one").unwrap_err().to_string();
        assert_eq!(error, format!("cannot find `{}`", dir.path().join("gone.wasm").display()));
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(entries(dir.path()).unwrap(), [link]);
    }

    #[test]
    fn what_a_killed_run_left_is_swept_once_it_is_old() {
        let dir = dir();
        let old = dir.path().join(".tesser-old.tmp");
        let new = dir.path().join(".tesser-new.tmp");
        fs::write(&old, b"half").unwrap();
        fs::write(&new, b"half").unwrap();
        let long_ago = SystemTime::now() - Duration::from_secs(7200);
        File::options().write(true).open(&old).unwrap().set_modified(long_ago).unwrap();
        let path = dir.path().join("a.wasm");
        write_atomic(&path, b"one").unwrap();
        assert_eq!(entries(dir.path()).unwrap(), [new, path]);
    }
}
