//! Where the rules of a project are. In: a folder. Out: the rules that hold in it.
//!
//! `[validate]` of the nearest `tesser.toml` in the folder or above it; without such a file,
//! `[package.metadata.tesser.validate]` or `[workspace.metadata.tesser.validate]` of the nearest `Cargo.toml` that
//! has one of them.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Error;
use super::policy::Rules;
use crate::fs;

#[derive(Default, Deserialize)]
struct File {
    #[serde(default)]
    validate: Rules,
}

#[derive(Default, Deserialize)]
struct Manifest {
    #[serde(default)]
    package: Package,
    #[serde(default)]
    workspace: Package,
}

#[derive(Default, Deserialize)]
struct Package {
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    tesser: Tesser,
}

#[derive(Default, Deserialize)]
struct Tesser {
    validate: Option<Rules>,
}

/// The rules that hold in a folder; none if nobody has written any.
///
/// # Errors
/// A file with rules cannot be read.
pub fn rules(dir: &Path) -> Result<Rules, Error> {
    let dir = fs::absolute(dir)?;
    if let Some(path) = above(&dir, "tesser.toml").next() {
        return parse::<File>(&path, &fs::read_text(&path)?).map(|file| file.validate);
    }
    for path in above(&dir, "Cargo.toml") {
        let text = fs::read_text(&path)?;
        // Most manifests have no rules, and parsing one takes as long as checking a plugin.
        if !text.contains("validate") && !text.contains('\\') {
            continue;
        }
        let Manifest { package, workspace } = parse(&path, &text)?;
        if let Some(rules) = package.metadata.tesser.validate.or(workspace.metadata.tesser.validate)
        {
            return Ok(rules);
        }
    }
    Ok(Rules::default())
}

/// The files of that name in a folder and above it, nearest first.
fn above<'a>(dir: &'a Path, name: &'a str) -> impl Iterator<Item = PathBuf> + 'a {
    dir.ancestors().map(move |dir| dir.join(name)).filter(|path| fs::is_there(path))
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> Result<T, Error> {
    toml_edit::de::from_str(text)
        .map_err(|source| Error::Rules { path: path.to_owned(), source: Box::new(source) })
}
