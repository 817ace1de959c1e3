//! Watches files for changes.
//!
//! In: folders, and exceptions. Out: the path of a file with other contents, once there were no events for a moment.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::contents::Contents;
use super::{Error, at, canonical, entries, parent, resolved};

/// Time without events before a change is reported: an editor that saves, or git that changes a branch, writes several files.
const QUIET: Duration = Duration::from_millis(150);
/// Time after which a change is reported even if events continue.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is watched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    folders: Vec<PathBuf>,
    /// Subfolders that are not watched.
    without: Vec<PathBuf>,
}

impl Scope {
    /// Creates a scope of folders with all below them, except `without` and names that begin with a dot, other than `.cargo`.
    pub fn new(folders: &[PathBuf], without: &[PathBuf]) -> Self {
        // Systems report changes by the real path. A folder may have been given twice.
        let folders: BTreeSet<_> = folders.iter().map(|path| real(path)).collect();
        let outer =
            |dir: &PathBuf| !folders.iter().any(|other| other != dir && dir.starts_with(other));
        let without = without.iter().map(|path| real(path)).collect();
        Self { folders: folders.iter().filter(|dir| outer(dir)).cloned().collect(), without }
    }

    /// The same, without these files or folders.
    #[must_use]
    pub fn without(mut self, paths: &[PathBuf]) -> Self {
        self.without.extend(paths.iter().map(|path| real(path)));
        self
    }

    /// Returns the folders as text for people.
    pub fn name(&self) -> String {
        let names: Vec<_> =
            self.folders.iter().map(|folder| format!("`{}`", folder.display())).collect();
        names.join(", ")
    }

    fn has(&self, path: &Path) -> bool {
        let Some(below) = self.folders.iter().find_map(|folder| path.strip_prefix(folder).ok())
        else {
            return false;
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // Files that editors write beside the one that they save.
        let passing = name.ends_with('~') || name.ends_with(".swp") || name == "4913";
        let hidden = below.components().any(|part| {
            let part = part.as_os_str().to_string_lossy();
            part.starts_with('.') && part != ".cargo"
        });
        let is_left_out = |path: &Path| self.without.iter().any(|dir| path.starts_with(dir));
        // A link in a watched folder may lead to one that is not watched.
        !passing && !hidden && !is_left_out(path) && !is_left_out(&real(path))
    }
}

fn real(path: &Path) -> PathBuf {
    canonical(path).or_else(|_| resolved(path)).unwrap_or_else(|_| path.to_owned())
}

/// A file watcher, which stops when it is dropped.
pub struct Watcher {
    scope: Scope,
    system: RecommendedWatcher,
    heard: Receiver<PathBuf>,
    contents: Contents,
}

impl Watcher {
    /// Starts watching.
    ///
    /// # Errors
    /// If a folder cannot be watched: it does not exist, or the system's limit is reached.
    pub fn new(scope: Scope) -> Result<Self, Error> {
        let (told, heard) = mpsc::channel();
        let filter = scope.clone();
        let handler = move |event: notify::Result<Event>| {
            let Ok(event) = event else { return };
            let paths = match event.kind {
                EventKind::Access(_) => Vec::new(),
                // Some events were lost.
                _ if event.need_rescan() => filter.folders.clone(),
                _ => event.paths.into_iter().filter(|path| filter.has(path)).collect(),
            };
            for path in paths {
                let _ = told.send(path);
            }
        };
        let first = scope.folders.first().cloned().unwrap_or_default();
        let system = notify::recommended_watcher(handler).map_err(failed(&first))?;
        let mut watcher = Self { scope, system, heard, contents: Contents::default() };
        for folder in watcher.scope.folders.clone() {
            watcher.add(&folder, RecursiveMode::NonRecursive)?;
            // One by one, since a target directory would use thousands of the system's watches.
            for entry in entries(&folder)? {
                watcher.add_below(&entry)?;
            }
            watcher.differs(&folder);
        }
        Ok(watcher)
    }

    /// Whether the contents at a path have changed.
    fn differs(&mut self, path: &Path) -> bool {
        let Self { scope, contents, .. } = self;
        contents.differ(path, &|path| scope.has(path))
    }

    /// What is watched.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Returns the first change, once there were no events for a moment; `None` if nothing changed within the limit. A file that is
    /// written with the same bytes has not changed.
    ///
    /// # Errors
    /// If a new folder cannot be watched, or the system stopped reporting events.
    pub fn changed(&mut self, limit: Duration) -> Result<Option<PathBuf>, Error> {
        let mut paths: Vec<PathBuf> = Vec::new();
        let start = Instant::now();
        loop {
            let wait = if paths.is_empty() { limit } else { QUIET };
            match self.heard.recv_timeout(wait) {
                Ok(path) if paths.contains(&path) => {}
                Ok(path) => {
                    if self.scope.folders.iter().any(|folder| parent(&path) == folder) {
                        self.add_below(&path)?;
                    }
                    paths.push(path);
                }
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => {
                    let lost = std::io::Error::other("the system stopped reporting events");
                    let folder = self.scope.folders.first();
                    return Err(at("watch", folder.map_or(Path::new("."), |folder| folder))(lost));
                }
            }
            if start.elapsed() > PATIENCE.max(limit) {
                break;
            }
        }
        // Every path is checked, so that its contents are known the next time.
        paths.retain(|path| self.differs(path));
        Ok(paths.into_iter().next())
    }

