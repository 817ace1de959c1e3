//! Checks for properties that the host accepts but a desk may not want: capabilities, unusual WebAssembly, sizes, traces of
//! the build machine. A plugin that `cargo tesser build` has sealed has none of these.

use std::fmt;
use std::path::Path;

use crate::abi::Abi;
use crate::facts::{Facts, Import, Metadata, Used};
use crate::host_profile::{HostProfile, Sensible};
use crate::report::{Code, Finding, escape_untrusted};

/// A kind of capability: a package of WASI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapabilityKind {
    /// `wasi:cli`.
    Cli,
    /// `wasi:clocks`.
    Clocks,
    /// `wasi:filesystem`.
    Filesystem,
    /// `wasi:io`.
    Io,
    /// `wasi:random`.
    Random,
    /// `wasi:sockets`.
    Sockets,
}

impl CapabilityKind {
    const ALL: [Self; 6] =
        [Self::Cli, Self::Clocks, Self::Filesystem, Self::Io, Self::Random, Self::Sockets];

    /// The part of an interface's name between `wasi:` and `/`, the code of its finding, and what it gives access to.
    fn entry(self) -> (&'static str, Code, &'static str) {
        match self {
            Self::Cli => {
                ("cli", Code::UsesCli, "arguments, environment, standard streams or the exit")
            }
            Self::Clocks => ("clocks", Code::UsesClocks, "clocks"),
            Self::Filesystem => ("filesystem", Code::UsesFilesystem, "files"),
            Self::Io => ("io", Code::UsesIo, "streams or polling, which can block"),
            Self::Random => ("random", Code::UsesRandom, "random numbers"),
            Self::Sockets => ("sockets", Code::UsesSockets, "the network"),
        }
    }
}

/// Writes what it gives access to.
impl fmt::Display for CapabilityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.entry().2)
    }
}

/// Returns everything that a policy may object to. `largest` is the maximum file size in bytes.
pub fn check_policy(facts: &Facts, abi: &Abi, host: &HostProfile, largest: u64) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (kind, imports) in kinds(&facts.imports) {
        let message = format!("can use {kind}: it imports {}", imports.join(", "));
        findings.push(Finding::new(kind.entry().1, message));
    }
    check_instructions(&facts.used, &mut findings);
    check_sizes(&facts.used, &host.sensible, &mut findings);
    if facts.size > largest {
        let message = format!("the file has {} bytes, more than {largest}", facts.size);
        findings.push(Finding::new(Code::LargeFile, message));
    }
    findings.extend(check_metadata(&facts.metadata, abi));
    if let Some(first) = facts.used.paths.first() {
        let more = if facts.used.paths.len() > 1 { " and others" } else { "" };
        let message =
            format!("contains paths of the build machine: `{}`{more}", escape_untrusted(first));
        findings.push(Finding::new(Code::BuildPath, message));
    }
    findings
}

/// Returns the kinds of capabilities that the imports give, with the names of the imports.
pub fn kinds(imports: &[Import]) -> Vec<(CapabilityKind, Vec<String>)> {
    let of = |kind: CapabilityKind| {
        let prefix = format!("wasi:{}/", kind.entry().0);
        let imports = imports.iter().filter(|import| import.item.needs_host());
        let imports = imports.filter(|import| import.name.starts_with(&prefix));
        imports.map(|import| format!("`{}`", escape_untrusted(&import.name))).collect::<Vec<_>>()
    };
    let kinds = CapabilityKind::ALL.into_iter().map(|kind| (kind, of(kind)));
    kinds.filter(|(_, imports)| !imports.is_empty()).collect()
}

fn check_instructions(used: &Used, findings: &mut Vec<Finding>) {
    let instructions = &used.instructions;
    let mut add = |is_so: bool, code, message: String| {
        findings.extend(is_so.then(|| Finding::new(code, message)));
    };
    add(instructions.simd, Code::Simd, "uses vector instructions".into());
    add(
        instructions.relaxed_simd,
        Code::RelaxedSimd,
        "uses relaxed vector instructions, whose results differ between machines".into(),
    );
    add(
        instructions.atomics || used.shared_memory,
        Code::Threads,
        "uses atomic instructions or shared memory".into(),
    );
    add(
        used.components > 0,
        Code::NestedComponents,
        format!("has {} components inside", used.components),
    );
    add(
        !used.encodings.is_empty(),
        Code::StringEncoding,
        format!("passes strings as {}, not as utf-8", used.encodings.join(" and ")),
    );
    add(used.memories > 1, Code::SeveralMemories, format!("has {} memories", used.memories));
}

fn check_sizes(used: &Used, sensible: &Sensible, findings: &mut Vec<Finding>) {
    let (pages, elements) = (sensible.memory_pages, sensible.table_elements);
    let (functions, params) = (sensible.functions, sensible.params);
    let mut add = |code, is: u64, most: u64, message: String| {
        findings.extend(
            (is > most).then(|| Finding::new(code, format!("{message}, more than {most}"))),
        );
    };
    let message = format!("a memory starts with {} pages of 64 KiB", used.memory_pages);
    add(Code::LargeMemory, used.memory_pages, pages, message);
    let message = format!("a table starts with {} elements", used.table_elements);
    add(Code::LargeTable, used.table_elements.into(), elements.into(), message);
    let message = format!("has {} functions", used.functions);
    add(Code::ManyFunctions, used.functions as u64, functions as u64, message);
    let message = format!("a function has {} parameters", used.params);
    add(Code::ManyParams, used.params as u64, params as u64, message);
}

fn check_metadata(metadata: &Metadata, abi: &Abi) -> Option<Finding> {
    match metadata {
        Metadata::None => Some(Finding::new(
            Code::NoMetadata,
            "nothing in the file says what it was built from and for which ABI",
        )),
        Metadata::Foreign => {
            let message = "its `tesser:plugin` section is not what `cargo tesser build` writes";
            Some(Finding::new(Code::ForeignMetadata, message))
        }
        Metadata::Of(metadata) if metadata.abi != abi.version => {
            let (found, expected) = (escape_untrusted(&metadata.abi), &abi.version);
            let message =
                format!("says that it was built for ABI {found}; the host has {expected}");
            Some(Finding::new(Code::ForeignMetadata, message))
        }
        Metadata::Of(_) => None,
    }
}

/// Reports a file name that the host never finds: it appends `.wasm` only to a name without an extension.
pub fn check_name(path: &Path) -> Option<Finding> {
    let stem = path.file_stem()?.to_string_lossy();
    let message = if stem.contains('.') {
        format!("no plugin name leads to this file: `{}` has a dot", escape_untrusted(&stem))
    } else if path.extension().is_none() && path != Path::new("-") {
        format!(
            "no plugin name leads to this file: `{}` does not end in `.wasm`",
            escape_untrusted(&stem)
        )
    } else {
        return None;
    };
    Some(Finding::new(Code::UnreachableName, message))
}
