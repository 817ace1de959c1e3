//! What a file uses that may matter to a desk, anywhere in the file.

use wasmparser_host::{
    BinaryReaderError, CanonicalFunction, CanonicalOption, CompositeType, ConstExpr, DataKind,
    ElementItems, ElementKind, MemoryType, Operator, Payload, TypeRef,
};

use super::embedded_paths;
use super::functions::Instructions;
use super::instance_count::Count;

/// What a file uses.
#[derive(Clone, Debug, Default)]
pub struct Used {
    /// Instruction sets.
    pub instructions: Instructions,
    /// Whether a memory is shared between threads.
    pub shared_memory: bool,
    /// Components inside of the component.
    pub components: usize,
    /// String encodings other than utf-8, each once.
    pub encodings: Vec<&'static str>,
    /// Number of memories that it defines.
    pub memories: usize,
    /// Initial pages of 64 KiB of the largest memory.
    pub memory_pages: u64,
    /// Initial elements of the largest table.
    pub table_elements: u32,
    /// Number of functions that it defines.
    pub functions: usize,
    /// Maximum number of parameters of a core function type.
    pub params: usize,
    /// Bytes of code.
    pub code: usize,
    /// Bytes of the largest function.
    pub largest_function: usize,
    /// Whether creating an instance may fail: a module, instantiated or not, has a start function, or segments that may not
    /// fit into its memories and tables.
    pub start: bool,
    /// Maximum number of instances of core modules and components in one instance of the file.
    pub instances: Count,
    /// The first few paths of the build machine, each once.
    pub paths: Vec<String>,
    /// Sizes for the module that is being read.
    room: Room,
}

/// Minimum sizes of the memories (bytes) and tables (elements) of a module.
#[derive(Clone, Debug, Default)]
struct Room {
    memories: Vec<u64>,
    tables: Vec<u64>,
}

fn bytes(memory: &MemoryType) -> u64 {
    memory.initial.saturating_mul(1 << 16)
}

/// Whether a segment certainly fits.
fn fits(
    offset: &ConstExpr<'_>,
    length: u64,
    room: Option<&u64>,
) -> Result<bool, BinaryReaderError> {
    let mut operators = offset.get_operators_reader();
    let start = match (operators.read()?, operators.read()?) {
        // Offsets are unsigned.
        (Operator::I32Const { value }, Operator::End) => u64::from(value.cast_unsigned()),
        _ => return Ok(false),
    };
    Ok(room.is_some_and(|room| start.saturating_add(length) <= *room))
}

impl Used {
    pub(super) fn add(&mut self, payload: &Payload<'_>) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::Version { .. } => self.room = Room::default(),
            Payload::ComponentSection { .. } => self.components += 1,
            Payload::ComponentCanonicalSection(reader) => {
                for function in reader.clone() {
                    self.add_options(&function?);
                }
            }
            Payload::TypeSection(reader) => {
                for group in reader.clone() {
                    for ty in group?.types() {
                        if let CompositeType::Func(function) = &ty.composite_type {
                            self.params = self.params.max(function.params().len());
                        }
                    }
                }
            }
            Payload::ImportSection(reader) => {
                for import in reader.clone() {
                    match import?.ty {
                        TypeRef::Memory(memory) => {
                            self.shared_memory |= memory.shared;
                            self.room.memories.push(bytes(&memory));
                        }
                        TypeRef::Table(table) => self.room.tables.push(table.initial.into()),
                        _ => {}
                    }
                }
            }
            Payload::MemorySection(reader) => {
                for memory in reader.clone() {
                    let memory = memory?;
                    self.room.memories.push(bytes(&memory));
                    self.add_memory(&memory);
                }
            }
            Payload::TableSection(reader) => {
                for table in reader.clone() {
                    let elements = table?.ty.initial;
                    self.room.tables.push(elements.into());
                    self.table_elements = self.table_elements.max(elements);
                }
            }
            Payload::StartSection { .. } => self.start = true,
            Payload::FunctionSection(reader) => self.functions += reader.count() as usize,
            Payload::CodeSectionStart { size, .. } => self.code += *size as usize,
            Payload::DataSection(reader) => {
                for data in reader.clone() {
                    let data = data?;
                    embedded_paths::find(data.data, &mut self.paths);
                    if let DataKind::Active { memory_index, offset_expr } = data.kind {
                        let room = self.room.memories.get(memory_index as usize);
                        self.start |= !fits(&offset_expr, data.data.len() as u64, room)?;
                    }
                }
            }
            Payload::ElementSection(reader) => {
                for element in reader.clone() {
                    let element = element?;
                    let count = match &element.items {
                        ElementItems::Functions(items) => items.count(),
                        ElementItems::Expressions(_, items) => items.count(),
                    };
                    if let ElementKind::Active { table_index, offset_expr } = element.kind {
                        let room = self.room.tables.get(table_index.unwrap_or(0) as usize);
                        self.start |= !fits(&offset_expr, count.into(), room)?;
                    }
                }
            }
            Payload::CustomSection(section) => {
                embedded_paths::find(section.data(), &mut self.paths);
            }
            _ => {}
        }
        Ok(())
    }

    fn add_memory(&mut self, memory: &MemoryType) {
        self.memories += 1;
        self.memory_pages = self.memory_pages.max(memory.initial);
        self.shared_memory |= memory.shared;
    }

    fn add_options(&mut self, function: &CanonicalFunction) {
        let (CanonicalFunction::Lift { options, .. } | CanonicalFunction::Lower { options, .. }) =
            function
        else {
            return;
        };
        for option in &**options {
            let encoding = match option {
                CanonicalOption::UTF16 => "utf-16",
                CanonicalOption::CompactUTF16 => "latin1+utf-16",
                _ => continue,
            };
            if !self.encodings.contains(&encoding) {
                self.encodings.push(encoding);
            }
        }
    }
}
