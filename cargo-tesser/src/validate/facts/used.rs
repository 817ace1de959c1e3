//! What a file uses that a desk may want to know of, wherever in the file it is.

use wasmparser_host::{
    BinaryReaderError, CanonicalFunction, CanonicalOption, CompositeType, MemoryType, Payload,
    TypeRef,
};

use super::functions::Instructions;
use super::paths;
use super::unfold::Count;

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
    /// Memories that are defined.
    pub memories: usize,
    /// Pages of 64 KiB that the largest memory starts with.
    pub memory_pages: u64,
    /// Elements that the largest table starts with.
    pub table_elements: u32,
    /// Functions that are defined.
    pub functions: usize,
    /// Parameters of the core function type that has most of them.
    pub params: usize,
    /// Bytes of code.
    pub code: usize,
    /// Bytes of the largest function.
    pub largest_function: usize,
    /// Whether a module, instantiated or not, has a function that runs when an instance is made.
    pub start: bool,
    /// Instances of core modules and components that one instance of the file takes, at most.
    pub instances: Count,
    /// Paths of the machine that built it, each once, the first few.
    pub paths: Vec<String>,
}

impl Used {
    pub(super) fn add(&mut self, payload: &Payload<'_>) -> Result<(), BinaryReaderError> {
        match payload {
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
                    if let TypeRef::Memory(memory) = import?.ty {
                        self.shared_memory |= memory.shared;
                    }
                }
            }
            Payload::MemorySection(reader) => {
                for memory in reader.clone() {
                    self.add_memory(&memory?);
                }
            }
            Payload::TableSection(reader) => {
                for table in reader.clone() {
                    self.table_elements = self.table_elements.max(table?.ty.initial);
                }
            }
            Payload::StartSection { .. } => self.start = true,
            Payload::FunctionSection(reader) => self.functions += reader.count() as usize,
            Payload::CodeSectionStart { size, .. } => self.code += *size as usize,
            Payload::DataSection(reader) => {
                for data in reader.clone() {
                    paths::find(data?.data, &mut self.paths);
                }
            }
            Payload::CustomSection(section) => paths::find(section.data(), &mut self.paths),
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
