//! The user's own templates: `cargo-tesser/templates.toml` in the user's configuration folder.
//!
//! In: that file. Out: names and places. A file cannot redefine a built-in name, so `chase` means the same on every
//! machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::super::error::Error;
use super::{Place, built_in_names};
use crate::fs;

/// The user's own templates, by name.
#[derive(Clone, Debug, Default)]
pub struct UserTemplates {
    /// Path of the file, whether or not it exists.
    pub file: Option<PathBuf>,
    all: BTreeMap<String, UserTemplate>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UserTemplate {
    #[serde(default)]
    description: String,
    path: Option<PathBuf>,
    git: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    subfolder: Option<PathBuf>,
}

impl UserTemplates {
    /// Reads the file; a missing one counts as empty.
    ///
    /// # Errors
    /// If it cannot be read or parsed.
    pub fn load() -> Result<Self, Error> {
        let Some(file) = dirs::config_dir().map(|dir| dir.join("cargo-tesser/templates.toml"))
        else {
            return Ok(Self::default());
        };
        let mut all = BTreeMap::new();
        if fs::is_there(&file) {
            let bad = |problem| Error::BadUserTemplates { path: file.clone(), problem };
            all = parse(&fs::read_text(&file)?, fs::parent(&file)).map_err(bad)?;
        }
        Ok(Self { file: Some(file), all })
    }

    /// Returns name, description and place of each template.
    pub fn list(&self) -> impl Iterator<Item = (&str, &str, Place)> {
        self.all.iter().map(|(name, it)| (name.as_str(), it.description.as_str(), it.place()))
    }

    /// Returns the place of a name, and the subfolder there; the user's subfolder comes first.
    pub(super) fn find(
        &self,
        name: &str,
        subfolder: Option<&Path>,
    ) -> Result<(Place, Option<PathBuf>), Error> {
        let found = self.all.get(name).ok_or_else(|| Error::UnknownTemplate {
            name: name.to_owned(),
            known: self.all.keys().fold(built_in_names(), |all, name| format!("{all}, {name}")),
        })?;
        Ok((found.place(), subfolder.map(Path::to_owned).or_else(|| found.subfolder.clone())))
    }
}

impl UserTemplate {
    fn place(&self) -> Place {
        match &self.git {
            Some(url) => Place::Git { url: url.clone(), reference: self.reference.clone() },
            None => Place::Folder(self.path.clone().unwrap_or_default()),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    templates: BTreeMap<String, UserTemplate>,
}

/// Paths are relative to the file's folder; `~/` is the user's home folder.
fn parse(text: &str, dir: &Path) -> Result<BTreeMap<String, UserTemplate>, String> {
    let file: File = toml_edit::de::from_str(text).map_err(|error| error.to_string())?;
    let mut all = file.templates;
    for (name, template) in &mut all {
        if Place::named(name).is_some() {
            return Err(format!(
                "`{name}` is a built-in name, or not a valid one: choose another one"
            ));
        }
        match (&template.path, &template.git, &template.reference) {
            (Some(path), None, None) => {
                let home = path.strip_prefix("~").ok().zip(dirs::home_dir());
                template.path =
                    Some(home.map_or_else(|| dir.join(path), |(path, home)| home.join(path)));
            }
            (None, Some(_), _) => {}
            _ => {
                return Err(format!("`{name}` needs either `path`, or `git` and optionally `ref`"));
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Result<Vec<Place>, String> {
        Ok(parse(text, Path::new("/conf"))?.values().map(UserTemplate::place).collect())
    }

    #[test]
    fn a_user_template_is_a_folder_or_a_repository() {
        let text = "[templates.a]\npath = \"mine\"\n[templates.b]\ngit = \"u\"\nref = \"v1\"";
        assert_eq!(
            places(text).unwrap(),
            [
                Place::Folder("/conf/mine".into()),
                Place::Git { url: "u".into(), reference: Some("v1".into()) }
            ]
        );
    }

    #[test]
    fn a_user_template_is_neither_both_nor_built_in_nor_a_path() {
        for (text, expected) in [
            ("[templates.a]", "needs either `path`, or `git`"),
            ("[templates.a]\npath = \"x\"\ngit = \"y\"", "needs either"),
            ("[templates.a]\npath = \"x\"\nref = \"y\"", "needs either"),
            ("[templates.chase]\npath = \"x\"", "`chase` is a built-in name"),
            ("[templates.\"a/b\"]\npath = \"x\"", "not a valid one"),
            ("[templates.a]\nurl = \"x\"", "unknown field `url`"),
            ("[template.a]\npath = \"x\"", "unknown field `template`"),
        ] {
            let error = places(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
