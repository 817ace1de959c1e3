//! What a file is by its first bytes.

use wasmparser_host::Parser;

/// What a file is by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A WebAssembly component.
    Component,
    /// A core WebAssembly module.
    CoreModule,
    /// No bytes at all.
    Empty,
    /// An incomplete WebAssembly header.
    Header,
    /// WebAssembly of an unknown version.
    OtherVersion,
    /// Wasm's text format or other text.
    Text,
    /// An ELF file, such as a module precompiled by an engine.
    Elf,
    /// An archive: zip, gzip, ar.
    Archive,
    /// Anything else.
    Unknown,
}

impl Kind {
    /// Determines the kind from the first bytes.
    pub fn of(bytes: &[u8]) -> Self {
        const MAGIC: &[u8] = b"\0asm";
        const ARCHIVES: [&[u8]; 4] = [b"PK\x03\x04", b"\x1f\x8b", b"!<arch>", b"\x28\xb5\x2f\xfd"];
        if bytes.is_empty() {
            Self::Empty
        } else if Parser::is_component(bytes) {
            Self::Component
        } else if Parser::is_core_wasm(bytes) {
            Self::CoreModule
        } else if MAGIC.starts_with(bytes) || (bytes.starts_with(MAGIC) && bytes.len() < 8) {
            Self::Header
        } else if bytes.starts_with(MAGIC) {
            Self::OtherVersion
        } else if bytes.starts_with(b"\x7fELF") {
            Self::Elf
        } else if ARCHIVES.iter().any(|magic| bytes.starts_with(magic)) {
            Self::Archive
        } else if is_text(&bytes[..bytes.len().min(512)]) {
            Self::Text
        } else {
            Self::Unknown
        }
    }
}

fn is_text(sample: &[u8]) -> bool {
    // A character may be cut off at the end of the sample.
    let whole = |error: std::str::Utf8Error| error.error_len().is_none();
    !sample.contains(&0) && std::str::from_utf8(sample).map_or_else(whole, |_| true)
}
