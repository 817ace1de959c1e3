//! Interrupts: ends the work between two steps, and running children at once.
//!
//! In: a signal to this process, or the end of a child by one. Out: an error for the next step.

use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::Error;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Whether this process itself has received a signal. The end of a child may show the same signal earlier.
static ASKED: AtomicBool = AtomicBool::new(false);

/// Whether a question is being asked: then no work is in progress, and nothing would interrupt the read.
static ASKING: AtomicBool = AtomicBool::new(false);

/// Children that may run for a long time.
static RUNNING: Mutex<Vec<Child>> = Mutex::new(Vec::new());

/// A child that may run for a long time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Child {
    pub(super) id: u32,
    /// Whether it leads a process group, with its own children in it.
    pub(super) leads: bool,
}

/// Records that the user wants to stop, so that the work ends between two steps and cleans up; running children are
/// terminated, a `cargo build` with all its children.
pub fn interrupt() {
    let again = ASKED.swap(true, Ordering::SeqCst);
    INTERRUPTED.store(true, Ordering::SeqCst);
    for child in RUNNING.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        child.end();
    }
    if again || ASKING.load(Ordering::SeqCst) {
        // A user who interrupts twice does not want to wait for the current step.
        leave();
    }
}

/// Reads an answer; an interrupt during that ends the process at once.
pub fn while_asking<T>(read: impl FnOnce() -> T) -> T {
    ASKING.store(true, Ordering::SeqCst);
    if is_interrupted() {
        // The interrupt came before the question.
        leave();
    }
    let answer = read();
    ASKING.store(false, Ordering::SeqCst);
    answer
}

/// Ends the process at once; only for when there is nothing to clean up.
pub fn leave() {
    std::process::exit(i32::from(crate::exit::INTERRUPTED));
}

/// Whether the user wants to stop.
pub fn is_interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Returns an error if the user wants to stop; called between two steps.
///
/// # Errors
/// [`Error::Interrupted`], if so.
pub fn check_interrupted() -> Result<(), Error> {
    if is_interrupted() { Err(Error::Interrupted) } else { Ok(()) }
}

impl Child {
    #[cfg(unix)]
    fn end(self) {
        use rustix::process::{Pid, Signal, kill_process, kill_process_group};
        let Some(pid) = i32::try_from(self.id).ok().and_then(Pid::from_raw) else { return };
        let kill = if self.leads { kill_process_group } else { kill_process };
        let _ = kill(pid, Signal::TERM);
    }

    /// The console sends the signal to all of its processes.
    #[cfg(not(unix))]
    fn end(self) {}
}

/// A child that is terminated with this process, as long as this value exists.
pub(super) struct Running(Child);

impl Running {
    pub(super) fn new(child: Child) -> Self {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner).push(child);
        if is_interrupted() {
            // The signal came while the child was being started.
            child.end();
        }
        Self(child)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|child| *child != self.0);
    }
}

/// Records the end of a child: if the user has interrupted it, the whole work ends.
pub(super) fn note_end(status: ExitStatus) {
    if ended_by_the_user(status) {
        // The child may end before our own handler has run.
        INTERRUPTED.store(true, Ordering::SeqCst);
    }
}

/// Whether the status is an end by SIGHUP, SIGINT or SIGTERM.
#[cfg(unix)]
fn ended_by_the_user(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    matches!(status.signal(), Some(1 | 2 | 15))
}

#[cfg(not(unix))]
fn ended_by_the_user(_status: ExitStatus) -> bool {
    false
}
