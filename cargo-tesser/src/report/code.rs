//! The table of diagnostics: one entry for each defect that a file can have.
//!
//! A code is part of the contract with users' CI: it is never renamed, and never used for another
//! defect. `cargo tesser explain` and `docs/diagnostics.md` are made from this table.

/// Severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The host accepts the file, but something is not as it should be.
    Warning,
    /// The host or the policy refuses the file.
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

/// The table's entry for one code.
#[derive(Debug)]
pub struct Entry {
    /// The name in reports, in kebab-case.
    pub name: &'static str,
    /// How bad it is, unless a policy says otherwise.
    pub severity: Severity,
    /// Whether it is the host's own refusal, which no policy can lift.
    pub refusal: bool,
    /// What is checked and why the host cares.
    pub why: &'static str,
    /// What to do about it.
    pub fix: &'static str,
}

/// The default severity of a code, and who can change it.
enum Level {
    /// The host refuses the file.
    Refusal,
    /// An error that a policy can lift.
    Error,
    /// A warning that a policy can lift or raise.
    Warning,
}

impl Level {
    const fn severity(&self) -> Severity {
        match self {
            Self::Refusal | Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
        }
    }
}

macro_rules! codes {
    ($($code:ident, $name:literal, $severity:ident, $why:literal, $fix:literal;)+) => {
        /// A kind of defect.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $why] $code,)+ }

        impl Code {
            /// All codes, in the order in which the checks run.
            pub const ALL: &'static [Self] = &[$(Self::$code,)+];

            /// Returns its entry in the table.
            pub fn entry(self) -> &'static Entry {
                match self {
                    $(Self::$code => const {
                        &Entry {
                            name: $name,
                            severity: Level::$severity.severity(),
                            refusal: matches!(Level::$severity, Level::Refusal),
                            why: $why,
                            fix: $fix,
                        }
                    },)+
                }
            }
        }
    };
}

