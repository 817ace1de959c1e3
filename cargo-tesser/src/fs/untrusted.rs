//! Reads untrusted files.
//!
//! In: a path and a limit. Out: all bytes of a regular file, read once from one handle, or what is there instead. Reading never
//! blocks and never exceeds the limit.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// Something is there, but not a regular file.
    #[error("this is {0}, not a file")]
    NotAFile(&'static str),
    /// The file is larger than the limit.
    #[error("the file has more than {} MiB", .limit >> 20)]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// A symbolic link whose target does not exist.
    #[error("this is a symbolic link to `{}`, which does not exist", .target.display())]
    Dangling {
        /// Its target.
        target: PathBuf,
    },
    /// Symbolic links in a circle.
    #[error("this is a symbolic link that leads back to itself")]
    Loop,
    /// The file does not exist.
    #[error("there is no such file")]
    Missing,
    /// The operating system denies access.
    #[error("the current user may not read it")]
    Denied,
    /// The operating system has another reason.
    #[error(transparent)]
    Io(io::Error),
}

impl Unread {
    /// Whether it certainly is not a plugin for any host; otherwise nothing is known about it.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::NotAFile(_) | Self::TooLarge { .. })
    }

    /// Returns what to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotAFile(FOLDER) => {
                "run `cargo tesser validate` on the folder to check the `.wasm` files in it"
            }
            Self::NotAFile(PIPE) => "give `-` and redirect the pipe to stdin",
            Self::NotAFile(_) => "give the path of a plugin that `cargo tesser build` wrote",
            Self::TooLarge { .. } => {
                "a plugin has a few hundred KB; check whether this is a plugin, and whether it was built with `--release`"
            }
            Self::Dangling { .. } | Self::Loop => {
                "replace the link with the file itself, or fix the link"
            }
            Self::Missing => {
                "check the path; `cargo tesser build` writes plugins to `target/tesser/<profile>/`"
            }
            Self::Denied => {
                "change the permissions of the file and its folders, or run this command as its owner"
            }
            Self::Io(_) => "check the disk or the network, and try again",
        }
    }

    fn of(path: &Path, error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => match fs::read_link(path) {
                Ok(target) => Self::Dangling { target },
                Err(_) => Self::Missing,
            },
            io::ErrorKind::PermissionDenied => Self::Denied,
            // stdin can be one.
            io::ErrorKind::IsADirectory => Self::NotAFile(FOLDER),
            _ if is_loop(&error) => Self::Loop,
            _ => Self::Io(error),
        }
    }
}

const FOLDER: &str = "a folder";
const PIPE: &str = "a named pipe";

/// Reads a regular file of at most `limit` bytes.
///
/// # Errors
/// If it is not a regular file, is larger, or cannot be read.
pub fn read_untrusted(path: &Path, limit: u64) -> Result<Vec<u8>, Unread> {
    let failed = |error| Unread::of(path, error);
    // Checked before opening, since opening a device can have side effects, and again with the handle, since the path
    // may lead elsewhere by then.
    must_be_file(&fs::metadata(path).map_err(failed)?)?;
    let file = open_at_once(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    must_be_file(&metadata)?;
    if metadata.len() > limit {
        return Err(Unread::TooLarge { limit });
    }
    read_at_most(file, limit, metadata.len())
}

/// Reads a stream of at most `limit` bytes.
///
/// # Errors
/// If there are more, or it cannot be read.
pub fn read_limited(stream: impl Read, limit: u64) -> Result<Vec<u8>, Unread> {
    read_at_most(stream, limit, 0)
}

/// `expected` only avoids growing the buffer; it need not be right.
fn read_at_most(stream: impl Read, limit: u64, expected: u64) -> Result<Vec<u8>, Unread> {
    // Room for one more byte, so that the end of the file is noticed without growing the buffer.
    let mut bytes = Vec::with_capacity(usize::try_from(expected.min(limit) + 1).unwrap_or(0));
    stream
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Unread::of(Path::new(""), error))?;
    if bytes.len() as u64 > limit { Err(Unread::TooLarge { limit }) } else { Ok(bytes) }
}

fn must_be_file(metadata: &Metadata) -> Result<(), Unread> {
    match what(metadata) {
        Some(what) => Err(Unread::NotAFile(what)),
        None => Ok(()),
    }
}

