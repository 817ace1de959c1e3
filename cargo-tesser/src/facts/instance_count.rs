//! Counts the instances that one instance of a file consists of.
//!
//! A component can instantiate another twice, which instantiates a third twice, and so on: a small file can
//! need more instances than fit into memory. All nested instantiations are counted, so the number is an upper bound: an
//! argument counts each time that it could be used.

use wasmparser_host::{
    BinaryReaderError, ComponentAlias, ComponentExternalKind as Kind, ComponentInstance,
    ComponentOuterAliasKind, ComponentTypeRef, Encoding, Instance, Payload,
};

/// Counts the instances of the current component and of the enclosing ones.
#[derive(Default)]
pub(super) struct Unfold {
    frames: Vec<Frame>,
    /// The count of the outermost component, once it has ended.
    pub total: Count,
}

/// Numbers of instances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Of core modules.
    pub core: u64,
    /// Of core modules and components.
    pub all: u64,
}

/// A component while it is read.
#[derive(Default)]
struct Frame {
    /// Not a core module.
    is_component: bool,
    count: Count,
    /// Instances in an instance of each of its components.
    components: Vec<Count>,
}

/// An unknown component counts as one instance.
const UNKNOWN: Count = Count { core: 1, all: 1 };

impl Count {
    fn add(&mut self, other: Self) {
        self.core = self.core.saturating_add(other.core);
        self.all = self.all.saturating_add(other.all);
    }

    fn times(self, other: Self) -> Self {
        Self {
            core: self.core.saturating_mul(other.core.max(1)),
            all: self.all.saturating_mul(other.all.max(1)),
        }
    }
}

impl Unfold {
    pub fn add(&mut self, payload: &Payload<'_>) -> Result<(), BinaryReaderError> {
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

    fn inside(&mut self, payload: &Payload<'_>) -> Result<(), BinaryReaderError> {
        let Some((frame, around)) = self.frames.split_last_mut() else { return Ok(()) };
        match payload {
            Payload::InstanceSection(reader) => {
                for instance in reader.clone() {
                    if let Instance::Instantiate { .. } = instance? {
                        frame.count.add(UNKNOWN);
                    }
                }
            }
            Payload::ComponentInstanceSection(reader) => {
                for instance in reader.clone() {
                    frame.instantiate(&instance?);
                }
            }
            Payload::ComponentImportSection(reader) => {
                for import in reader.clone() {
                    if let ComponentTypeRef::Component(_) = import?.ty {
                        frame.components.push(UNKNOWN);
                    }
                }
            }
            Payload::ComponentExportSection(reader) => {
                for export in reader.clone() {
                    let export = export?;
                    if export.kind == Kind::Component {
                        frame.components.push(frame.component(export.index));
                    }
                }
            }
            Payload::ComponentAliasSection(reader) => {
                for alias in reader.clone() {
                    frame.alias(&alias?, around);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        let mut count = frame.count;
        count.all = count.all.saturating_add(1);
        match self.frames.last_mut() {
            Some(parent) if frame.is_component => parent.components.push(count),
            Some(_) => {}
            None => self.total = count,
        }
    }
}

impl Frame {
    fn component(&self, index: u32) -> Count {
        self.components.get(index as usize).copied().unwrap_or(UNKNOWN)
    }

    fn instantiate(&mut self, instance: &ComponentInstance<'_>) {
        let ComponentInstance::Instantiate { component_index, args } = instance else { return };
        let mut count = self.component(*component_index);
        for argument in args.iter().filter(|argument| argument.kind == Kind::Component) {
            count = count.times(self.component(argument.index));
        }
        self.count.add(count);
    }

    fn alias(&mut self, alias: &ComponentAlias<'_>, around: &[Self]) {
        match alias {
            ComponentAlias::Outer { kind: ComponentOuterAliasKind::Component, count, index } => {
                let outer = outer(self, around, *count);
                let count = outer.map_or(UNKNOWN, |frame| frame.component(*index));
                self.components.push(count);
            }
            ComponentAlias::InstanceExport { kind: Kind::Component, .. } => {
                self.components.push(UNKNOWN);
            }
            _ => {}
        }
    }
}

/// Returns the component that an outer alias refers to: the current one or an enclosing one.
pub(super) fn outer<'f, F>(own: &'f F, around: &'f [F], levels: u32) -> Option<&'f F> {
    match levels as usize {
        0 => Some(own),
        levels => around.len().checked_sub(levels).and_then(|level| around.get(level)),
    }
}
