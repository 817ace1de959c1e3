//! The execution kit's rules, one test each, and its parameters.
#![cfg(feature = "exec")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod algorithms;
mod end;
mod params;
mod prices;
mod rules;
mod time;
