//! Collects what the instances of a component write to stdout and stderr, which the host discards.
//!
//! In: text, as it comes. Out: lines.

use std::sync::{Arc, Mutex};

use super::trap::split_panic;
use crate::report::visible;

/// Maximum bytes to keep.
const MOST: usize = 64 << 10;

/// Shared by all instances that write to it.
#[derive(Clone, Debug, Default)]
pub struct Output(Arc<Mutex<String>>);

impl Output {
    /// Adds text, up to a total of 64 KiB.
    pub(super) fn add(&self, text: &str) {
        let Ok(mut kept) = self.0.lock() else { return };
        if kept.len() < MOST {
            kept.push_str(text);
        }
    }

    /// Removes the text of a panic from the end, if there is one, and returns it.
    pub(super) fn take_panic(&self) -> Option<String> {
        let mut kept = self.0.lock().ok()?;
        let (printed, panic) = split_panic(&kept);
        let length = printed.len();
        panic.inspect(|_| kept.truncate(length))
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.lock().is_ok_and(|kept| kept.len() >= MOST)
    }

    /// Returns the lines so far that are not empty, without control characters.
    pub fn lines(&self) -> Vec<String> {
        let kept = self.0.lock().map(|kept| kept.clone()).unwrap_or_default();
        kept.lines().filter(|line| !line.trim().is_empty()).map(visible).collect()
    }
}
