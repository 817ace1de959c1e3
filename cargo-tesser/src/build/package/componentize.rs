//! Core module -> sealed component.
//!
//! In: an optimized core module that carries the world's type in a custom section, and the capabilities of its
//! package. Out: a component that implements its preview1 imports itself, so that it imports no WASI except for its
//! capabilities. Any other import whose result carries information is an error that names it; the adapter never fakes data.

use wasmparser::{Parser, Payload, TypeRef};
use wit_component::ComponentEncoder;

use crate::build::error::Error;
use crate::build::package::adapter;
use crate::build::plan::select::Plugin;
use crate::plugin::{Component, CoreModule, without_sections};

const PREVIEW1: &str = "wasi_snapshot_preview1";

/// Creates the component.
pub(in crate::build) fn componentize(
    module: &CoreModule,
    plugin: &Plugin,
) -> Result<Component, Error> {
    let package = &plugin.name;
    let failed = |reason: String| Error::Componentize { package: package.clone(), reason };
    let seal = adapter::adapter(&plugin.settings.capabilities).map_err(failed)?;
    let interface = Interface::read(&module.0);
    if !interface.has_world {
        return Err(Error::NotExported { package: package.clone(), is_named: plugin.is_named });
    }
    check_imports(&interface.imports, &Interface::read(&seal).exports, plugin)?;
    let bytes = ComponentEncoder::default()
        .module(&module.0)
        .and_then(|encoder| encoder.adapter(PREVIEW1, &seal))
        .and_then(ComponentEncoder::encode)
        .map_err(|error| failed(format!("{error:#}")))?;
    let without = without_names(&bytes).ok_or_else(|| failed("a section does not end".into()))?;
    Ok(Component(without))
}

/// Removes the names of the parts that the encoder has added, 900 bytes that no host reads. The first module is the
/// plugin's; its names stay if it has any.
fn without_names(component: &[u8]) -> Option<Vec<u8>> {
    let mut modules = 0;
    without_sections(component, &|name| name == "component-name", &mut |module| {
        modules += 1;
        let is_plugin = modules == 1;
        let unwanted = |name: &str| name == "producers" || (name == "name" && !is_plugin);
        without_sections(module, &unwanted, &mut |_| None)
    })
}

/// The facts about a core module that matter here.
#[derive(Default)]
struct Interface {
    imports: Vec<(String, String)>,
    exports: Vec<String>,
    has_world: bool,
}

impl Interface {
    /// Reads as much as possible; the encoder validates the module and reports malformed parts.
    fn read(module: &[u8]) -> Self {
        let mut interface = Self::default();
        for payload in Parser::new(0).parse_all(module).map_while(Result::ok) {
            match payload {
                Payload::ImportSection(reader) => {
                    for import in reader.into_imports().filter_map(Result::ok) {
                        if matches!(import.ty, TypeRef::Func(_)) {
                            interface
                                .imports
                                .push((import.module.to_owned(), import.name.to_owned()));
                        }
                    }
                }
                Payload::ExportSection(reader) => {
                    let exports = reader.into_iter().filter_map(Result::ok);
                    interface.exports.extend(exports.map(|export| export.name.to_owned()));
                }
                // Written by `export_plugin!`; the bindings add another section of this kind.
                Payload::CustomSection(section) if section.name().starts_with("component-type") => {
                    interface.has_world |= !section.name().contains("all-of-its-exports-removed");
                }
                _ => {}
            }
        }
        interface
    }
}

fn check_imports(
    imports: &[(String, String)],
    sealed: &[String],
    plugin: &Plugin,
) -> Result<(), Error> {
    let mut ambient = Vec::new();
    for (module, name) in imports {
        if module != PREVIEW1 {
            return Err(Error::ForeignImport {
                package: plugin.name.clone(),
                import: format!("{module}::{name}"),
            });
        }
        if !sealed.contains(name) {
            ambient.push(name.clone());
        }
    }
    if ambient.is_empty() {
        return Ok(());
    }
    let ambient_crates = plugin.ambient_crates.clone();
    Err(Error::Ambient { package: plugin.name.clone(), imports: ambient, ambient_crates })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin() -> Plugin {
        Plugin {
            id: cargo_metadata::PackageId { repr: "mine".into() },
            name: "mine".into(),
            version: "0.1.0".into(),
            dir: std::path::PathBuf::new(),
            authors: None,
            license: None,
            source: None,
            library: "mine".into(),
            example: None,
            sdk: None,
            settings: crate::plugin::Settings::default(),
            is_named: true,
            ambient_crates: Vec::new(),
        }
    }

    fn module(wat: &str) -> CoreModule {
        CoreModule(wat::parse_str(wat).unwrap())
    }

    #[test]
    fn the_seal_is_valid_and_answers_what_std_links() {
        let seal = adapter::adapter(&[]).unwrap();
        wasmparser::validate(&seal).unwrap();
        let exports = Interface::read(&seal).exports;
        for name in ["environ_get", "environ_sizes_get", "fd_write", "proc_exit"] {
            assert!(exports.iter().any(|export| export == name), "{name}");
        }
    }

    #[test]
    fn what_the_encoder_says_of_its_parts_is_left_out_and_all_else_stays() {
        let wat = r#"(component
            (@custom "component-name" "x") (@custom "producers" "\00") (@custom "mine" "y")
            (core module (@custom "producers" "\00") (@custom "mine" "z") (func (export "f")) (@custom "name" ""))
            (core module (@custom "producers" "\00") (@custom "mine" "z") (@custom "name" "")))"#;
        let whole = wat::parse_str(wat).unwrap();
        let without = without_names(&whole).unwrap();
        wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all())
            .validate_all(&without)
            .unwrap();
        let names: Vec<_> = Parser::new(0)
            .parse_all(&without)
            .filter_map(|payload| match payload.unwrap() {
                Payload::CustomSection(section) => Some(section.name().to_owned()),
                _ => None,
            })
            .collect();
        assert_eq!(names, ["producers", "mine", "mine", "name", "mine"]);
        assert!(without_names(&whole[..whole.len() - 1]).is_none());
    }

    #[test]
    fn a_module_without_the_macro_is_told_so() {
        let error = componentize(&module("(module)"), &plugin()).unwrap_err();
        assert_eq!(error.to_string(), "`mine` exports no plugin");
        assert!(error.hint().unwrap().contains("export_plugin!"));
    }

    #[test]
    fn calls_that_mean_something_are_refused_by_name() {
        let wat = r#"(module
            (@custom "component-type:x" "")
            (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i64 i32) (result i32))))"#;
        let error = componentize(&module(wat), &plugin()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`mine` calls functions that a sealed plugin cannot use: `random_get` (random numbers), `clock_time_get` (the clock)"
        );
        assert!(error.hint().unwrap().contains("BTreeMap"));
    }

    #[test]
    fn imports_from_elsewhere_are_refused_by_name() {
        let wat = r#"(module (@custom "component-type:x" "") (import "env" "connect" (func)))"#;
        let error = componentize(&module(wat), &plugin()).unwrap_err();
        assert_eq!(error.to_string(), "`mine` imports `env::connect`, which no host offers");
    }
}
