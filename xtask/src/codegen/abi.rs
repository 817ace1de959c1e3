//! The ABI manifest (`tesser-wasm/abi.toml`) and its reference page (`docs/abi.md`), from the WIT.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context as _, bail};
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, value};
use wit_bindgen_core::abi::{AbiVariant, WasmType};
use wit_parser::{Docs, Function, Resolve, Type, TypeDefKind, TypeId, WorldId, WorldItem};

use super::Generated;
use crate::run;

pub fn manifest(resolve: &Resolve, world: WorldId) -> anyhow::Result<Generated> {
    let mut doc = DocumentMut::new();
    doc["abi-version"] = value(version()?);
    doc["package"] = value(resolve.packages[package(resolve, world)?].name.to_string());
    doc["world"] = value(&resolve.worlds[world].name);

    let mut types = ArrayOfTables::new();
    for (name, id) in named_types(resolve, world)? {
        types.push(type_table(resolve, name, id)?);
    }
    doc["type"] = Item::ArrayOfTables(types);

    let mut exports = ArrayOfTables::new();
    for function in functions(resolve, world) {
        exports.push(export_table(resolve, function)?);
    }
    doc["export"] = Item::ArrayOfTables(exports);

    let mut core = Table::new();
    core["required"] = value(["memory", "cabi_realloc"].into_iter().collect::<Array>());
    core["post-return-prefix"] = value("cabi_post_");
    doc["core"] = Item::Table(core);

    let header = "# Generated from wit/execution.wit by `cargo xtask codegen`. Do not edit.\n";
    Ok(Generated { path: "tesser-wasm/abi.toml".into(), text: format!("{header}{doc}") })
}

pub fn reference(resolve: &Resolve, world: WorldId) -> anyhow::Result<Generated> {
    let mut page = String::from(
        "<!-- Generated from tesser-wasm/wit/execution.wit by `cargo xtask codegen`. Do not edit. -->\n\n\
         # The ABI of execution plugins\n\n\
         A plugin is a WebAssembly component. The host matches its exports by name and compares their\n\
         types by structure: field and case names and their order count, the names of packages and\n\
         interfaces do not. `cargo tesser abi` prints what this page says as TOML, JSON or WIT.\n\n",
    );
    let id = &resolve.packages[package(resolve, world)?].name;
    let world_docs = docs(&resolve.worlds[world].docs);
    writeln!(
        page,
        "ABI version {}, package `{id}`, world `{}`.",
        version()?,
        resolve.worlds[world].name
    )?;
    writeln!(page, "{world_docs}\n\n## Exports\n")?;
    for function in functions(resolve, world) {
        writeln!(page, "### `{}`\n\n{}\n", function.name, docs(&function.docs))?;
        let (params, results) = core_signature(resolve, function);
        writeln!(page, "| level | signature |\n| --- | --- |")?;
        writeln!(page, "| component | `{}` |", component_signature(resolve, function)?)?;
        writeln!(page, "| core | `({}) -> ({})` |\n", params.join(" "), results.join(" "))?;
    }
    page.push_str(
        "At the core level a module also exports its `memory` and `cabi_realloc`, and the bindings add\n\
         one `cabi_post_<name>` for each export that returns text.\n\n## Types\n\n",
    );
    for (name, id) in named_types(resolve, world)? {
        let definition = &resolve.types[id];
        writeln!(page, "### `{name}`\n\n{}\n", docs(&definition.docs))?;
        match &definition.kind {
            TypeDefKind::Record(record) => {
                writeln!(page, "| field | type | meaning |\n| --- | --- | --- |")?;
                for field in &record.fields {
                    let ty = type_name(resolve, &field.ty)?;
                    writeln!(page, "| `{}` | `{ty}` | {} |", field.name, docs(&field.docs))?;
                }
            }
            TypeDefKind::Enum(cases) => {
                let names: Vec<_> =
                    cases.cases.iter().map(|case| format!("`{}`", case.name)).collect();
                writeln!(page, "Cases, in this order: {}.", names.join(", "))?;
            }
            other => bail!("the manifest has no form for {other:?} yet"),
        }
        page.push('\n');
    }
    page.push_str(include_str!("abi-json.md"));
    Ok(Generated { path: "docs/abi.md".into(), text: page })
}

/// The version of the ABI, which is not in the WIT package: see `tesser-wasm/Cargo.toml`.
fn version() -> anyhow::Result<String> {
    let manifest: DocumentMut =
        fs::read_to_string(run::root().join("tesser-wasm/Cargo.toml"))?.parse()?;
    let version = manifest["package"]["metadata"]["abi"]["version"].as_str();
    Ok(version.context("`package.metadata.abi.version` in tesser-wasm/Cargo.toml")?.to_owned())
}

