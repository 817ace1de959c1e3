//! What can go wrong between a machine and a compiler for the target.
//!
//! In: what was tried and what it said. Out: one sentence, its causes, and what to do next. Nothing
//! is tried here, and nothing is printed.

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
    /// The compiler answered something else.
    #[error("cannot make sense of what `{command}` answers: {answer:?}")]
    RustcAnswer {
        /// The command.
        command: String,
        /// Its answer.
        answer: String,
    },
    /// Neither found nor added; `setup` may do more.
    #[error("no compiler for `{TARGET}`: `{rustc}` does not have it and {tried}")]
    Missing {
        /// The compiler in use, as `rustc 1.95.0`.
        rustc: String,
        /// What else was tried, and how it ended.
        tried: String,
        /// What it said.
        #[source]
        source: Option<process::Error>,
    },
    /// `setup` needs something that it may not or cannot install.
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
        /// The target as it calls it.
        target: &'static str,
        /// Whether the sources brought the crates they need.
        vendored: bool,
        /// What cargo said.
        #[source]
        source: process::Error,
    },
    /// The standard library was compiled, and is not all there.
    #[error("the standard library that `{rustc}` built is not whole: it lacks {lacks}")]
    NotWhole {
        /// The compiler, as `rustc 1.95.0`.
        rustc: String,
        /// What it lacks.
        lacks: &'static str,
    },
    /// A compiler has the target, and cannot compile a plugin of five lines.
    #[error("a trial compilation with {toolchain} failed")]
    Trial {
        /// The toolchain.
        toolchain: String,
        /// Its private sysroot.
        sysroot: Option<PathBuf>,
        /// What it said; nothing when it succeeded and wrote no WebAssembly.
        #[source]
        source: Option<process::Error>,
    },
    /// This platform has no place for caches.
    #[error("no folder for the sysroot: the platform names none for caches")]
    NoCache,
    /// The user stopped it, so nothing else is tried.
    #[error(transparent)]
    Interrupted(process::Error),
    /// A file operation failed.
    #[error(transparent)]
    Fs(#[from] fs::Error),
}

/// Ends the work where a failure would lead to something else being tried.
pub(super) fn unless_interrupted() -> Result<(), Error> {
    process::check_interrupted().map_err(Error::Interrupted)
}

impl Error {
    /// The exit code of the process.
    pub fn exit_code(&self) -> u8 {
        if let Self::UnsupportedTarget { .. } = self { USAGE } else { FAILED }
    }

    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnsupportedTarget { .. } => {
                Some(format!("leave `--target` away, or say `--target {TARGET}`"))
            }
            Self::NoCompiler { advice, .. }
            | Self::NoCargo { advice, .. }
            | Self::Unavailable { advice, .. }
            | Self::Packages { advice, .. } => Some(advice.clone()),
            Self::Rustc { rustc, .. } => {
                Some(format!("see whether `{} -vV` works here", rustc.display()))
            }
            Self::RustcAnswer { .. } => {
                Some("point `RUSTC` to a Rust compiler, or unset it".to_owned())
            }
            Self::Missing { .. } => Some("run `cargo tesser setup`".to_owned()),
            Self::BuildStd { vendored: true, .. }
            | Self::NotWhole { .. }
            | Self::Interrupted(_) => None,
            Self::BuildStd { vendored: false, .. } => Some(
                "its sources come without the crates they need: the crate registry must be reachable"
                    .to_owned(),
            ),
            Self::Trial { sysroot: Some(path), .. } => {
                Some(format!("remove `{}` and run `cargo tesser setup` again", path.display()))
            }
            Self::Trial { sysroot: None, .. } => Some(
                "see whether its standard library and a linker (`wasm-ld`, of the package `lld`) \
                 are installed"
                    .to_owned(),
            ),
            Self::NoCache => Some("name a folder in `CARGO_TESSER_CACHE`".to_owned()),
            Self::Fs(error) => error.hint(),
        }
    }
}
