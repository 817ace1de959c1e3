//! A file that a user names, or stdin.

use std::path::{Path, PathBuf};

use super::{Unread, read_limited, read_untrusted};

/// A file, or stdin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The path for display; `-` is stdin.
    pub path: PathBuf,
}

impl Input {
    /// Reads the bytes once, at most `limit`.
    ///
    /// # Errors
    /// If it is not a regular file, is larger, or cannot be read.
    pub fn read(&self, limit: u64) -> Result<Vec<u8>, Unread> {
        if self.path == Path::new("-") {
            read_limited(std::io::stdin().lock(), limit)
        } else {
            read_untrusted(&self.path, limit)
        }
    }
}
