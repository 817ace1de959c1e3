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
    /// Its `authors`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authors: Option<String>,
    /// Its `license`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Its `repository`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The commit of its sources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
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
        // `rustc --version` names itself.
        ("rustc".into(), metadata.rustc.trim_start_matches("rustc ").to_owned()),
        ("cargo-tesser".into(), env!("CARGO_PKG_VERSION").into()),
    ];
    standard.sdk = vec![("tesser-wasm".into(), metadata.sdk.clone())];
    let mut bytes = standard.to_wasm(&component.0).map_err(|error| failed(format!("{error:#}")))?;
    let json = serde_json::to_vec(metadata).map_err(|error| failed(error.to_string()))?;
    let sections = annotations(metadata).into_iter().chain([(SECTION, json)]);
    for (name, data) in sections {
        let section = wasm_encoder::CustomSection { name: name.into(), data: data.into() };
        wasm_encoder::ComponentSection::append_to_component(&section, &mut bytes);
    }
    Ok(Component(bytes))
}

/// The sections that image registries have names for. A word that their readers do not take would keep them from
/// reading the rest, so it is in our own section alone.
fn annotations(metadata: &Metadata) -> Vec<(&'static str, Vec<u8>)> {
    let license =
        metadata.license.as_deref().filter(|license| spdx::Expression::parse(license).is_ok());
    let is_address = |source: &&str| source.starts_with("https://") && !source.contains(' ');
    let source = metadata.source.as_deref().filter(is_address);
    let version = Some(metadata.version.as_str());
    let authors = metadata.authors.as_deref();
    let revision = metadata.revision.as_deref();
    [
        ("version", version),
        ("authors", authors),
        ("licenses", license),
        ("source", source),
        ("revision", revision),
    ]
    .into_iter()
    .filter_map(|(name, text)| Some((name, text?.as_bytes().to_vec())))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> Metadata {
        let text = || String::from("x");
        Metadata {
            name: text(),
            version: text(),
            authors: None,
            license: None,
            source: None,
            revision: None,
            sdk: text(),
            abi: text(),
            tool: text(),
            rustc: text(),
            target: text(),
            profile: text(),
            wasm_opt: text(),
        }
    }

    #[test]
    fn only_licences_that_every_reader_knows_are_in_the_standard_section() {
        let written = |license: &str| {
            let metadata = Metadata { license: Some(license.into()), ..metadata() };
            annotations(&metadata).iter().any(|(name, _)| *name == "licenses")
        };
        for license in ["MIT", "MIT OR Apache-2.0", "Apache-2.0 WITH LLVM-exception", "EUPL-1.2"] {
            assert!(written(license), "{license}");
        }
        for license in ["", "MIT OR", "OR", "MIT/Apache-2.0", "Proprietary"] {
            assert!(!written(license), "{license}");
        }
    }
}
