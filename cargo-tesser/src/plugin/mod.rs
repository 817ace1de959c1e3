//! A plugin: its two kinds of wasm, its metadata, and the settings of its package.

mod capability;
mod metadata;
mod package_metadata;
mod test_settings;
mod wasm;

pub use capability::Capability;
pub use metadata::{PluginMetadata, SECTION};
pub use package_metadata::{Panic, Settings};
pub use test_settings::{Limits, Settings as TestSettings};
pub(crate) use wasm::without_sections;
pub use wasm::{Component, CoreModule};

/// Returns the file name of a plugin, as the host looks for it: that of its library.
pub(crate) fn file_name(library: &str) -> String {
    format!("{library}.wasm")
}
