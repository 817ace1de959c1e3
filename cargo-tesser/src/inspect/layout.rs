//! Bytes -> their sizes by section, and the metadata.
//!
//! In: any bytes. Out: a [`Layout`] of as much as can be parsed; the rest is one row. Names are escaped, and there are at
//! most [`MOST`] of each kind.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use serde::Serialize;
use wasmparser::{
    Chunk, ComponentName, CustomSectionReader, KnownCustom, Name, Naming, Parser, Payload, TypeRef,
};

use crate::report::escape_untrusted;

/// Maximum number of rows, names and producers.
const MOST: usize = 1000;
/// Maximum nesting of modules and components.
const DEEPEST: usize = 50;
/// Name of the row for the code of stripped modules.
const UNNAMED: &str = "functions without a name";
/// The standard sections that contain one text.
const TEXTS: [&str; 7] =
    ["version", "authors", "description", "licenses", "source", "homepage", "revision"];

/// A number of bytes with a label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Size {
    /// What it is.
    pub name: String,
    /// How many bytes.
    pub bytes: u64,
}

/// One entry of the `producers` section.
#[derive(Clone, Debug, Serialize)]
pub struct Producer {
    /// `language`, `processed-by` or `sdk`.
    pub field: String,
    /// Its name.
    pub name: String,
    /// Its version, often empty.
    pub version: String,
}

/// The layout of a file.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub exports: Vec<String>,
    pub imports: Vec<String>,
    /// The modules from which a core module imports; empty for a component.
    pub core_imports: BTreeSet<String>,
    pub metadata: BTreeMap<&'static str, String>,
    pub producers: Vec<Producer>,
    pub sections: Vec<Size>,
    pub crates: Option<Vec<Size>>,
    /// Names of the modules by label (`module 0`, ...).
    modules: BTreeMap<String, String>,
}

/// Bytes by name, in the order in which the names occurred.
#[derive(Debug, Default)]
struct Sizes {
    index: BTreeMap<String, usize>,
    rows: Vec<Size>,
}

impl Sizes {
    fn add(&mut self, name: &str, bytes: u64) {
        let name =
            if self.rows.len() < MOST || self.index.contains_key(name) { name } else { "others" };
        let index = *self.index.entry(name.to_owned()).or_insert_with(|| {
            self.rows.push(Size { name: name.to_owned(), bytes: 0 });
            self.rows.len() - 1
        });
        self.rows[index].bytes += bytes;
    }
}

/// A module or component that is being read, and the number of nested ones so far.
struct Level {
    parser: Parser,
    label: String,
    modules: usize,
    components: usize,
}

impl Level {
    fn new(parser: Parser, label: String) -> Self {
        Self { parser, label, modules: 0, components: 0 }
    }

    /// Returns the module or component that begins here, if any.
    fn inner(&mut self, payload: &Payload<'_>) -> Option<Self> {
        let (parser, what, count) = match payload {
            Payload::ModuleSection { parser, .. } => (parser, "module", &mut self.modules),
            Payload::ComponentSection { parser, .. } => (parser, "component", &mut self.components),
            _ => return None,
        };
        let label = format!("{}{what} {count}: ", self.label);
        *count += 1;
        Some(Self::new(parser.clone(), label))
    }
}

/// The functions of the module that is being read.
#[derive(Default)]
struct Functions<'a> {
    imported: usize,
    sizes: Vec<u64>,
    names: Vec<(u32, &'a str)>,
}

impl Functions<'_> {
    fn add_to(&self, crates: &mut Sizes) {
        let mut unnamed: u64 = self.sizes.iter().sum();
        for (index, name) in &self.names {
            let index = (*index as usize).checked_sub(self.imported);
            if let Some(size) = index.and_then(|index| self.sizes.get(index)) {
                crates.add(&owner(name), *size);
                unnamed = unnamed.saturating_sub(*size);
            }
        }
        if unnamed > 0 {
            crates.add(UNNAMED, unnamed);
        }
    }
}

