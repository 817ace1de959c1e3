//! The ABI manifest: what a plugin must export, and the types of the exports.
//!
//! In: the TOML text of an `abi.toml`. Out: an [`Abi`] with every type resolved to its structure, since
//! that is what the host compares. It does not depend on WebAssembly.

mod differences;
mod parse;

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

pub use differences::Difference;

/// The exports of a plugin for one version of the ABI.
#[derive(Clone, Debug, PartialEq)]
pub struct Abi {
    /// Version of the contract, for example `0.9`.
    pub version: String,
    /// WIT package, for example `tesser:execution`.
    pub package: String,
    /// World in that package.
    pub world: String,
    /// The exports, in the manifest's order.
    pub exports: Vec<Export>,
    /// Exports that a core module needs in addition to the functions.
    pub core_required: Vec<String>,
}

/// One export of the world.
#[derive(Clone, Debug, PartialEq)]
pub struct Export {
    /// Its name, for example `on-tick`.
    pub name: String,
    /// Its type in the component.
    pub ty: FuncType,
    /// Its type in the core module.
    pub core: CoreType,
}

/// A function type at the component level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FuncType {
    /// Parameter types; the host does not compare their names.
    pub params: Vec<Type>,
    /// Result type, if any.
    pub result: Option<Type>,
}

/// A function type at the core level, as wasm's own type names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoreType {
    /// For example `["i32", "i32"]`.
    pub params: Vec<String>,
    /// For example `["i32"]`.
    pub results: Vec<String>,
}

/// A component-level type as a structure. The host ignores the names of types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `string`, `s64`, ...
    Primitive(String),
    /// Fields in order.
    Record(Vec<(String, Type)>),
    /// Cases in order, with their payloads.
    Variant(Vec<(String, Option<Type>)>),
    /// Cases in order.
    Enum(Vec<String>),
    /// Flags in order.
    Flags(Vec<String>),
    /// Any other type constructor and its arguments: `list`, `tuple`, `option`, `result`, ...
    Of(&'static str, Vec<Option<Type>>),
    /// A resource, named after the import that it comes from: the host compares resources by identity.
    Resource(String),
    /// A type too large to be written out.
    Endless,
}

/// A manifest that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The text is not TOML, or not a manifest.
    #[error("the ABI manifest does not parse")]
    Syntax(#[source] Box<toml_edit::de::Error>),
    /// A type that cannot be read.
    #[error("`{text}` is not the text of a type")]
    Type {
        /// The text.
        text: String,
    },
    /// A type is named but not defined.
    #[error("the type `{name}` is named but not defined")]
    UnknownType {
        /// The name.
        name: String,
    },
}

impl Abi {
    /// Returns the manifest of the SDK that this tool was built with.
    ///
    /// # Errors
    /// Never for the built-in manifest, as the tests show.
    pub fn built_in() -> Result<Self, Error> {
        Self::parse(tesser_wasm::ABI_MANIFEST)
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// If it is not a manifest, or uses a type that it does not define.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let manifest: Manifest =
            toml_edit::de::from_str(text).map_err(|error| Error::Syntax(Box::new(error)))?;
        let types: BTreeMap<&str, &TypeDefinition> = manifest
            .types
            .iter()
            .map(|definition| (definition.name.as_str(), definition))
            .collect();
        let resolve = |name: &str| resolve(&types, name);
        let mut exports = Vec::new();
        for export in &manifest.exports {
            let params: Result<_, _> =
                export.params.iter().map(|param| resolve(&param.ty)).collect();
            exports.push(Export {
                name: export.name.clone(),
                ty: FuncType {
                    params: params?,
                    result: export.result.as_deref().map(resolve).transpose()?,
                },
                core: CoreType {
                    params: export.core_params.clone(),
                    results: export.core_results.clone(),
                },
            });
        }
        Ok(Self {
            version: manifest.abi_version,
            package: manifest.package,
            world: manifest.world,
            exports,
            core_required: manifest.core.required,
        })
    }
}

