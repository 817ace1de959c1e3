//! Finds re-exported imports: exports that are functions of the host, which the host's engine does not implement.
//!
//! In: the parts of a valid component. Out: the source of each export. Sources are followed through instances and
//! their components; the exports of a component that is itself imported or an argument count as its own.

use std::collections::BTreeMap;
use std::rc::Rc;

use wasmparser_host::{
    BinaryReaderError, CanonicalFunction, ComponentAlias, ComponentExternalKind as Kind,
    ComponentInstance, ComponentInstantiationArg, ComponentOuterAliasKind, ComponentTypeRef,
    Encoding, Payload,
};

use super::Item;
use super::instance_count::outer;

/// Maximum nesting of instances to follow.
const DEEPEST: u32 = 64;
/// Maximum number of exports of instances to follow, in total.
const MOST: usize = 100_000;

/// The source of a function or an instance, as seen from within one component.
#[derive(Clone, Debug, Default)]
pub(super) enum Source<'a> {
    /// From the component itself, or unknown.
    #[default]
    Own,
    /// From an import: its name, then the names of exports.
    Import(Rc<[&'a str]>),
    /// An instance created here, with those of its exports that have another source.
    Made { exports: Rc<Exports<'a>>, depth: u32 },
}

type Exports<'a> = BTreeMap<&'a str, Source<'a>>;

/// A component while it is read.
#[derive(Default)]
struct Frame<'a> {
    is_component: bool,
    funcs: Vec<Source<'a>>,
    instances: Vec<Source<'a>>,
    /// The exports of each of its components; unknown for an imported one.
    components: Vec<Rc<Exports<'a>>>,
    exports: Exports<'a>,
}

/// Follows the current component and the enclosing ones.
#[derive(Default)]
pub(super) struct Reexports<'a> {
    frames: Vec<Frame<'a>>,
    followed: usize,
    /// Sources of the outermost component's exports, in their order.
    pub exports: Vec<Source<'a>>,
}

impl<'a> Source<'a> {
    /// Whether an item with this source contains a function of the host.
    pub fn passes_on(&self, item: &Item) -> bool {
        match (self, item) {
            (Self::Import(_), item) => item.has(&|item| matches!(item, Item::Func(_))),
            (Self::Made { exports, .. }, Item::Instance { items }) => {
                items.iter().any(|(name, item)| {
                    exports.get(&**name).is_some_and(|source| source.passes_on(item))
                })
            }
            _ => false,
        }
    }

    fn made(exports: Exports<'a>) -> Self {
        let depth = exports.values().map(Self::depth).max().unwrap_or(0) + 1;
        if exports.is_empty() || depth > DEEPEST {
            return Self::Own;
        }
        Self::Made { exports: exports.into(), depth }
    }

    fn depth(&self) -> u32 {
        if let Self::Made { depth, .. } = self { *depth } else { 0 }
    }

    fn export(&self, name: &'a str) -> Self {
        match self {
            Self::Own => Self::Own,
            Self::Import(path) if path.len() >= DEEPEST as usize => Self::Own,
            Self::Import(path) => Self::Import(path.iter().copied().chain([name]).collect()),
            Self::Made { exports, .. } => exports.get(name).cloned().unwrap_or_default(),
        }
    }
}