impl Layout {
    pub fn read(bytes: &[u8]) -> Self {
        let mut layout = Self::default();
        let (mut sections, mut crates) = (Sizes::default(), Sizes::default());
        let mut functions = Functions::default();
        let mut level = Level::new(Parser::new(0), String::new());
        let mut outer = Vec::new();
        let mut rest = bytes;
        while let Ok(Chunk::Parsed { consumed, payload }) = level.parser.parse(rest, true) {
            rest = &rest[consumed..];
            functions.read(&payload);
            if outer.is_empty() {
                layout.read_items(&payload);
            }
            if let Some(inner) = level.inner(&payload) {
                if outer.len() == DEEPEST {
                    sections.add("nested too deep", consumed as u64);
                    break;
                }
                outer.push(std::mem::replace(&mut level, inner));
            }
            sections.add(&format!("{}{}", level.label, section(&payload)), consumed as u64);
            if let Payload::End(_) = payload {
                std::mem::take(&mut functions).add_to(&mut crates);
                match outer.pop() {
                    Some(above) => level = above,
                    None => break,
                }
            }
        }
        if !rest.is_empty() {
            sections.add("not parsed", rest.len() as u64);
        }
        layout.sections = sections.rows;
        layout.name_modules();
        crates.rows.sort_by_key(|row| std::cmp::Reverse(row.bytes));
        let is_named = crates.rows.iter().any(|row| row.name != UNNAMED);
        layout.crates = is_named.then_some(crates.rows);
        layout
    }

    /// Adds the names of modules, if the component has them.
    fn name_modules(&mut self) {
        self.sections.retain(|row| row.bytes > 0);
        for row in &mut self.sections {
            let Some((module, section)) = row.name.split_once(": ") else { continue };
            if let Some(name) = self.modules.get(module) {
                row.name = format!("{module} `{name}`: {section}");
            }
        }
    }

    /// Reads imports, exports and metadata of the outermost level.
    fn read_items(&mut self, payload: &Payload<'_>) {
        match payload {
            Payload::ImportSection(section) => {
                for import in section.clone().into_imports().map_while(Result::ok) {
                    let module = escape_untrusted(import.module);
                    keep(&mut self.imports, format!("{module} {}", escape_untrusted(import.name)));
                    if self.core_imports.len() < MOST {
                        self.core_imports.insert(module);
                    }
                }
            }
            Payload::ExportSection(section) => {
                for export in section.clone().into_iter().map_while(Result::ok) {
                    let kind = format!("{:?}", export.kind).to_lowercase();
                    keep(&mut self.exports, format!("{}: {kind}", escape_untrusted(export.name)));
                }
            }
            Payload::ComponentImportSection(section) => {
                for import in section.clone().into_iter().map_while(Result::ok) {
                    keep(&mut self.imports, escape_untrusted(import.name.name));
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section.clone().into_iter().map_while(Result::ok) {
                    keep(&mut self.exports, escape_untrusted(export.name.name));
                }
            }
            Payload::CustomSection(section) => self.read_custom(section),
            _ => {}
        }
    }

    fn read_custom(&mut self, section: &CustomSectionReader<'_>) {
        if let Some(name) = TEXTS.iter().find(|name| **name == section.name()) {
            self.metadata.insert(name, escape_untrusted(&String::from_utf8_lossy(section.data())));
        }
        match section.as_known() {
            KnownCustom::Producers(fields) => {
                for field in fields.into_iter().map_while(Result::ok) {
                    for value in field.values.into_iter().map_while(Result::ok) {
                        let (field, name) =
                            (escape_untrusted(field.name), escape_untrusted(value.name));
                        keep(
                            &mut self.producers,
                            Producer { field, name, version: escape_untrusted(value.version) },
                        );
                    }
                }
            }
            KnownCustom::ComponentName(names) => {
                for name in names.into_iter().map_while(Result::ok) {
                    match name {
                        ComponentName::Component { name, .. } => {
                            self.metadata.insert("name", escape_untrusted(name));
                        }
                        ComponentName::CoreModules(names) => {
                            let names = names.into_iter().map_while(Result::ok).take(MOST);
                            let name = |of: Naming<'_>| {
                                (format!("module {}", of.index), escape_untrusted(of.name))
                            };
                            self.modules.extend(names.map(name));
                        }
                        _ => {}
                    }
                }
            }
            KnownCustom::Name(names) => {
                for name in names.into_iter().map_while(Result::ok) {
                    if let Name::Module { name, .. } = name {
                        self.metadata.insert("name", escape_untrusted(name));
                    }
                }
            }
            _ => {}
        }
    }
}

