//! The workspace around a crate, and whether the crate belongs to it.

use std::path::Path;

use super::{Error, Root};

/// What is around the new crate.
pub(crate) enum EnclosingWorkspace {
    /// No workspace that would claim it.
    Nothing,
    /// One that it joins.
    Joined(Root),
    /// One that it does not join; none where its manifest cannot be understood.
    Apart(Option<Root>),
}

impl EnclosingWorkspace {
    pub(crate) fn of(path: &Path, standalone: bool) -> Result<Self, Error> {
        match (super::enclosing(path), standalone) {
            (Ok(None), _) => Ok(Self::Nothing),
            (Ok(root), true) => Ok(Self::Apart(root)),
            // A broken manifest does not concern a crate that stands alone.
            (Err(_), true) => Ok(Self::Apart(None)),
            (Ok(Some(root)), false) => Ok(Self::Joined(root)),
            (Err(error), false) => Err(error),
        }
    }

    /// The workspace that the crate joins.
    pub(crate) fn root(&self) -> Option<&Root> {
        match self {
            Self::Joined(root) => Some(root),
            _ => None,
        }
    }
}
