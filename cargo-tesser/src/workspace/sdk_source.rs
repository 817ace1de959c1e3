//! The source of `tesser-wasm` for a new crate.
//!
//! In: `--sdk`, the enclosing workspace, and the path of the crate. Out: the dependency's TOML, and the reason for the choice. A
//! checkout is used by path, so that a crate created from one builds before the SDK's version is published.

use std::fmt;
use std::path::{Component, Path, PathBuf};

use toml_edit::Item;

use super::{EnclosingWorkspace, Error, Root};
use crate::fs;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A source of the SDK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sdk {
    /// A folder, and why it was chosen.
    Path(PathBuf, &'static str),
    /// A repository and a revision.
    Git(String, Option<String>),
    /// A version from the registry, and why it was chosen.
    Version(String, &'static str),
    /// The entry in `workspace.dependencies`.
    Workspace,
}

impl Sdk {
    /// Returns the given source, or that of the enclosing workspace, or the checkout around the crate, or the one that the tool was
    /// built from, or the published version.
    pub(crate) fn choose(
        given: Option<&str>,
        path: &Path,
        around: &EnclosingWorkspace,
    ) -> Result<Self, Error> {
        if let Some(given) = given {
            return Self::parse(given);
        }
        let shared = |root: &Root| root.shared("dependencies")?.get("tesser-wasm").cloned();
        match around {
            EnclosingWorkspace::Joined(root) if shared(root).is_some() => {
                return Ok(Self::Workspace);
            }
            EnclosingWorkspace::Apart(Some(root)) => {
                if let Some(sdk) =
                    shared(root).and_then(|item| Self::of_workspace(&item, &root.dir))
                {
                    return Ok(sdk);
                }
            }
            _ => {}
        }
        for dir in path.ancestors().skip(1) {
            if let Some(sdk) = in_checkout(dir) {
                return Ok(Self::Path(sdk, "of the checkout around it"));
            }
        }
        let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).parent().and_then(in_checkout);
        Ok(match built_from {
            Some(sdk) => Self::Path(sdk, "of the checkout that this tool was built from"),
            None => Self::Version(VERSION.into(), "as published with this tool"),
        })
    }

    /// Returns the path or version in a workspace, for a crate that does not join it.
    fn of_workspace(item: &Item, root: &Path) -> Option<Self> {
        const WHY: &str = "of the workspace around it";
        if let Some(path) = item.get("path").and_then(Item::as_str) {
            return Some(Self::Path(fs::canonical(&root.join(path)).ok()?, WHY));
        }
        if item.get("git").is_some() {
            return None;
        }
        let version = item.as_str().or_else(|| item.get("version")?.as_str())?;
        Some(Self::Version(version.to_owned(), WHY))
    }

    fn parse(given: &str) -> Result<Self, Error> {
        let bad = |rule: String| Error::BadSdk { given: given.to_owned(), rule };
        if let Some(dir) = given.strip_prefix("path:") {
            let dir = Path::new(dir);
            let sdk = fs::canonical(dir).ok().filter(|dir| is_sdk(dir));
            let none =
                || bad(format!("`{}` does not contain the crate `tesser-wasm`", dir.display()));
            return Ok(Self::Path(sdk.ok_or_else(none)?, "as asked"));
        }
        if let Some(url) = given.strip_prefix("git:") {
            let (url, revision) = match url.split_once('#') {
                Some((url, revision)) => (url, Some(revision.to_owned())),
                None => (url, None),
            };
            if url.is_empty() || revision.as_deref() == Some("") {
                return Err(bad("the URL or the revision is empty".into()));
            }
            return Ok(Self::Git(url.to_owned(), revision));
        }
        match semver::VersionReq::parse(given) {
            Ok(_) => Ok(Self::Version(given.to_owned(), "as asked")),
            Err(error) => Err(bad(format!("not a version: {error}"))),
        }
    }

    /// Returns the dependency as TOML key-value pairs, without features; paths are relative to the new crate.
    pub(crate) fn dependency(&self, path: &Path) -> Result<String, Error> {
        let text = |value: &str| toml_edit::Value::from(value).to_string();
        Ok(match self {
            Self::Path(dir, _) => {
                let dir = relative(dir, path);
                let dir = dir.to_str().ok_or_else(|| Error::BadSdk {
                    given: format!("path:{}", crate::report::path(&dir)),
                    rule: "a manifest cannot contain a path that is not UTF-8".into(),
                })?;
                format!("path = {}", text(&fs::with_slashes(dir)))
            }
            Self::Git(url, None) => format!("git = {}", text(url)),
            Self::Git(url, Some(revision)) => {
                format!("git = {}, rev = {}", text(url), text(revision))
            }
            Self::Version(version, _) => format!("version = {}", text(version)),
            Self::Workspace => "workspace = true".into(),
        })
    }
}

impl fmt::Display for Sdk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(dir, why) => write!(f, "tesser-wasm at `{}` ({why})", dir.display()),
            Self::Git(url, _) => write!(f, "tesser-wasm from `{url}` (as asked)"),
            Self::Version(version, why) => write!(f, "tesser-wasm {version} ({why})"),
            Self::Workspace => write!(f, "tesser-wasm of the workspace (`workspace.dependencies`)"),
        }
    }
}

