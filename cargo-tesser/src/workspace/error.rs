//! Why a crate cannot join a workspace, or has no SDK.

use std::path::PathBuf;

use crate::exit::{FAILED, USAGE};
use crate::fs;

/// Why a workspace cannot be read or changed, or the SDK cannot be found.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Cargo cannot work at the path.
    #[error("no plugin can be built in `{}`: {rule}", crate::report::path(.path))]
    BadPath {
        /// The path.
        path: PathBuf,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// `--sdk` has none of its forms.
    #[error("`--sdk {given}`: {rule}")]
    BadSdk {
        /// What was given.
        given: String,
        /// What is wrong with it.
        rule: String,
    },
    /// The manifest of the enclosing workspace cannot be changed.
    #[error("the crate cannot join the workspace of `{}`: {problem}", .manifest.display())]
    Workspace {
        /// The workspace's manifest.
        manifest: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A file cannot be read or written.
    #[error(transparent)]
    Fs(#[from] fs::Error),
}

impl Error {
    /// Returns the exit code of the process.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::BadPath { .. } | Self::BadSdk { .. } => USAGE,
            Self::Workspace { .. } | Self::Fs(_) => FAILED,
        }
    }

    /// Returns what to do next.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::BadPath { .. } => {
                "choose another path, for example one below your home folder".into()
            }
            Self::BadSdk { .. } => {
                "the forms are `path:DIR`, `git:URL`, `git:URL#REV` and a version such as `0.10`"
                    .into()
            }
            Self::Workspace { .. } => {
                "fix it, or create a standalone crate with `--standalone`".into()
            }
            Self::Fs(error) => return error.hint(),
        })
    }
}
