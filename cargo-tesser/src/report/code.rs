//! The table of diagnostics: one entry for each defect that a file can have.
//!
//! A code is part of the contract with users' CI: it is never renamed, and never used for another
//! defect. `cargo tesser explain` and `docs/diagnostics.md` are made from this table.

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The host takes the file, but it is not what it should be.
    Warning,
    /// The host refuses the file.
    Error,
}

impl Severity {
    /// `error` or `warning`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What the table says about one code.
#[derive(Debug)]
pub struct Entry {
    /// The name in reports, in kebab-case.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is checked and why the host cares.
    pub why: &'static str,
    /// What to do about it.
    pub fix: &'static str,
}

macro_rules! codes {
    ($($code:ident, $name:literal, $severity:ident, $why:literal, $fix:literal;)+) => {
        /// A kind of defect.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $why] $code,)+ }

        impl Code {
            /// All codes, in the order in which the checks run.
            pub const ALL: &'static [Self] = &[$(Self::$code,)+];

            /// What the table says about it.
            pub fn entry(self) -> &'static Entry {
                match self {
                    $(Self::$code => &Entry { name: $name, severity: Severity::$severity, why: $why, fix: $fix },)+
                }
            }
        }
    };
}

codes! {
    NotRead, "not-read", Error,
        "The path is not a regular file, or the file is larger than 64 MiB, so it was not read and there is no verdict on it. The host would read all of a large file into memory and compile it while every other plugin waits.",
        "give the path of a plugin that `cargo tesser build` wrote";
    EmptyFile, "empty-file", Error,
        "The file has no bytes. An interrupted copy or a full disk leaves such files; the host refuses them.",
        "build the plugin again with `cargo tesser build --release`";
    NotWasm, "not-wasm", Error,
        "The file does not start with WebAssembly's magic bytes. Text (WAT) files, archives and precompiled modules are not loaded by the host either.",
        "give the path of the component, `target/tesser/<profile>/<name>.wasm`";
    CoreModule, "core-module", Error,
        "The file is a core WebAssembly module, which is what plain `cargo build` writes. The host loads components and refuses it (\"attempted to parse a wasm module with a component parser\").",
        "build with `cargo tesser build`, which makes a component of it, and use the file below `target/tesser/`";
    Truncated, "truncated", Error,
        "The file ends in the middle of a section. The host cannot parse it.",
        "copy or build the file again; `cargo tesser build` replaces files in one step, so a reader never sees a part";
    InvalidWasm, "invalid-wasm", Error,
        "The file is not valid WebAssembly. The host validates it before it compiles it.",
        "build the plugin again; if that does not help, the tool that wrote the file has a defect";
    ProposalOff, "proposal-off", Error,
        "The file uses a WebAssembly feature that the host's engine has switched off.",
        "build without that target feature: look for `-C target-feature` in RUSTFLAGS and `.cargo/config.toml`";
    MissingExport, "missing-export", Error,
        "An export of the ABI is not there. The host binds all of them when it loads the plugin.",
        "put `tesser_wasm::export_plugin!(YourType);` into the crate's lib.rs";
    ExportType, "export-type", Error,
        "An export has another type than the ABI says. The host compares types by structure: field and case names, their types and their order.",
        "build against the `tesser-wasm` version that matches the host";
    WasiVersion, "wasi-version", Error,
        "An import names a WASI interface that the host has, in another version. The host matches versions exactly.",
        "build with `cargo tesser build`, which needs no WASI adapter at all; with another tool, use the adapter of wasi-preview1-component-adapter-provider 24.0.0";
    UnknownImport, "unknown-import", Error,
        "An import names something that the host does not offer, so it cannot be linked.",
        "remove what needs it; a sealed plugin built with `cargo tesser build` imports no functions";
    LoadTrap, "load-trap", Error,
        "The component is valid, but making an instance of it fails: a start function, constructor or data segment traps, or runs without end. The host makes an instance for each algorithm.",
        "look for code that runs before `init`: static initializers and constructors";
    NotLoaded, "not-loaded", Warning,
        "The static checks passed, but the local engine could not try to make an instance: it does not compile the component, or the component asks for more memory than a trial gets. Nothing is known of how it starts.",
        "run it on the host in paper mode before it trades";
    UnreachableName, "unreachable-name", Warning,
        "The host appends `.wasm` only to a plugin name without an extension, so it never finds a file whose name has a dot.",
        "rename the file; dashes and underscores are fine";
}

impl Code {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// How bad it is.
    pub fn severity(self) -> Severity {
        self.entry().severity
    }

    /// The code of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }

    /// The codes whose names are like this one, nearest first.
    pub fn like(name: &str) -> Vec<Self> {
        /// From here on two names look like one with a slip.
        const NEAR: f64 = 0.8;
        let name = name.to_lowercase();
        let mut near: Vec<_> = Self::ALL
            .iter()
            .map(|code| (strsim::jaro_winkler(&name, code.name()), *code))
            .filter(|(likeness, _)| *likeness > NEAR)
            .collect();
        near.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        near.into_iter().map(|(_, code)| code).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_in_kebab_case() {
        for code in Code::ALL {
            assert_eq!(Code::named(code.name()), Some(*code));
            assert!(
                code.name().chars().all(|c| c.is_ascii_lowercase() || c == '-'),
                "{}",
                code.name()
            );
        }
    }
}
