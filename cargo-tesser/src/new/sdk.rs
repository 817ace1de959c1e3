//! Where the new crate gets `tesser-wasm` from.
//!
//! In: `--sdk`, and where the crate will lie. Out: the dependency's TOML. A checkout is used as a path, so
//! that a crate made from one builds before the SDK's version is published.

use std::fmt;
use std::path::{Component, Path, PathBuf};

use super::error::Error;
use crate::fs;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A source of the SDK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sdk {
    /// A folder, and why it was chosen.
    Path(PathBuf, &'static str),
    /// A repository and a revision.
    Git(String, Option<String>),
    /// A version from the registry, and why it was chosen.
    Version(String, &'static str),
}

impl Sdk {
    /// What was given; else the checkout around the new crate; else the one that the tool was built from;
    /// else the published version.
    pub(super) fn choose(given: Option<&str>, path: &Path) -> Result<Self, Error> {
        if let Some(given) = given {
            return Self::parse(given);
        }
        for dir in path.ancestors().skip(1) {
            if let Some(sdk) = in_checkout(dir) {
                return Ok(Self::Path(sdk, "of the checkout around it"));
            }
        }
        let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).parent().and_then(in_checkout);
        Ok(match built_from {
            Some(sdk) => Self::Path(sdk, "of the checkout that this tool was built from"),
            None => Self::Version(VERSION.into(), "as published"),
        })
    }

    fn parse(given: &str) -> Result<Self, Error> {
        let bad = |rule: String| Error::BadSdk { given: given.to_owned(), rule };
        if let Some(dir) = given.strip_prefix("path:") {
            let dir = Path::new(dir);
            let sdk = fs::canonical(dir).ok().filter(|dir| is_sdk(dir));
            let none = || bad(format!("`{}` does not hold the crate `tesser-wasm`", dir.display()));
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

    /// The dependency as TOML key-value pairs, without features; paths are relative to the new crate.
    pub(super) fn dependency(&self, path: &Path) -> String {
        let text = |value: &str| toml_edit::Value::from(value).to_string();
        match self {
            Self::Path(dir, _) => {
                let dir = relative(dir, path).display().to_string();
                // Cargo accepts `/` everywhere, and a manifest with it works on every system.
                let dir = if cfg!(windows) { dir.replace('\\', "/") } else { dir };
                format!("path = {}", text(&dir))
            }
            Self::Git(url, None) => format!("git = {}", text(url)),
            Self::Git(url, Some(revision)) => {
                format!("git = {}, rev = {}", text(url), text(revision))
            }
            Self::Version(version, _) => format!("version = {}", text(version)),
        }
    }
}

impl fmt::Display for Sdk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(dir, why) => write!(f, "tesser-wasm at `{}` ({why})", dir.display()),
            Self::Git(url, _) => write!(f, "tesser-wasm from `{url}` (as asked)"),
            Self::Version(version, why) => write!(f, "tesser-wasm {version} ({why})"),
        }
    }
}

fn in_checkout(dir: &Path) -> Option<PathBuf> {
    // Not just any folder that holds one of that name.
    let manifest = fs::read_text(&dir.join("Cargo.toml")).ok()?;
    manifest.parse::<toml_edit::DocumentMut>().ok()?.get("workspace")?;
    let sdk = fs::canonical(&dir.join("tesser-wasm")).ok()?;
    is_sdk(&sdk).then_some(sdk)
}

fn is_sdk(dir: &Path) -> bool {
    let manifest = fs::read_text(&dir.join("Cargo.toml")).unwrap_or_default();
    let manifest = manifest.parse::<toml_edit::DocumentMut>().unwrap_or_default();
    let name = manifest.get("package").and_then(|package| package.get("name"));
    name.and_then(|name| name.as_str()) == Some("tesser-wasm")
}

/// `dir` as seen from `from`, when the way is short; else absolute. Both are absolute.
fn relative(dir: &Path, from: &Path) -> PathBuf {
    // The new crate's folder is not there yet, but its parent may lie behind a symbolic link.
    let from = match (fs::canonical(fs::parent(from)), from.file_name()) {
        (Ok(parent), Some(name)) => parent.join(name),
        _ => from.to_owned(),
    };
    let shared = dir.components().zip(from.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().count() - shared;
    // Sharing nothing but the root says that the two lie in unrelated places.
    let unrelated = dir.components().take(shared).all(|part| !matches!(part, Component::Normal(_)));
    if unrelated || up > 4 {
        return dir.to_owned();
    }
    std::iter::repeat_n(Component::ParentDir, up).chain(dir.components().skip(shared)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(given: &str) -> Result<String, String> {
        Sdk::parse(given)
            .map(|sdk| sdk.dependency(Path::new("/x")))
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
            parse("path:/nowhere").unwrap_err().contains("does not hold the crate `tesser-wasm`")
        );
        assert!(parse("latest").unwrap_err().contains("not a version"));
        assert!(parse("git:").unwrap_err().contains("empty"));
    }

    #[test]
    fn a_near_path_is_relative_and_a_far_one_absolute() {
        assert_eq!(relative(Path::new("/a/sdk"), Path::new("/a/b/new")), Path::new("../../sdk"));
        assert_eq!(
            relative(Path::new("/opt/sdk"), Path::new("/home/me/new")),
            Path::new("/opt/sdk")
        );
    }
}
