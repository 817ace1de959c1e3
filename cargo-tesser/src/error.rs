//! The errors of all flows, with exit code and hint.

use crate::exit::{FAILED, INTERRUPTED, USAGE};
use crate::report::Code;
use crate::simulator::conformance;
use crate::{
    abi, build, check_hint, compare, fs, host_profile, init, inspect, new, process, replay, test,
    toolchain, validate,
};

/// Any error of any flow.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `new`.
    #[error(transparent)]
    New(#[from] new::Error),
    /// `init`.
    #[error(transparent)]
    Init(#[from] init::Error),
    /// `build`.
    #[error(transparent)]
    Build(#[from] build::Error),
    /// `validate`.
    #[error(transparent)]
    Validate(#[from] validate::Error),
    /// A host profile.
    #[error(transparent)]
    Host(#[from] host_profile::Error),
    /// `inspect`.
    #[error(transparent)]
    Inspect(#[from] inspect::Error),
    /// `replay`.
    #[error(transparent)]
    Replay(#[from] replay::Error),
    /// `compare`.
    #[error(transparent)]
    Compare(#[from] compare::Error),
    /// `check-hint`.
    #[error(transparent)]
    CheckHint(#[from] check_hint::Error),
    /// `conformance`.
    #[error(transparent)]
    Conformance(#[from] conformance::Error),
    /// `test`, except for its build.
    #[error(transparent)]
    Test(test::Error),
    /// `setup`, and the compiler for every other flow.
    #[error(transparent)]
    Toolchain(#[from] toolchain::Error),
    /// `abi`.
    #[error(transparent)]
    Abi(#[from] abi::Error),
    /// A file of `man` cannot be written.
    #[error(transparent)]
    Fs(#[from] fs::Error),
    /// stdout cannot be written to.
    #[error("cannot write to stdout")]
    Output(#[from] std::io::Error),
    /// A command needs a file, and none is given.
    #[error("no FILE is given, and this folder is not in a crate that could be built instead")]
    NoFile,
    /// `compare` with one file, outside of a crate.
    #[error(
        "only one plugin is given, and this folder is not in a crate that could be built as the new one"
    )]
    NoNew,
    /// `replay` of a file without a target quantity.
    #[error("`--quantity` is missing: a FILE does not contain the target quantity")]
    NoQuantity,
    /// `explain` of a code that does not exist.
    #[error("there is no diagnostic `{name}`")]
    UnknownCode {
        /// What was asked for.
        name: String,
    },
}

/// A build error in `test` is reported in the same way as in `build`.
impl From<test::Error> for Error {
    fn from(error: test::Error) -> Self {
        match error {
            test::Error::Build(error) => Self::Build(error),
            error => Self::Test(error),
        }
    }
}

impl Error {
    /// Returns the exit code of the process.
    pub fn exit_code(&self) -> u8 {
        if process::is_interrupted() {
            return INTERRUPTED;
        }
        match self {
            Self::New(error) => error.exit_code(),
            Self::Init(error) => error.exit_code(),
            Self::Build(error) => error.exit_code(),
            Self::Validate(error) => error.exit_code(),
            Self::Host(error) => error.exit_code(),
            Self::Replay(error) => error.exit_code(),
            Self::Compare(error) => error.exit_code(),
            Self::Test(error) => error.exit_code(),
            Self::Toolchain(error) => error.exit_code(),
            Self::NoFile | Self::NoNew | Self::NoQuantity | Self::UnknownCode { .. } => USAGE,
            Self::Inspect(_)
            | Self::CheckHint(_)
            | Self::Conformance(_)
            | Self::Abi(_)
            | Self::Fs(_)
            | Self::Output(_) => FAILED,
        }
    }

    /// Returns what to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::New(error) => error.hint(),
            Self::Init(error) => error.hint(),
            Self::Build(error) => error.hint(),
            Self::Validate(error) => error.hint(),
            Self::Host(error) => error.hint(),
            Self::Inspect(error) => error.hint(),
            Self::Replay(error) => error.hint(),
            Self::Compare(error) => error.hint(),
            Self::CheckHint(error) => error.hint(),
            Self::Conformance(error) => error.hint(),
            Self::Test(error) => error.hint(),
            Self::Toolchain(error) => error.hint(),
            Self::NoFile => Some("give the path of a plugin, or change to the folder of a crate".into()),
            Self::NoNew => Some(
                "give two paths, or `--new-params` to compare the plugin with itself".into(),
            ),
            Self::NoQuantity => Some(
                "give `--quantity 1`; without a FILE the quantity comes from `[package.metadata.tesser.test]`, by default 1".into(),
            ),
            Self::UnknownCode { name } => {
                let near = Code::like(name).into_iter().map(|code| format!("`{}`", code.name()));
                Some(match near.collect::<Vec<_>>() {
                    near if near.is_empty() => {
                        "`cargo tesser explain` without a code lists all of them".into()
                    }
                    near => format!("did you mean {}?", near.join(" or ")),
                })
            }
            Self::Fs(error) => error.hint(),
            Self::Abi(_) | Self::Output(_) => None,
        }
    }
}
