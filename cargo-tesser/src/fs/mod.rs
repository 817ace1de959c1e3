//! The only place that touches files. Every error names its path and what was tried.
//!
//! In: paths and bytes. Out: bytes, or files that are either the old ones or complete new ones.

mod atomic;
mod contents;
mod identity;
mod input;
mod lock;
mod operations;
mod paths;
mod pattern;
mod temporary;
mod untrusted;
mod watch;

use std::io;
use std::path::{Path, PathBuf};

pub use atomic::{Staged, Written, replace_all, stage, stage_by, write_atomic};
pub use identity::{identity, own_identity};
pub use input::Input;
pub use lock::{lock, lock_shared};
pub use operations::{
    copied, copy, copy_time, create_dir_all, entries, is_executable, is_pipe, link_metadata,
    make_executable, metadata, open, read, read_text, remove_all, remove_empty_dir, remove_file,
    rename, size, stdin, write_new,
};
pub use paths::{
    absolute, canonical, is_current_dir, is_in_a_crate, is_there, parent, resolved, with_slashes,
    without_parents,
};
pub use pattern::{is_pattern, matching};
pub use temporary::{check_writable, is_staging, scratch, scratch_dir, staging_dir, sweep_staging};
pub use untrusted::{Unread, read_limited, read_untrusted};
pub use watch::{Scope, Watcher};

/// A file operation that failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{}`", .path.display())]
pub struct Error {
    /// What was tried: `read`, `create the directory`, ...
    pub action: &'static str,
    /// The path.
    pub path: PathBuf,
    /// The error of the operating system.
    #[source]
    pub source: io::Error,
}

impl Error {
    /// Returns what to do about it, if the cause shows it.
    pub fn hint(&self) -> Option<String> {
        match self.source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Some("check its owner and whether you may write there".into())
            }
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => Some(
                "a file is where a folder is needed; choose another path, or move the file away".into(),
            ),
            io::ErrorKind::IsADirectory => Some(
                "a folder is where the file is needed; choose another path, or move the folder away"
                    .into(),
            ),
            io::ErrorKind::StorageFull => Some("free some space on that disk".into()),
            _ => None,
        }
    }
}

/// Adds the operation and the path to an error.
fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error { action, path, source }
}
