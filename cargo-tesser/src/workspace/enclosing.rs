//! The workspace around a crate, and whether the crate belongs to it.

use std::path::Path;

use super::{Error, Root};

/// The relation of a crate to an enclosing workspace.
pub(crate) enum EnclosingWorkspace {
    /// There is no enclosing workspace.
    Nothing,
    /// A workspace that it joins.
    Joined(Root),
    /// A workspace that it does not join; `None` if its manifest cannot be parsed.
    Apart(Option<Root>),
}

impl EnclosingWorkspace {
    pub(crate) fn of(path: &Path, standalone: bool) -> Result<Self, Error> {
        match (super::enclosing(path), standalone) {
            (Ok(None), _) => Ok(Self::Nothing),
            (Ok(root), true) => Ok(Self::Apart(root)),
            // A broken manifest does not matter for a standalone crate.
            (Err(_), true) => Ok(Self::Apart(None)),
            (Ok(Some(root)), false) => Ok(Self::Joined(root)),
            (Err(error), false) => Err(error),
        }
    }

    /// Returns the workspace that the crate joins.
    pub(crate) fn root(&self) -> Option<&Root> {
        match self {
            Self::Joined(root) => Some(root),
            _ => None,
        }
    }
}