codes! {
    NotRead, "not-read", Refusal,
        "The path is not a regular file, or the file is larger than 64 MiB, has millions of sections or types nested hundreds deep, so it was not read completely and there is no verdict on it. The host would read all of a large file into memory and compile it while every other plugin waits.",
        "give the path of a plugin that `cargo tesser build` wrote";
    EmptyFile, "empty-file", Refusal,
        "The file is empty. An interrupted copy or a full disk leaves such files; the host refuses them.",
        "build the plugin again with `cargo tesser build --release`";
    NotWasm, "not-wasm", Refusal,
        "The file does not start with WebAssembly's magic bytes. Text (WAT) files, archives and precompiled modules are not loaded by the host either.",
        "give the path of the component, `target/tesser/<profile>/<name>.wasm`";
    CoreModule, "core-module", Refusal,
        "The file is a core WebAssembly module, which is what plain `cargo build` writes. The host loads components and refuses it (\"attempted to parse a wasm module with a component parser\").",
        "build with `cargo tesser build`, which makes a component, and use the file below `target/tesser/`";
    Truncated, "truncated", Refusal,
        "The file ends in the middle of a section. The host cannot parse it.",
        "copy or build the file again; `cargo tesser build` replaces files in one step, so a reader never sees an incomplete file";
    InvalidWasm, "invalid-wasm", Refusal,
        "The file is not valid WebAssembly. The host validates it before it compiles it.",
        "build the plugin again; if that does not help, the tool that wrote the file has a defect";
    ProposalOff, "proposal-off", Refusal,
        "The file uses a WebAssembly feature that is disabled in the host's engine.",
        "build without that target feature: look for `-C target-feature` in RUSTFLAGS and `.cargo/config.toml`";
    HostLimit, "host-limit", Refusal,
        "The file is valid for today's engines, but not for the host's engine: it exceeds one of that engine's limits (1,000 fields, cases or instances, 100,000 exports, 131,072 entries of a branch table), or uses a newer encoding.",
        "build with `cargo tesser build`, whose encoding the host can read; if the plugin has a type or function of that size, split it";
    NotImplemented, "not-implemented", Refusal,
        "The file is valid, but has something that the host's engine does not implement: an exported component, a re-exported import, types of more than 100 levels, a function table filled from globals.",
        "build with `cargo tesser build`; code that merges or composes components may have put it there";
    MissingExport, "missing-export", Refusal,
        "An export of the ABI is missing. The host binds all exports when it loads the plugin.",
        "put `tesser_wasm::export_plugin!(YourType);` into the crate's lib.rs";
    ExportType, "export-type", Refusal,
        "An export has a different type than in the ABI. The host compares types by structure: field and case names, their types and their order.",
        "build against the `tesser-wasm` version that matches the host";
    WasiVersion, "wasi-version", Refusal,
        "An import names a WASI interface that the host offers in another version. The host matches versions exactly.",
        "build with `cargo tesser build`, which needs no WASI adapter at all; with another tool, use the adapter of wasi-preview1-component-adapter-provider 24.0.0";
    UnknownImport, "unknown-import", Refusal,
        "An import names something that the host does not offer, so it cannot be linked.",
        "remove the code that needs it; a sealed plugin built with `cargo tesser build` imports no functions";
    ImportType, "import-type", Refusal,
        "An import has the name of a function or resource that the host offers, but another type. The host's linker compares types by structure and resources by identity.",
        "generate the bindings from the WIT of WASI 0.2.0";
    LoadTrap, "load-trap", Refusal,
        "The component is valid, but an instance cannot be created: a start function, constructor or data segment traps, or the start code waits for ever. The host creates an instance for each algorithm.",
        "look for code that runs before `init`: static initializers and constructors";
    SlowStart, "slow-start", Error,
        "The start code did not end within 100 million instructions, and may never end. The host waits for it, and so does every other plugin.",
        "move work from static initializers and constructors into `init`; allow `slow-start` only if you know that it ends";
    UntriedStart, "untried-start", Error,
        "The static checks passed, but the file has start code that the local engine could not run to its end: it calls an import for which the load check only has a stub, needs more than 256 MiB of memory, is part of code that is too large to compile here, or a segment may not fit into its memory or table. It may trap on the host.",
        "move work from static initializers and constructors into `init`; allow `untried-start` only after it has run on the host in paper mode";
    NotLoaded, "not-loaded", Warning,
        "The static checks passed and the file has no start code that could fail, but the local engine could not create an instance: it does not compile the component, or the component needs more memory than the load check allows.",
        "run it on the host in paper mode before it trades";
    UnreachableName, "unreachable-name", Warning,
        "The host appends `.wasm` only to a plugin name without an extension, so it never finds a file whose name has a dot or that does not end in `.wasm`.",
        "rename the file; dashes and underscores are fine";
    UsesCli, "uses-cli", Warning,
        "The component imports `wasi:cli`. On the host it is empty: no arguments, no environment, streams without a destination. Code that needs them does not work.",
        "seal it with `cargo tesser build`, or allow `uses-cli`";
    UsesClocks, "uses-clocks", Warning,
        "The component imports `wasi:clocks`. The times that it reads are not on a tape, so a replay is not reproducible.",
        "take the time from ticks and fills, or allow `uses-clocks`";
    UsesFilesystem, "uses-filesystem", Warning,
        "The component imports `wasi:filesystem`. The host opens no folder for it, so each of its file operations fails.",
        "keep state in the snapshot, or allow `uses-filesystem`";
    UsesIo, "uses-io", Warning,
        "The component imports `wasi:io`: streams and polling. A plugin that waits stops the whole trading loop.",
        "seal it with `cargo tesser build`, or allow `uses-io`";
    UsesRandom, "uses-random", Warning,
        "The component imports `wasi:random`, so a replay is not reproducible.",
        "number ids from the plugin's state, or allow `uses-random`";
    UsesSockets, "uses-sockets", Warning,
        "The component imports `wasi:sockets`. The host gives no network to plugins, so each of its connections fails.",
        "remove the code that uses the network, or allow `uses-sockets`";
    Simd, "simd", Warning,
        "The code uses 128-bit vector instructions. The host supports them, but plugins are built without them by default.",
        "build without `-C target-feature=+simd128`, or allow `simd`";
    RelaxedSimd, "relaxed-simd", Warning,
        "The code uses relaxed vector instructions. Their results may differ from one processor to another, so a replay may differ from the live run.",
        "build without `-C target-feature=+relaxed-simd`";
    Threads, "threads", Warning,
        "The code uses atomic instructions or shared memory. The host calls a plugin from one thread and offers no way to start another.",
        "build for `wasm32-wasip1`, not for a target with threads";
    NestedComponents, "nested-components", Warning,
        "There are components inside of the component. `cargo tesser build` makes none; a tool that composes components does.",
        "build it with `cargo tesser build`, or allow `nested-components`";
    StringEncoding, "string-encoding", Warning,
        "The component passes strings in another encoding than UTF-8, so the host converts each of them.",
        "use bindings with UTF-8 strings, or allow `string-encoding`";
    SeveralMemories, "several-memories", Warning,
        "There is more than one memory; compilers create only one. Each takes address space of the host.",
        "look for a tool that merges modules, or allow `several-memories`";
    LargeMemory, "large-memory", Warning,
        "A memory starts with more than 32 MiB. The host has no memory limit, and each algorithm has its own instance.",
        "look for large statics, or a linker flag such as `--initial-memory`";
    LargeTable, "large-table", Warning,
        "A table starts with more elements than any plugin needs. The host allocates all of them for each instance.",
        "look for a linker flag such as `--growable-table`, or for generated code";
    ManyFunctions, "many-functions", Warning,
        "There are so many functions that compiling them stalls the host. It compiles while every other plugin waits.",
        "drop dependencies, or build with `opt-level = \"s\"`";
    ManyParams, "many-params", Warning,
        "A function has more parameters than people or compilers usually write. Compiling such a function takes long.",
        "look for generated code";
    LargeFile, "large-file", Warning,
        "The file is larger than the host profile or `--max-size` recommends. The host compiles it while every other plugin waits.",
        "drop dependencies, build with `--release`, or raise `--max-size`";
    NoMetadata, "no-metadata", Warning,
        "The file has no `tesser:plugin` section, which `cargo tesser build` writes: package, version, SDK, ABI and compiler. Without it nobody can tell from the file which plugin is running.",
        "build it with `cargo tesser build`";
    ForeignMetadata, "foreign-metadata", Warning,
        "The file has a `tesser:plugin` section that cannot be read, or that names another version of the ABI than the host's.",
        "build it with the versions of `cargo tesser` and `tesser-wasm` that match the host";
    BuildPath, "build-path", Warning,
        "The file contains paths of the build machine. They reveal names of people and folders, and make two builds of the same source differ.",
        "build it with `cargo tesser build`, which remaps them";
    OtherPlugin, "other-plugin", Warning,
        "With `--against`: the older file is another plugin, by the name in its metadata, so that the differences are not those of a new version.",
        "give `--against` an earlier version of the same plugin, or allow `other-plugin` if it was renamed";
    ExportRemoved, "export-removed", Error,
        "With `--against`: the older plugin exports something that this one does not.",
        "keep the export, or allow `export-removed`";
    ExportChanged, "export-changed", Error,
        "With `--against`: an export has another type than in the older plugin.",
        "build both against the same `tesser-wasm`, or allow `export-changed`";
    ExportAdded, "export-added", Warning,
        "With `--against`: this plugin exports something that the older one does not.",
        "allow `export-added` if it is meant";
    ImportAdded, "import-added", Error,
        "With `--against`: this plugin imports something that the older one does not.",
        "find the code that needs it, or allow `import-added`";
    ImportRemoved, "import-removed", Warning,
        "With `--against`: this plugin no longer imports something.",
        "allow `import-removed` if it is meant";
    CapabilityAdded, "capability-added", Error,
        "With `--against`: this plugin has a kind of capability that the older one does not have.",
        "find the code that needs it, or allow `capability-added`";
    AbiChanged, "abi-changed", Error,
        "With `--against`: the two plugins were built for different versions of the ABI.",
        "build both against the same `tesser-wasm`, or allow `abi-changed`";
    SizeGrown, "size-grown", Warning,
        "With `--against`: this plugin is more than a tenth larger than the older one. The host takes longer to compile it.",
        "look for new dependencies, or allow `size-grown`";
    InvalidParams, "invalid-params", Error,
        "With `--params`: a parameter is unknown, missing, of another type or out of range. The plugin's `init` refuses a signal with such parameters, and the host drops the signal.",
        "correct the parameters; `cargo tesser inspect FILE --params` lists them";
    NoParamSchema, "no-param-schema", Warning,
        "With `--params`: the plugin has no parameter schema that can be read, so the parameters were not checked. Plugins built on the execution kit have one.",
        "define the parameters with `tesser_wasm::params!`, or try them with `cargo tesser check-hint`";
}

impl Code {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// How bad it is, unless a policy says otherwise.
    pub fn severity(self) -> Severity {
        self.entry().severity
    }

    /// Returns the code with that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }

    /// Returns the codes with similar names, the most similar first.
    pub fn like(name: &str) -> Vec<Self> {
        /// Above this similarity, one name is probably a typing error of the other.
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
