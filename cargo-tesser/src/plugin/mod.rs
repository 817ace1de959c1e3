//! What a plugin is: its two kinds of wasm, what it says of itself, and what its package says of it.

mod metadata;
mod package_metadata;
mod test_settings;
mod wasm;

pub use metadata::{PluginMetadata, SECTION};
pub use package_metadata::{Capability, Panic, Settings};
pub use test_settings::{Limits, Settings as TestSettings};
pub(crate) use wasm::without_sections;
pub use wasm::{Component, CoreModule};

/// Name of a plugin's file, as the host looks for it: that of its library.
pub(crate) fn file_name(library: &str) -> String {
    format!("{library}.wasm")
}
