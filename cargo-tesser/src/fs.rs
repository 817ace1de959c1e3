//! The only place that touches files. Every error names its path and what was tried.
//!
//! In: paths and bytes. Out: bytes, or files that are either the old ones or the new ones, complete.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A file operation that failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{}`", .path.display())]
pub struct Error {
    /// What was tried: `read`, `create the directory`, ...
    pub action: &'static str,
    /// On which path.
    pub path: PathBuf,
    /// The operating system's reason.
    #[source]
    pub source: io::Error,
}

impl Error {
    /// What to do about it, where the reason tells.
    pub fn hint(&self) -> Option<String> {
        match self.source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Some("check who owns it and whether you may write there".into())
            }
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => Some(
                "a file lies where a folder is needed; choose another path, or move it away".into(),
            ),
            io::ErrorKind::IsADirectory => Some(
                "a folder lies where the file is to be; choose another path, or move it away"
                    .into(),
            ),
            io::ErrorKind::StorageFull => Some("free some space on that disk".into()),
            _ => None,
        }
    }
}

fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error { action, path, source }
}

/// Reads a whole file.
///
/// # Errors
/// The file cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(at("read", path))
}

/// Reads a whole regular file of at most `limit` bytes; `None` when it is larger or not a file.
///
/// # Errors
/// The file cannot be read.
pub fn read_limited(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, Error> {
    // Asked before opening: opening a FIFO would wait for a writer.
    if !metadata(path)?.is_file() {
        return Ok(None);
    }
    let file = File::open(path).map_err(at("read", path))?;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(at("read", path))?;
    Ok(if bytes.len() as u64 > limit { None } else { Some(bytes) })
}

/// Reads a whole text file.
///
/// # Errors
/// The file cannot be read, or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(at("read", path))
}

/// Opens a regular file for reading it bit by bit.
///
/// # Errors
/// The file cannot be opened, or is not a regular one: a device may never end.
pub fn open(path: &Path) -> Result<File, Error> {
    if !metadata(path)?.is_file() {
        return Err(at("read", path)(io::Error::other("it is not a regular file")));
    }
    File::open(path).map_err(at("read", path))
}

/// What a path is, symbolic links followed.
///
/// # Errors
/// There is nothing, or it may not be looked at.
pub fn metadata(path: &Path) -> Result<Metadata, Error> {
    fs::metadata(path).map_err(at("read", path))
}

/// Whether anything is at a path, be it a symbolic link that leads nowhere.
pub fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// An absolute path without symbolic links.
///
/// # Errors
/// There is nothing at the path.
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

/// An absolute path; nothing needs to be there.
///
/// # Errors
/// The path is empty, or there is no working directory.
pub fn absolute(path: &Path) -> Result<PathBuf, Error> {
    std::path::absolute(path).map_err(at("resolve", path))
}

/// The entries of a directory, sorted by name.
///
/// # Errors
/// The directory cannot be read.
pub fn entries(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut entries = fs::read_dir(path)
        .and_then(|dir| {
            dir.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()
        })
        .map_err(at("list", path))?;
    entries.sort();
    Ok(entries)
}

/// Creates a directory and its parents.
///
/// # Errors
/// It cannot be created.
pub fn create_dir_all(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(at("create the directory", path))
}

/// Removes a directory that is empty; one that is not stays.
pub fn remove_empty_dir(path: &Path) {
    let _ = fs::remove_dir(path);
}

/// Copies a file.
///
/// # Errors
/// It cannot be read, or not be written.
pub fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    fs::copy(from, to).map(drop).map_err(at("write", to))
}

/// Moves a file or directory within a file system.
///
/// # Errors
/// It cannot be moved.
pub fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    fs::rename(from, to).map_err(at("move to", to))
}

/// Creates a new file and writes it.
///
/// # Errors
/// Something is there already, or it cannot be written.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    File::create_new(path).and_then(|mut file| file.write_all(bytes)).map_err(at("write", path))
}

/// A directory beside `path`, on the same file system, removed again unless it is moved away.
///
/// # Errors
/// It cannot be created.
pub fn staging_dir(path: &Path) -> Result<tempfile::TempDir, Error> {
    let parent = parent(path);
    tempfile::Builder::new()
        .prefix(".tesser-")
        .tempdir_in(parent)
        .map_err(at("create a directory in", parent))
}

/// A directory for scratch files, removed at the end.
///
/// # Errors
/// It cannot be created.
pub fn scratch_dir() -> Result<tempfile::TempDir, Error> {
    tempfile::Builder::new()
        .prefix("tesser-")
        .tempdir()
        .map_err(at("create a directory in", &std::env::temp_dir()))
}

/// Holds a lock on a file, created where needed, until the answer is dropped. `wait` is called when
/// another process holds it. Where locks are not to be had, this goes on without one.
pub fn lock(path: &Path, wait: impl FnOnce()) -> Option<File> {
    fs::create_dir_all(parent(path)).ok()?;
    let file = File::options().create(true).truncate(false).write(true).open(path).ok()?;
    if let Err(fs::TryLockError::WouldBlock) = file.try_lock() {
        wait();
        file.lock().ok()?;
    }
    Some(file)
}

/// Removes the staging files and directories that killed runs left in `dir`, once they are `age` old. What
/// cannot be removed stays.
pub fn sweep_staging(dir: &Path, age: Duration) {
    for path in entries(dir).unwrap_or_default() {
        let staging =
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".tesser-"));
        let modified = fs::metadata(&path).and_then(|metadata| metadata.modified());
        let old = modified.is_ok_and(|time| time.elapsed().is_ok_and(|elapsed| elapsed > age));
        if staging && old {
            let _ = fs::remove_dir_all(&path);
            let _ = fs::remove_file(&path);
        }
    }
}

/// The directory that a path lies in.
pub fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

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
    temp.write_all(bytes).map_err(at("write", temp.path()))?;
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
    temp.as_file().sync_all().map_err(at("flush", temp.path()))?;
    temp.persist(&target).map_err(|error| at("replace", &target)(error.error))?;
    sync_dir(dir);
    Ok(Written::Changed)
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

    #[cfg(unix)]
    #[test]
    fn a_fifo_is_not_opened() {
        let dir = dir();
        let path = dir.path().join("pipe.wasm");
        crate::process::Cmd::new("mkfifo").arg(&path).run().unwrap();
        assert!(read_limited(&path, 10).unwrap().is_none());
    }
}