fn in_checkout(dir: &Path) -> Option<PathBuf> {
    // Checks that it is the SDK, and not just a folder with that name.
    let manifest = fs::read_text(&dir.join("Cargo.toml")).ok()?;
    manifest.parse::<toml_edit::DocumentMut>().ok()?.get("workspace")?;
    let sdk = fs::canonical(&dir.join("tesser-wasm")).ok()?;
    is_sdk(&sdk).then_some(sdk)
}

fn is_sdk(dir: &Path) -> bool {
    let manifest = fs::read_text(&dir.join("Cargo.toml")).unwrap_or_default();
    let manifest = manifest.parse::<toml_edit::DocumentMut>().unwrap_or_default();
    let name = manifest.get("package").and_then(|package| package.get("name"));
    name.and_then(Item::as_str) == Some("tesser-wasm")
}

/// Returns `dir` relative to `from`, or absolute if the two only have the root in common. Both must be resolved.
pub(crate) fn relative(dir: &Path, from: &Path) -> PathBuf {
    let shared = dir.components().zip(from.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().count() - shared;
    // If they only share the root, the two folders are unrelated.
    let unrelated = dir.components().take(shared).all(|part| !matches!(part, Component::Normal(_)));
    if unrelated {
        return dir.to_owned();
    }
    std::iter::repeat_n(Component::ParentDir, up).chain(dir.components().skip(shared)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(given: &str) -> Result<String, String> {
        Sdk::parse(given)
            .and_then(|sdk| sdk.dependency(Path::new("/x")))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn versions_and_repositories_become_toml() {
        assert_eq!(parse("0.10").unwrap(), r#"version = "0.10""#);
        assert_eq!(
            parse("git:https://example.org/t.git").unwrap(),
            r#"git = "https://example.org/t.git""#
        );
        assert_eq!(
            parse("git:https://example.org/t.git#v1").unwrap(),
            r#"git = "https://example.org/t.git", rev = "v1""#
        );
    }

    #[test]
    fn other_forms_are_refused_with_the_reason() {
        assert!(
            parse("path:/nowhere")
                .unwrap_err()
                .contains("does not contain the crate `tesser-wasm`")
        );
        assert!(parse("latest").unwrap_err().contains("not a version"));
        assert!(parse("git:").unwrap_err().contains("empty"));
    }

    #[test]
    fn a_path_is_relative_unless_it_shares_nothing() {
        assert_eq!(relative(Path::new("/a/sdk"), Path::new("/a/b/new")), Path::new("../../sdk"));
        assert_eq!(
            relative(Path::new("/a/sdk"), Path::new("/a/b/c/d/e/f")),
            Path::new("../../../../../sdk")
        );
        assert_eq!(
            relative(Path::new("/opt/sdk"), Path::new("/home/me/new")),
            Path::new("/opt/sdk")
        );
    }
}
