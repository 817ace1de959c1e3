//! Compares the simulator with recordings of the real host.
//!
//! In: a folder with `cases/*.json`, `sessions/*.json` or both, and the plugins with which most were recorded. Out: which
//! recordings agree with the simulator, and the first difference of the others. `docs/conformance.md` describes the files.

mod case;
mod drive;
mod normalize;
mod recorded;
mod render;
mod session;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::engine::{self, Compiled, Engine};
use crate::fs;
use crate::parallel::on_all_cores;

/// The plugins of the recordings by name, such as `probe`. A stand-in with the recorded results replaces any other plugin.
#[derive(Clone, Default)]
pub struct Components(HashMap<String, Arc<Compiled>>);

impl Error {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Fs(error) => error.hint(),
            Self::Engine(_) | Self::Empty { .. } => None,
        }
    }
}

/// The result of one comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// File name without its extension.
    pub name: String,
    /// The first difference; `None` if they agree.
    pub difference: Option<String>,
}

/// Why nothing could be compared.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error(transparent)]
    Fs(#[from] fs::Error),
    /// A plugin does not load.
    #[error(transparent)]
    Engine(#[from] engine::Error),
    /// The folder holds no recordings.
    #[error("`{}` has no recordings: neither `cases/*.json` nor `sessions/*.json` nor `*.json`", .path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

impl Components {
    /// Loads components from files. A component's name is the file name without its extension, with `-` for `_`.
    ///
    /// # Errors
    /// A file cannot be read or does not load.
    pub fn load(files: &[PathBuf]) -> Result<Self, Error> {
        let engine = Engine::new()?;
        let mut components = HashMap::new();
        for file in files {
            let name = file.file_stem().unwrap_or_default().to_string_lossy().replace('_', "-");
            components.insert(name, Arc::new(engine.compile(&fs::read(file)?)?));
        }
        Ok(Self(components))
    }

    fn get(&self, name: &str) -> Option<&Arc<Compiled>> {
        self.0.get(name)
    }
}

/// Compares each recording of a folder, in the order of their names.
///
/// # Errors
/// The folder has none, or cannot be read. A file that is not a recording counts as a difference.
pub fn run(dir: &Path, components: &Components) -> Result<Vec<Verdict>, Error> {
    let mut files = Vec::new();
    for (folder, compare) in [
        ("cases", drive::compare as Compare),
        ("sessions", session::compare as Compare),
        ("", drive::compare as Compare),
    ] {
        let folder = if folder.is_empty() { dir.to_owned() } else { dir.join(folder) };
        if !fs::is_there(&folder) {
            continue;
        }
        let mut found = fs::entries(&folder)?;
        found.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
        found.sort();
        files.extend(found.into_iter().map(|path| (path, compare)));
    }
    if files.is_empty() {
        return Err(Error::Empty { path: dir.to_owned() });
    }
    let verdict = |(path, compare): &(PathBuf, Compare)| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let compared = fs::read_text(path)
            .map_err(|error| error.to_string())
            .and_then(|text| compare(&text, components));
        Verdict { name, difference: compared.err() }
    };
    Ok(on_all_cores(&files, verdict))
}

/// Compares one recording; an error is the first difference.
type Compare = fn(&str, &Components) -> Result<(), String>;
