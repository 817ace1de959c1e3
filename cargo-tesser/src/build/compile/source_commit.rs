//! Sources -> the commit that they belong to.
//!
//! In: the folder of the workspace, and the files that a plugin was compiled from. Out: the last commit that changed one of
//! them, or a file that controls how they are compiled. Commits of other files do not count: otherwise every commit would rebuild
//! all plugins, and a host would reload each. If one source is not committed, or differs from its committed state, there is no
//! commit. Only the SDK may be outside of the repository, since the plugin names its version.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use crate::fs;
use crate::git::git;
use crate::process;

/// Files that control how sources are compiled; they count in each folder above a source.
const STEERING: [&str; 6] = [
    "Cargo.toml",
    "Cargo.lock",
    ".cargo/config",
    ".cargo/config.toml",
    "rust-toolchain",
    "rust-toolchain.toml",
];

/// State of the current sources in git.
#[derive(Debug)]
pub(in crate::build) enum Checkout {
    /// They are not in a repository, or the repository has no commit.
    None,
    /// git failed.
    Unknown(process::Error),
    /// They are in this repository.
    Known(State),
}

/// State of a checkout at one moment.
#[derive(Debug)]
pub(in crate::build) struct State {
    /// The repository's folder.
    top: PathBuf,
    /// The commit that is checked out.
    head: String,
    /// Files and folders that differ from that commit, or are not in it.
    different: Vec<PathBuf>,
    /// Files and folders that git ignores.
    ignored: Vec<PathBuf>,
}

/// The commit of a plugin's sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::build) struct Revision {
    /// The commit that was checked out when git was asked. The result holds until another commit is checked out.
    pub head: String,
    /// The last commit that changed a source.
    pub commit: String,
}

/// Why sources do not belong to a commit.
#[derive(Debug, thiserror::Error)]
pub(in crate::build) enum NoRevision {
    #[error("`{0}` is not committed")]
    Different(String),
    #[error("git ignores `{0}`")]
    Ignored(String),
    #[error("`{0}` lies outside of the repository")]
    Outside(String),
    #[error(
        "this clone is shallow and does not have that commit; run `git fetch --unshallow`, or set `fetch-depth: 0` in a \
         workflow"
    )]
    Shallow,
    #[error("git failed: {0}")]
    Git(String),
}

impl NoRevision {
    /// Omits the command, which may name hundreds of files.
    fn git(error: &process::Error) -> Self {
        Self::Git(match error {
            process::Error::Failed { stderr, .. } => stderr.trim().to_owned(),
            process::Error::NotFound { program, .. } => format!("`{program}` was not found"),
            other => other.to_string(),
        })
    }
}

impl Checkout {
    /// Asks git for the state of these folders. The first one is the workspace, which decides the repository.
    pub(in crate::build) fn of(folders: &[PathBuf]) -> Self {
        let is_top = |dir: &&Path| fs::is_there(&dir.join(".git"));
        let root = folders.first();
        let Some(top) = root.and_then(|root| root.ancestors().find(is_top)) else {
            return Self::None;
        };
        let inside =
            folders.iter().flat_map(|dir| [vec![dir.clone()], steering(dir, top)].concat());
        let cmd = git()
            .arg("--literal-pathspecs")
            // Writes nothing, since the user may be running git at the same time.
            .arg("--no-optional-locks")
            .arg("-C")
            .arg(top)
            .args(["status", "--porcelain=v2", "--branch", "-z"])
            .args(["--untracked-files=normal", "--ignored=matching", "--"])
            .args(within(top, inside));
        match cmd.read() {
            Err(error) => Self::Unknown(error),
            Ok(answer) => State::read(top, &answer).map_or(Self::None, Self::Known),
        }
    }

    /// Returns the commit of a plugin's sources, if they are in a repository. `before` is reused as long as it holds.
    pub(in crate::build) fn revision(
        &self,
        sources: &BTreeSet<PathBuf>,
        sdk: Option<&Path>,
        earlier: Option<&Revision>,
    ) -> Result<Option<Revision>, NoRevision> {
        match self {
            Self::None => Ok(None),
            Self::Unknown(error) => Err(NoRevision::git(error)),
            Self::Known(state) => state.revision(sources, sdk, earlier),
        }
    }
}

