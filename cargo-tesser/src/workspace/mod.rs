//! The enclosing cargo workspace of a crate, and how a crate joins it.
//!
//! In: the crate's path and manifest. Out: the workspace's manifest and the crate's, changed in memory: the list of
//! members, what the crate inherits, and the profile, which cargo reads only at the root. Comments, order and patterns
//! stay. This module writes nothing.

mod enclosing;
mod error;
mod inherit;
mod members;
mod profile;
pub(crate) mod sdk_source;

use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, TableLike};

use crate::fs;
use crate::process::Cmd;

pub(crate) use enclosing::EnclosingWorkspace;
pub use error::Error;
pub(crate) use inherit::DEPENDENCIES;
pub(crate) use profile::PLUGIN_PROFILE;
pub(crate) use sdk_source::Sdk;
use sdk_source::relative;

/// The root of a workspace.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    /// Its folder.
    pub(crate) dir: PathBuf,
    /// The text of its manifest.
    pub(crate) text: String,
    /// The parsed manifest, which can be changed.
    pub(crate) document: DocumentMut,
}

/// Returns the text of a manifest with its original line endings.
pub(crate) fn printed(document: &DocumentMut, before: &str) -> String {
    let text = document.to_string();
    let has_crlf = before.contains("\r\n") && !text.contains("\r\n");
    if has_crlf { text.replace('\n', "\r\n") } else { text }
}

/// Returns the workspace to which a crate in `path` would belong, by cargo's rules.
pub(crate) fn enclosing(path: &Path) -> Result<Option<Root>, Error> {
    for dir in path.ancestors().skip(1) {
        let manifest = dir.join("Cargo.toml");
        if !fs::is_there(&manifest) {
            continue;
        }
        let root = Root::read(dir)?;
        let Some(workspace) = root.document.get("workspace") else {
            // An enclosing package may point cargo to another workspace.
            match named(&root.document, dir)? {
                Some(root) => return Ok(Some(root)),
                None => continue,
            }
        };
        if workspace.as_table_like().is_none() {
            return Err(root.bad("its `workspace` is not a table"));
        }
        let below = root.below(path)?;
        if !members::is_excluded(&root.document, &below) {
            return Ok(Some(root));
        }
    }
    Ok(None)
}

/// Returns the workspace that a package in `dir` names with `package.workspace`.
pub(crate) fn named(manifest: &DocumentMut, dir: &Path) -> Result<Option<Root>, Error> {
    let package = manifest.get("package");
    let Some(to) = package.and_then(|it| it.get("workspace")).and_then(Item::as_str) else {
        return Ok(None);
    };
    let root = Root::read(&fs::without_parents(&dir.join(to))?)?;
    if root.document.get("workspace").and_then(Item::as_table_like).is_none() {
        return Err(root.bad(&format!(
            "`package.workspace` in `{}` names it, but it has no `[workspace]`",
            dir.join("Cargo.toml").display()
        )));
    }
    Ok(Some(root))
}

impl Root {
    fn read(dir: &Path) -> Result<Self, Error> {
        let manifest = dir.join("Cargo.toml");
        let text = fs::read_text(&manifest)?;
        match text.parse() {
            Ok(document) => Ok(Self { dir: dir.to_owned(), text, document }),
            Err(error) => Err(Error::Workspace { manifest, problem: format!("{error}") }),
        }
    }

    pub(crate) fn bad(&self, problem: &str) -> Error {
        Error::Workspace { manifest: self.manifest(), problem: problem.to_owned() }
    }

    /// Returns the path of its manifest.
    pub(crate) fn manifest(&self) -> PathBuf {
        self.dir.join("Cargo.toml")
    }

    /// Returns a path relative to it, in the form used in manifests.
    pub(crate) fn below(&self, path: &Path) -> Result<String, Error> {
        let below = relative(path, &self.dir);
        let below = below.to_str().ok_or_else(|| Error::BadPath {
            path: path.to_owned(),
            rule: "cargo does not support a path that is not UTF-8",
        })?;
        Ok(fs::with_slashes(below))
    }

