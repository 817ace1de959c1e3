//! The single pass over a file: validates it with the host's own validator and collects facts.
//!
//! In: bytes and features. Out: a [`Parsed`], or why the bytes are not valid.

use wasmparser_host::types::Types;
use wasmparser_host::{
    BinaryReaderError, ComponentExport, ComponentImport, CustomSectionReader, Export, Parser,
    Payload, ValidPayload, Validator, WasmFeatures,
};

use super::features_used::Used;
use super::functions::Functions;
use super::instance_count::Unfold;
use super::reexports::{Reexports, Source};
use crate::plugin::SECTION;

/// Custom sections that the host's engine mistakes for a proposal that it has dropped.
const DROPPED: [&str; 2] = ["webidl-bindings", "wasm-interface-types"];

/// Maximum number of instances in the host's store.
const MOST_INSTANCES: u64 = 10_000;

/// Maximum number of sections, function bodies and ends to read. A file with more was made to waste time.
const MOST_PARTS: usize = 2_000_000;
/// Maximum number of modules and components to read; the validator's time grows with the square.
const MOST_MODULES: usize = 5_000;

/// Nesting of component types that fits onto the stack of every thread of the host.
const DEEPEST: usize = 250;

/// Why a pass stopped early.
pub(super) enum Stop {
    /// The bytes are not valid.
    Invalid(BinaryReaderError),
    /// The file is larger than what is read.
    TooMuch(&'static str),
}

impl From<BinaryReaderError> for Stop {
    fn from(error: BinaryReaderError) -> Self {
        Self::Invalid(error)
    }
}

/// The facts from one pass over a valid file.
#[derive(Default)]
pub(super) struct Parsed<'a> {
    /// The types of the outermost module or component.
    pub types: Option<Types>,
    pub imports: Vec<ComponentImport<'a>>,
    pub exports: Vec<ComponentExport<'a>>,
    /// The source of each of `exports`.
    pub sources: Vec<Source<'a>>,
    pub core_exports: Vec<Export<'a>>,
    /// The metadata section of the outermost module or component.
    pub metadata: Option<&'a [u8]>,
    /// Whether it contains the description of a component's types.
    pub component_type: bool,
    /// What is valid but not implemented by the host's engine.
    pub unsupported: Vec<String>,
    pub used: Used,
}

/// Reads and validates everything.
pub(super) fn parse(bytes: &[u8], features: WasmFeatures) -> Result<Parsed<'_>, Stop> {
    let mut parsed = Parsed::default();
    let mut validator = Validator::new_with_features(features);
    let mut functions = Functions::new(bytes);
    let mut unfold = Unfold::default();
    let mut reexports = Reexports::default();
    let mut depth = 0_u32;
    let mut modules = 0;
    for (parts, payload) in Parser::new(0).parse_all(bytes).enumerate() {
        let payload = payload?;
        modules += usize::from(matches!(payload, Payload::Version { .. }));
        if parts > MOST_PARTS {
            return Err(Stop::TooMuch("it has millions of sections and functions"));
        }
        if modules > MOST_MODULES {
            return Err(Stop::TooMuch("it has thousands of modules and components"));
        }
        if let Payload::ComponentTypeSection(reader) = &payload
            && may_be_deep(bytes, reader.range())
        {
            return Err(Stop::TooMuch("its component types are nested too deep to follow"));
        }
        match validator.payload(&payload)? {
            ValidPayload::Func(function, body) => functions.push(function, body)?,
            ValidPayload::End(types) => parsed.types = Some(types),
            ValidPayload::Ok | ValidPayload::Parser(_) => {}
        }
        match &payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ if depth == 0 => parsed.outermost(&payload)?,
            _ => {}
        }
        parsed.anywhere(&payload)?;
        unfold.add(&payload)?;
        reexports.add(&payload)?;
    }
    functions.validate()?;
    parsed.sources = reexports.exports;
    parsed.used.instructions = functions.used;
    parsed.used.largest_function = functions.largest;
    parsed.used.instances = unfold.total;
    if parsed.used.instances.core > MOST_INSTANCES {
        parsed.unsupported.push(format!(
            "one instance of it makes more than {MOST_INSTANCES} instances of core modules"
        ));
    }
    Ok(parsed)
}

/// Whether types in a section may be nested too deeply for the host's recursive reader. Each level contains one of two
/// bytes; if there are many of them, the current reader checks that there are at most 100 levels.
fn may_be_deep(bytes: &[u8], range: std::ops::Range<usize>) -> bool {
    const COMPONENT: u8 = 0x41;
    const INSTANCE: u8 = 0x42;
    let Some(section) = bytes.get(range) else { return false };
    if memchr::memchr2_iter(COMPONENT, INSTANCE, section).nth(DEEPEST).is_none() {
        return false;
    }
    let reader = wasmparser::BinaryReader::new(section, 0);
    !wasmparser::ComponentTypeSectionReader::new(reader)
        .is_ok_and(|types| types.into_iter().all(|ty| ty.is_ok()))
}

impl<'a> Parsed<'a> {
    fn outermost(&mut self, payload: &Payload<'a>) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::ExportSection(reader) => {
                for export in reader.clone() {
                    self.core_exports.push(export?);
                }
            }
            Payload::CustomSection(section) if section.name() == SECTION => {
                self.metadata = self.metadata.or(Some(section.data()));
            }
            Payload::CustomSection(section) => {
                self.component_type |= section.name().starts_with("component-type");
            }
            Payload::ComponentImportSection(reader) => {
                for import in reader.clone() {
                    self.imports.push(import?);
                }
            }
            Payload::ComponentExportSection(reader) => {
                for export in reader.clone() {
                    self.exports.push(export?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn anywhere(&mut self, payload: &Payload<'a>) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::CustomSection(section) => self.custom_section(section),
            Payload::ElementSection(reader) => {
                for element in reader.clone() {
                    if !elements_are_plain(&element?.items)? {
                        self.refuse("an element segment takes its items from a global".into());
                    }
                }
            }
            _ => {}
        }
        self.used.add(payload)
    }

    fn custom_section(&mut self, section: &CustomSectionReader<'a>) {
        if DROPPED.contains(&section.name()) {
            self.refuse(format!("a module has a custom section `{}`", section.name()));
        }
    }

    /// The same fault is reported only once.
    fn refuse(&mut self, what: String) {
        if !self.unsupported.contains(&what) {
            self.unsupported.push(what);
        }
    }
}

/// The engine reads only `ref.null` and `ref.func` in element segments.
fn elements_are_plain(
    items: &wasmparser_host::ElementItems<'_>,
) -> Result<bool, BinaryReaderError> {
    use wasmparser_host::{ElementItems, Operator};
    let ElementItems::Expressions(_, expressions) = items else { return Ok(true) };
    for expression in expressions.clone() {
        let first = expression?.get_operators_reader().read()?;
        if !matches!(first, Operator::RefNull { .. } | Operator::RefFunc { .. }) {
            return Ok(false);
        }
    }
    Ok(true)
}