impl State {
    /// Reads the output of `git status --porcelain=v2 --branch -z`; `None` if there is no commit yet.
    fn read(top: &Path, status: &str) -> Option<Self> {
        let mut head = None;
        let (mut different, mut ignored) = (Vec::new(), Vec::new());
        let mut records = status.split('\0');
        while let Some(record) = records.next() {
            // Number of fields before the path.
            let words = match record.get(..2) {
                Some("# ") => {
                    head = head.or(record.strip_prefix("# branch.oid "));
                    continue;
                }
                Some("! ") => {
                    ignored.extend(record.get(2..).map(|path| top.join(path)));
                    continue;
                }
                Some("? ") => 1,
                Some("1 ") => 8,
                Some("2 ") => 9,
                Some("u ") => 10,
                _ => continue,
            };
            different.extend(record.splitn(words + 1, ' ').nth(words).map(|path| top.join(path)));
            if words == 9 {
                // For a moved file, the old name follows.
                different.extend(records.next().map(|path| top.join(path)));
            }
        }
        let head = head.filter(|head| *head != "(initial)")?.to_owned();
        Some(Self { top: top.to_owned(), head, different, ignored })
    }

    fn revision(
        &self,
        sources: &BTreeSet<PathBuf>,
        sdk: Option<&Path>,
        earlier: Option<&Revision>,
    ) -> Result<Option<Revision>, NoRevision> {
        // git names an untracked folder without its files.
        let is_among = |path: &Path, list: &[PathBuf]| list.iter().any(|it| path.starts_with(it));
        let (inside, outside): (Vec<_>, Vec<_>) =
            sources.iter().partition(|source| source.starts_with(&self.top));
        let is_sdk = |source: &&&PathBuf| sdk.is_some_and(|sdk| source.starts_with(sdk));
        let own: Vec<_> = inside.iter().filter(|source| !is_sdk(source)).collect();
        // A crate of the SDK itself has no other sources.
        let is_ignored = |source: &&PathBuf| is_among(source, &self.ignored);
        let is_foreign = if own.is_empty() {
            inside.iter().all(is_ignored)
        } else {
            own.into_iter().all(is_ignored)
        };
        if is_foreign {
            // The enclosing repository belongs to something else, even if it has the SDK.
            return Ok(None);
        }
        if let Some(path) = outside.iter().find(|source| !is_sdk(source)) {
            return Err(NoRevision::Outside(path.display().to_string()));
        }
        let folders: BTreeSet<_> = inside.iter().map(|source| fs::parent(source)).collect();
        let steering = folders.into_iter().flat_map(|dir| steering(dir, &self.top));
        let all: BTreeSet<PathBuf> = inside.into_iter().cloned().chain(steering).collect();
        // Most of the files that control compilation do not exist.
        let counts = |path: &Path, list: &[PathBuf]| {
            list.iter().any(|it| it == path) || (is_among(path, list) && fs::is_there(path))
        };
        let first = |list| {
            let path = all.iter().find(|path| counts(path, list))?;
            Some(path.strip_prefix(&self.top).unwrap_or(path).display().to_string())
        };
        if let Some(path) = first(&self.different) {
            return Err(NoRevision::Different(path));
        }
        if let Some(path) = first(&self.ignored) {
            return Err(NoRevision::Ignored(path));
        }
        if let Some(earlier) = earlier.filter(|earlier| earlier.head == self.head) {
            return Ok(Some(earlier.clone()));
        }
        let commit = self
            .ask(&["rev-list", "--max-count=1", &self.head, "--"], within(&self.top, all))
            .map_err(|error| NoRevision::git(&error))?;
        if commit.is_empty() {
            return Ok(None);
        }
        if self.is_cut_off(&commit) {
            return Err(NoRevision::Shallow);
        }
        Ok(Some(Revision { head: self.head.clone(), commit }))
    }

    /// Whether a commit is the oldest one in a shallow clone. Such a commit appears to have created all files.
    fn is_cut_off(&self, commit: &str) -> bool {
        let list = self.ask(&["rev-parse", "--git-path", "shallow"], Vec::new());
        let list = list.ok().and_then(|path| fs::read_text(&self.top.join(path)).ok());
        list.is_some_and(|list| list.lines().any(|line| line == commit))
    }

