//! `inspect`: bytes -> a description of their contents, without a verdict.
//!
//! In: one file, even a damaged or hostile one. Out: an [`Inspection`], whose strings are safe for terminals.
//! `validate` decides whether a host accepts the file.

mod abi;
mod layout;
mod params;
mod show;

use std::path::{Path, PathBuf};

use serde::Serialize;
use tesser_wasm::SchemaError;
use wasmparser::{Validator, WasmFeatures};
use wit_component::{DecodedWasm, WitPrinter};

use crate::abi::Abi;
use crate::checks::{self, Checker};
use crate::facts::{Kind, LARGEST_FILE};
use crate::fs::Input;
use crate::fs::Unread;
use crate::host_profile::HOST;
use crate::plugin::PluginMetadata;
use crate::report::{self, escape_untrusted, visible};
pub use abi::AbiMatch;
use layout::Layout;
pub use layout::{Producer, Size};
pub use params::{params, params_human, params_json};
pub use show::{human, json};

/// Why a file could not be inspected.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("cannot read `{}`", .path.display())]
    Unread {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Unread,
    },
    /// Its parameter schema cannot be read.
    #[error("cannot read the parameter schema of `{}`", .path.display())]
    Params {
        /// The file.
        path: PathBuf,
        /// Why.
        source: SchemaError,
    },
    /// The built-in manifest is broken.
    #[error(transparent)]
    Abi(#[from] crate::abi::Error),
    /// The built-in profile of the host is broken.
    #[error(transparent)]
    Checker(#[from] checks::Error),
}

impl Error {
    /// Returns what to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unread { source, .. } => Some(source.hint().into()),
            Self::Params { path, .. } => {
                Some(format!("run `cargo tesser validate {}` for details", path.display()))
            }
            Self::Abi(_) | Self::Checker(_) => None,
        }
    }
}

/// What is in a file.
#[derive(Clone, Debug, Serialize)]
pub struct Inspection {
    /// The path as the user gave it; `-` for stdin.
    pub path: String,
    /// Hash of the bytes, in hex.
    pub sha256: String,
    /// Number of bytes.
    pub size: u64,
    /// Its kind according to the first bytes.
    pub kind: &'static str,
    /// Why it is not valid WebAssembly with all proposals enabled; `None` if it is.
    pub problem: Option<String>,
    /// The comparison with the ABI; `None` if the exports have no types to compare.
    pub abi: Option<AbiMatch>,
    /// Exports, with their types if they have one.
    pub exports: Vec<String>,
    /// Imports.
    pub imports: Vec<String>,
    /// The kinds of imports that a host has to provide, for example `wasi:clocks`. The list is empty for a sealed
    /// plugin; `None` if it cannot be determined.
    pub capabilities: Option<Vec<String>>,
    /// The component's world as WIT.
    pub wit: Option<String>,
    /// Standard metadata by its name: `name`, `version`, `authors`, `licenses`, `source`, `revision`, ...
    pub metadata: std::collections::BTreeMap<&'static str, String>,
    /// The standard `producers`.
    pub producers: Vec<Producer>,
    /// What `cargo tesser build` wrote into it.
    pub built: Option<PluginMetadata>,
    /// Bytes by section; together they make up the file.
    pub sections: Vec<Size>,
    /// Bytes of code by crate, from the names of functions; `None` if functions have no names.
    pub crates: Option<Vec<Size>>,
}

/// Reads one file and describes its contents.
///
/// # Errors
/// If it cannot be read, or is larger than [`LARGEST_FILE`].
pub fn inspect(path: &Path) -> Result<Inspection, Error> {
    let input = Input { path: path.to_owned() };
    let bytes = input
        .read(LARGEST_FILE)
        .map_err(|source| Error::Unread { path: path.to_owned(), source })?;
    inspect_bytes(path, &bytes)
}

/// Describes the contents of bytes; `path` is only for display.
///
/// # Errors
/// Never for the built-in manifest and profile, as the tests show.
pub fn inspect_bytes(path: &Path, bytes: &[u8]) -> Result<Inspection, Error> {
    let kind = Kind::of(bytes);
    let layout = Layout::read(bytes);
    let checked = Checker::new(Abi::built_in()?, HOST, false)?.check_bytes(path, bytes)?;
    let problem = match kind {
        Kind::Component | Kind::CoreModule => problem(bytes),
        _ => None,
    };
    let is_component = kind == Kind::Component && problem.is_none();
    let abi = if problem.is_none() { abi::compare(kind, &layout, &checked, bytes)? } else { None };
    let capabilities = abi::capabilities(kind, &layout, &checked);
    let is_known = problem.is_none() || !capabilities.is_empty();
    let is_wasm = matches!(kind, Kind::Component | Kind::CoreModule);
    let capabilities = (is_wasm && is_known).then_some(capabilities);
    Ok(Inspection {
        path: report::path(path),
        kind: kind_name(kind),
        abi,
        capabilities,
        exports: layout.exports,
        imports: layout.imports,
        wit: if is_component { wit(bytes) } else { None },
        metadata: layout.metadata,
        producers: layout.producers,
        built: PluginMetadata::read(bytes).as_ref().map(escaped_metadata),
        sections: layout.sections,
        crates: layout.crates,
        sha256: checked.sha256,
        size: checked.size,
        problem,
    })
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Component => "component",
        Kind::CoreModule => "core module",
        Kind::Empty => "empty file",
        _ => "not WebAssembly",
    }
}

/// Returns why the bytes are not valid WebAssembly, with all proposals enabled.
fn problem(bytes: &[u8]) -> Option<String> {
    let error = Validator::new_with_features(WasmFeatures::all()).validate_all(bytes).err()?;
    Some(format!("{} (offset {:#x})", escape_untrusted(error.message()), error.offset()))
}

/// Returns the world of a valid component; `None` if WIT cannot express it.
fn wit(bytes: &[u8]) -> Option<String> {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(bytes).ok()? else {
        return None;
    };
    let package = resolve.worlds[world].package?;
    let others: Vec<_> =
        resolve.packages.iter().map(|(id, _)| id).filter(|id| *id != package).collect();
    let mut printer = WitPrinter::default();
    printer.print(&resolve, package, &others).ok()?;
    Some(visible(&printer.output.to_string()))
}

fn escaped_metadata(built: &PluginMetadata) -> PluginMetadata {
    PluginMetadata {
        name: escape_untrusted(&built.name),
        version: escape_untrusted(&built.version),
        authors: built.authors.as_deref().map(escape_untrusted),
        license: built.license.as_deref().map(escape_untrusted),
        source: built.source.as_deref().map(escape_untrusted),
        revision: built.revision.as_deref().map(escape_untrusted),
        sdk: escape_untrusted(&built.sdk),
        abi: escape_untrusted(&built.abi),
        tool: escape_untrusted(&built.tool),
        rustc: escape_untrusted(&built.rustc),
        target: escape_untrusted(&built.target),
        profile: escape_untrusted(&built.profile),
        wasm_opt: escape_untrusted(&built.wasm_opt),
    }
}