impl<'a> Reexports<'a> {
    pub fn add(&mut self, payload: &Payload<'a>) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::Version { encoding, .. } => {
                let is_component = *encoding == Encoding::Component;
                self.frames.push(Frame { is_component, ..Frame::default() });
            }
            Payload::End(_) => self.end(),
            payload => self.inside(payload)?,
        }
        Ok(())
    }

    fn inside(&mut self, payload: &Payload<'a>) -> Result<(), BinaryReaderError> {
        let is_outermost = self.frames.len() == 1;
        let Some((frame, around)) = self.frames.split_last_mut() else { return Ok(()) };
        match payload {
            Payload::ComponentImportSection(reader) => {
                for import in reader.clone() {
                    let import = import?;
                    let source = Source::Import([import.name.0].into());
                    match import.ty {
                        ComponentTypeRef::Func(_) => frame.funcs.push(source),
                        ComponentTypeRef::Instance(_) => frame.instances.push(source),
                        ComponentTypeRef::Component(_) => frame.components.push(Rc::default()),
                        _ => {}
                    }
                }
            }
            Payload::ComponentExportSection(reader) => {
                for export in reader.clone() {
                    let export = export?;
                    let source = frame.source(export.kind, export.index);
                    if export.kind == Kind::Component {
                        frame.components.push(frame.component(export.index));
                    }
                    frame.define(export.kind, source.clone());
                    if is_outermost {
                        self.exports.push(source);
                    } else if !matches!(source, Source::Own) {
                        frame.exports.insert(export.name.0, source);
                    }
                }
            }
            Payload::ComponentCanonicalSection(reader) => {
                for function in reader.clone() {
                    if let CanonicalFunction::Lift { .. } = function? {
                        frame.funcs.push(Source::Own);
                    }
                }
            }
            Payload::ComponentAliasSection(reader) => {
                for alias in reader.clone() {
                    frame.alias(&alias?, around);
                }
            }
            Payload::ComponentInstanceSection(reader) => {
                for instance in reader.clone() {
                    let source = frame.instance(&instance?, &mut self.followed);
                    frame.instances.push(source);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        if let (true, Some(parent)) = (frame.is_component, self.frames.last_mut()) {
            parent.components.push(frame.exports.into());
        }
    }
}

impl<'a> Frame<'a> {
    fn source(&self, kind: Kind, index: u32) -> Source<'a> {
        let space = match kind {
            Kind::Func => &self.funcs,
            Kind::Instance => &self.instances,
            _ => return Source::Own,
        };
        space.get(index as usize).cloned().unwrap_or_default()
    }

    fn define(&mut self, kind: Kind, source: Source<'a>) {
        match kind {
            Kind::Func => self.funcs.push(source),
            Kind::Instance => self.instances.push(source),
            _ => {}
        }
    }

    fn component(&self, index: u32) -> Rc<Exports<'a>> {
        self.components.get(index as usize).cloned().unwrap_or_default()
    }

    fn alias(&mut self, alias: &ComponentAlias<'a>, around: &[Self]) {
        match alias {
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                let outer = outer(self, around, *count);
                let component = outer.map(|frame| frame.component(*index)).unwrap_or_default();
                self.components.push(component);
            }
            ComponentAlias::InstanceExport { kind: Kind::Component, .. } => {
                self.components.push(Rc::default());
            }
            ComponentAlias::InstanceExport { kind, instance_index, name } => {
                let source = self.source(Kind::Instance, *instance_index).export(name);
                self.define(*kind, source);
            }
            _ => {}
        }
    }

    fn instance(&self, instance: &ComponentInstance<'a>, followed: &mut usize) -> Source<'a> {
        match instance {
            ComponentInstance::Instantiate { component_index, args } => {
                self.filled(&self.component(*component_index), args, followed)
            }
            ComponentInstance::FromExports(exports) => {
                let sources = exports
                    .iter()
                    .map(|export| (export.name.0, self.source(export.kind, export.index)));
                Source::made(sources.filter(|(_, source)| !matches!(source, Source::Own)).collect())
            }
        }
    }

    /// Returns the exports of a component after its imports are replaced by the arguments.
    fn filled(
        &self,
        exports: &Exports<'a>,
        args: &[ComponentInstantiationArg<'a>],
        followed: &mut usize,
    ) -> Source<'a> {
        let filled = exports.iter().filter_map(|(name, source)| {
            *followed += 1;
            let source = match source {
                _ if *followed > MOST => Source::Own,
                Source::Own => Source::Own,
                Source::Import(path) => {
                    let (import, inside) = path.split_first()?;
                    let argument = args.iter().find(|argument| argument.name == *import)?;
                    let given = self.source(argument.kind, argument.index);
                    inside.iter().fold(given, |source, name| source.export(name))
                }
                Source::Made { exports, .. } => self.filled(exports, args, followed),
            };
            (!matches!(source, Source::Own)).then_some((*name, source))
        });
        Source::made(filled.collect())
    }
}
