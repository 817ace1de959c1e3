//! What the user asks of a build.

use std::path::PathBuf;

use super::cargo_flags::CargoFlags;
use super::package::optimize::Optimizer;

/// What to build and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Cargo's own flags.
    pub cargo: CargoFlags,
    /// A folder to install into, too.
    pub out_dir: Option<PathBuf>,
    /// How many earlier versions are kept in that folder.
    pub keep: usize,
    /// Which wasm-opt runs.
    pub optimizer: Optimizer,
    /// Whether cargo's messages are handed on as JSON.
    pub json: bool,
    /// Whether plugins that name no commit are told.
    pub notes_commit: bool,
}
