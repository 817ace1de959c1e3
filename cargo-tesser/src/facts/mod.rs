//! Reads what is in a file, without any judgement.
//!
//! In: bytes and the proposals that the host enables. Out: [`Facts`]: the kind of the file, whether the host's
//! own validator accepts it, and its imports and exports with their types. Any bytes give facts; reading never
//! fails or panics.

mod embedded_paths;
mod features_used;
mod file_kind;
mod functions;
mod instance_count;
mod invalid;
mod parse;
mod reexports;
mod types;

use wasmparser_host::BinaryReader;
use wasmparser_host::types::{EntityType, Types};

use crate::abi::{CoreType, FuncType};
use crate::digest::sha256;
use crate::host_profile::Proposals;
use crate::plugin::PluginMetadata;

pub use features_used::Used;
pub use file_kind::Kind;
pub use invalid::{Invalid, Reason};
use parse::Stop;
use reexports::Source;

/// Stack size in bytes. The validator recurses as deep as types are nested; only used pages take memory.
const STACK: usize = 512 << 20;
/// Size of a component without its modules, in bytes, for which every thread's stack is large enough.
const FLAT: usize = 4 << 10;
/// Size in bytes up to which starting a thread to hash a file takes longer than reading it.
const SMALL: usize = 1 << 20;

/// The largest file that is read, in bytes. The host has no limit; a plugin has a few hundred KB.
pub const LARGEST_FILE: u64 = 64 << 20;

/// Everything the checks need to know about one file.
#[derive(Clone, Debug)]
pub struct Facts {
    /// SHA-256 of the bytes, in hex.
    pub sha256: String,
    /// Number of bytes.
    pub size: u64,
    /// Its kind according to the first bytes.
    pub kind: Kind,
    /// Why it is not valid; `None` if it is valid.
    pub invalid: Option<Invalid>,
    /// What is valid but not implemented by the host's engine, in the engine's words.
    pub unsupported: Vec<String>,
    /// Exports of a valid component, in order.
    pub exports: Vec<Export>,
    /// Imports of a valid component, in order.
    pub imports: Vec<Import>,
    /// A valid core module.
    pub core: Core,
    /// What a valid file uses.
    pub used: Used,
    /// The metadata that `cargo tesser build` wrote.
    pub metadata: Metadata,
}

/// An export of a component.
#[derive(Clone, Debug)]
pub struct Export {
    /// Its name.
    pub name: String,
    /// What it is.
    pub item: Item,
}

/// An import of a component.
#[derive(Clone, Debug)]
pub struct Import {
    /// Its name, with the version for interfaces.
    pub name: String,
    /// What it is.
    pub item: Item,
}

/// What an import or export is.
#[derive(Clone, Debug)]
pub enum Item {
    /// A function.
    Func(FuncType),
    /// An interface and what is in it.
    Instance {
        /// Its items, in order.
        items: Vec<(String, Item)>,
    },
    /// A resource.
    Resource {
        /// Name of the import that it comes from.
        name: String,
        /// Whether this is that import; otherwise it only re-declares the resource.
        introduced: bool,
    },
    /// A plain type, which needs nothing from a host.
    Type,
    /// A component.
    Component,
    /// A core module, a value or another kind of type.
    Other(&'static str),
}

/// The interface of a core module.
#[derive(Clone, Debug, Default)]
pub struct Core {
    /// Names of the exports, with the type of functions.
    pub exports: Vec<(String, Option<CoreType>)>,
    /// Whether it contains the description of a component's types, as a plugin's core module does.
    pub component_type: bool,
}

/// The metadata of a file.
#[derive(Clone, Debug, Default)]
pub enum Metadata {
    /// Nothing.
    #[default]
    None,
    /// Something that cannot be read.
    Foreign,
    /// What `cargo tesser build` wrote.
    Of(Box<PluginMetadata>),
}

impl Item {
    /// Whether the host has to provide it.
    pub fn needs_host(&self) -> bool {
        match self {
            Self::Instance { items } => items.iter().any(|(_, item)| item.needs_host()),
            Self::Type => false,
            Self::Resource { introduced, .. } => *introduced,
            Self::Func(_) | Self::Component | Self::Other(_) => true,
        }
    }

    fn has(&self, is_it: &dyn Fn(&Self) -> bool) -> bool {
        match self {
            Self::Instance { items } => items.iter().any(|(_, item)| item.has(is_it)),
            item => is_it(item),
        }
    }
}

impl Facts {
    /// Reads the bytes once, with a stack that is large enough for their types.
    pub fn read(bytes: &[u8], proposals: &Proposals) -> Self {
        if bytes.len() <= SMALL && is_flat(bytes) {
            let facts = std::panic::catch_unwind(|| Self::read_here(bytes, proposals));
            let facts = facts.unwrap_or_else(|_| Self::unreadable(bytes));
            return Self { sha256: sha256(bytes), ..facts };
        }
        std::thread::scope(|scope| {
            let reader = std::thread::Builder::new().stack_size(STACK);
            let reader = reader.spawn_scoped(scope, || Self::read_here(bytes, proposals));
            // In parallel to reading: for a large file it takes as long.
            let sha256 = sha256(bytes);
            let facts = match reader {
                Ok(reader) => reader.join().unwrap_or_else(|_| Self::unreadable(bytes)),
                Err(_) => Self::read_here(bytes, proposals),
            };
            Self { sha256, ..facts }
        })
    }

