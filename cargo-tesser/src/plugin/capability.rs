//! What a plugin may import from the host, beside being called. In: the name in `[package.metadata.tesser]`. Out: a kind.

use serde::{Deserialize, Serialize};

/// A capability: something that a plugin may import from the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// The time of day, and elapsed time.
    Clock,
    /// Random numbers.
    Random,
}

impl Capability {
    /// Returns the name of the capability that a preview1 function belongs to.
    pub(crate) fn of(import: &str) -> Option<&'static str> {
        match import {
            "clock_time_get" => Some("clock"),
            "random_get" => Some("random"),
            _ => None,
        }
    }
}
