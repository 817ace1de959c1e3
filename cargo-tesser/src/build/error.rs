//! Why a plugin was not built, and what to do about it.

use std::path::PathBuf;

use super::wasi_calls;
use crate::exit::{FAILED, REJECTED, USAGE};
use crate::report::{FileReport, some_of};
use crate::{abi, checks, fs, process, toolchain, validate};

/// Why a build installed no plugin.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no compiler for the target.
    #[error(transparent)]
    Toolchain(#[from] toolchain::Error),
    /// cargo could not be run, or `cargo metadata` failed.
    #[error(transparent)]
    Cargo(#[from] process::Error),
    /// The plugins do not compile; the compiler has reported why.
    #[error("`cargo build` failed ({status})")]
    Compile {
        /// Exit status of cargo.
        status: std::process::ExitStatus,
        /// Packages that were not selected by name and may not be plugins.
        doubtful: Vec<String>,
    },
    /// cargo's output is not the expected JSON.
    #[error("cannot parse the output of `{command}`")]
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
        /// The existing packages.
        known: String,
    },
    /// `--example` names none of the selected packages.
    #[error("there is no example `{spec}`")]
    UnknownExample {
        /// What was asked for.
        spec: String,
    },
    /// The example is not a cdylib.
    #[error("the example `{example}` is not built as a plugin: it is not a `cdylib`")]
    ExampleNotCdylib {
        /// Name of the example.
        example: String,
        /// Its package's manifest.
        manifest: PathBuf,
    },
    /// `[package.metadata.tesser]` has a key or value that is not allowed.
    #[error("`[package.metadata.tesser]` in `{}`: {reason}", .manifest.display())]
    Settings {
        /// The manifest.
        manifest: PathBuf,
        /// What and why.
        reason: String,
    },
    /// The compiler is rejected.
    #[error("`{rustc}` cannot build plugins: {reason}")]
    Compiler {
        /// Its version.
        rustc: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The profile disables overflow checks.
    #[error(
        "the profile `{profile}` disables `overflow-checks` for `{package}`: an overflow would wrap silently"
    )]
    OverflowChecks {
        /// Name of the package.
        package: String,
        /// The profile.
        profile: String,
    },
    /// The package's library is not a cdylib.
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
    /// Several packages are selected, and none is a plugin.
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
    /// cargo succeeded, but reported no artifact.
    #[error("cargo built `{package}` but reported no `.wasm` file")]
    NoArtifact {
        /// Name of the package.
        package: String,
    },
    /// The package does not use `export_plugin!`.
    #[error("`{package}` exports no plugin")]
    NotExported {
        /// Name of the package.
        package: String,
        /// Whether it was selected by name.
        is_named: bool,
    },
    /// The plugin calls WASI functions that a sealed plugin cannot use.
    #[error("`{package}` calls functions that a sealed plugin cannot use: {}", named(.imports))]
    Ambient {
        /// Name of the package.
        package: String,
        /// The preview1 functions.
        imports: Vec<String>,
        /// Dependencies that are known to call such functions.
        ambient_crates: Vec<String>,
    },
    /// The plugin imports a function that is not from WASI.
    #[error("`{package}` imports `{import}`, which no host offers")]
    ForeignImport {
        /// Name of the package.
        package: String,
        /// Module and name.
        import: String,
    },
    /// The SDK is older than ABI manifests.
    #[error("`{package}` uses `tesser-wasm` {sdk}, which does not declare its ABI")]
    OldSdk {
        /// Name of the package.
        package: String,
        /// Version of its SDK.
        sdk: String,
    },
    /// The SDK implements a different ABI than the host.
    #[error("`{package}` uses `tesser-wasm` {sdk} for ABI {abi}, but the host has ABI {host}")]
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
        /// The message of wasm-opt.
        reason: String,
    },
    /// wasm-opt succeeded, but its output is broken.
    #[error("wasm-opt did not write a complete module of `{package}` to `{}`: {reason}", .path.display())]
    OptimizerOutput {
        /// Name of the package.
        package: String,
        /// Its output.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The tool was built without wasm-opt, and `--wasm-opt` does not name one.
    #[error("this `cargo tesser` was built without wasm-opt")]
    NoOptimizer,
    /// The component could not be created.
    #[error("cannot create a component from `{package}`: {reason}")]
    Componentize {
        /// Name of the package.
        package: String,
        /// The message of wit-component.
        reason: String,
    },
    /// The metadata could not be added.
    #[error("cannot write the metadata of `{package}`: {reason}")]
    Metadata {
        /// Name of the package.
        package: String,
        /// The message of wasm-metadata.
        reason: String,
    },
    /// The plugin is larger than its package allows.
    #[error("`{package}` has {size} bytes, and its `max-size` is {limit}")]
    TooLarge {
        /// Name of the package.
        package: String,
        /// Size of the component in bytes.
        size: u64,
        /// Maximum size in bytes.
        limit: u64,
    },
    /// The host would refuse the plugin.
    #[error("`{package}` did not pass its check, so it was not installed")]
    Rejected {
        /// Name of the package.
        package: String,
        /// The report of the check.
        report: Box<FileReport>,
        /// Name of the host.
        host: String,
    },
    /// The file differs from what was built.
    #[error("`{}` differs from the build of `{package}`: {difference}", .path.display())]
    Differs {
        /// Name of the package.
        package: String,
        /// The file.
        path: PathBuf,
        /// The hashes, and the first difference.
        difference: String,
        /// Metadata that differs.
        words: Vec<String>,
        /// The commit that the file names.
        revision: Option<String>,
    },
    /// `--verify` was given a file that is not a plugin.
    #[error("`{}` is not a plugin: its first bytes are not those of a component", .path.display())]
    VerifyOther {
        /// The file.
        path: PathBuf,
    },
    /// `--verify` compares one plugin.
    #[error("one file cannot be compared with {count} plugins")]
    VerifyOne {
        /// Number of selected plugins.
        count: usize,
    },
    /// One plugin is needed, and several are selected.
    #[error("this command needs one plugin, but there are {}", some_of(.names))]
    SeveralPlugins {
        /// Names of the selected plugins.
        names: Vec<String>,
    },
    /// This is not a valid plugin name.
    #[error("`{name}` is not the name of a plugin")]
    BadName {
        /// The given name.
        name: String,
    },
    /// There is no kept version to roll back to.
    #[error("no earlier version of `{}` is kept", .place.display())]
    NothingKept {
        /// Path of the plugin.
        place: PathBuf,
    },
    /// No kept version matches.
    #[error("no kept version of `{}` {}", .place.display(), wanted(.to.as_deref()))]
    NoVersion {
        /// Path of the plugin.
        place: PathBuf,
        /// The requested beginning of its hash.
        to: Option<String>,
        /// Hashes of the kept versions.
        known: String,
    },
    /// A kept version has changed.
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
    /// The check before the installation could not run.
    #[error(transparent)]
    Checks(#[from] checks::Error),
    /// A file cannot be read or written.
    #[error(transparent)]
    Fs(#[from] fs::Error),
}

impl Error {
    /// Returns the exit code of the process.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::UnknownPackage { .. }
            | Self::UnknownExample { .. }
            | Self::VerifyOne { .. }
            | Self::SeveralPlugins { .. }
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