    /// The facts about bytes that make the host's validator, and so the host, panic.
    fn unreadable(bytes: &[u8]) -> Self {
        let message = "the validator itself fails on it".to_owned();
        let invalid = Some(Invalid { message, offset: 0, reason: Reason::HostTooOld });
        Self { invalid, ..Self::unknown(bytes) }
    }

    fn unknown(bytes: &[u8]) -> Self {
        Self {
            sha256: String::new(),
            size: bytes.len() as u64,
            kind: Kind::of(bytes),
            invalid: None,
            unsupported: Vec::new(),
            exports: Vec::new(),
            imports: Vec::new(),
            core: Core::default(),
            used: Used::default(),
            metadata: Metadata::None,
        }
    }

    fn read_here(bytes: &[u8], proposals: &Proposals) -> Self {
        let mut facts = Self::unknown(bytes);
        if matches!(facts.kind, Kind::Component | Kind::CoreModule) {
            match parse::parse(bytes, proposals.host()) {
                Ok(parsed) => facts.add(parsed),
                Err(Stop::Invalid(error)) => {
                    facts.invalid = Some(Invalid::of(bytes, &error, proposals));
                }
                Err(Stop::TooMuch(what)) => facts.invalid = Some(Invalid::too_much(what)),
            }
        }
        facts
    }

    fn add(&mut self, parsed: parse::Parsed<'_>) {
        self.used = parsed.used;
        self.unsupported = parsed.unsupported;
        let Some(types) = &parsed.types else { return };
        if self.kind == Kind::CoreModule {
            let exports = parsed.core_exports.iter();
            self.core.exports =
                exports.map(|export| (export.name.to_owned(), core_type(types, export))).collect();
            self.core.component_type = parsed.component_type;
            return;
        }
        let mut describer = types::Describer::new(types.as_ref());
        for import in &parsed.imports {
            let name = import.name.0;
            let item = describer.item(name, types.component_entity_type_of_import(name));
            self.imports.push(Import { name: name.to_owned(), item });
        }
        for (export, source) in parsed.exports.iter().zip(&parsed.sources) {
            let name = export.name.0;
            let item = describer.item(name, types.component_entity_type_of_export(name));
            self.unsupported.extend(unsupported(name, &item, source));
            self.exports.push(Export { name: name.to_owned(), item });
        }
        self.unsupported.extend(describer.unsupported.map(Into::into));
        self.metadata = parsed.metadata.map_or(Metadata::None, |data| {
            serde_json::from_slice(data)
                .map_or(Metadata::Foreign, |data| Metadata::Of(Box::new(data)))
        });
    }
}

/// Whether types cannot be nested deeply: each level takes some bytes outside of core modules, and core modules are read
/// without recursion.
fn is_flat(bytes: &[u8]) -> bool {
    const HEADER: usize = 8;
    const CUSTOM: u8 = 0;
    const MODULE: u8 = 1;
    let mut reader = BinaryReader::new(bytes.get(HEADER..).unwrap_or_default());
    let mut others = 0;
    while Kind::of(bytes) == Kind::Component && !reader.eof() {
        let (Ok(id), Ok(size)) = (reader.read_u8(), reader.read_var_u32()) else { break };
        let Ok(section) = reader.read_bytes(size as usize) else { return false };
        others += if matches!(id, CUSTOM | MODULE) { 0 } else { section.len() };
    }
    others <= FLAT
}

/// Returns a fault of an export that no validator reports.
fn unsupported(name: &str, item: &Item, source: &Source<'_>) -> Option<String> {
    if item.has(&|item| matches!(item, Item::Component)) {
        Some(format!("the export `{name}` is a component, or has one in it"))
    } else if source.passes_on(item) {
        Some(format!("the export `{name}` is a re-exported import"))
    } else {
        None
    }
}

fn core_type(types: &Types, export: &wasmparser_host::Export<'_>) -> Option<CoreType> {
    let EntityType::Func(id) = types.entity_type_from_export(export)? else { return None };
    let function = types[id].unwrap_func();
    let names =
        |types: &[wasmparser_host::ValType]| types.iter().map(ToString::to_string).collect();
    Some(CoreType { params: names(function.params()), results: names(function.results()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host_profile::HostProfile;

    /// Threads of tests have smaller stacks than those of the tool, and frames of the dev profile are larger.
    #[test]
    fn the_deepest_types_that_are_called_flat_fit_a_small_stack() {
        let types = |count: u32| {
            let deeper = |number: u32| {
                let (low, high) = (number.to_le_bytes()[0] | 0x80, (number >> 7).to_le_bytes()[0]);
                [0x70, low, high]
            };
            let mut types = [0x80 | count.to_le_bytes()[0], (count >> 7).to_le_bytes()[0]].to_vec();
            types.extend(b"\x70\x7d");
            types.extend((0..count - 1).flat_map(deeper));
            types
        };
        let section = |types: Vec<u8>| {
            let size = types.len();
            let size = [size.to_le_bytes()[0] | 0x80, (size >> 7).to_le_bytes()[0]];
            [&b"\0asm\x0d\0\x01\0\x07"[..], &size, &types].concat()
        };
        let proposals = HostProfile::built_in().unwrap().remove(0).proposals;
        let deep = section(types(1_360));
        assert!(is_flat(&deep) && !is_flat(&section(types(1_370))));
        assert_eq!(Facts::read(&deep, &proposals).invalid, None);
    }
}
