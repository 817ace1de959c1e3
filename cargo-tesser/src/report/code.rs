//! The table of diagnostics: one entry for each defect that a file can have.
//!
//! A code is part of the contract with users' CI: it is never renamed, and never used for another
//! defect. `cargo tesser explain` and `docs/diagnostics.md` are made from this table.

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The host takes the file, but it is not what it should be.
    Warning,
    /// The host refuses the file, or the policy does.
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
    /// How bad it is, unless a policy says otherwise.
    pub severity: Severity,
    /// Whether it is the host's own refusal, which no policy can lift.
    pub refusal: bool,
    /// What is checked and why the host cares.
    pub why: &'static str,
    /// What to do about it.
    pub fix: &'static str,
}

/// Where a code's severity comes from.
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

            /// What the table says about it.
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
        "The path is not a regular file, or the file is larger than 64 MiB, has millions of sections or types nested hundreds deep, so it was not read (to its end) and there is no verdict on it. The host would read all of a large file into memory and compile it while every other plugin waits.",
        "give the path of a plugin that `cargo tesser build` wrote";
    EmptyFile, "empty-file", Refusal,
        "The file has no bytes. An interrupted copy or a full disk leaves such files; the host refuses them.",
        "build the plugin again with `cargo tesser build --release`";
    NotWasm, "not-wasm", Refusal,
        "The file does not start with WebAssembly's magic bytes. Text (WAT) files, archives and precompiled modules are not loaded by the host either.",
        "give the path of the component, `target/tesser/<profile>/<name>.wasm`";
    CoreModule, "core-module", Refusal,
        "The file is a core WebAssembly module, which is what plain `cargo build` writes. The host loads components and refuses it (\"attempted to parse a wasm module with a component parser\").",
        "build with `cargo tesser build`, which makes a component of it, and use the file below `target/tesser/`";
    Truncated, "truncated", Refusal,
        "The file ends in the middle of a section. The host cannot parse it.",
        "copy or build the file again; `cargo tesser build` replaces files in one step, so a reader never sees a part";
    InvalidWasm, "invalid-wasm", Refusal,
        "The file is not valid WebAssembly. The host validates it before it compiles it.",
        "build the plugin again; if that does not help, the tool that wrote the file has a defect";
    ProposalOff, "proposal-off", Refusal,
        "The file uses a WebAssembly feature that the host's engine has switched off.",
        "build without that target feature: look for `-C target-feature` in RUSTFLAGS and `.cargo/config.toml`";
    HostLimit, "host-limit", Refusal,
        "The file is valid for today's engines, but not for the one in the host: it goes over one of its limits (1,000 fields, cases or instances, 100,000 exports, 131,072 entries of a branch table), or is encoded in a way that is newer.",
        "build with `cargo tesser build`, whose encoding the host reads; if the plugin has a type or function of that size, split it";
    NotImplemented, "not-implemented", Refusal,
        "The file is valid, but the host's engine stops at something that it does not implement: an exported component, an imported function that is exported as it is, types of more than 100 levels, a function table filled from globals.",
        "build with `cargo tesser build`; code that merges or composes components may have put it there";
    MissingExport, "missing-export", Refusal,
        "An export of the ABI is not there. The host binds all of them when it loads the plugin.",
        "put `tesser_wasm::export_plugin!(YourType);` into the crate's lib.rs";
    ExportType, "export-type", Refusal,
        "An export has another type than the ABI says. The host compares types by structure: field and case names, their types and their order.",
        "build against the `tesser-wasm` version that matches the host";
    WasiVersion, "wasi-version", Refusal,
        "An import names a WASI interface that the host has, in another version. The host matches versions exactly.",
        "build with `cargo tesser build`, which needs no WASI adapter at all; with another tool, use the adapter of wasi-preview1-component-adapter-provider 24.0.0";
    UnknownImport, "unknown-import", Refusal,
        "An import names something that the host does not offer, so it cannot be linked.",
        "remove what needs it; a sealed plugin built with `cargo tesser build` imports no functions";
    ImportType, "import-type", Refusal,
        "An import has the name of a function or resource that the host offers, but another type. The host's linker compares types by structure and resources by identity.",
        "generate the bindings from the WIT of WASI 0.2.0";
    LoadTrap, "load-trap", Refusal,
        "The component is valid, but making an instance of it fails: a start function, constructor or data segment traps, or waits for what never comes. The host makes an instance for each algorithm.",
        "look for code that runs before `init`: static initializers and constructors";
    SlowStart, "slow-start", Error,
        "What runs when an instance is made did not end within 100 million instructions, and may never end. The host waits for it, and every other plugin with it.",
        "move work from static initializers and constructors into `init`; allow `slow-start` only if you know that it ends";
    UntriedStart, "untried-start", Error,
        "The static checks passed and something happens when an instance is made, but the local engine could not follow it to its end: it calls an import that a trial only has a stub for, asks for more than 256 MiB of memory, is part of code that is too large to compile here, or a segment may not fit its memory or table. It may trap on the host.",
        "move work from static initializers and constructors into `init`; allow `untried-start` only after it has run on the host in paper mode";
    NotLoaded, "not-loaded", Warning,
        "The static checks passed and nothing that can fail happens when an instance is made, but the local engine could not try to make one: it does not compile the component, or the component asks for more memory than a trial gets.",
        "run it on the host in paper mode before it trades";
    UnreachableName, "unreachable-name", Warning,
        "The host appends `.wasm` only to a plugin name without an extension, so it never finds a file whose name has a dot or that does not end in `.wasm`.",
        "rename the file; dashes and underscores are fine";
    UsesCli, "uses-cli", Warning,
        "The component imports `wasi:cli`. The host's are empty: no arguments, no environment, streams that lead nowhere. Code that needs them does not do what it should.",
        "seal it with `cargo tesser build`, or allow `uses-cli`";
    UsesClocks, "uses-clocks", Warning,
        "The component imports `wasi:clocks`. What it reads there is not on any tape, so a replay does not repeat what it did.",
        "take the time from ticks and fills, or allow `uses-clocks`";
    UsesFilesystem, "uses-filesystem", Warning,
        "The component imports `wasi:filesystem`. The host opens no folder for it, so each of its file operations fails.",
        "keep state in the snapshot, or allow `uses-filesystem`";
    UsesIo, "uses-io", Warning,
        "The component imports `wasi:io`: streams and polling. A plugin that waits stops the whole trading loop.",
        "seal it with `cargo tesser build`, or allow `uses-io`";
    UsesRandom, "uses-random", Warning,
        "The component imports `wasi:random`, so a replay does not repeat what it did.",
        "number ids from the plugin's state, or allow `uses-random`";
    UsesSockets, "uses-sockets", Warning,
        "The component imports `wasi:sockets`. The host gives no network to plugins, so each of its connections fails.",
        "remove what talks to the network, or allow `uses-sockets`";
    Simd, "simd", Warning,
        "The code uses 128-bit vector instructions. The host has them on, but plugins are built without them by default.",
        "build without `-C target-feature=+simd128`, or allow `simd`";
    RelaxedSimd, "relaxed-simd", Warning,
        "The code uses relaxed vector instructions. Their results may differ from one processor to another, so a replay may differ from what happened.",
        "build without `-C target-feature=+relaxed-simd`";
    Threads, "threads", Warning,
        "The code uses atomic instructions or shared memory. The host calls a plugin from one thread and offers no way to start another.",
        "build for `wasm32-wasip1`, not for a target with threads";
    NestedComponents, "nested-components", Warning,
        "There are components inside of the component. `cargo tesser build` makes none; a tool that composes components does.",
        "build it with `cargo tesser build`, or allow `nested-components`";
    StringEncoding, "string-encoding", Warning,
        "The component takes or gives strings in another encoding than utf-8, so the host recodes each of them.",
        "use bindings of a language with utf-8 strings, or allow `string-encoding`";
    SeveralMemories, "several-memories", Warning,
        "There is more than one memory, which compilers do not make. Each takes address space of the host.",
        "look for a tool that merges modules, or allow `several-memories`";
    LargeMemory, "large-memory", Warning,
        "A memory starts with more than 32 MiB. The host has no memory limit, and each algorithm has an instance of its own.",
        "look for large statics, or a linker flag such as `--initial-memory`";
    LargeTable, "large-table", Warning,
        "A table starts with more elements than any plugin needs. The host allocates all of them for each instance.",
        "look for a linker flag such as `--growable-table`, or for generated code";
    ManyFunctions, "many-functions", Warning,
        "There are so many functions that compiling them stalls the host. It compiles while every other plugin waits.",
        "drop dependencies, or build with `opt-level = \"s\"`";
    ManyParams, "many-params", Warning,
        "A function has more parameters than people or compilers give to one. Compiling such functions takes long.",
        "look for generated code";
    LargeFile, "large-file", Warning,
        "The file is larger than the profile of the host, or `--max-size`, says is sensible. The host compiles it while every other plugin waits.",
        "drop dependencies, build with `--release`, or raise `--max-size`";
    NoMetadata, "no-metadata", Warning,
        "The file has no `tesser:plugin` section, which `cargo tesser build` writes: package, version, SDK, ABI and compiler. Without it nobody can tell from the file what is running.",
        "build it with `cargo tesser build`";
    ForeignMetadata, "foreign-metadata", Warning,
        "The file has a `tesser:plugin` section that cannot be read, or that names another version of the ABI than the host's.",
        "build it with the `cargo tesser` and the `tesser-wasm` that fit the host";
    BuildPath, "build-path", Warning,
        "The file holds paths of the machine that built it. They tell names of people and folders, and make two builds of the same source differ.",
        "build it with `cargo tesser build`, which maps them";
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
        "find what needs it, or allow `import-added`";
    ImportRemoved, "import-removed", Warning,
        "With `--against`: this plugin no longer imports something.",
        "allow `import-removed` if it is meant";
    CapabilityAdded, "capability-added", Error,
        "With `--against`: this plugin can do a kind of thing that the older one cannot.",
        "find what needs it, or allow `capability-added`";
    AbiChanged, "abi-changed", Error,
        "With `--against`: the two plugins were built for different versions of the ABI.",
        "build both against the same `tesser-wasm`, or allow `abi-changed`";
    SizeGrown, "size-grown", Warning,
        "With `--against`: this plugin is more than a tenth larger than the older one. The host takes longer to compile it.",
        "look for new dependencies, or allow `size-grown`";
    InvalidParams, "invalid-params", Error,
        "With `--params`: a parameter is unknown, missing, of another type or out of range. The plugin's `init` refuses a signal with such parameters, and the host drops the signal.",
        "correct the parameters; `cargo tesser inspect FILE --params` lists what the plugin takes";
    NoParamSchema, "no-param-schema", Warning,
        "With `--params`: the plugin has no parameter schema that can be read, so the parameters were not checked. Plugins on the execution kit have one.",
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
