//! The metadata of a plugin: the JSON in its section `tesser:plugin`.

use serde::{Deserialize, Serialize};

/// Name of the custom section.
pub const SECTION: &str = "tesser:plugin";

/// The contents of the section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PluginMetadata {
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

impl PluginMetadata {
    /// Reads the section of a component; `None` if it is missing or cannot be read.
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
