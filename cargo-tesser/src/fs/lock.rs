//! File locks between processes.

use std::fs::{self, File};
use std::path::Path;

use super::parent;

/// Locks a file, which is created if necessary, until the returned file is dropped. Calls `wait` first if another process
/// holds the lock. Returns `None` if locks are not supported.
pub fn lock(path: &Path, wait: impl FnOnce()) -> Option<File> {
    fs::create_dir_all(parent(path)).ok()?;
    let file = File::options().create(true).truncate(false).write(true).open(path).ok()?;
    if let Err(fs::TryLockError::WouldBlock) = file.try_lock() {
        wait();
        file.lock().ok()?;
    }
    Some(file)
}

/// Takes a shared lock on a file that others lock for writing beside it, until the returned file is dropped. Returns `None` if
/// locks are not supported.
pub fn lock_shared(path: &Path) -> Option<File> {
    let file = File::open(path).ok()?;
    file.lock_shared().ok()?;
    Some(file)
}
