//! Replaces a file in one step. In: a path and bytes. Out: a file that is the old one or the new one, with a
//! later time when it is the new one.

use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::{Error, at, canonical, create_dir_all, parent, read, sweep_staging};

/// Whether `write_atomic` wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The file has new bytes and a later modification time.
    Changed,
    /// The file had these bytes already and was not touched.
    Unchanged,
}

/// Puts bytes at a path so that a reader sees the old file or the new one, never a part.
///
/// The host reloads a plugin when its modification time is strictly greater than the one it saw, so
/// the new file's time is later than the old one's even when the clock stands still or went back.
/// A file that has these bytes already is left alone, so that nothing is reloaded.
///
/// # Errors
/// A step failed; the old file is then intact and the new one is gone.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<Written, Error> {
    // Written where a link points to, so that a link stays a link.
    let target = match fs::read_link(path) {
        Ok(link) => canonical(&parent(path).join(link))?,
        Err(_) => path.to_owned(),
    };
    let old = match fs::metadata(&target) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(at("write", &target)(error)),
    };
    if let Some(old) = &old {
        if old.is_dir() {
            return Err(at("write", &target)(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        if old.len() == bytes.len() as u64 && read(&target)? == bytes {
            return Ok(Written::Unchanged);
        }
    }
    let dir = parent(&target);
    create_dir_all(dir)?;
    sweep_staging(dir, STALE);
    let mut temp = temporary(dir)?;
    failpoint("staged", &target);
    temp.write_all(bytes).map_err(at("write", temp.path()))?;
    failpoint("written", &target);
    if let Some(old) = &old {
        keep_owner(temp.as_file(), old);
        temp.as_file()
            .set_permissions(old.permissions())
            .map_err(at("set the permissions of", temp.path()))?;
    }
    // Asked again, since another build may have installed its own file in the meantime.
    if let Ok(old) = fs::metadata(&target).and_then(|old| old.modified()) {
        make_later(temp.as_file(), old).map_err(at("set the time of", temp.path()))?;
    }
    failpoint("dated", &target);
    temp.as_file().sync_all().map_err(at("flush", temp.path()))?;
    failpoint("flushed", &target);
    temp.persist(&target).map_err(|error| at("replace", &target)(error.error))?;
    failpoint("replaced", &target);
    sync_dir(dir);
    Ok(Written::Changed)
}

/// Ends the process at once where `TESSER_FAILPOINT` says `<step> <end of the path>`: for tests of what such an end
/// leaves behind. A release build does not have it.
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

/// How old a staging file must be to have been left behind by a run that was killed.
const STALE: Duration = Duration::from_secs(3600);

fn temporary(dir: &Path) -> Result<tempfile::NamedTempFile, Error> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tesser-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Subject to the umask, as for any new file; tempfile's own default is private.
        builder.permissions(fs::Permissions::from_mode(0o644));
    }
    builder.tempfile_in(dir).map_err(at("create a file in", dir))
}

/// The group decides whether the host may read a file that is private to it. Where it cannot be kept,
/// the file still has the right mode.
#[cfg(unix)]
fn keep_owner(file: &File, old: &Metadata) {
    use std::os::unix::fs::MetadataExt as _;
    let _ = std::os::unix::fs::fchown(file, None, Some(old.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_file: &File, _old: &Metadata) {}

/// Sets a modification time that reads back as later than `old`: now, where the clock and the file
/// system's resolution allow it, else the smallest step that the file system can store.
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

/// Makes the rename itself durable. Some network file systems cannot; the new file is there all the same.
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
        assert!(write_atomic(&link, b"one").is_err());
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