    fn ask(&self, words: &[&str], paths: Vec<String>) -> Result<String, process::Error> {
        git().arg("--literal-pathspecs").arg("-C").arg(&self.top).args(words).args(paths).read()
    }
}

/// The files that control how the sources in a folder are compiled.
fn steering(dir: &Path, top: &Path) -> Vec<PathBuf> {
    let above = dir.ancestors().take_while(|dir| dir.starts_with(top));
    above.flat_map(|dir| STEERING.map(|name| dir.join(name))).collect()
}

/// The paths that are in a repository, as git names them.
fn within(top: &Path, paths: impl IntoIterator<Item = PathBuf>) -> Vec<String> {
    let names = |path: &Path| {
        let names = path.components().filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            _ => None,
        });
        names.collect::<Vec<_>>().join("/")
    };
    let paths = paths.into_iter().filter_map(|path| path.strip_prefix(top).map(names).ok());
    let paths: BTreeSet<_> =
        paths.map(|path| if path.is_empty() { ".".into() } else { path }).collect();
    paths.into_iter().collect()
}

/// Returns the sources from cargo's dep-info file, which is a makefile: `<target>: <source> <source>`.
pub(in crate::build) fn sources(dep_info: &str) -> BTreeSet<PathBuf> {
    let lists = dep_info.lines().filter_map(|line| line.split_once(": "));
    lists.flat_map(|(_, list)| words(list)).map(|path| without_parents(Path::new(&path))).collect()
}

/// Simplifies `a/../b` to `b`: `include_str!("../x")` is listed with the folder of its source.
fn without_parents(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut path, component| {
        match component {
            Component::ParentDir => drop(path.pop()),
            other => path.push(other),
        }
        path
    })
}

/// Splits at spaces, except at those with a backslash before them.
fn words(list: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut rest = list.chars().peekable();
    while let Some(c) = rest.next() {
        let is_escaped = c == '\\' && rest.peek() == Some(&' ');
        match (c, words.last_mut()) {
            (' ', _) => words.push(String::new()),
            (_, Some(word)) if is_escaped => word.extend(rest.next()),
            (_, Some(word)) => word.push(c),
            (_, None) => {}
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_sources_is_read_as_make_reads_it() {
        let list = "/my\\ target/x.wasm: /a/lib.rs /my\\ files/b.rs /a/src/../c\n\n/a/lib.rs:\n";
        let found: Vec<_> = sources(list).into_iter().collect();
        let wanted = ["/a/c", "/a/lib.rs", "/my files/b.rs"].map(PathBuf::from);
        assert_eq!(found, wanted);
    }

    #[test]
    fn all_that_differs_from_the_commit_is_read() {
        let hash = "0".repeat(40);
        let status = format!(
            "# branch.oid {hash}\0# branch.head main\0\
             1 .M N... 100644 100644 100644 {hash} {hash} src/a b.rs\0\
             2 R. N... 100644 100644 100644 {hash} {hash} R100 src/new.rs\0src/old.rs\0\
             u UU N... 100644 100644 100644 100644 {hash} {hash} {hash} src/both.rs\0\
             ? notes/\0! target/\0"
        );
        let state = State::read(Path::new("/x"), &status).unwrap();
        assert_eq!(state.head, hash);
        let wanted = ["src/a b.rs", "src/new.rs", "src/old.rs", "src/both.rs", "notes/"];
        assert_eq!(state.different, wanted.map(|path| Path::new("/x").join(path)));
        assert_eq!(state.ignored, [Path::new("/x/target/")]);
        assert!(State::read(Path::new("/x"), "# branch.oid (initial)\0").is_none());
    }

    #[test]
    fn what_steers_the_compiler_is_looked_for_up_to_the_repository() {
        let paths = within(Path::new("/x"), steering(Path::new("/x/a"), Path::new("/x")));
        assert_eq!(paths.len(), 2 * STEERING.len());
        assert!(paths.contains(&"a/Cargo.toml".into()) && paths.contains(&"Cargo.lock".into()));
        let outside = within(Path::new("/x"), [PathBuf::from("/y/z"), PathBuf::from("/x")]);
        assert_eq!(outside, ["."]);
    }
}
