//! Tree of files -> folder, all or nothing.
//!
//! In: a rendered tree and a path that is free. Out: the folder, complete, with a repository if wanted.
//! Everything is written beside the path first and moved there last, so that a failure or an interrupt
//! leaves nothing behind.

use std::path::{Path, PathBuf};

use super::error::Error;
use super::render::Tree;
use crate::fs;
use crate::process::{self, Cmd};
use crate::shell::Shell;

/// Version control for the new crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vcs {
    /// A git repository.
    Git,
    /// None.
    None,
}

/// Refuses a path where something is; an empty folder is fine.
pub(super) fn check_free(path: &Path) -> Result<(), Error> {
    let taken = |what| Err(Error::Taken { path: path.to_owned(), what });
    if !fs::is_there(path) {
        return Ok(());
    }
    // A link that leads nowhere is there, too, and an error here.
    if !fs::metadata(path)?.is_dir() {
        return taken("exists and is not a folder");
    }
    if fs::entries(path)?.is_empty() { Ok(()) } else { taken("exists and is not empty") }
}

/// Whether a folder above the path is a cargo workspace, which would claim the new crate.
pub(super) fn enclosing_workspace(path: &Path) -> bool {
    path.ancestors().skip(1).any(|dir| {
        let manifest = fs::read_text(&dir.join("Cargo.toml")).unwrap_or_default();
        manifest.parse::<toml_edit::DocumentMut>().is_ok_and(|doc| doc.contains_key("workspace"))
    })
}

/// Writes the tree to `path`.
pub(super) fn write(tree: &Tree, path: &Path, vcs: Option<Vcs>, shell: Shell) -> Result<(), Error> {
    let created = missing_parents(path);
    let result = write_staged(tree, path, vcs, shell);
    if result.is_err() {
        for dir in created {
            fs::remove_empty_dir(&dir);
        }
    }
    result
}

fn write_staged(tree: &Tree, path: &Path, vcs: Option<Vcs>, shell: Shell) -> Result<(), Error> {
    fs::create_dir_all(fs::parent(path))?;
    let staging = fs::staging_dir(path)?;
    // Its own folder would be private to the user; the crate's is an ordinary one.
    let root = staging.path().join("crate");
    for (file, contents) in tree {
        let file = root.join(file);
        fs::create_dir_all(fs::parent(&file))?;
        fs::write_new(&file, contents)?;
    }
    init_repository(&root, path, vcs, shell)?;
    if fs::is_there(path) { move_into(&root, path) } else { Ok(fs::rename(&root, path)?) }
}

/// Moves everything into a folder that was empty a moment ago; takes it all out again when something
/// does not fit.
fn move_into(root: &Path, path: &Path) -> Result<(), Error> {
    let mut moved: Vec<(PathBuf, PathBuf)> = Vec::new();
    for from in fs::entries(root)? {
        let to = path.join(from.file_name().unwrap_or_default());
        let result = if fs::is_there(&to) {
            Err(Error::Taken {
                path: path.to_owned(),
                what: "is being written to by somebody else",
            })
        } else {
            fs::rename(&from, &to).map_err(Error::from)
        };
        if let Err(error) = result {
            for (from, to) in moved {
                let _ = fs::rename(&to, &from);
            }
            return Err(error);
        }
        moved.push((from, to));
    }
    Ok(())
}

/// Folders above `path` that are not there yet, the deepest first.
fn missing_parents(path: &Path) -> Vec<PathBuf> {
    path.ancestors().skip(1).take_while(|dir| !fs::is_there(dir)).map(Path::to_owned).collect()
}

/// As cargo does it: git, unless there is a repository around the path already.
fn init_repository(root: &Path, path: &Path, vcs: Option<Vcs>, shell: Shell) -> Result<(), Error> {
    let wanted = match vcs {
        Some(vcs) => vcs == Vcs::Git,
        None => !path.ancestors().any(|dir| fs::is_there(&dir.join(".git"))),
    };
    if !wanted {
        return Ok(());
    }
    match Cmd::new("git").args(["init", "--quiet"]).arg(root).read() {
        Ok(_) => Ok(()),
        Err(error @ process::Error::NotFound { .. }) if vcs.is_none() => {
            shell.note(format_args!("no repository was made: {error}"));
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}
