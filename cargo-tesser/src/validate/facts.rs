//! What is in a file, without any judgement.
//!
//! In: bytes and the WebAssembly features to parse them with. Out: [`Facts`]: what kind of file it is,
//! whether it is valid, and its imports and exports with their types. Any bytes give facts; there is no
//! error and no panic.

mod types;

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use wasmparser::component_types::ComponentEntityType;
use wasmparser::types::Types;
use wasmparser::{BinaryReader, BinaryReaderError, Parser, Payload, Validator, WasmFeatures};

use crate::abi::FuncType;

/// Everything the checks need to know about one file.
#[derive(Clone, Debug)]
pub struct Facts {
    /// SHA-256 of the bytes, in hex.
    pub sha256: String,
    /// Number of bytes.
    pub size: u64,
    /// What the first bytes say it is.
    pub kind: Kind,
    /// Why it is not valid, if it is not.
    pub invalid: Option<Invalid>,
    /// Exports of a valid component, in order.
    pub exports: Vec<Export>,
    /// Imports of a valid component, in order.
    pub imports: Vec<Import>,
    /// Names that a core module exports, in order.
    pub core_exports: Vec<String>,
}

/// What a file is by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A WebAssembly component.
    Component,
    /// A core WebAssembly module.
    CoreModule,
    /// No bytes at all.
    Empty,
    /// Fewer bytes than WebAssembly's header, but the right ones.
    Header,
    /// WebAssembly of a version that nothing here knows.
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

/// Why a file is not valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The parser's or validator's words.
    pub message: String,
    /// Byte offset in the file.
    pub offset: u64,
    /// Whether the bytes ended too early.
    pub truncated: bool,
    /// Whether it is valid once every feature that the parser knows is on.
    pub valid_with_all_features: bool,
}

/// An export of a component.
#[derive(Clone, Debug)]
pub struct Export {
    /// Its name.
    pub name: String,
    /// Its type when it is a function; else what it is.
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
    /// An interface; `needs` are its functions, resources and values, which a host has to provide.
    /// An interface of plain types needs nothing.
    Instance {
        /// Names of what a host has to provide.
        needs: Vec<String>,
    },
    /// A plain type, which needs nothing from a host.
    Type,
    /// A resource, a core module, a component or a value.
    Other(&'static str),
}

impl Import {
    /// Whether a host has to provide anything for it.
    pub fn needs_host(&self) -> bool {
        match &self.item {
            Item::Instance { needs } => !needs.is_empty(),
            Item::Type => false,
            Item::Func(_) | Item::Other(_) => true,
        }
    }
}

impl Facts {
    /// Reads the bytes once. `features` are the ones that they may use.
    pub fn read(bytes: &[u8], features: WasmFeatures) -> Self {
        let mut facts = Self {
            sha256: sha256(bytes),
            size: bytes.len() as u64,
            kind: kind(bytes),
            invalid: None,
            exports: Vec::new(),
            imports: Vec::new(),
            core_exports: Vec::new(),
        };
        if matches!(facts.kind, Kind::Component | Kind::CoreModule) {
            match Validator::new_with_features(features).validate_all(bytes) {
                Ok(types) => facts.add_items(bytes, &types),
                Err(error) => facts.invalid = Some(invalid(bytes, &error)),
            }
        }
        facts
    }

    fn add_items(&mut self, bytes: &[u8], types: &Types) {
        // The bytes are valid, so no payload is an error; nested modules and components are passed over.
        let mut depth = 0_u32;
        for payload in Parser::new(0).parse_all(bytes).filter_map(Result::ok) {
            match payload {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ExportSection(reader) if depth == 0 => {
                    let names = reader.into_iter().filter_map(Result::ok);
                    self.core_exports.extend(names.map(|export| export.name.to_owned()));
                }
                Payload::ComponentImportSection(reader) if depth == 0 => {
                    for import in reader.into_iter().filter_map(Result::ok) {
                        let name = import.name.name.to_owned();
                        let item = types.component_item_for_import(&name).map(|item| &item.ty);
                        self.imports.push(Import { item: describe(types, item), name });
                    }
                }
                Payload::ComponentExportSection(reader) if depth == 0 => {
                    for export in reader.into_iter().filter_map(Result::ok) {
                        let name = export.name.name.to_owned();
                        let item = types.component_item_for_export(&name).map(|item| &item.ty);
                        self.exports.push(Export { item: describe(types, item), name });
                    }
                }
                _ => {}
            }
        }
    }
}

fn describe(types: &Types, item: Option<&ComponentEntityType>) -> Item {
    match item {
        Some(ComponentEntityType::Func(id)) => Item::Func(types::function(types, *id)),
        Some(ComponentEntityType::Instance(id)) => {
            Item::Instance { needs: types::needs(types, *id) }
        }
        Some(ComponentEntityType::Type { created, .. }) if types::is_resource(*created) => {
            Item::Other("a resource")
        }
        Some(ComponentEntityType::Type { .. }) => Item::Type,
        Some(ComponentEntityType::Module(_)) => Item::Other("a core module"),
        Some(ComponentEntityType::Component(_)) => Item::Other("a component"),
        Some(ComponentEntityType::Value(_)) | None => Item::Other("a value"),
    }
}

fn kind(bytes: &[u8]) -> Kind {
    const MAGIC: &[u8] = b"\0asm";
    if bytes.is_empty() {
        Kind::Empty
    } else if Parser::is_component(bytes) {
        Kind::Component
    } else if Parser::is_core_wasm(bytes) {
        Kind::CoreModule
    } else if MAGIC.starts_with(bytes) || (bytes.starts_with(MAGIC) && bytes.len() < 8) {
        Kind::Header
    } else if bytes.starts_with(MAGIC) {
        Kind::OtherVersion
    } else if bytes.starts_with(b"\x7fELF") {
        Kind::Elf
    } else if [&b"PK\x03\x04"[..], b"\x1f\x8b", b"!<arch>", b"\x28\xb5\x2f\xfd"]
        .iter()
        .any(|magic| bytes.starts_with(magic))
    {
        Kind::Archive
    } else if std::str::from_utf8(&bytes[..bytes.len().min(512)]).map_or_else(
        // A character may have been cut in two at the end of the sample.
        |error| error.error_len().is_none(),
        |_| true,
    ) && !bytes[..bytes.len().min(512)].contains(&0)
    {
        Kind::Text
    } else {
        Kind::Unknown
    }
}

fn invalid(bytes: &[u8], error: &BinaryReaderError) -> Invalid {
    let all = WasmFeatures::all();
    Invalid {
        message: error.message().to_owned(),
        offset: error.offset(),
        truncated: is_truncated(bytes),
        valid_with_all_features: Validator::new_with_features(all).validate_all(bytes).is_ok(),
    }
}

/// Whether the bytes end in the middle of a section. Everything nested lies inside of a section of the
/// outermost level, so only that level is walked.
fn is_truncated(bytes: &[u8]) -> bool {
    const HEADER: usize = 8;
    /// The last section id of modules; components have fewer. Other ids are foreign bytes.
    const LAST_ID: u8 = 13;
    let mut reader = BinaryReader::new(bytes.get(HEADER..).unwrap_or_default(), 0);
    while !reader.eof() {
        if reader.read_u8().is_ok_and(|id| id > LAST_ID) {
            return false;
        }
        let Ok(size) = reader.read_var_u32() else { return true };
        if reader.read_bytes(size as usize).is_err() {
            return true;
        }
    }
    false
}

/// SHA-256 of bytes, in lowercase hex.
pub fn sha256(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
