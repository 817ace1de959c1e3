//! Why nothing was generated, and what to do about it.

use std::path::PathBuf;

use crate::exit::{FAILED, USAGE};
use crate::{fs, process, workspace};

/// Why `new` wrote nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The package name is not accepted.
    #[error("`{name}` cannot name a plugin: {rule}")]
    BadName {
        /// What was asked for.
        name: String,
        /// The rule that it breaks.
        rule: &'static str,
        /// A similar name that is accepted.
        suggestion: String,
    },
    /// The path does not end in a name.
    #[error("`{}` does not end in a name for the plugin", .path.display())]
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
    /// A template has a fault.
    #[error("`{template}` is not a template: {problem}")]
    BadTemplate {
        /// What was asked for.
        template: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A template cannot be fetched.
    #[error("cannot fetch the template `{template}`")]
    Fetch {
        /// What was asked for.
        template: String,
        /// The error of git.
        #[source]
        source: process::Error,
    },
    /// The list of the user's own templates has a fault.
    #[error("cannot parse `{}`: {problem}", .path.display())]
    BadUserTemplates {
        /// The list.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Values of variables are wrong or missing.
    #[error("the template `{template}` cannot be filled in:{}", lines(.problems))]
    Variables {
        /// The template.
        template: String,
        /// Everything that is wrong.
        problems: Vec<String>,
        /// A line for each variable.
        known: String,
    },
    /// The file of `--values` is not TOML.
    #[error("cannot parse `{}`: {problem}", .path.display())]
    BadValues {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The path already exists.
    #[error("`{}` {what}", .path.display())]
    Taken {
        /// The path.
        path: PathBuf,
        /// What is there.
        what: &'static str,
    },
    /// A template cannot be rendered.
    #[error("the template's file `{file}` cannot be rendered")]
    Render {
        /// The file.
        file: String,
        /// Where and why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The enclosing workspace, or the SDK that it would use.
    #[error(transparent)]
    Workspace(#[from] workspace::Error),
    /// A file cannot be written.
    #[error(transparent)]
    Fs(#[from] fs::Error),
    /// git failed.
    #[error(transparent)]
    Git(#[from] process::Error),
}

fn lines(problems: &[String]) -> String {
    problems.iter().fold(String::new(), |lines, problem| lines + "\n  " + problem)
}

impl Error {
    /// Returns the exit code of the process.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::BadName { .. }
            | Self::NoName { .. }
            | Self::UnknownTemplate { .. }
            | Self::Variables { .. }
            | Self::BadValues { .. } => USAGE,
            Self::Workspace(error) => error.exit_code(),
            Self::BadTemplate { .. }
            | Self::Fetch { .. }
            | Self::BadUserTemplates { .. }
            | Self::Taken { .. }
            | Self::Render { .. }
            | Self::Fs(_)
            | Self::Git(_) => FAILED,
        }
    }

    /// Returns what to do next.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::BadName { suggestion, .. } => format!("try `--name {suggestion}`"),
            Self::NoName { .. } => {
                "give a name with `--name <NAME>`, for example `--name my-plugin`".into()
            }
            Self::UnknownTemplate { known, .. } => format!(
                "the templates are: {known}; a folder is `path:DIR`, a repository `git:URL#REF`"
            ),
            Self::BadTemplate { .. } => {
                "see docs/templates.md of cargo-tesser for what a template needs".into()
            }
            Self::Fetch { source: process::Error::NotFound { .. }, .. } => {
                "install git, or use a folder with `--template path:DIR`".into()
            }
            Self::Fetch { .. } => {
                "check the URL, the branch, tag or commit after `#`, and your access to it".into()
            }
            Self::BadUserTemplates { .. } => {
                "see docs/templates.md of cargo-tesser for the format of this list".into()
            }
            Self::Variables { known, .. } if known.is_empty() => {
                "this template has no variables".into()
            }
            Self::Variables { known, .. } => format!(
                "give values with `--set NAME=VALUE`, `--values FILE` or `TESSER_VAR_NAME`; the variables are:{known}"
            ),
            Self::BadValues { .. } => {
                "write TOML with one line `name = value` for each variable".into()
            }
            Self::Workspace(error) => return error.hint(),
            Self::Taken { .. } => "choose another path, or move the existing one away".into(),
            Self::Git(_) => "use `--vcs none` to create no repository".into(),
            Self::Fs(error) => return error.hint(),
            Self::Render { .. } => return None,
        })
    }
}
