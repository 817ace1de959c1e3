//! Why plugins could not be tested. A fault of a plugin is a failed case instead.

use std::path::PathBuf;

use crate::exit::{FAILED, USAGE};
use crate::simulator::{host_config, tape};
use crate::{build, engine, fs, process};

/// Why plugins could not be tested.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The package does not build.
    #[error(transparent)]
    Build(#[from] build::Error),
    /// The component does not run here.
    #[error("cannot run `{}`", .path.display())]
    Load {
        /// The component.
        path: PathBuf,
        /// The engine's reason.
        #[source]
        source: engine::Error,
    },
    /// A file cannot be read or written.
    #[error(transparent)]
    Fs(#[from] fs::Error),
    /// A tape cannot be read.
    #[error(transparent)]
    Tape(#[from] tape::Error),
    /// The baseline cannot be parsed.
    #[error("cannot parse the baseline in `{}`", .path.display())]
    Baseline {
        /// Its file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: Box<toml_edit::de::Error>,
    },
    /// No case has such a name.
    #[error("there is no test case `{name}`")]
    NoCase {
        /// What was asked for.
        name: String,
    },
    /// The host has no venue with the name in the settings.
    #[error(transparent)]
    HostConfig(#[from] host_config::Error),
    /// The user stopped it.
    #[error(transparent)]
    Process(#[from] process::Error),
}

impl Error {
    /// Returns the exit code of the process.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Build(error) => error.exit_code(),
            Self::NoCase { .. } => USAGE,
            _ => FAILED,
        }
    }

    /// Returns what to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Build(error) => error.hint(),
            Self::Fs(error) => error.hint(),
            Self::Tape(error) => error.hint(),
            Self::Load { path, .. } => {
                Some(format!("run `cargo tesser validate {}` for details", path.display()))
            }
            Self::Baseline { .. } => Some("`--bless` replaces it".into()),
            Self::NoCase { .. } => {
                Some("`--list` prints the names; a part of one is enough".into())
            }
            Self::HostConfig(error) => error.hint(),
            Self::Process(_) => None,
        }
    }
}
