//! A host profile: what one host accepts and does, as data.
//!
//! In: TOML as in `hosts/`. Out: a [`HostProfile`].

mod find;
pub(crate) mod wasi;

use std::path::PathBuf;

use serde::Deserialize;

use crate::exit::{FAILED, USAGE};
use crate::fs;
use crate::simulator::SessionRules;

pub use find::{find, hosts};
use wasi::Wasi;

/// The profiles that come with the tool.
const BUILT_IN: [&str; 1] = [include_str!("../../hosts/tesser-0.9.toml")];

/// The host that plugins are built for, and the default everywhere.
pub const HOST: &str = "tesser@0.9";

/// Why a profile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such host profile.
    #[error("unknown host `{name}`; known: {known}")]
    UnknownHost {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A profile names a proposal that does not exist.
    #[error("the host profile names the proposal `{name}`; known: {known}")]
    UnknownProposal {
        /// The name.
        name: String,
        /// What there is.
        known: String,
    },
    /// A profile names a version of WASI without signatures.
    #[error(
        "the host profile has no `wasi.signatures`, and the tool has none for WASI {version}; known: {known}"
    )]
    UnknownWasi {
        /// The version.
        version: String,
        /// What there is.
        known: String,
    },
    /// A profile that cannot be used.
    #[error("cannot use the host profile `{}`", .path.display())]
    ProfileFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<Self>,
    },
    /// A profile in the user's folder has the name of another one.
    #[error("`{}` defines the profile `{name}`, which already exists", .path.display())]
    TakenHost {
        /// The name.
        name: String,
        /// The file.
        path: PathBuf,
    },
    /// A profile that does not parse.
    #[error("the host profile does not parse")]
    Profile {
        /// Where and why.
        #[source]
        source: Box<toml_edit::de::Error>,
    },
    /// A profile or the user's folder cannot be read.
    #[error(transparent)]
    Fs(#[from] fs::Error),
}

impl Error {
    /// Returns the exit code of the process.
    pub fn exit_code(&self) -> u8 {
        if let Self::UnknownHost { .. } = self { USAGE } else { FAILED }
    }

    /// Returns what to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Fs(error) => error.hint(),
            Self::TakenHost { .. } => {
                Some("give it another `name`, or use the file directly: `--host FILE`".into())
            }
            _ => None,
        }
    }
}

/// What one host accepts and does.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HostProfile {
    /// Its name for users, for example `tesser@0.9`.
    pub name: String,
    /// Its WebAssembly engine, for messages.
    pub engine: String,
    /// The WebAssembly proposals that its engine supports.
    pub proposals: Proposals,
    /// The WASI interfaces that its linker offers.
    pub wasi: Wasi,
    /// Sizes that a file should not exceed, although the host would accept it.
    pub sensible: Sensible,
    /// What a live session does; as in Tesser 0.9 if the profile does not say it.
    #[serde(default = "SessionRules::tesser_0_9")]
    pub session: SessionRules,
}

/// The enabled WebAssembly proposals; all others are disabled.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposals {
    on: Vec<String>,
}

/// Sizes above which there is a policy finding.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Sensible {
    /// Bytes of the file.
    pub size: u64,
    /// Initial pages of 64 KiB of a memory.
    pub memory_pages: u64,
    /// Initial elements of a table.
    pub table_elements: u32,
    /// Functions.
    pub functions: usize,
    /// Parameters of one function.
    pub params: usize,
}

impl HostProfile {
    /// All profiles that come with the tool.
    ///
    /// # Errors
    /// Never for the built-in profiles, as the tests show.
    pub fn built_in() -> Result<Vec<Self>, Error> {
        BUILT_IN.iter().map(|text| Self::parse(text)).collect()
    }

    /// Reads a profile.
    ///
    /// # Errors
    /// If it is not a profile, or names an unknown proposal or version of WASI.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let profile: Self = toml_edit::de::from_str(text)
            .map_err(|error| Error::Profile { source: Box::new(error) })?;
        if let Err(known) = profile.wasi.is_known() {
            return Err(Error::UnknownWasi { version: profile.wasi.version, known });
        }
        let mut on = profile.proposals.on.iter();
        match on.find(|name| !KNOWN.iter().any(|(known, _)| known == name)) {
            None => Ok(profile),
            Some(name) => Err(Error::UnknownProposal {
                name: name.clone(),
                known: KNOWN.map(|(name, _)| name).join(", "),
            }),
        }
    }
}

type SetHost = fn(&mut wasmparser_host::WasmFeatures);

/// The proposals that the host's validator can enable.
const KNOWN: [(&str, SetHost); 18] = [
    ("mutable-global", |features| features.mutable_global = true),
    ("saturating-float-to-int", |features| features.saturating_float_to_int = true),
    ("sign-extension", |features| features.sign_extension = true),
    ("reference-types", |features| features.reference_types = true),
    ("multi-value", |features| features.multi_value = true),
    ("bulk-memory", |features| features.bulk_memory = true),
    ("simd", |features| features.simd = true),
    ("relaxed-simd", |features| features.relaxed_simd = true),
    ("threads", |features| features.threads = true),
    ("tail-call", |features| features.tail_call = true),
    ("multi-memory", |features| features.multi_memory = true),
    ("exceptions", |features| features.exceptions = true),
    ("memory64", |features| features.memory64 = true),
    ("extended-const", |features| features.extended_const = true),
    ("component-model", |features| features.component_model = true),
    ("function-references", |features| features.function_references = true),
    ("memory-control", |features| features.memory_control = true),
    ("gc", |features| features.gc = true),
];

impl Proposals {
    /// Returns the feature set for the host's validator.
    pub fn host(&self) -> wasmparser_host::WasmFeatures {
        let mut features = wasmparser_host::WasmFeatures {
            mutable_global: false,
            saturating_float_to_int: false,
            sign_extension: false,
            reference_types: false,
            multi_value: false,
            bulk_memory: false,
            simd: false,
            relaxed_simd: false,
            threads: false,
            tail_call: false,
            floats: true,
            multi_memory: false,
            exceptions: false,
            memory64: false,
            extended_const: false,
            component_model: false,
            function_references: false,
            memory_control: false,
            gc: false,
            component_model_values: false,
            component_model_nested_names: false,
        };
        for (name, set) in KNOWN {
            if self.has(name) {
                set(&mut features);
            }
        }
        features
    }

    /// Returns the feature set for the current validator.
    pub fn current(&self) -> wasmparser::WasmFeatures {
        use wasmparser::WasmFeatures;
        // Floats and reference types without GC are part of every engine, although they have feature flags.
        let base = WasmFeatures::FLOATS | WasmFeatures::GC_TYPES;
        let feature =
            |name: &String| WasmFeatures::from_name(&name.replace('-', "_").to_uppercase());
        self.on.iter().filter_map(feature).fold(base, |features, feature| features | feature)
    }

    /// Whether a proposal is enabled.
    pub fn has(&self, name: &str) -> bool {
        self.on.iter().any(|on| on == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tesser() -> HostProfile {
        HostProfile::built_in().unwrap().remove(0)
    }

    #[test]
    fn what_tesser_0_9_has_off_is_off() {
        let host = tesser().proposals.host();
        assert!(host.threads && host.multi_memory && host.relaxed_simd && host.component_model);
        assert!(!(host.tail_call || host.memory64 || host.exceptions || host.gc));
        assert!(!(host.extended_const || host.function_references || host.memory_control));
        let current = tesser().proposals.current();
        assert!(!current.intersects(wasmparser::WasmFeatures::TAIL_CALL));
        assert!(current.contains(wasmparser::WasmFeatures::THREADS));
    }
}
