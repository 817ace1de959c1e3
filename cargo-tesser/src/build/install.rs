//! Checked component -> file in its place. In: bytes and where they go. Out: a complete file there.

use std::path::Path;

use super::error::Error;
use super::module::Component;
use crate::fs::{self, Written};

/// The name that the host looks for.
pub(super) fn file_name(library: &str) -> String {
    format!("{library}.wasm")
}

/// Installs the component, unless the same bytes are there already.
pub(super) fn install(component: &Component, path: &Path) -> Result<Written, Error> {
    Ok(fs::write_atomic(path, &component.0)?)
}
