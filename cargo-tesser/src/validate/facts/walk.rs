//! The one pass over a file: it validates with the host's own validator and notes what it passes.
//!
//! In: bytes and features. Out: a [`Walk`], or why the bytes are not valid.

use wasmparser_host::types::Types;
use wasmparser_host::{
    BinaryReaderError, ComponentAlias, ComponentExport, ComponentExternalKind as Kind,
    ComponentImport, ComponentInstance, ComponentTypeRef, CustomSectionReader, Export, Parser,
    Payload, ValidPayload, Validator, WasmFeatures,
};

use super::functions::Functions;
use super::unfold::Unfold;
use super::used::Used;
use crate::build::SECTION;

/// Custom sections of modules that the host's engine takes for a proposal that it has dropped.
const DROPPED: [&str; 2] = ["webidl-bindings", "wasm-interface-types"];

/// What the host's store holds at most.
const MOST_INSTANCES: u64 = 10_000;

/// Sections, function bodies and ends that are read at most. What has more of them was made to keep us busy.
const MOST_PARTS: usize = 2_000_000;
/// Modules and components that are read at most; the validator's work grows with their square.
const MOST_MODULES: usize = 5_000;

/// Levels of component types that the host's reader follows on the stack of any thread.
const DEEPEST: usize = 250;

/// Why a pass did not come to the end.
pub(super) enum Stop {
    /// The bytes are not valid.
    Invalid(BinaryReaderError),
    /// There is more than is read.
    TooMuch(&'static str),
}

impl From<BinaryReaderError> for Stop {
    fn from(error: BinaryReaderError) -> Self {
        Self::Invalid(error)
    }
}

/// What one pass over a valid file notes.
#[derive(Default)]
pub(super) struct Walk<'a> {
    /// What the outermost module or component is made of.
    pub types: Option<Types>,
    pub imports: Vec<ComponentImport<'a>>,
    pub exports: Vec<ComponentExport<'a>>,
    /// For each of `exports`, whether the host itself gave what is exported.
    pub reexported: Vec<bool>,
    pub core_exports: Vec<Export<'a>>,
    /// What `cargo tesser build` wrote about the outermost module or component.
    pub metadata: Option<&'a [u8]>,
    /// Whether it carries the description of a component's types.
    pub component_type: bool,
    /// What is valid, but not implemented by the host's engine.
    pub unsupported: Vec<String>,
    pub used: Used,
    /// Functions and instances of the outermost component: whether the host gave them.
    funcs: Vec<bool>,
    instances: Vec<bool>,
}

/// Reads and validates everything.
pub(super) fn walk(bytes: &[u8], features: WasmFeatures) -> Result<Walk<'_>, Stop> {
    let mut walk = Walk::default();
    let mut validator = Validator::new_with_features(features);
    let mut functions = Functions::new(bytes);
    let mut unfold = Unfold::default();
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
            ValidPayload::End(types) => walk.types = Some(types),
            ValidPayload::Ok | ValidPayload::Parser(_) => {}
        }
        match &payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ if depth == 0 => walk.outermost(&payload)?,
            _ => {}
        }
        walk.anywhere(&payload)?;
        unfold.add(&payload)?;
    }
    functions.validate()?;
    walk.used.instructions = functions.used;
    walk.used.largest_function = functions.largest;
    walk.used.instances = unfold.total;
    if walk.used.instances.core > MOST_INSTANCES {
        walk.unsupported.push(format!(
            "one instance of it makes more than {MOST_INSTANCES} instances of core modules"
        ));
    }
    Ok(walk)
}

/// Whether types in a section may be nested deeper than the host's reader can follow by recursion. Each level
/// takes one of two bytes; where there are many of them, today's reader has to find no more than 100 levels.
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

impl<'a> Walk<'a> {
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
                    let import = import?;
                    match import.ty {
                        ComponentTypeRef::Func(_) => self.funcs.push(true),
                        ComponentTypeRef::Instance(_) => self.instances.push(true),
                        _ => {}
                    }
                    self.imports.push(import);
                }
            }
            Payload::ComponentExportSection(reader) => {
                for export in reader.clone() {
                    let export = export?;
                    let from_host = self.is_hosts(export.kind, export.index);
                    self.define(export.kind, from_host);
                    self.reexported.push(from_host);
                    self.exports.push(export);
                }
            }
            Payload::ComponentCanonicalSection(reader) => {
                for function in reader.clone() {
                    if let wasmparser_host::CanonicalFunction::Lift { .. } = function? {
                        self.funcs.push(false);
                    }
                }
            }
            Payload::ComponentAliasSection(reader) => {
                for alias in reader.clone() {
                    if let ComponentAlias::InstanceExport { kind, instance_index, .. } = alias? {
                        let from_host = self.is_hosts(Kind::Instance, instance_index);
                        self.define(kind, from_host);
                    }
                }
            }
            Payload::ComponentInstanceSection(reader) => {
                for instance in reader.clone() {
                    let from_host = match instance? {
                        ComponentInstance::Instantiate { .. } => false,
                        ComponentInstance::FromExports(exports) => {
                            exports.iter().any(|export| self.is_hosts(export.kind, export.index))
                        }
                    };
                    self.instances.push(from_host);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn is_hosts(&self, kind: Kind, index: u32) -> bool {
        let space = match kind {
            Kind::Func => &self.funcs,
            Kind::Instance => &self.instances,
            _ => return false,
        };
        space.get(index as usize).copied().unwrap_or(false)
    }

    fn define(&mut self, kind: Kind, from_host: bool) {
        match kind {
            Kind::Func => self.funcs.push(from_host),
            Kind::Instance => self.instances.push(from_host),
            _ => {}
        }
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

    /// The same thing a million times is said once.
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