    fn add_below(&mut self, path: &Path) -> Result<(), Error> {
        if self.scope.has(path) && path.is_dir() {
            return self.add(path, RecursiveMode::Recursive);
        }
        Ok(())
    }

    fn add(&mut self, path: &Path, mode: RecursiveMode) -> Result<(), Error> {
        self.system.watch(path, mode).map_err(failed(path))
    }
}

fn failed(path: &Path) -> impl FnOnce(notify::Error) -> Error {
    let path = path.to_owned();
    move |error| {
        let source = match error.kind {
            notify::ErrorKind::Io(source) => source,
            notify::ErrorKind::MaxFilesWatch => std::io::Error::other(
                "the system's limit of file watches is reached (on Linux `fs.inotify.max_user_watches`)",
            ),
            kind => std::io::Error::other(format!("{kind:?}")),
        };
        at("watch", &path)(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::scratch_dir;

    const LIMIT: Duration = Duration::from_secs(5);
    const SHORT: Duration = Duration::from_millis(400);

    #[test]
    fn sources_are_seen_and_what_builds_write_is_not() {
        let dir = scratch_dir().unwrap();
        let root = canonical(dir.path()).unwrap();
        for folder in ["src", "target/debug", ".git", "plugins"] {
            std::fs::create_dir_all(root.join(folder)).unwrap();
        }
        let without = [root.join("target"), root.join("plugins")];
        let mut watcher = Watcher::new(Scope::new(std::slice::from_ref(&root), &without)).unwrap();
        for quiet in
            ["target/debug/a", ".git/a", "plugins/a.wasm", "src/.lib.rs.swp", "src/lib.rs~"]
        {
            std::fs::write(root.join(quiet), "a").unwrap();
            assert_eq!(watcher.changed(SHORT).unwrap(), None, "{quiet}");
        }
        for file in ["Cargo.toml", "src/lib.rs"] {
            std::fs::write(root.join(file), "a").unwrap();
            assert_eq!(watcher.changed(LIMIT).unwrap(), Some(root.join(file)));
            std::fs::write(root.join(file), "a").unwrap();
            assert_eq!(watcher.changed(SHORT).unwrap(), None, "the same bytes are no change");
            let _ = std::fs::read(root.join(file)).unwrap();
            assert_eq!(watcher.changed(SHORT).unwrap(), None, "reading is no change");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_what_builds_write_is_not_watched_and_a_folder_is_watched_once() {
        let dir = scratch_dir().unwrap();
        let root = canonical(dir.path()).unwrap().join("root");
        let elsewhere = canonical(dir.path()).unwrap().join("elsewhere");
        for folder in [root.join("src"), elsewhere.clone()] {
            std::fs::create_dir_all(folder).unwrap();
        }
        std::os::unix::fs::symlink(&elsewhere, root.join("target")).unwrap();
        std::os::unix::fs::symlink(&root, dir.path().join("same")).unwrap();
        let folders = [root.clone(), dir.path().join("same"), root.join("src")];
        let scope = Scope::new(&folders, &[root.join("target")]);
        assert_eq!(scope.name(), format!("`{}`", root.display()));
        let mut watcher = Watcher::new(scope).unwrap();
        std::fs::write(root.join("target/a"), "a").unwrap();
        std::fs::create_dir(root.join("target/b")).unwrap();
        assert_eq!(watcher.changed(SHORT).unwrap(), None);
        std::fs::write(root.join("src/lib.rs"), "a").unwrap();
        assert_eq!(watcher.changed(LIMIT).unwrap(), Some(root.join("src/lib.rs")));
        std::fs::remove_file(root.join("src/lib.rs")).unwrap();
        assert_eq!(watcher.changed(LIMIT).unwrap(), Some(root.join("src/lib.rs")));
    }

    #[test]
    fn many_changes_are_one_and_new_folders_are_watched() {
        let dir = scratch_dir().unwrap();
        let root = canonical(dir.path()).unwrap();
        let mut watcher = Watcher::new(Scope::new(std::slice::from_ref(&root), &[])).unwrap();
        std::fs::create_dir_all(root.join("src")).unwrap();
        for name in ["a", "b", "c"] {
            std::fs::write(root.join(name), "a").unwrap();
        }
        assert!(watcher.changed(LIMIT).unwrap().is_some());
        assert_eq!(watcher.changed(SHORT).unwrap(), None);
        std::fs::write(root.join("src/lib.rs"), "a").unwrap();
        assert_eq!(watcher.changed(LIMIT).unwrap(), Some(root.join("src/lib.rs")));
    }
}
