//! A core module with what the linker knew of it: which function or data each place in it refers to.
//!
//! In: a module that was linked with `--emit-relocs`. Out: [`Linked`], with all positions as those in the file. Nothing is
//! judged or changed here. What the linker says and what stands in the module have to agree, else there is no answer.

use std::ops::Range;

use wasmparser::{
    BinaryReader, DataKind, ElementItems, ExportSectionReader, ExternalKind, KnownCustom, Linking,
    LinkingSectionReader, Operator, Parser, Payload, RelocSectionReader, RelocationType,
    SymbolFlags, SymbolInfo, TypeRef,
};

use crate::plugin::CoreModule;

/// The flag that has the linker write down what it knew, as an argument of the linker.
pub(in crate::build) const FLAG: &str = "-Clink-arg=--emit-relocs";

/// A function, by its number among those that the module defines.
pub(super) type Function = usize;

#[derive(Default)]
pub(super) struct Linked<'a> {
    /// Bodies of the functions that the module defines.
    pub bodies: Vec<wasmparser::FunctionBody<'a>>,
    /// Functions that are called from outside, or that the linker was told to keep.
    pub roots: Vec<Function>,
    pub symbols: Vec<Symbol<'a>>,
    /// References from code and from data, in the order of their positions.
    pub references: Vec<Reference>,
    imported: usize,
    segments: Vec<Range<usize>>,
}

/// What can be referred to.
pub(super) enum Symbol<'a> {
    Function(Function, &'a str),
    Data(Range<usize>),
    /// An import, a global, a table: nothing that could be removed.
    Other,
}

/// A place that holds a function's number in the table, or the address of data.
pub(super) struct Reference {
    pub at: usize,
    pub symbol: usize,
}

impl<'a> Linked<'a> {
    /// `None` for a module without the linker's knowledge, or one of a kind that the linker does not make.
    pub(super) fn read(module: &'a CoreModule) -> Option<Self> {
        let mut linked = Self::default();
        let (mut code, mut data) = (0, 0);
        for payload in Parser::new(0).parse_all(&module.0) {
            match payload.ok()? {
                Payload::ImportSection(reader) => {
                    for import in reader.into_imports() {
                        linked.imported += usize::from(matches!(import.ok()?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::ExportSection(reader) => linked.add_exports(reader)?,
                Payload::StartSection { func, .. } => linked.add_root(func),
                Payload::ElementSection(reader) => {
                    for element in reader {
                        matches!(element.ok()?.items, ElementItems::Functions(_)).then_some(())?;
                    }
                }
                Payload::CodeSectionStart { unchecked_range, .. } => {
                    code = usize::try_from(unchecked_range.start).ok()?;
                }
                Payload::CodeSectionEntry(body) => linked.bodies.push(body),
                Payload::DataSection(reader) => {
                    data = usize::try_from(reader.range().start).ok()?;
                    for segment in reader {
                        let segment = segment.ok()?;
                        matches!(segment.kind, DataKind::Active { .. }).then_some(())?;
                        let end = usize::try_from(segment.range.end).ok()?;
                        linked.segments.push(end - segment.data.len()..end);
                    }
                }
                Payload::CustomSection(section) => match (section.name(), section.as_known()) {
                    (_, KnownCustom::Linking(reader)) => linked.add_symbols(&reader)?,
                    ("reloc.CODE", KnownCustom::Reloc(reader)) => {
                        linked.add_references(&reader, code, &module.0)?;
                    }
                    ("reloc.DATA", KnownCustom::Reloc(reader)) => {
                        linked.add_references(&reader, data, &module.0)?;
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        linked.references.sort_by_key(|reference| reference.at);
        (!linked.references.is_empty()).then_some(linked)
    }

    /// The function of a number, unless it is imported.
    pub(super) fn defined(&self, index: u32) -> Option<Function> {
        usize::try_from(index).ok()?.checked_sub(self.imported)
    }

    /// What is referred to from a part of the file.
    pub(super) fn references_in(&self, part: &Range<usize>) -> &[Reference] {
        let before = |end: usize| self.references.partition_point(|reference| reference.at < end);
        &self.references[before(part.start)..before(part.end)]
    }

    fn add_exports(&mut self, exports: ExportSectionReader<'_>) -> Option<()> {
        for export in exports {
            let export = export.ok()?;
            match export.kind {
                ExternalKind::Func => self.add_root(export.index),
                // Then any function in it can be called.
                ExternalKind::Table => return None,
                _ => {}
            }
        }
        Some(())
    }

    fn add_symbols(&mut self, notes: &LinkingSectionReader<'a>) -> Option<()> {
        for part in notes.subsections() {
            if let Linking::SymbolTable(symbols) = part.ok()? {
                for symbol in symbols {
                    self.add_symbol(symbol.ok()?)?;
                }
            }
        }
        Some(())
    }

    fn add_root(&mut self, index: u32) {
        self.roots.extend(self.defined(index));
    }

    fn add_symbol(&mut self, symbol: SymbolInfo<'a>) -> Option<()> {
        let symbol = match symbol {
            SymbolInfo::Func { flags, index, name } => {
                if flags.intersects(SymbolFlags::NO_STRIP | SymbolFlags::EXPORTED) {
                    self.add_root(index);
                }
                let function = self.defined(index).filter(|it| *it < self.bodies.len());
                function.map_or(Symbol::Other, |it| Symbol::Function(it, name.unwrap_or_default()))
            }
            SymbolInfo::Data { symbol: Some(place), .. } => {
                let segment = self.segments.get(usize::try_from(place.index).ok()?);
                let start = usize::try_from(place.offset).ok()?;
                let end = start + usize::try_from(place.size).ok()?;
                match segment {
                    Some(segment) if segment.len() >= end => {
                        Symbol::Data(segment.start + start..segment.start + end)
                    }
                    _ => Symbol::Other,
                }
            }
            _ => Symbol::Other,
        };
        self.symbols.push(symbol);
        Some(())
    }

    fn add_references(
        &mut self,
        reader: &RelocSectionReader<'_>,
        start: usize,
        module: &[u8],
    ) -> Option<()> {
        for entry in reader.entries() {
            let entry = entry.ok()?;
            let at = start + usize::try_from(entry.offset).ok()?;
            let symbol = usize::try_from(entry.index).ok()?;
            match entry.ty {
                // The number of a type, not of a symbol.
                RelocationType::TypeIndexLeb => {}
                // Calls are read from the code, since the linker makes functions without telling. They show whether the
                // positions are right.
                RelocationType::FunctionIndexLeb => {
                    let there = BinaryReader::new(module.get(at..)?, 0).read_var_u32().ok()?;
                    if let Symbol::Function(function, _) = self.symbols.get(symbol)? {
                        (self.defined(there) == Some(*function)).then_some(())?;
                    }
                }
                _ => self.references.push(Reference { at, symbol }),
            }
        }
        Some(())
    }
}

/// Whether an instruction can be left for another than the next one, or does what others see.
pub(super) fn is_plain(operator: &Operator<'_>) -> bool {
    use Operator as Op;
    !matches!(
        operator,
        Op::Unreachable
            | Op::Block { .. }
            | Op::Loop { .. }
            | Op::If { .. }
            | Op::Else
            | Op::End
            | Op::Br { .. }
            | Op::BrIf { .. }
            | Op::BrTable { .. }
            | Op::Return
            | Op::Call { .. }
            | Op::CallIndirect { .. }
            | Op::ReturnCall { .. }
            | Op::ReturnCallIndirect { .. }
    )
}
