//! Component -> component with metadata, so that a file found in a plugins folder says what it is.
//!
//! In: a component and what is known about its making. Out: the same component with the standard
//! `producers`, name and version sections that `wasm-tools metadata show` reads, and one JSON section of
//! our own, `tesser:plugin`. Nothing that differs between two equal builds goes in: no time, no path.

use serde::{Deserialize, Serialize};
use wasm_metadata::AddMetadata;

use super::error::Error;
use super::module::Component;

/// Name of the custom section.
pub const SECTION: &str = "tesser:plugin";

/// What the section says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Metadata {
    /// Package that the plugin was built from.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Version of `tesser-wasm`.
    pub sdk: String,
    /// Version of the ABI that the SDK implements.
    pub abi: String,
    /// `cargo-tesser` and its version.
    pub tool: String,
    /// The compiler's version line.
    pub rustc: String,
    /// Target triple.
    pub target: String,
    /// Cargo profile.
    pub profile: String,
    /// wasm-opt and its flags, or `none`.
    pub wasm_opt: String,
}

impl Metadata {
    /// Reads the section of a component; `None` where there is none that can be read.
    pub fn read(component: &[u8]) -> Option<Self> {
        let payloads = wasmparser::Parser::new(0).parse_all(component).map_while(Result::ok);
        let mut sections = payloads.filter_map(|payload| match payload {
            wasmparser::Payload::CustomSection(section) if section.name() == SECTION => {
                Some(section)
            }
            _ => None,
        });
        serde_json::from_slice(sections.next()?.data()).ok()
    }
}

/// Adds the metadata.
pub(super) fn stamp(component: &Component, metadata: &Metadata) -> Result<Component, Error> {
    let failed = |reason: String| Error::Stamp { package: metadata.name.clone(), reason };
    let mut standard = AddMetadata::default();
    standard.name = wasm_metadata::AddMetadataField::Set(metadata.name.clone());
    standard.language = vec![("Rust".into(), String::new())];
    standard.processed_by = vec![
        ("rustc".into(), metadata.rustc.clone()),
        ("cargo-tesser".into(), env!("CARGO_PKG_VERSION").into()),
    ];
    standard.sdk = vec![("tesser-wasm".into(), metadata.sdk.clone())];
    let mut bytes = standard.to_wasm(&component.0).map_err(|error| failed(format!("{error:#}")))?;
    let json = serde_json::to_vec(metadata).map_err(|error| failed(error.to_string()))?;
    let section = wasm_encoder::CustomSection { name: SECTION.into(), data: json.into() };
    wasm_encoder::ComponentSection::append_to_component(&section, &mut bytes);
    Ok(Component(bytes))
}
