//! A host profile: what one host accepts, as data. In: TOML of `hosts/`. Out: a [`HostProfile`].

use std::collections::BTreeMap;

use serde::Deserialize;
use wasmparser::WasmFeatures;

use super::Error;

/// The profiles that come with the tool.
const BUILT_IN: [&str; 1] = [include_str!("../../hosts/tesser-0.9.toml")];

/// What one host accepts.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HostProfile {
    /// How users call it, for example `tesser@0.9`.
    pub name: String,
    /// Its WebAssembly engine, for messages.
    pub engine: String,
    /// The WASI interfaces that its linker offers.
    pub wasi: Wasi,
    proposals: Proposals,
}

/// WASI as a host offers it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wasi {
    /// The one version that it answers to.
    pub version: String,
    /// Functions and resources of each interface, by its name without a version.
    pub interfaces: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Proposals {
    on: Vec<String>,
}

impl HostProfile {
    /// The profile of that name.
    ///
    /// # Errors
    /// There is none, or it does not parse.
    pub fn named(name: &str) -> Result<Self, Error> {
        let mut known = Vec::new();
        for text in BUILT_IN {
            let profile: Self = toml_edit::de::from_str(text)
                .map_err(|error| Error::Profile { source: Box::new(error) })?;
            if profile.name == name {
                return Ok(profile);
            }
            known.push(profile.name);
        }
        Err(Error::UnknownHost { name: name.to_owned(), known: known.join(", ") })
    }

    /// The proposals that the host's engine has switched on.
    pub fn features(&self) -> WasmFeatures {
        // Floats and reference types without GC are part of every engine, though wasmparser names them.
        let base = WasmFeatures::FLOATS | WasmFeatures::GC_TYPES;
        self.proposals.on.iter().fold(base, |features, name| features | feature(name))
    }
}

/// A proposal by its name; unknown names give nothing, and a test sees to it that there are none.
fn feature(name: &str) -> WasmFeatures {
    let constant = name.replace('-', "_").to_uppercase();
    WasmFeatures::from_name(&constant).unwrap_or(WasmFeatures::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_proposal_of_every_built_in_profile_is_known() {
        for text in BUILT_IN {
            let profile: HostProfile = toml_edit::de::from_str(text).unwrap();
            for name in &profile.proposals.on {
                assert!(!feature(name).is_empty(), "{name}");
            }
        }
    }

    #[test]
    fn an_unknown_host_is_refused_with_the_list() {
        let error = HostProfile::named("tesser@7").unwrap_err();
        assert_eq!(error.to_string(), "unknown host `tesser@7`; known: tesser@0.9");
    }

    #[test]
    fn what_tesser_0_9_has_off_is_off() {
        let features = HostProfile::named("tesser@0.9").unwrap().features();
        assert!(features.contains(WasmFeatures::THREADS | WasmFeatures::MULTI_MEMORY));
        for off in [
            WasmFeatures::TAIL_CALL,
            WasmFeatures::MEMORY64,
            WasmFeatures::EXCEPTIONS,
            WasmFeatures::GC,
        ] {
            assert!(!features.intersects(off));
        }
    }
}
