//! Component -> component with metadata, so that a file in a plugins folder can be identified.
//!
//! In: a component and facts about its build. Out: the same component with the standard
//! `producers`, name and version sections that `wasm-tools metadata show` reads, and one JSON section of
//! our own, `tesser:plugin`. The metadata contains nothing that differs between two equal builds: no time, no path.

use wasm_metadata::AddMetadata;

use crate::build::error::Error;
use crate::plugin::{Component, PluginMetadata, SECTION};

/// Adds the metadata.
pub(in crate::build) fn add(
    component: &Component,
    metadata: &PluginMetadata,
) -> Result<Component, Error> {
    let failed = |reason: String| Error::Metadata { package: metadata.name.clone(), reason };
    let mut standard = AddMetadata::default();
    standard.name = wasm_metadata::AddMetadataField::Set(metadata.name.clone());
    standard.language = vec![("Rust".into(), String::new())];
    standard.processed_by = vec![
        // `rustc --version` begins with its own name.
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

/// The sections that image registries define. A value that their readers do not accept would keep them from reading the others,
/// so such a value is only in our own section.
fn annotations(metadata: &PluginMetadata) -> Vec<(&'static str, Vec<u8>)> {
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

    fn metadata() -> PluginMetadata {
        let text = || String::from("x");
        PluginMetadata {
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
            let metadata = PluginMetadata { license: Some(license.into()), ..metadata() };
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
