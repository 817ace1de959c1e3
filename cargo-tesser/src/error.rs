//! All errors of all flows: how the process ends, and what to do next.

use crate::exit::{FAILED, INTERRUPTED, USAGE};
use crate::report::{Code, some_of};
use crate::simulator::conformance;
use crate::{
    abi, build, check_hint, host_profile, init, inspect, new, process, replay, test, toolchain,
    validate,
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
    /// stdout cannot be written to.
    #[error("cannot write to stdout")]
    Output(#[from] std::io::Error),
    /// A file is meant, and none is named.
    #[error("no FILE is given, and this folder is not in a crate whose plugin would be meant")]
    NoFile,
    /// One plugin is meant, and there are several.
    #[error("one plugin is meant, and there are {}", some_of(.names))]
    SeveralPlugins {
        /// Of the plugins that were built.
        names: Vec<String>,
    },
    /// `replay` of a file without a target.
    #[error("`--quantity` is missing: a FILE does not say how much is worked")]
    NoQuantity,
    /// `explain` of a code that there is not.
    #[error("there is no diagnostic `{name}`")]
    UnknownCode {
        /// What was asked for.
        name: String,
    },
}

/// A build that fails in `test` fails as in `build`.
impl From<test::Error> for Error {
    fn from(error: test::Error) -> Self {
        match error {
            test::Error::Build(error) => Self::Build(error),
            error => Self::Test(error),
        }
    }
}

impl Error {
    /// The exit code of the process.
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
            Self::Test(error) => error.exit_code(),
            Self::Toolchain(error) => error.exit_code(),
            Self::NoFile
            | Self::SeveralPlugins { .. }
            | Self::NoQuantity
            | Self::UnknownCode { .. } => USAGE,
            Self::Inspect(_)
            | Self::CheckHint(_)
            | Self::Conformance(_)
            | Self::Abi(_)
            | Self::Output(_) => FAILED,
        }
    }

    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::New(error) => error.hint(),
            Self::Init(error) => error.hint(),
            Self::Build(error) => error.hint(),
            Self::Validate(error) => error.hint(),
            Self::Host(error) => error.hint(),
            Self::Inspect(error) => error.hint(),
            Self::Replay(error) => error.hint(),
            Self::CheckHint(error) => error.hint(),
            Self::Conformance(error) => error.hint(),
            Self::Test(error) => error.hint(),
            Self::Toolchain(error) => error.hint(),
            Self::NoFile => Some("give the path of a plugin, or go to a crate".into()),
            Self::SeveralPlugins { .. } => Some("name one with `-p`".into()),
            Self::NoQuantity => Some(
                "give `--quantity 1`; without a FILE it is that of `[package.metadata.tesser.test]`, and 1 where that says nothing".into(),
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
            Self::Abi(_) | Self::Output(_) => None,
        }
    }
}