    /// Returns one of its tables, such as `workspace.dependencies`.
    pub(crate) fn shared(&self, table: &str) -> Option<&dyn TableLike> {
        self.document.get("workspace")?.get(table)?.as_table_like()
    }

    /// Returns the names of its packages from cargo; empty if cargo fails.
    pub(crate) fn packages(&self) -> Vec<String> {
        let ask = Cmd::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
            .current_dir(&self.dir);
        let answer = ask.read().unwrap_or_default();
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap_or_default();
        let packages = answer["packages"].as_array().into_iter().flatten();
        packages.filter_map(|package| package["name"].as_str().map(str::to_owned)).collect()
    }

    /// Adds a crate to the workspace; returns what was done. `crate_manifest` loses what the root has instead.
    pub(crate) fn take_in(
        &mut self,
        crate_manifest: &mut DocumentMut,
        path: &Path,
        package: &str,
    ) -> Result<JoinReport, Error> {
        let below = self.below(path)?;
        let is_first = members::has_none(&self.document);
        let listed = members::add(&mut self.document, &below)
            .map_err(|problem| Error::Workspace { manifest: self.manifest(), problem })?;
        let mut joined = JoinReport { listed, ..JoinReport::default() };
        joined.inherited = inherit::inherit(crate_manifest, &self.document, &mut joined.notes);
        profile::move_to_root(crate_manifest, &mut self.document, package, is_first, &mut joined);
        Ok(joined)
    }

    /// Whether its manifest has been changed.
    pub(crate) fn is_changed(&self) -> bool {
        printed(&self.document, &self.text) != self.text
    }
}

/// The changes from joining a workspace.
#[derive(Clone, Debug, Default)]
pub(crate) struct JoinReport {
    /// Whether `members` has a new entry; not if a pattern already matches.
    pub(crate) listed: bool,
    /// Keys and dependencies that the crate inherits.
    pub(crate) inherited: Vec<String>,
    /// Profile tables that were added to the root, such as `[profile.release]`.
    pub(crate) settings: Vec<String>,
    /// Notes for the user.
    pub(crate) notes: Vec<String>,
}

/// Returns a table in a table, creating it if it is missing; `None` if the key is not a table.
pub(crate) fn child<'a>(parent: &'a mut dyn TableLike, key: &str) -> Option<&'a mut dyn TableLike> {
    if !parent.contains_key(key) {
        let mut table = Table::new();
        table.set_implicit(true);
        parent.insert(key, Item::Table(table));
    }
    parent.get_mut(key)?.as_table_like_mut()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of a crate's manifest and the root's, and what is said.
    fn joined(root: &str, manifest: &str) -> (String, String, JoinReport) {
        let mut root =
            Root { dir: "/w".into(), text: root.into(), document: root.parse().unwrap() };
        let mut manifest: DocumentMut = manifest.parse().unwrap();
        let joined = root.take_in(&mut manifest, Path::new("/w/p/new"), "new").unwrap();
        (root.document.to_string(), manifest.to_string(), joined)
    }

    const CRATE: &str = r#"[package]
name = "new"
version = "0.1.0"
edition = "2024"
rust-version = "1.85"
publish = false

[dependencies]
# Why.
rust_decimal = { version = "1", default-features = false, features = ["std"] }
serde = { version = "1", features = ["derive"] }
tesser-wasm = { path = "../sdk", features = ["guest"] }

