//! The only place that touches files. Every error names its path and what was tried.
//!
//! In: paths and bytes. Out: bytes, or files that are either the old ones or the new ones, complete.

mod atomic;
mod contents;
mod input;
mod untrusted;
mod watch;

use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

pub use atomic::{Staged, Written, replace_all, stage, write_atomic};
pub use input::Input;
pub use untrusted::{Unread, read_limited, read_untrusted};
pub use watch::{Scope, Watcher};

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

/// A new folder in another, which is made if need be; it goes away with the value.
///
/// # Errors
/// It cannot be created.
pub fn scratch(dir: &Path) -> Result<tempfile::TempDir, Error> {
    fs::create_dir_all(dir).map_err(at("create the directory", dir))?;
    tempfile::Builder::new()
        .prefix("tesser-")
        .tempdir_in(dir)
        .map_err(at("create a directory in", dir))
}

/// Reads a whole text file.
///
/// # Errors
/// The file cannot be read, or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(at("read", path))
}

/// Opens a file for reading it bit by bit; of a pipe, this waits for the program that writes to it.
///
/// # Errors
/// The file cannot be opened, or is neither a regular one nor a pipe: a device may never end.
pub fn open(path: &Path) -> Result<File, Error> {
    if !metadata(path)?.is_file() && !is_pipe(path) {
        return Err(at("read", path)(io::Error::other("it is not a regular file")));
    }
    File::open(path).map_err(at("read", path))
}

/// Whether a path is a pipe, which can be read only once and from its start.
pub fn is_pipe(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo())
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// stdin as a file, to read it bit by bit.
///
/// # Errors
/// It is closed.
pub fn stdin() -> Result<File, Error> {
    #[cfg(unix)]
    let handle = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned();
    #[cfg(windows)]
    let handle = std::os::windows::io::AsHandle::as_handle(&io::stdin()).try_clone_to_owned();
    handle.map(File::from).map_err(at("read", Path::new("-")))
}

/// The bytes in a file that has no name and goes away with the handle.
///
/// # Errors
/// They cannot be read, or there is no room for them.
pub fn copied(bytes: &mut impl io::Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(bytes, &mut file)?;
    io::Seek::rewind(&mut file)?;
    Ok(file)
}

/// What a path is, symbolic links followed.
///
/// # Errors
/// There is nothing, or it may not be looked at.
pub fn metadata(path: &Path) -> Result<Metadata, Error> {
    fs::metadata(path).map_err(at("read", path))
}

/// A path with `/` on all systems. Cargo and others accept that everywhere, and a file with it works on every system.
pub fn with_slashes(path: &str) -> String {
    if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() }
}

/// Whether anything is at a path, be it a symbolic link that leads nowhere.
pub fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// What a path is; a symbolic link is one.
///
/// # Errors
/// There is nothing, or it may not be looked at.
pub fn link_metadata(path: &Path) -> Result<Metadata, Error> {
    fs::symlink_metadata(path).map_err(at("read", path))
}

/// An absolute path without symbolic links and `..`; its last parts need not be there.
///
/// # Errors
/// The path is empty, there is no working directory, or one of its folders may not be looked at.
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

/// An absolute path without `..`, with its symbolic links otherwise: as cargo names its target directory. Nothing needs
/// to be there.
///
/// # Errors
/// As for [`absolute`].
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

/// Removes a file, or a directory with all that is in it; what cannot be removed stays.
pub fn remove_all(path: &Path) {
    let _ = fs::remove_dir_all(path);
    let _ = fs::remove_file(path);
}

/// Copies a file.
///
/// # Errors
/// It cannot be read, or not be written.
pub fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    fs::copy(from, to).map(drop).map_err(at("write", to))
}

/// Gives a file the modification time of another; where that cannot be, it keeps its own.
pub fn copy_time(from: &Path, to: &Path) {
    if let Ok(modified) = fs::metadata(from).and_then(|metadata| metadata.modified())
        && let Ok(file) = File::options().write(true).open(to)
    {
        let _ = file.set_modified(modified);
    }
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

/// Lets everybody who may read a file run it, where files can be run.
///
/// # Errors
/// Its mode cannot be changed.
pub fn make_executable(path: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = metadata(path)?.permissions().mode();
        let permissions = fs::Permissions::from_mode(mode | ((mode & 0o444) >> 2));
        fs::set_permissions(path, permissions).map_err(at("set the permissions of", path))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Whether a file can be run.
pub fn is_executable(metadata: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        metadata.permissions().mode() & 0o100 != 0
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        false
    }
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

/// Shares a lock on a file that others lock to write beside it, until the answer is dropped. Where locks are
/// not to be had, this goes on without one.
pub fn lock_shared(path: &Path) -> Option<File> {
    let file = File::open(path).ok()?;
    file.lock_shared().ok()?;
    Some(file)
}

/// Length and modification time, as text: what tells two versions of a large file apart.
///
/// # Errors
/// There is nothing, or it may not be looked at.
pub fn identity(path: &Path) -> Result<String, Error> {
    let metadata = metadata(path)?;
    let modified = metadata.modified().map_err(at("read", path))?;
    Ok(format!("{} {modified:?}", metadata.len()))
}

/// The identity of this program: another build of it may make other things.
pub fn own_identity() -> String {
    std::env::current_exe().ok().and_then(|path| identity(&path).ok()).unwrap_or_default()
}

/// Removes a file; one that cannot be removed stays.
pub fn remove_file(path: &Path) {
    let _ = fs::remove_file(path);
}

/// Whether a path has the name of a staging file or directory.
pub fn is_staging(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".tesser-"))
}

/// Removes the staging files and directories that killed runs left in `dir`, once they are `age` old. What
/// cannot be removed stays.
pub fn sweep_staging(dir: &Path, age: Duration) {
    for path in entries(dir).unwrap_or_default() {
        let modified = fs::symlink_metadata(&path).and_then(|metadata| metadata.modified());
        let old = modified.is_ok_and(|time| time.elapsed().is_ok_and(|elapsed| elapsed > age));
        if is_staging(&path) && old {
            remove_all(&path);
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