/// Describes anything that is not a regular file.
fn what(metadata: &Metadata) -> Option<&'static str> {
    if metadata.is_file() {
        return None;
    }
    if metadata.is_dir() {
        return Some(FOLDER);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return Some(PIPE);
        } else if kind.is_socket() {
            return Some("a socket");
        } else if kind.is_char_device() || kind.is_block_device() {
            return Some("a device");
        }
    }
    Some("something else")
}

/// Opens without blocking: a pipe would wait for its writer, and a terminal could become our controlling terminal.
#[cfg(unix)]
fn open_at_once(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    File::options().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
}

#[cfg(not(unix))]
fn open_at_once(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(unix)]
fn is_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ELOOP)
}

#[cfg(not(unix))]
fn is_loop(_error: &io::Error) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::fs::scratch_dir;
    use crate::process::Cmd;

    fn says(path: &Path) -> String {
        read_untrusted(path, 1 << 20).expect_err("it is no file").to_string()
    }

    #[test]
    fn what_is_not_a_file_is_named_and_not_opened() {
        let dir = scratch_dir().unwrap();
        assert_eq!(says(dir.path()), "this is a folder, not a file");
        let pipe = dir.path().join("pipe");
        Cmd::new("mkfifo").arg(&pipe).run().unwrap();
        assert_eq!(says(&pipe), "this is a named pipe, not a file");
        let socket = dir.path().join("socket");
        let _bound = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert_eq!(says(&socket), "this is a socket, not a file");
        assert_eq!(says(Path::new("/dev/zero")), "this is a device, not a file");
    }

    #[test]
    fn opening_a_pipe_that_took_the_place_of_a_file_does_not_wait() {
        let dir = scratch_dir().unwrap();
        let pipe = dir.path().join("pipe");
        Cmd::new("mkfifo").arg(&pipe).run().unwrap();
        let opened = open_at_once(&pipe).unwrap();
        assert_eq!(what(&opened.metadata().unwrap()), Some(PIPE));
    }

    #[test]
    fn links_that_lead_nowhere_say_where() {
        use std::os::unix::fs::symlink;
        let dir = scratch_dir().unwrap();
        let (dangling, circle) = (dir.path().join("dangling"), dir.path().join("circle"));
        symlink("gone.wasm", &dangling).unwrap();
        symlink("circle", &circle).unwrap();
        assert_eq!(says(&dangling), "this is a symbolic link to `gone.wasm`, which does not exist");
        assert_eq!(says(&circle), "this is a symbolic link that leads back to itself");
        assert_eq!(says(&dir.path().join("gone.wasm")), "there is no such file");
        let denied = Unread::of(&circle, io::ErrorKind::PermissionDenied.into());
        assert_eq!(denied.to_string(), "the current user may not read it");
    }

    #[test]
    fn a_file_that_claims_a_terabyte_is_not_read() {
        let dir = scratch_dir().unwrap();
        let sparse = dir.path().join("sparse");
        File::create(&sparse).unwrap().set_len(1 << 40).unwrap();
        assert_eq!(says(&sparse), "the file has more than 1 MiB");
    }

    #[test]
    fn the_limit_itself_is_read_and_one_byte_more_is_not() {
        assert_eq!(read_limited(&[7; 10][..], 10).unwrap(), [7; 10]);
        assert!(matches!(read_limited(&[7; 11][..], 10), Err(Unread::TooLarge { limit: 10 })));
        // Nobody knows how long this is, and it never ends.
        assert!(matches!(read_limited(io::repeat(0), 10), Err(Unread::TooLarge { .. })));
    }

    /// `/proc` calls its files empty, whatever comes out of them, as a file that grows is smaller than it will be.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_limit_holds_whatever_size_a_file_claims() {
        let path = Path::new("/proc/self/maps");
        assert_eq!(fs::metadata(path).unwrap().len(), 0);
        assert!(matches!(read_untrusted(path, 100), Err(Unread::TooLarge { limit: 100 })));
        assert!(matches!(read_untrusted(Path::new("/proc/self/mem"), 100), Err(Unread::Io(_))));
    }

    #[test]
    fn the_bytes_are_those_of_the_file_that_was_opened() {
        let dir = scratch_dir().unwrap();
        let (path, other) = (dir.path().join("a"), dir.path().join("b"));
        fs::write(&path, "old").unwrap();
        fs::write(&other, "new and longer").unwrap();
        let file = open_at_once(&path).unwrap();
        fs::rename(&other, &path).unwrap();
        assert_eq!(read_limited(file, 100).unwrap(), b"old");
    }
}