[profile.release]
lto = "fat"
# Numbers.
overflow-checks = true
opt-level = "s"
package.tesser-wasm.opt-level = 2
"#;

    #[test]
    fn what_the_workspace_has_is_inherited() {
        let root = r#"[workspace]
members = ["p/*"]

[workspace.package]
edition = "2024"
rust-version = "1.88"
authors = ["desk"]
publish = true

[workspace.dependencies]
rust_decimal = { version = "1.36", default-features = false, features = ["std"] }
serde = { version = "1.0.200", features = ["rc"] }
tesser-wasm = "0.10"
"#;
        let (after, manifest, joined) = joined(root, CRATE);
        assert!(!joined.listed);
        assert_eq!(
            joined.inherited,
            ["edition", "rust-version", "authors", "rust_decimal", "serde"]
        );
        assert!(after.starts_with(root), "{after}");
        snapbox::assert_data_eq!(
            manifest,
            snapbox::str![[r#"
[package]
name = "new"
version = "0.1.0"
edition.workspace = true
rust-version.workspace = true
publish = false
authors.workspace = true

[dependencies]
# Why.
rust_decimal = { workspace = true }
serde = { workspace = true, features = ["derive"] }
tesser-wasm = { path = "../sdk", features = ["guest"] }

"#]]
        );
    }

    #[test]
    fn what_the_workspace_has_too_old_or_different_stays_the_crates_own() {
        let root = r#"[workspace]
[workspace.package]
edition = "2021"
rust-version = "1.70"
[workspace.dependencies]
rust_decimal = "1"
serde = "0.9"
"#;
        let (_, manifest, joined) = joined(root, CRATE);
        assert!(manifest.contains("edition = \"2024\"\nrust-version = \"1.85\""), "{manifest}");
        assert!(manifest.contains("rust_decimal = { version = \"1\", default-features = false"));
        assert!(manifest.contains("serde = { version = \"1\""), "{manifest}");
        assert!(joined.inherited.is_empty());
        assert_eq!(joined.notes.len(), 4, "{:?}", joined.notes);
    }

    #[test]
    fn the_profile_of_the_plugin_alone_goes_to_a_root_with_other_crates() {
        let root = "[workspace]\nmembers = [\"a\"]\n\n[profile.release]\nopt-level = 2 # ours\n";
        let (after, manifest, joined) = joined(root, CRATE);
        assert!(!manifest.contains("profile"), "{manifest}");
        snapbox::assert_data_eq!(
            after,
            snapbox::str![[r#"
[workspace]
members = ["a", "p/new"]

[profile.release]
opt-level = 2 # ours

[profile.release.package.new]
# Numbers.
overflow-checks = true
opt-level = "s"

[profile.release.package.tesser-wasm]
# Numbers.
overflow-checks = true

# For plugins: `cargo tesser build --profile plugin`.
[profile.plugin]
inherits = "release"
lto ="fat"
overflow-checks = true

"#]]
        );
        assert_eq!(
            joined.settings,
            [
                "[profile.release.package.new]",
                "[profile.release.package.tesser-wasm]",
                "[profile.plugin]"
            ]
        );
        assert_eq!(joined.notes.len(), 1);
        assert!(joined.notes[0].contains("`lto = \"fat\"`"), "{:?}", joined.notes);
    }

    #[test]
    fn the_first_crate_of_a_workspace_brings_its_whole_profile() {
        let (after, manifest, joined) = joined("[workspace]\nmembers = []\n", CRATE);
        assert!(!manifest.contains("profile"), "{manifest}");
        assert!(joined.notes.is_empty(), "{:?}", joined.notes);
        snapbox::assert_data_eq!(
            after,
            snapbox::str![[r#"
[workspace]
members = ["p/new"]

[profile.release]
lto = "fat"
# Numbers.
overflow-checks = true
opt-level = "s"
package.tesser-wasm.opt-level = 2

"#]]
        );
    }

    #[test]
    fn a_root_that_has_the_profile_is_left_as_it_is() {
        let root = "[workspace]\nmembers = [\"p/*\"]\n[profile.release]\nlto = \"fat\"\noverflow-checks = true\nopt-level = \"s\"\n[profile.release.package]\ntesser-wasm.opt-level = 2\n";
        let (after, _, joined) = joined(root, CRATE);
        assert_eq!(after, root);
        assert!(joined.settings.is_empty() && joined.notes.is_empty(), "{joined:?}");
    }

    #[test]
    fn line_ends_of_windows_stay() {
        let root = "[workspace]\r\nmembers = []\r\n";
        let mut document: DocumentMut = root.parse().unwrap();
        members::add(&mut document, "a").unwrap();
        assert_eq!(printed(&document, root), "[workspace]\r\nmembers = [\"a\"]\r\n");
    }
}
