//! Finds the rules of a project.
//!
//! In: a folder. Out: the rules that apply to it.
//!
//! All rules that are found apply; if two of them name the same code, the later one in this list wins:
//! `[workspace.metadata.tesser.validate]` of the nearest `Cargo.toml` that has it, `[package.metadata.tesser.validate]` of the
//! nearest one that has that, `[validate]` of the nearest `tesser.toml`. A misspelled key is an error, since a rule that is
//! not read is a check that is not made.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Error;
use crate::checks::Rules;
use crate::fs;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    validate: Rules,
}

/// The other keys of a manifest belong to cargo.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Manifest {
    package: Section<PackageSettings>,
    workspace: Section<WorkspaceSettings>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound = "T: Default + Deserialize<'de>")]
struct Section<T> {
    metadata: Metadata<T>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound = "T: Default + Deserialize<'de>")]
struct Metadata<T> {
    tesser: T,
}

/// `[package.metadata.tesser]`; `build` reads its other keys.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct PackageSettings {
    validate: Option<Rules>,
    #[serde(rename = "capabilities")]
    _capabilities: IgnoredAny,
    #[serde(rename = "max-size")]
    _max_size: IgnoredAny,
    #[serde(rename = "panic")]
    _panic: IgnoredAny,
    #[serde(rename = "test")]
    _test: IgnoredAny,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WorkspaceSettings {
    validate: Option<Rules>,
}

/// Returns the rules that apply to a folder; empty if there are none.
///
/// # Errors
/// If a file with rules cannot be read, or has an unknown key or value.
pub fn rules(dir: &Path) -> Result<Rules, Error> {
    let dir = fs::absolute(dir)?;
    let (mut of_package, mut of_workspace) = (None, None);
    for path in above(&dir, "Cargo.toml") {
        let text = fs::read_text(&path)?;
        // Most manifests have no settings for us, and parsing one takes as long as checking a plugin.
        if !text.contains("metadata") && !text.contains('\\') {
            continue;
        }
        let Manifest { package, workspace } = parse(&path, &text)?;
        of_package = of_package.or(package.metadata.tesser.validate);
        of_workspace = of_workspace.or(workspace.metadata.tesser.validate);
    }
    let mut rules: Rules = of_workspace.unwrap_or_default();
    rules.override_with(of_package.unwrap_or_default());
    if let Some(path) = above(&dir, "tesser.toml").next() {
        let file: File = parse(&path, &fs::read_text(&path)?)?;
        rules.override_with(file.validate);
    }
    Ok(rules)
}

/// Returns the files with that name in a folder and above it, nearest first.
fn above<'a>(dir: &'a Path, name: &'a str) -> impl Iterator<Item = PathBuf> + 'a {
    dir.ancestors().map(move |dir| dir.join(name)).filter(|path| fs::is_there(path))
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> Result<T, Error> {
    toml_edit::de::from_str(text)
        .map_err(|source| Error::Rules { path: path.to_owned(), source: Box::new(source) })
}
