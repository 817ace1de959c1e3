//! Why there is no compiler for the target.
//!
//! In: what was tried, and its error. Out: one sentence, its causes, and what to do next.

use std::path::PathBuf;

use crate::exit::{FAILED, USAGE};
use crate::{fs, process};

use super::TARGET;

/// No compiler for the target could be found or provided.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A target that plugins are not built for.
    #[error(
        "cannot build plugins for `{target}`: the target is `wasm32-wasip1`, formerly `wasm32-wasi`"
    )]
    UnsupportedTarget {
        /// What was asked for.
        target: String,
    },
    /// There is no Rust compiler at all.
    #[error("no Rust compiler: `{program}` was not found")]
    NoCompiler {
        /// The program that was looked for.
        program: String,
        /// How to get one on this machine.
        advice: String,
    },
    /// There is a compiler without a cargo.
    #[error("no cargo: `cargo` is neither on `PATH` nor beside `{}`", .rustc.display())]
    NoCargo {
        /// The compiler.
        rustc: PathBuf,
        /// How to get one on this machine.
        advice: String,
    },
    /// The compiler could not be asked for its version or its folders.
    #[error("cannot ask `{}` about itself", .rustc.display())]
    Rustc {
        /// The compiler.
        rustc: PathBuf,
        /// What it said.
        #[source]
        source: process::Error,
    },
    /// The compiler's output is not the expected one.
    #[error("cannot parse the output of `{command}`: {answer:?}")]
    RustcAnswer {
        /// The command.
        command: String,
        /// Its output.
        answer: String,
    },
    /// The target was neither found nor added; `setup` may be able to do more.
    #[error("no compiler for `{TARGET}`: `{rustc}` does not have it and {tried}")]
    Missing {
        /// The compiler in use, as `rustc 1.95.0`.
        rustc: String,
        /// What else was tried, and the result.
        tried: String,
        /// What it said.
        #[source]
        source: Option<process::Error>,
    },
    /// `setup` needs something that it cannot, or is not allowed to, install.
    #[error("cannot provide `{TARGET}`: {what}")]
    Unavailable {
        /// What is missing.
        what: String,
        /// The commands that provide it on this machine.
        advice: String,
    },
    /// The package manager failed.
    #[error("cannot install {packages}")]
    Packages {
        /// The packages, each in backticks.
        packages: String,
        /// The commands that do the same by hand.
        advice: String,
        /// What it said.
        #[source]
        source: process::Error,
    },
    /// The standard library could not be compiled.
    #[error("cannot build the standard library of `{rustc}` for `{target}`")]
    BuildStd {
        /// The compiler, as `rustc 1.95.0`.
        rustc: String,
        /// Its name of the target.
        target: &'static str,
        /// Whether the sources contained the crates that they need.
        vendored: bool,
        /// What cargo said.
        #[source]
        source: process::Error,
    },
    /// The standard library was compiled, but is incomplete.
    #[error("the standard library that `{rustc}` built is incomplete: it lacks {lacks}")]
    NotWhole {
        /// The compiler, as `rustc 1.95.0`.
        rustc: String,
        /// What it lacks.
        lacks: &'static str,
    },
    /// A compiler has the target, but cannot compile a plugin of five lines.
    #[error("a trial compilation with {toolchain} failed")]
    Trial {
        /// The toolchain.
        toolchain: String,
        /// Its private sysroot.
        sysroot: Option<PathBuf>,
        /// Its error; `None` if it succeeded but wrote no WebAssembly.
        #[source]
        source: Option<process::Error>,
    },
    /// This platform has no cache folder.
    #[error("there is no folder for the sysroot: this platform has no cache folder")]
    NoCache,
    /// The user interrupted the work, so nothing else is tried.
    #[error(transparent)]
    Interrupted(process::Error),
    /// A file operation failed.
    #[error(transparent)]
    Fs(#[from] fs::Error),
}

/// Returns an error if the user has interrupted the work, before something else is tried.
pub(super) fn unless_interrupted() -> Result<(), Error> {
    process::check_interrupted().map_err(Error::Interrupted)
}

impl Error {
    /// Returns the exit code of the process.
    pub fn exit_code(&self) -> u8 {
        if let Self::UnsupportedTarget { .. } = self { USAGE } else { FAILED }
    }

    /// Returns what to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnsupportedTarget { .. } => {
                Some(format!("omit `--target`, or use `--target {TARGET}`"))
            }
            Self::NoCompiler { advice, .. }
            | Self::NoCargo { advice, .. }
            | Self::Unavailable { advice, .. }
            | Self::Packages { advice, .. } => Some(advice.clone()),
            Self::Rustc { rustc, .. } => {
                Some(format!("check whether `{} -vV` works", rustc.display()))
            }
            Self::RustcAnswer { .. } => {
                Some("point `RUSTC` to a Rust compiler, or unset it".to_owned())
            }
            Self::Missing { .. } => Some("run `cargo tesser setup`".to_owned()),
            Self::BuildStd { vendored: true, .. }
            | Self::NotWhole { .. }
            | Self::Interrupted(_) => None,
            Self::BuildStd { vendored: false, .. } => Some(
                "its sources do not contain the crates that they need: the crate registry must be reachable"
                    .to_owned(),
            ),
            Self::Trial { sysroot: Some(path), .. } => {
                Some(format!("remove `{}` and run `cargo tesser setup` again", path.display()))
            }
            Self::Trial { sysroot: None, .. } => Some(
                "check that its standard library and a linker (`wasm-ld`, from the package `lld`) \
                 are installed"
                    .to_owned(),
            ),
            Self::NoCache => Some("set `CARGO_TESSER_CACHE` to a folder".to_owned()),
            Self::Fs(error) => error.hint(),
        }
    }
}
