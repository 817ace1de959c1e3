//! Why nothing was generated, and the way out.

use std::path::PathBuf;

use crate::{fs, process};

/// A `new` that ended with nothing written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The package name is not accepted.
    #[error("`{name}` cannot name a plugin: {rule}")]
    BadName {
        /// What was asked for.
        name: String,
        /// The rule that it breaks.
        rule: &'static str,
        /// A name like it that is accepted.
        suggestion: Option<String>,
    },
    /// The path ends in no name.
    #[error("`{}` ends in no name for the plugin", .path.display())]
    NoName {
        /// The path.
        path: PathBuf,
    },
    /// There is no such template.
    #[error("there is no template `{name}`")]
    UnknownTemplate {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// `--sdk` has none of its forms.
    #[error("`--sdk {given}`: {rule}")]
    BadSdk {
        /// What was given.
        given: String,
        /// What is wrong with it.
        rule: String,
    },
    /// Something is at the path.
    #[error("`{}` {what}", .path.display())]
    Taken {
        /// The path.
        path: PathBuf,
        /// What is there.
        what: &'static str,
    },
    /// A template does not render.
    #[error("the template's file `{file}` does not render")]
    Render {
        /// The file.
        file: String,
        /// Where and why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Fs(#[from] fs::Error),
    /// git failed.
    #[error(transparent)]
    Git(#[from] process::Error),
}

impl Error {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::BadName { suggestion: Some(name), .. } => Some(format!("try `--name {name}`")),
            Self::BadName { .. } | Self::NoName { .. } => {
                Some("give a name with `--name <NAME>`, for example `--name my-chase`".into())
            }
            Self::UnknownTemplate { known, .. } => Some(format!("the templates are: {known}")),
            Self::BadSdk { .. } => Some(
                "the forms are `path:DIR`, `git:URL`, `git:URL#REV` and a version such as `0.10`"
                    .into(),
            ),
            Self::Taken { .. } => Some("choose another path, or move away what is there".into()),
            Self::Git(_) => Some("`--vcs none` makes no repository".into()),
            Self::Fs(error) => error.hint(),
            Self::Render { .. } => None,
        }
    }
}
