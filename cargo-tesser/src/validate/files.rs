//! Which files are meant. In: what the user gave. Out: one input for each file, directories unfolded.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::Error;
use crate::fs;

/// One file to validate, or stdin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The path as it is shown; `-` is stdin.
    pub path: PathBuf,
}

impl Input {
    /// The bytes, read once; `None` when there are more than `limit`, or it is not a file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(&self, limit: u64) -> Result<Option<Vec<u8>>, fs::Error> {
        if self.path != Path::new("-") {
            return fs::read_limited(&self.path, limit);
        }
        let mut bytes = Vec::new();
        match std::io::stdin().lock().take(limit + 1).read_to_end(&mut bytes) {
            Ok(_) if bytes.len() as u64 > limit => Ok(None),
            Ok(_) => Ok(Some(bytes)),
            Err(source) => Err(fs::Error { action: "read", path: self.path.clone(), source }),
        }
    }
}

/// The files meant by paths: a directory means its `.wasm` files, sorted, and not those below it.
///
/// # Errors
/// A directory has nothing to validate, or cannot be read.
pub fn inputs(paths: &[PathBuf]) -> Result<Vec<Input>, Error> {
    let mut inputs = Vec::new();
    for path in paths {
        // What is not there fails when it is read, with its own name.
        let is_dir = fs::metadata(path).is_ok_and(|metadata| metadata.is_dir());
        if path != Path::new("-") && is_dir {
            let before = inputs.len();
            let wasm = fs::entries(path)?
                .into_iter()
                .filter(|entry| entry.extension().is_some_and(|extension| extension == "wasm"));
            inputs.extend(wasm.map(|path| Input { path }));
            if inputs.len() == before {
                return Err(Error::EmptyDirectory { path: path.clone() });
            }
        } else {
            inputs.push(Input { path: path.clone() });
        }
    }
    Ok(inputs)
}
