//! Facts against the ABI and the host: every difference as a finding, in a fixed order.
//!
//! In: [`Facts`], [`Abi`], [`HostProfile`]. Out: findings. Wording of what is found here; the wording
//! that belongs to a code is in the table.

use std::path::Path;

use super::facts::{Export, Facts, Import, Invalid, Item, Kind};
use super::profile::HostProfile;
use crate::abi::Abi;
use crate::report::{Code, Finding, harmless};

/// Everything that the host would object to, as far as it can be seen without running the file.
pub fn check(facts: &Facts, abi: &Abi, host: &HostProfile) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(check_kind(facts, abi));
    findings.extend(facts.invalid.as_ref().map(|invalid| check_structure(invalid, host)));
    if facts.kind == Kind::Component && facts.invalid.is_none() {
        check_exports(&facts.exports, abi, &mut findings);
        check_imports(&facts.imports, host, &mut findings);
    }
    findings
}

fn check_kind(facts: &Facts, abi: &Abi) -> Option<Finding> {
    let not_wasm = |what: &str| Finding::new(Code::NotWasm, format!("this is {what}"));
    match facts.kind {
        Kind::Component => None,
        Kind::Empty => Some(Finding::new(Code::EmptyFile, "the file is empty")),
        Kind::Header => {
            Some(Finding::new(Code::Truncated, "the file ends within WebAssembly's header"))
        }
        Kind::OtherVersion => Some(not_wasm("a WebAssembly file of an unknown version")),
        Kind::Text => Some(not_wasm("a text file, not a WebAssembly component")),
        Kind::Elf => Some(not_wasm("an ELF file, not a WebAssembly component").help(
            "a module that an engine has compiled ahead of time does not load either; use the component itself",
        )),
        Kind::Archive => Some(not_wasm("an archive, not a WebAssembly component").help("unpack it first")),
        Kind::Unknown => Some(not_wasm("not a WebAssembly file")),
        Kind::CoreModule => {
            let is_plugin = abi.exports.iter().all(|export| facts.core_exports.contains(&export.name));
            let (message, help) = if is_plugin {
                ("this is the core module of a plugin, not the component", None)
            } else {
                (
                    "this is a core module, and none of a plugin: it does not export the ABI's functions",
                    Some("write a plugin with `cargo tesser new`, build it with `cargo tesser build`"),
                )
            };
            let finding = Finding::new(Code::CoreModule, message);
            Some(match help {
                Some(help) => finding.help(help),
                None => finding,
            })
        }
    }
}

fn check_structure(invalid: &Invalid, host: &HostProfile) -> Finding {
    let message = harmless(&invalid.message);
    let finding = if invalid.truncated {
        Finding::new(Code::Truncated, format!("the file ends too early: {message}"))
    } else if invalid.valid_with_all_features {
        Finding::new(
            Code::ProposalOff,
            format!("{} has a feature switched off that the file uses: {message}", host.engine),
        )
    } else {
        Finding::new(Code::InvalidWasm, format!("not valid WebAssembly: {message}"))
    };
    finding.at(format!("offset {:#x}", invalid.offset))
}

fn check_exports(exports: &[Export], abi: &Abi, findings: &mut Vec<Finding>) {
    for expected in &abi.exports {
        let name = &expected.name;
        let Some(found) = exports.iter().find(|export| export.name == *name) else {
            findings.push(Finding::new(
                Code::MissingExport,
                format!("there is no export `{name}`, which should be `{}`", expected.ty),
            ));
            continue;
        };
        let place = format!("export `{name}`");
        let Item::Func(found) = &found.item else {
            let message = format!("`{name}` is not a function; it should be `{}`", expected.ty);
            findings.push(Finding::new(Code::ExportType, message).at(place));
            continue;
        };
        for difference in expected.ty.differences(found) {
            let message = format!(
                "`{name}`: {} should be `{}` and is `{}`",
                difference.place,
                difference.expected,
                harmless(&difference.found)
            );
            findings.push(Finding::new(Code::ExportType, message).at(place.clone()));
        }
    }
}

fn check_imports(imports: &[Import], host: &HostProfile, findings: &mut Vec<Finding>) {
    for import in imports.iter().filter(|import| import.needs_host()) {
        let (interface, version) = import.name.split_once('@').unwrap_or((&import.name, ""));
        let name = harmless(&import.name);
        let place = format!("import `{name}`");
        let found = match host.wasi.interfaces.get(interface) {
            None => vec![Finding::new(
                Code::UnknownImport,
                format!("imports `{name}`, which {} does not offer", host.name),
            )],
            Some(_) if version != host.wasi.version => vec![Finding::new(
                Code::WasiVersion,
                format!(
                    "imports `{name}`, which {} offers in version {} alone",
                    host.name, host.wasi.version
                ),
            )],
            Some(offered) => missing_items(import, offered, host),
        };
        findings.extend(found.into_iter().map(|finding| finding.at(place.clone())));
    }
}

/// What an interface that the host offers does not have.
fn missing_items(import: &Import, offered: &[String], host: &HostProfile) -> Vec<Finding> {
    let Item::Instance { needs } = &import.item else {
        let message =
            format!("imports `{}` as something else than an interface", harmless(&import.name));
        return vec![Finding::new(Code::UnknownImport, message)];
    };
    let missing = needs.iter().filter(|name| !offered.contains(name));
    missing
        .map(|name| {
            let (name, interface) = (harmless(name), harmless(&import.name));
            let message =
                format!("imports `{name}` of `{interface}`, which {} does not offer", host.name);
            Finding::new(Code::UnknownImport, message)
        })
        .collect()
}

/// A name that the host never finds: it appends `.wasm` only to a name without an extension.
pub fn check_name(path: &Path) -> Option<Finding> {
    let stem = path.file_stem()?.to_string_lossy();
    stem.contains('.').then(|| {
        let message = format!("no plugin name leads to this file: `{}` has a dot", harmless(&stem));
        Finding::new(Code::UnreachableName, message)
    })
}
