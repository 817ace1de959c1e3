//! Single operations on files and directories, with errors that name the path.

use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{Error, at};

/// Reads a whole file.
///
/// # Errors
/// If the file cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(at("read", path))
}

/// Reads a whole text file.
///
/// # Errors
/// If the file cannot be read, or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(at("read", path))
}

/// Opens a file for reading it piece by piece; opening a pipe waits for the program that writes to it.
///
/// # Errors
/// If the file cannot be opened, or is neither a regular file nor a pipe: a device may never end.
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

/// Returns stdin as a file, for reading it piece by piece.
///
/// # Errors
/// If it is closed.
pub fn stdin() -> Result<File, Error> {
    #[cfg(unix)]
    let handle = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned();
    #[cfg(windows)]
    let handle = std::os::windows::io::AsHandle::as_handle(&io::stdin()).try_clone_to_owned();
    handle.map(File::from).map_err(at("read", Path::new("-")))
}

/// Copies bytes into an unnamed temporary file, which is removed when dropped.
///
/// # Errors
/// If they cannot be read, or there is no space for them.
pub fn copied(bytes: &mut impl io::Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(bytes, &mut file)?;
    io::Seek::rewind(&mut file)?;
    Ok(file)
}

/// Returns the metadata of a path; follows symbolic links.
///
/// # Errors
/// If it does not exist, or access is denied.
pub fn metadata(path: &Path) -> Result<Metadata, Error> {
    fs::metadata(path).map_err(at("read", path))
}

/// Returns the metadata of a path; does not follow a symbolic link.
///
/// # Errors
/// If it does not exist, or access is denied.
pub fn link_metadata(path: &Path) -> Result<Metadata, Error> {
    fs::symlink_metadata(path).map_err(at("read", path))
}

/// Returns the entries of a directory, sorted by name.
///
/// # Errors
/// If the directory cannot be read.
pub fn entries(path: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut entries = fs::read_dir(path)
        .and_then(|dir| {
            dir.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()
        })
        .map_err(at("list", path))?;
    entries.sort();
    Ok(entries)
}

/// Returns the bytes of all files in a directory, as far as they can be listed.
pub fn size(dir: &Path) -> u64 {
    let entries = entries(dir).unwrap_or_default();
    let sizes = entries.iter().map(|path| match link_metadata(path) {
        Ok(metadata) if metadata.is_dir() => size(path),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    });
    sizes.sum()
}

/// Creates a directory and its parents.
///
/// # Errors
/// If it cannot be created.
pub fn create_dir_all(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(at("create the directory", path))
}

/// Removes a directory if it is empty.
pub fn remove_empty_dir(path: &Path) {
    let _ = fs::remove_dir(path);
}

/// Removes a file, or a directory with its contents, as far as possible.
pub fn remove_all(path: &Path) {
    let _ = fs::remove_dir_all(path);
    let _ = fs::remove_file(path);
}

/// Copies a file.
///
/// # Errors
/// If it cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    fs::copy(from, to).map(drop).map_err(at("write", to))
}

/// Sets the modification time of a file to that of another one, if possible.
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
/// If it cannot be moved.
pub fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    fs::rename(from, to).map_err(at("move to", to))
}

/// Creates a new file and writes it.
///
/// # Errors
/// If the file exists, or cannot be written.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    File::create_new(path).and_then(|mut file| file.write_all(bytes)).map_err(at("write", path))
}

/// Makes a file executable for everybody who may read it, on systems that have this permission.
///
/// # Errors
/// If its mode cannot be changed.
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

/// Whether a file is executable.
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

/// Removes a file, if possible.
pub fn remove_file(path: &Path) {
    let _ = fs::remove_file(path);
}