fn package(resolve: &Resolve, world: WorldId) -> anyhow::Result<wit_parser::PackageId> {
    resolve.worlds[world].package.context("the world has no package")
}

fn functions(resolve: &Resolve, world: WorldId) -> impl Iterator<Item = &Function> {
    resolve.worlds[world].exports.values().filter_map(|item| match item {
        WorldItem::Function(function) => Some(function),
        _ => None,
    })
}

/// All named types of the package, in WIT syntax.
fn named_types(resolve: &Resolve, world: WorldId) -> anyhow::Result<Vec<(&str, TypeId)>> {
    let package = &resolve.packages[package(resolve, world)?];
    Ok(package
        .interfaces
        .values()
        .flat_map(|interface| &resolve.interfaces[*interface].types)
        .map(|(name, id)| (name.as_str(), *id))
        .collect())
}

fn type_table(resolve: &Resolve, name: &str, id: TypeId) -> anyhow::Result<Table> {
    let mut table = Table::new();
    table["name"] = value(name);
    match &resolve.types[id].kind {
        TypeDefKind::Record(record) => {
            let mut fields = Array::new();
            for field in &record.fields {
                fields.push(named_type(&field.name, &type_name(resolve, &field.ty)?));
            }
            table["record"] = value(one_per_line(fields));
        }
        TypeDefKind::Enum(cases) => {
            table["enum"] =
                value(cases.cases.iter().map(|case| case.name.as_str()).collect::<Array>());
        }
        other => bail!("the manifest has no form for {other:?} yet"),
    }
    Ok(table)
}

fn export_table(resolve: &Resolve, function: &Function) -> anyhow::Result<Table> {
    let mut table = Table::new();
    table["name"] = value(&function.name);
    let mut params = Array::new();
    for param in &function.params {
        params.push(named_type(&param.name, &type_name(resolve, &param.ty)?));
    }
    table["params"] = value(params);
    if let Some(result) = &function.result {
        table["result"] = value(type_name(resolve, result)?);
    }
    let (params, results) = core_signature(resolve, function);
    table["core-params"] = value(params.into_iter().collect::<Array>());
    table["core-results"] = value(results.into_iter().collect::<Array>());
    Ok(table)
}

fn named_type(name: &str, ty: &str) -> InlineTable {
    InlineTable::from_iter([("name", name), ("type", ty)])
}

fn one_per_line(mut array: Array) -> Array {
    for item in array.iter_mut() {
        item.decor_mut().set_prefix("\n    ");
    }
    array.set_trailing("\n");
    array.set_trailing_comma(true);
    array
}

fn component_signature(resolve: &Resolve, function: &Function) -> anyhow::Result<String> {
    let mut params = Vec::new();
    for param in &function.params {
        params.push(format!("{}: {}", param.name, type_name(resolve, &param.ty)?));
    }
    let result = match &function.result {
        Some(result) => format!(" -> {}", type_name(resolve, result)?),
        None => String::new(),
    };
    Ok(format!("func({}){result}", params.join(", ")))
}

fn core_signature(
    resolve: &Resolve,
    function: &Function,
) -> (Vec<&'static str>, Vec<&'static str>) {
    let signature = resolve.wasm_signature(AbiVariant::GuestExport, function);
    let names = |types: &[WasmType]| {
        types
            .iter()
            .map(|ty| match ty {
                WasmType::I64 | WasmType::PointerOrI64 => "i64",
                WasmType::F32 => "f32",
                WasmType::F64 => "f64",
                WasmType::I32 | WasmType::Pointer | WasmType::Length => "i32",
            })
            .collect()
    };
    (names(&signature.params), names(&signature.results))
}

fn type_name(resolve: &Resolve, ty: &Type) -> anyhow::Result<String> {
    let id = match ty {
        Type::String => return Ok("string".into()),
        Type::S64 => return Ok("s64".into()),
        Type::Id(id) => *id,
        other => bail!("the manifest has no name for {other:?} yet"),
    };
    let definition = &resolve.types[id];
    match (&definition.kind, &definition.name) {
        (_, Some(name)) => Ok(name.clone()),
        (TypeDefKind::Result(result), None) => match (&result.ok, &result.err) {
            (Some(ok), Some(err)) => {
                Ok(format!("result<{}, {}>", type_name(resolve, ok)?, type_name(resolve, err)?))
            }
            _ => bail!("the manifest has no form for half a result yet"),
        },
        (other, None) => bail!("the manifest has no name for {other:?} yet"),
    }
}

fn docs(docs: &Docs) -> String {
    docs.contents.as_deref().unwrap_or_default().trim().replace('\n', " ")
}
