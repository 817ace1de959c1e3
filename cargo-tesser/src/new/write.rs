//! Tree of files -> folder, all or nothing.
//!
//! In: a rendered tree and a free path. Out: the complete folder, with a repository if wanted. Everything is written to a
//! hidden folder beside the topmost missing folder, and moved there by one rename. An existing empty folder is filled from a
//! hidden one in it, the manifest last. A killed process leaves at most that hidden folder, which a later `new` removes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::Error;
use super::render::Tree;
use super::template::is_missing;
use cargo_config2::VersionControlSoftware;

use crate::fs;
use crate::git::git;
use crate::shell::Shell;

/// Age at which a staging folder must be a leftover of a killed run.
const STALE: Duration = Duration::from_secs(3600);

/// Version control for the new crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vcs {
    /// A git repository.
    Git,
    /// None.
    None,
}

/// Refuses a path that exists, except an empty folder.
pub(super) fn check_free(path: &Path) -> Result<(), Error> {
    let taken = |what| Err(Error::Taken { path: path.to_owned(), what });
    if !fs::is_there(path) {
        return Ok(());
    }
    // A dangling link also exists, and is an error here.
    if !fs::metadata(path)?.is_dir() {
        return taken("exists and is not a folder");
    }
    // Leftovers of a killed run do not count.
    if fs::entries(path)?.iter().all(|entry| fs::is_staging(entry)) {
        Ok(())
    } else {
        taken("exists and is not empty")
    }
}

/// The written files, so that they can be removed again.
pub(super) struct CreatedFiles {
    /// New files and folders.
    new: Vec<PathBuf>,
    /// New folders above it, the deepest first; another process may use them by now.
    parents: Vec<PathBuf>,
}

impl CreatedFiles {
    /// Removes everything again.
    pub(super) fn undo(self) {
        for path in self.new {
            fs::remove_all(&path);
        }
        for dir in self.parents {
            fs::remove_empty_dir(&dir);
        }
    }
}

/// Writes the tree to `path`.
pub(super) fn write(
    tree: &Tree,
    path: &Path,
    vcs: Option<Vcs>,
    shell: Shell,
) -> Result<CreatedFiles, Error> {
    let there = path.ancestors().find(|dir| fs::is_there(dir)).unwrap_or(path);
    let is_filled = there == path;
    // The folder that is renamed: the crate's own, or the topmost missing one above it.
    let below = path.strip_prefix(there).unwrap_or(path);
    // Inside of the existing folder, which may be on its own disk.
    fs::sweep_staging(there, STALE);
    let staging = fs::staging_dir(&there.join("x"))?;
    // A temporary folder is private to the user; the crate's folder must be an ordinary one.
    let root = staging.path().join(if is_filled { Path::new("crate") } else { below });
    fs::create_dir_all(&root)?;
    for (file, source) in tree {
        let file = root.join(file);
        fs::create_dir_all(fs::parent(&file))?;
        fs::write_new(&file, &source.contents)?;
        if source.executable {
            fs::make_executable(&file)?;
        }
    }
    init_repository(&root, path, there, vcs, shell)?;
    crate::process::check_interrupted()?;
    let Some(top) = below.components().next().filter(|_| !is_filled) else {
        return move_into(&root, path);
    };
    let to = there.join(top);
    if fs::is_there(&to) {
        return Err(Error::Taken { path: to, what: "was just created by another process" });
    }
    fs::rename(&staging.path().join(top), &to)?;
    let parents = path.ancestors().skip(1).take_while(|dir| *dir != there);
    Ok(CreatedFiles { new: vec![path.to_owned()], parents: parents.map(Path::to_owned).collect() })
}

/// Moves everything into a folder that was empty a moment ago; if something fails, removes it all again. The manifest comes
/// last: a crate that has one is complete.
fn move_into(root: &Path, path: &Path) -> Result<CreatedFiles, Error> {
    let mut placed = CreatedFiles { new: Vec::new(), parents: Vec::new() };
    let mut entries = fs::entries(root)?;
    entries.sort_by_key(|entry| entry.ends_with("Cargo.toml"));
    for from in entries {
        let to = path.join(from.file_name().unwrap_or_default());
        let result = if fs::is_there(&to) {
            Err(Error::Taken {
                path: path.to_owned(),
                what: "is being written to by another process",
            })
        } else {
            fs::rename(&from, &to).map_err(Error::from)
        };
        if let Err(error) = result {
            placed.undo();
            return Err(error);
        }
        placed.new.push(to);
    }
    Ok(placed)
}

/// Returns the root of the repository that the crate will belong to, unless it gets its own.
pub(super) fn repository_around(path: &Path, vcs: Option<Vcs>) -> Option<&Path> {
    let top = path.ancestors().skip(1).find(|dir| fs::is_there(&dir.join(".git")))?;
    let there = path.ancestors().find(|dir| fs::is_there(dir)).unwrap_or(path);
    (vcs != Some(Vcs::Git) && !is_ignored(path, there)).then_some(top)
}

/// Creates a repository as cargo does: git, unless the path is already in a repository that does not ignore it, or the user has
/// configured something else.
fn init_repository(
    root: &Path,
    path: &Path,
    there: &Path,
    vcs: Option<Vcs>,
    shell: Shell,
) -> Result<(), Error> {
    let repository = |name| path.ancestors().any(|dir| fs::is_there(&dir.join(name)));
    let wanted = match vcs {
        Some(vcs) => vcs == Vcs::Git,
        None if repository(".hg") => false,
        None if repository(".git") && !is_ignored(path, there) => false,
        None => uses_git(there, shell),
    };
    if !wanted {
        return Ok(());
    }
    crate::process::check_interrupted()?;
    match git().args(["init", "--quiet"]).arg(root).read() {
        Ok(_) => Ok(()),
        Err(error) if is_missing(&error) && vcs.is_none() => {
            shell.note(format_args!("no repository was created: {error}"));
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// Reads cargo's `cargo-new.vcs` for `there`. cargo itself reports a configuration that cannot be read.
fn uses_git(there: &Path, shell: Shell) -> bool {
    let config = cargo_config2::Config::load_with_cwd(there).ok();
    match config.and_then(|config| config.cargo_new.vcs) {
        None | Some(VersionControlSoftware::Git) => true,
        Some(VersionControlSoftware::None) => false,
        Some(other) => {
            let other = other.as_str();
            shell.note(format_args!("no repository was created: `cargo-new.vcs` is `{other}`"));
            false
        }
    }
}

fn is_ignored(path: &Path, there: &Path) -> bool {
    git().arg("-C").arg(there).args(["check-ignore", "--quiet", "--"]).arg(path).read().is_ok()
}
