//! The SDK from outside: what hosts and plugins see of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[cfg(feature = "guest")]
mod allocations;
#[cfg(feature = "guest")]
mod answers;
mod features;
mod golden;
#[cfg(feature = "guest")]
mod hostile;
#[cfg(feature = "guest")]
mod mutation;
mod numbers;
#[cfg(feature = "guest")]
mod quick_start;
mod readme;
// The compiler lists what implements a trait, and the kit adds to that.
#[cfg(feature = "exec")]
mod ui;
