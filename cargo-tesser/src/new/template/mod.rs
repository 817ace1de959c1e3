//! The value of `--template` -> a template: its description, its variables and its files.
//!
//! In: a name, a folder or a repository. Out: everything that rendering needs, in memory. Nothing in a template is
//! ever run, and it cannot write outside of the new folder.

mod files;
mod folder;
mod git;
mod manifest;
mod user_templates;

pub(super) use files::{Source, check_path};
pub(super) use git::is_missing;
pub use manifest::{Kind, Value, Variable};
pub use user_templates::UserTemplates;

use std::path::{Path, PathBuf};

use super::error::Error;
use crate::report::without_secrets;
use crate::shell::Shell;
use manifest::Manifest;

/// Describes a template; not part of what it generates.
const MANIFEST: &str = "tesser-template.toml";

/// A complete template.
#[derive(Clone, Debug)]
pub(super) struct Template {
    /// The name given by the user.
    pub(super) name: String,
    /// One line.
    pub(super) description: String,
    /// In the order of the manifest.
    pub(super) variables: Vec<Variable>,
    /// The files by their path below the new folder.
    pub(super) files: Vec<Source>,
}

/// Where a template is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In this program.
    BuiltIn(&'static str),
    /// In a folder.
    Folder(PathBuf),
    /// In a repository, at a branch, tag or commit.
    Git {
        /// The URL for git.
        url: String,
        /// A branch, tag or commit; the default branch if absent.
        reference: Option<String>,
    },
}

impl Place {
    /// Parses a built-in name, a name from the user's list, `path:DIR` or any path with a separator, `git:URL#REF` or any URL.
    fn named(given: &str) -> Option<Self> {
        if let Some(dir) = given.strip_prefix("path:") {
            return Some(Self::Folder(dir.into()));
        }
        let url = given.strip_prefix("git:");
        if url.is_some() || given.contains("://") || given.starts_with("git@") {
            let url = url.unwrap_or(given);
            let (url, reference) = match url.split_once('#') {
                Some((url, reference)) => (url, Some(reference.to_owned())),
                None => (url, None),
            };
            return Some(Self::Git { url: url.to_owned(), reference });
        }
        if let Some(built_in) = tesser_templates::ALL.iter().find(|it| it.name == given) {
            return Some(Self::BuiltIn(built_in.name));
        }
        let is_path = given.starts_with('.') || given.contains(['/', std::path::MAIN_SEPARATOR]);
        is_path.then(|| Self::Folder(given.into()))
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BuiltIn(_) => write!(f, "built in"),
            Self::Folder(dir) => write!(f, "{}", dir.display()),
            Self::Git { url, reference } => {
                write!(f, "{}", without_secrets(url))?;
                reference.as_ref().map_or(Ok(()), |reference| write!(f, "#{reference}"))
            }
        }
    }
}

impl Template {
    /// Finds and reads the given template; `subfolder` is a path below its place.
    pub(super) fn load(given: &str, subfolder: Option<&Path>, shell: Shell) -> Result<Self, Error> {
        let (place, subfolder) = match Place::named(given) {
            Some(place) => (place, subfolder.map(Path::to_owned)),
            None => UserTemplates::load()?.find(given, subfolder)?,
        };
        let bad = |problem: String| Error::BadTemplate { template: given.to_owned(), problem };
        let subfolder = subfolder.unwrap_or_default();
        if !subfolder.components().all(|part| matches!(part, std::path::Component::Normal(_))) {
            return Err(bad(format!("its subfolder `{}` is outside of it", subfolder.display())));
        }
        match place {
            Place::BuiltIn(_) if subfolder != Path::new("") => {
                Err(bad("a built-in template has no subfolders".into()))
            }
            Place::BuiltIn(name) => Self::built_in(name),
            Place::Folder(dir) => {
                let dir = crate::fs::resolved(&dir)?;
                Self::from_folder(given, &dir, &subfolder)
            }
            Place::Git { url, reference } => {
                let scratch = crate::fs::scratch_dir()?;
                let (dir, commit) = git::fetch(&url, reference.as_deref(), scratch.path(), shell)
                    .map_err(|failure| failure.of(given))?;
                shell.status("Fetched", format_args!("`{url}` at commit {commit}"));
                Self::from_folder(given, &dir, &subfolder)
            }
        }
    }

    /// Returns a built-in template.
    pub(super) fn built_in(name: &str) -> Result<Self, Error> {
        let found = tesser_templates::ALL.iter().find(|template| template.name == name);
        let template = found.ok_or_else(|| Error::UnknownTemplate {
            name: name.to_owned(),
            known: built_in_names(),
        })?;
        let files = template.files().into_iter().map(|file| files::Raw {
            path: file.path.to_owned(),
            contents: file.contents.into_owned(),
            executable: false,
        });
        Self::assemble(name, template.manifest(), files.collect())
    }

    fn from_folder(name: &str, dir: &Path, subfolder: &Path) -> Result<Self, Error> {
        let (manifest, files) = folder::read(dir, subfolder).map_err(|failure| failure.of(name))?;
        Self::assemble(name, &manifest, files)
    }

    fn assemble(name: &str, manifest: &str, raw: Vec<files::Raw>) -> Result<Self, Error> {
        let bad = |problem| Error::BadTemplate { template: name.to_owned(), problem };
        let manifest: Manifest = manifest.parse().map_err(bad)?;
        let files = files::sources(raw, &manifest.files).map_err(bad)?;
        Ok(Self {
            name: name.to_owned(),
            description: manifest.description,
            variables: manifest.variables,
            files,
        })
    }
}

/// Why a template cannot be read, without its name.
enum Failure {
    Problem(String),
    Fs(crate::fs::Error),
    Git(crate::process::Error),
}

impl Failure {
    fn of(self, template: &str) -> Error {
        match self {
            Self::Problem(problem) => Error::BadTemplate { template: template.into(), problem },
            Self::Fs(error) => error.into(),
            Self::Git(source) => Error::Fetch { template: template.into(), source },
        }
    }
}

impl From<crate::fs::Error> for Failure {
    fn from(error: crate::fs::Error) -> Self {
        Self::Fs(error)
    }
}

/// Returns the names of all built-in templates, the default one first.
pub(super) fn built_in_names() -> String {
    let names: Vec<_> = tesser_templates::ALL.iter().map(|template| template.name).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_a_template_are_told_apart() {
        let git = |url: &str, reference: Option<&str>| {
            Some(Place::Git { url: url.into(), reference: reference.map(Into::into) })
        };
        assert_eq!(Place::named("chase"), Some(Place::BuiltIn("chase")));
        assert_eq!(Place::named("./chase"), Some(Place::Folder("./chase".into())));
        assert_eq!(Place::named("path:chase"), Some(Place::Folder("chase".into())));
        assert_eq!(Place::named("a/b"), Some(Place::Folder("a/b".into())));
        assert_eq!(Place::named("git:../repo#v1"), git("../repo", Some("v1")));
        assert_eq!(
            Place::named("https://example.org/t.git"),
            git("https://example.org/t.git", None)
        );
        assert_eq!(Place::named("git@host:a/b#v1"), git("git@host:a/b", Some("v1")));
        assert_eq!(Place::named("mine"), None);
    }
}
