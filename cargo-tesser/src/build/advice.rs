//! What a build says about settings before it compiles: a fact, and what to do about it.

use std::fmt;

/// A note or a warning about settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Advice {
    /// What is wrong, and why it matters.
    pub(crate) fact: String,
    /// What to do about it.
    pub(crate) remedy: String,
}

/// Writes both in one sentence.
impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.fact, self.remedy)
    }
}
