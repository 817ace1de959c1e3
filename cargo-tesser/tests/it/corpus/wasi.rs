//! Every WASI interface at 0.2.0 with all of its functions, and each of its functions with one thing changed.
//!
//! The types are the adapter's, which carries them with itself; a component is made of them as a guest's
//! toolchain does it.

use std::fmt::Write as _;
use std::path::Path;

use wasi_preview1_component_adapter_provider::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER as ADAPTER;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata, metadata};
use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{
    Function, InterfaceId, ManglingAndAbi, Param, Resolve, Span, Type, WasmImport, WorldId,
    WorldItem, WorldKey,
};

use super::{Case, GOOD, case};

pub(super) fn cases() -> Vec<Case> {
    let adapter = metadata::decode(ADAPTER).unwrap().1;
    let mut resolve = adapter.resolve;
    resolve.push_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tesser-wasm/wit")).unwrap();
    let mut interfaces: Vec<_> = resolve
        .interfaces
        .iter()
        .filter_map(|(id, _)| Some((resolve.id_of(id)?, id)))
        .filter(|(name, _)| name.starts_with("wasi:"))
        .collect();
    interfaces.sort();
    let mut cases = vec![];
    for (name, id) in interfaces {
        let slug = name.trim_start_matches("wasi:").replace(['/', ':'], "-").replace("@0.2.0", "");
        cases.push(whole(&format!("wasi/{slug}"), &resolve, &name));
        let package = resolve.interfaces[id].package.unwrap();
        for version in ["0.2.1", "0.2.3", "0.2.6"] {
            let mut changed = resolve.clone();
            changed.packages[package].name.version = Some(version.parse().unwrap());
            changed.package_names =
                changed.packages.iter().map(|(id, package)| (package.name.clone(), id)).collect();
            let name = name.replace("0.2.0", version);
            cases.push(whole(&format!("wasi/{slug}-at-{version}"), &changed, &name));
        }
        cases.extend(mutations(&slug, &resolve, &name, id));
    }
    cases.push(adapted());
    cases
}

/// A component that imports all functions of an interface.
fn whole(case_name: &str, resolve: &Resolve, interface: &str) -> Case {
    case(case_name, component(resolve, interface, |_| true))
}

/// Each function of an interface, with a parameter more, without its last one, and with another result.
fn mutations(slug: &str, resolve: &Resolve, interface: &str, id: InterfaceId) -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, function) in &resolve.interfaces[id].functions {
        let mut add = |what: &str, change: &dyn Fn(&mut Function)| {
            let mut changed = resolve.clone();
            change(&mut changed.interfaces[id].functions[name]);
            let bytes = component(&changed, interface, |used| used == name);
            let name = name.replace(['[', ']', '.'], "-");
            cases.push(case(format!("wasi/{slug}-{}-{what}", name.trim_matches('-')), bytes));
        };
        add("parameter-more", &|function| {
            function.params.push(Param {
                name: "more".into(),
                ty: Type::U8,
                span: Span::default(),
            });
        });
        if function.params.len() > 1 {
            add("parameter-less", &|function| drop(function.params.pop()));
        }
        add("other-result", &|function| {
            function.result = if function.result.is_some() { None } else { Some(Type::Bool) };
        });
    }
    cases
}

/// The plugin, importing those functions of the interface that are `used`.
fn component(resolve: &Resolve, interface: &str, used: impl Fn(&str) -> bool) -> Vec<u8> {
    let mut resolve = resolve.clone();
    let text = format!(
        "package corpus:case; world w {{ include tesser:execution/execution-plugin; import {interface}; }}"
    );
    let package = resolve.push_str("case.wit", &text).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let imports = core_imports(&resolve, world, interface, used);
    let mut module = wat::parse_str(core_module(&imports)).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, true).unwrap();
    ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

/// The module of the good plugin.
fn core_module(imports: &str) -> String {
    let start = GOOD.find("(core module $m").unwrap();
    let end = GOOD.find("  (core instance $i").unwrap();
    GOOD[start..end].replacen("(core module $m", "(module", 1).replacen(
        "    ;; module types\n",
        imports,
        1,
    )
}

fn core_imports(
    resolve: &Resolve,
    world: WorldId,
    interface: &str,
    used: impl Fn(&str) -> bool,
) -> String {
    let mut text = String::new();
    for (key, item) in &resolve.worlds[world].imports {
        let (WorldKey::Interface(id), WorldItem::Interface { .. }) = (key, item) else { continue };
        if resolve.id_of(*id).unwrap() != interface {
            continue;
        }
        for (_, function) in resolve.interfaces[*id].functions.iter().filter(|(name, _)| used(name))
        {
            let import = WasmImport::Func { interface: Some(key), func: function };
            let mangling = ManglingAndAbi::Legacy(wit_parser::LiftLowerAbi::Sync);
            let (module, name) = resolve.wasm_import_name(mangling, import);
            let signature = resolve.wasm_signature(AbiVariant::GuestImport, function);
            let (params, results) = (types(&signature.params), types(&signature.results));
            writeln!(
                text,
                "(import \"{module}\" \"{name}\" (func (param {params}) (result {results})))"
            )
            .unwrap();
        }
    }
    text
}

fn types(types: &[WasmType]) -> String {
    types.iter().fold(String::new(), |text, ty| {
        text + match ty {
            WasmType::I64 | WasmType::PointerOrI64 => " i64",
            WasmType::F32 => " f32",
            WasmType::F64 => " f64",
            WasmType::I32 | WasmType::Pointer | WasmType::Length => " i32",
        }
    })
}

/// A plugin that asks preview1 for the time, through the adapter that fits the host.
fn adapted() -> Case {
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tesser-wasm/wit");
    let (package, _) = resolve.push_path(wit).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let import = r#"(import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
        "#;
    let mut module = wat::parse_str(core_module(import)).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, true).unwrap();
    let mut encoder = ComponentEncoder::default();
    encoder.module(&module).unwrap();
    encoder.adapter("wasi_snapshot_preview1", ADAPTER).unwrap();
    case("wasi/adapter-24", encoder.encode().unwrap())
}
