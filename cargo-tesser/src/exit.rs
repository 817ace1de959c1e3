//! Exit codes. They are a contract that CI relies on.

/// Done.
pub const DONE: u8 = 0;
/// The plugin was rejected, or a test failed.
pub const REJECTED: u8 = 1;
/// The command line is wrong.
pub const USAGE: u8 = 2;
/// The job could not be done.
pub const FAILED: u8 = 101;
/// The user stopped the work.
pub const INTERRUPTED: u8 = 130;