fn keep<T>(list: &mut Vec<T>, item: T) {
    if list.len() < MOST {
        list.push(item);
    }
}

impl<'a> Functions<'a> {
    fn read(&mut self, payload: &Payload<'a>) {
        match payload {
            Payload::Version { .. } => *self = Self::default(),
            Payload::ImportSection(section) => {
                let imports = section.clone().into_imports().map_while(Result::ok);
                self.imported =
                    imports.filter(|import| matches!(import.ty, TypeRef::Func(_))).count();
            }
            Payload::CodeSectionEntry(body) => self.sizes.push(body.as_bytes().len() as u64),
            Payload::CustomSection(section) => {
                let KnownCustom::Name(names) = section.as_known() else { return };
                for name in names.into_iter().map_while(Result::ok) {
                    let Name::Function(functions) = name else { continue };
                    let functions = functions.into_iter().map_while(Result::ok);
                    self.names.extend(functions.map(|function| (function.index, function.name)));
                }
            }
            _ => {}
        }
    }
}

/// Returns the name of a section. Small sections that only connect the others share one row.
fn section(payload: &Payload<'_>) -> String {
    match payload {
        Payload::Version { .. }
        | Payload::ModuleSection { .. }
        | Payload::ComponentSection { .. } => "headers".into(),
        Payload::TypeSection(_)
        | Payload::CoreTypeSection(_)
        | Payload::ComponentTypeSection(_) => "types".into(),
        Payload::ImportSection(_) | Payload::ComponentImportSection(_) => "imports".into(),
        Payload::ExportSection(_) | Payload::ComponentExportSection(_) => "exports".into(),
        Payload::CodeSectionStart { .. } | Payload::CodeSectionEntry(_) => "code".into(),
        Payload::DataSection(_) => "data".into(),
        Payload::ElementSection(_) => "elements".into(),
        Payload::CustomSection(section) => format!("custom `{}`", escape_untrusted(section.name())),
        Payload::UnknownSection { .. } => "unknown".into(),
        _ => "functions, tables, instances and the like".into(),
    }
}

/// Returns the crate of a function. A generic function counts for its own crate, and inlined code for the function that
/// contains it.
fn owner(symbol: &str) -> String {
    let mut name = Beginning(String::new());
    let _ = write!(name, "{:#}", rustc_demangle::demangle(symbol));
    let path = name.0.trim_start_matches(['<', '&', '*']).trim_start_matches("mut ");
    match path.split_once("::") {
        // `<char>::len_utf8`: methods of primitive types belong to core.
        Some((owner, _)) if owner.ends_with('>') => "core".into(),
        // `<T as serde::Serialize>::serialize` belongs to the trait's crate.
        Some((owner, _)) => escape_untrusted(owner.rsplit(" as ").next().unwrap_or(owner)),
        None => "exports, libc and other plain names".into(),
    }
}

/// Collects the first characters of a text: a short symbol can stand for a name of megabytes.
struct Beginning(String);

impl fmt::Write for Beginning {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text;
        if self.0.len() > 300 { Err(fmt::Error) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_belongs_to_the_crate_that_its_name_starts_with() {
        for (symbol, crate_) in [
            ("_ZN4mine5start17h0123456789abcdefE", "mine"),
            ("_RNvCs1234_7mycrate3foo", "mycrate"),
            ("<T as serde::Serialize>::serialize", "serde"),
            ("<&mut alloc::string::String as core::fmt::Write>::write_str", "alloc"),
            ("<char>::len_utf8", "core"),
            ("memcpy", "exports, libc and other plain names"),
        ] {
            assert_eq!(owner(symbol), crate_, "{symbol}");
        }
    }

    #[test]
    fn a_short_symbol_for_an_endless_name_is_cut() {
        let mut name = Beginning(String::new());
        while name.write_str(&"x".repeat(100)).is_ok() {}
        assert!(name.0.len() <= 400);
    }

    #[test]
    fn there_is_an_end_to_the_rows() {
        let mut sizes = Sizes::default();
        for index in 0..3 * MOST {
            sizes.add(&index.to_string(), 1);
        }
        assert_eq!(sizes.rows.len(), MOST + 1);
        assert_eq!(sizes.rows.iter().map(|row| row.bytes).sum::<u64>(), 3 * MOST as u64);
    }
}
