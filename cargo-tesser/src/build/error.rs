//! Why a plugin was not built, and what to do about it.

use std::path::PathBuf;

use super::wasi_calls;
use crate::exit::{FAILED, REJECTED, USAGE};
use crate::report::FileReport;
use crate::{abi, checks, fs, process, toolchain, validate};

/// A build that did not end with a plugin in its place.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No compiler for the target.
    #[error(transparent)]
    Toolchain(#[from] toolchain::Error),
    /// cargo could not be run, or `cargo metadata` failed.
    #[error(transparent)]
    Cargo(#[from] process::Error),
    /// The plugins do not compile; the compiler has said why.
    #[error("`cargo build` failed ({status})")]
    Compile {
        /// How it ended.
        status: std::process::ExitStatus,
        /// Packages that nobody has named and that may be no plugins.
        doubtful: Vec<String>,
    },
    /// cargo answered something that is not its JSON.
    #[error("cannot understand what `{command}` answered")]
    Answer {
        /// The command line.
        command: String,
        /// Where and why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// `-p` names nothing in the workspace.
    #[error("there is no package `{spec}` in the workspace")]
    UnknownPackage {
        /// What was asked for.
        spec: String,
        /// The packages there are.
        known: String,
    },
    /// `--example` names none of the selected packages.
    #[error("there is no example `{spec}`")]
    UnknownExample {
        /// What was asked for.
        spec: String,
    },
    /// The example is no cdylib.
    #[error("the example `{example}` is not built as a plugin: it is not a `cdylib`")]
    ExampleNotCdylib {
        /// Name of the example.
        example: String,
        /// Its package's manifest.
        manifest: PathBuf,
    },
    /// `[package.metadata.tesser]` has something that it cannot have.
    #[error("`[package.metadata.tesser]` in `{}`: {reason}", .manifest.display())]
    Settings {
        /// The manifest.
        manifest: PathBuf,
        /// What and why.
        reason: String,
    },
    /// The compiler must not build plugins.
    #[error("`{rustc}` cannot build plugins: {reason}")]
    Compiler {
        /// Its version.
        rustc: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The profile says that numbers wrap.
    #[error(
        "the profile `{profile}` switches `overflow-checks` off for `{package}`: an overflow would wrap silently"
    )]
    OverflowChecks {
        /// Name of the package.
        package: String,
        /// The profile.
        profile: String,
    },
    /// The package's library is no cdylib.
    #[error("`{package}` is not a plugin: its library is not a `cdylib`")]
    NotCdylib {
        /// Name of the package.
        package: String,
        /// Its manifest.
        manifest: PathBuf,
        /// Whether it uses the SDK.
        has_sdk: bool,
        /// The plugins that the workspace has.
        plugins: String,
    },
    /// Several packages, none of which is a plugin.
    #[error("none of the selected packages is a plugin: {packages}")]
    NoPlugin {
        /// Names of the packages.
        packages: String,
    },
    /// Two plugins would be installed under one name.
    #[error("`{first}` and `{second}` would both be installed as `{file}`")]
    SameFile {
        /// One package.
        first: String,
        /// The other.
        second: String,
        /// The file's name.
        file: String,
    },
    /// cargo succeeded, but named no artifact.
    #[error("cargo built `{package}` but named no `.wasm` file of it")]
    NoArtifact {
        /// Name of the package.
        package: String,
    },
    /// There is no `export_plugin!`.
    #[error("`{package}` exports no plugin")]
    NotExported {
        /// Name of the package.
        package: String,
        /// Whether it was asked for.
        is_named: bool,
    },
    /// The plugin needs something of the outside world.
    #[error("`{package}` asks for what no plugin has: {}", named(.imports))]
    Ambient {
        /// Name of the package.
        package: String,
        /// preview1 functions.
        imports: Vec<String>,
        /// Crates below it that are known to ask for such things.
        ambient_crates: Vec<String>,
    },
    /// The plugin imports a function from anywhere else.
    #[error("`{package}` imports `{import}`, which no host offers")]
    ForeignImport {
        /// Name of the package.
        package: String,
        /// Module and name.
        import: String,
    },
    /// The SDK comes from before there were ABI manifests.
    #[error("`{package}` uses `tesser-wasm` {sdk}, which says nothing of its ABI")]
    OldSdk {
        /// Name of the package.
        package: String,
        /// Version of its SDK.
        sdk: String,
    },
    /// The SDK speaks another ABI than the host.
    #[error("`{package}` uses `tesser-wasm` {sdk} for ABI {abi}; the host speaks ABI {host}")]
    OtherAbi {
        /// Name of the package.
        package: String,
        /// Version of its SDK.
        sdk: String,
        /// ABI of that SDK.
        abi: String,
        /// ABI of the host.
        host: String,
    },
    /// wasm-opt failed.
    #[error("wasm-opt failed on `{package}`: {reason}")]
    Optimize {
        /// Name of the package.
        package: String,
        /// wasm-opt's words.
        reason: String,
    },
    /// wasm-opt ended well, and what it wrote is broken.
    #[error("wasm-opt wrote no complete module of `{package}` to `{}`: {reason}", .path.display())]
    OptimizerOutput {
        /// Name of the package.
        package: String,
        /// Its output.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The tool was built without wasm-opt, and none was named.
    #[error("this `cargo tesser` was built without wasm-opt")]
    NoOptimizer,
    /// The component could not be made.
    #[error("cannot make a component of `{package}`: {reason}")]
    Componentize {
        /// Name of the package.
        package: String,
        /// wit-component's words.
        reason: String,
    },
    /// The metadata could not be added.
    #[error("cannot write the metadata of `{package}`: {reason}")]
    Stamp {
        /// Name of the package.
        package: String,
        /// wasm-metadata's words.
        reason: String,
    },
    /// The plugin is larger than its package allows.
    #[error("`{package}` has {size} bytes, and its `max-size` is {limit}")]
    TooLarge {
        /// Name of the package.
        package: String,
        /// Bytes of the component.
        size: u64,
        /// Most bytes that it may have.
        limit: u64,
    },
    /// What was built would be refused by the host.
    #[error("`{package}` did not pass its check, so it was not installed")]
    Rejected {
        /// Name of the package.
        package: String,
        /// What was found.
        report: Box<FileReport>,
        /// The host it was checked for.
        host: String,
    },
    /// The file holds something else than what was built.
    #[error("`{}` is not what `{package}` makes here: {difference}", .path.display())]
    Differs {
        /// Name of the package.
        package: String,
        /// The file.
        path: PathBuf,
        /// Hashes, and where they differ first.
        difference: String,
        /// What they say of their making, where that differs.
        words: Vec<String>,
        /// The commit that the file names.
        revision: Option<String>,
    },
    /// `--verify` got something else.
    #[error("`{}` is not a plugin: its first bytes are not those of a component", .path.display())]
    VerifyOther {
        /// The file.
        path: PathBuf,
    },
    /// `--verify` compares one plugin.
    #[error("one file cannot be compared with {count} plugins")]
    VerifyOne {
        /// How many are selected.
        count: usize,
    },
    /// No plugin can have this name.
    #[error("`{name}` is not the name of a plugin")]
    BadName {
        /// What was given.
        name: String,
    },
    /// There is nothing to go back to.
    #[error("no earlier version of `{}` is kept", .place.display())]
    NothingKept {
        /// Where the plugin lies, or would lie.
        place: PathBuf,
    },
    /// No kept version fits.
    #[error("no kept version of `{}` {}", .place.display(), wanted(.to.as_deref()))]
    NoVersion {
        /// Where the plugin lies.
        place: PathBuf,
        /// What its hash was to begin with.
        to: Option<String>,
        /// Hashes of those that are kept.
        known: String,
    },
    /// A kept version is not what it was.
    #[error("`{}` does not have the hash that it is named for", .path.display())]
    Damaged {
        /// Its file.
        path: PathBuf,
    },
    /// The SDK's manifest cannot be used.
    #[error(transparent)]
    Abi(#[from] abi::Error),
    /// The checks could not run.
    #[error(transparent)]
    Validate(#[from] validate::Error),
    /// The check before the installation cannot be made.
    #[error(transparent)]
    Checks(#[from] checks::Error),
    /// A file cannot be read or written.
    #[error(transparent)]
    Fs(#[from] fs::Error),
}

impl Error {
    /// The exit code of the process.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::UnknownPackage { .. }
            | Self::UnknownExample { .. }
            | Self::VerifyOne { .. }
            | Self::BadName { .. } => USAGE,
            Self::NotCdylib { .. }
            | Self::ExampleNotCdylib { .. }
            | Self::TooLarge { .. }
            | Self::OverflowChecks { .. }
            | Self::NoPlugin { .. }
            | Self::NotExported { .. }
            | Self::Ambient { .. }
            | Self::ForeignImport { .. }
            | Self::OldSdk { .. }
            | Self::OtherAbi { .. }
            | Self::Differs { .. }
            | Self::VerifyOther { .. }
            | Self::Rejected { .. } => REJECTED,
            Self::Toolchain(error) => error.exit_code(),
            Self::Validate(error) => error.exit_code(),
            Self::Checks(error) => error.exit_code(),
            _ => FAILED,
        }
    }
}

fn wanted(to: Option<&str>) -> String {
    match to {
        Some(hash) => format!("has a hash that begins with `{hash}`"),
        None => "is earlier than the one that is there".into(),
    }
}

fn named(imports: &[String]) -> String {
    let named: Vec<_> = imports
        .iter()
        .map(|import| format!("`{import}` ({})", wasi_calls::describe(import).0))
        .collect();
    named.join(", ")
}