/// Converts a manifest's TOML to JSON, key for key.
///
/// # Errors
/// If it is not TOML.
pub fn manifest_json(text: &str) -> Result<serde_json::Value, Error> {
    toml_edit::de::from_str(text).map_err(|error| Error::Syntax(Box::new(error)))
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Manifest {
    abi_version: String,
    package: String,
    world: String,
    #[serde(rename = "type")]
    types: Vec<TypeDefinition>,
    #[serde(rename = "export")]
    exports: Vec<ExportDefinition>,
    core: CoreRequirements,
}

#[derive(Deserialize)]
struct TypeDefinition {
    name: String,
    record: Option<Vec<Field>>,
    #[serde(rename = "enum")]
    cases: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Field {
    name: String,
    #[serde(rename = "type")]
    ty: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct ExportDefinition {
    name: String,
    params: Vec<Field>,
    result: Option<String>,
    core_params: Vec<String>,
    core_results: Vec<String>,
}

#[derive(Deserialize)]
struct CoreRequirements {
    required: Vec<String>,
}

fn resolve(types: &BTreeMap<&str, &TypeDefinition>, text: &str) -> Result<Type, Error> {
    Type::parse(text, &|name| match types.get(name) {
        Some(TypeDefinition { record: Some(fields), .. }) => {
            let fields: Result<_, Error> = fields
                .iter()
                .map(|field| Ok((field.name.clone(), resolve(types, &field.ty)?)))
                .collect();
            Ok(Type::Record(fields?))
        }
        Some(TypeDefinition { cases: Some(cases), .. }) => Ok(Type::Enum(cases.clone())),
        _ => Err(Error::UnknownType { name: name.to_owned() }),
    })
}

/// Writes a type in WIT syntax, with structures spelled out.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Primitive(name) | Self::Resource(name) => f.write_str(name),
            Self::Record(fields) => {
                write_list(f, "record {", fields, "}", |f, (name, ty)| write!(f, "{name}: {ty}"))
            }
            Self::Variant(cases) => {
                write_list(f, "variant {", cases, "}", |f, (name, ty)| match ty {
                    Some(ty) => write!(f, "{name}({ty})"),
                    None => f.write_str(name),
                })
            }
            Self::Enum(cases) => write_list(f, "enum {", cases, "}", |f, name| f.write_str(name)),
            Self::Flags(flags) => write_list(f, "flags {", flags, "}", |f, name| f.write_str(name)),
            Self::Of(name, arguments) if arguments.iter().all(Option::is_none) => f.write_str(name),
            Self::Of(name, arguments) => {
                write_list(f, &format!("{name}<"), arguments, ">", |f, ty| match ty {
                    Some(ty) => ty.fmt(f),
                    None => f.write_str("_"),
                })
            }
            Self::Endless => f.write_str("a type too large to show"),
        }
    }
}

impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_list(f, "func(", &self.params, ")", |f, ty| ty.fmt(f))?;
        match &self.result {
            Some(result) => write!(f, " -> {result}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for CoreType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}) -> ({})", self.params.join(" "), self.results.join(" "))
    }
}

fn write_list<T>(
    f: &mut fmt::Formatter<'_>,
    open: &str,
    items: &[T],
    close: &str,
    mut write_item: impl FnMut(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    let pad = if open.ends_with('{') { " " } else { "" };
    write!(f, "{open}{pad}")?;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write_item(f, item)?;
    }
    write!(f, "{pad}{close}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_tick() -> FuncType {
        let abi = Abi::built_in().unwrap();
        abi.exports.into_iter().find(|export| export.name == "on-tick").unwrap().ty
    }

    fn fields(ty: &mut FuncType) -> &mut Vec<(String, Type)> {
        match &mut ty.params[0] {
            Type::Record(fields) => fields,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn the_built_in_manifest_has_the_six_exports_with_structures() {
        let abi = Abi::built_in().unwrap();
        let shown: Vec<_> = abi
            .exports
            .iter()
            .map(|export| format!("{}: {} = {}", export.name, export.ty, export.core))
            .collect();
        assert_eq!(
            shown,
            [
                "init: func(string) -> result<string, string> = (i32 i32) -> (i32)",
                "on-tick: func(record { symbol: string, price: record { value: string }, size: record { value: string }, \
                 side: enum { buy, sell }, timestamp-ms: s64 }) -> string = (i32 i32 i32 i32 i32 i32 i32 i64) -> (i32)",
                "on-fill: func(string) -> string = (i32 i32) -> (i32)",
                "on-timer: func() -> string = () -> (i32)",
                "snapshot: func() -> string = () -> (i32)",
                "restore: func(string) = (i32 i32) -> ()",
            ]
        );
    }

    #[test]
    fn the_order_of_fields_counts() {
        let mut found = on_tick();
        fields(&mut found).swap(1, 2);
        let differences = on_tick().differences(&found);
        assert_eq!(differences.len(), 1);
        assert_eq!(differences[0].place, "parameter 1, its fields");
        assert_eq!(differences[0].found, "symbol, size, price, side, timestamp-ms");
    }

    #[test]
    fn every_difference_is_named_with_its_place() {
        let mut found = on_tick();
        fields(&mut found)[1].1 = Type::Primitive("f64".into());
        fields(&mut found)[3].1 = Type::Enum(vec!["sell".into(), "buy".into()]);
        found.result = None;
        let places: Vec<_> = on_tick().differences(&found).into_iter().map(|d| d.place).collect();
        assert_eq!(
            places,
            ["parameter 1, field `price`", "parameter 1, field `side`, its cases", "the result"]
        );
    }

    #[test]
    fn a_type_that_is_named_but_not_defined_is_an_error() {
        let text = tesser_wasm::ABI_MANIFEST.replace("name = \"side\"", "name = \"direction\"");
        assert_eq!(
            Abi::parse(&text).unwrap_err().to_string(),
            "the type `side` is named but not defined"
        );
    }
}
