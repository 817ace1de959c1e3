//! Options of a build.

use std::path::PathBuf;

use super::cargo_flags::CargoFlags;
use super::package::optimize::Optimizer;

/// What to build and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Cargo's own flags.
    pub cargo: CargoFlags,
    /// A second folder to install into (`--out-dir`).
    pub out_dir: Option<PathBuf>,
    /// Number of earlier versions to keep in that folder.
    pub keep: usize,
    /// The wasm-opt to run.
    pub optimizer: Optimizer,
    /// Whether exactly one plugin must be selected.
    pub one: bool,
    /// Whether to pass on cargo's messages as JSON.
    pub json: bool,
    /// Whether to report plugins that name no commit.
    pub notes_commit: bool,
}
