//! A git repository -> a folder. git does the work, with the user's own access to the repository. Hooks, submodules and
//! protocols that run commands are disabled, and without a terminal git does not ask for passwords.

use std::path::{Path, PathBuf};

use super::Failure;
use crate::git::git;
use crate::process::{self, Cmd};
use crate::shell::Shell;

/// Fetches the repository at `reference` into a folder below `scratch`; returns that folder and the commit.
pub(super) fn fetch(
    url: &str,
    reference: Option<&str>,
    scratch: &Path,
    shell: Shell,
) -> Result<(PathBuf, String), Failure> {
    if url.is_empty() || reference == Some("") {
        return Err(Failure::Problem("the URL or the reference after `#` is empty".into()));
    }
    if reference.is_some_and(|reference| reference.starts_with('-')) {
        return Err(Failure::Problem(
            "the reference after `#` is not a branch, tag or commit".into(),
        ));
    }
    let _progress = shell.progress("Fetching", url);
    let dir = scratch.join("repository");
    let quiet = || {
        let git = git().args(["-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never"]);
        let git = git.args(["-c", "advice.detachedHead=false", "-c", "core.symlinks=true"]);
        if shell.can_ask() { git } else { git.env("GIT_TERMINAL_PROMPT", "0") }
    };
    let clone = || quiet().args(["clone", "--quiet", "--template=", "--no-recurse-submodules"]);
    let whole = |cmd: Cmd| cmd.arg("--").arg(url).arg(&dir).read().map_err(Failure::Git);
    match reference {
        // Not every server can fetch a commit by its hash.
        Some(commit) if is_commit(commit) => {
            whole(clone().arg("--no-checkout"))?;
            let checkout = quiet().arg("-C").arg(&dir).args(["checkout", "--quiet", "--detach"]);
            checkout.args([commit, "--"]).read().map_err(Failure::Git)?;
        }
        Some(name) => {
            whole(clone().args(["--depth", "1", "--branch", name]))?;
        }
        None => {
            whole(clone().args(["--depth", "1"]))?;
        }
    }
    let commit = quiet().arg("-C").arg(&dir).args(["rev-parse", "--short=12", "HEAD"]).read();
    Ok((dir, commit.map_err(Failure::Git)?))
}

fn is_commit(reference: &str) -> bool {
    (7..=64).contains(&reference.len()) && reference.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether git was not found.
pub(in crate::new) fn is_missing(error: &process::Error) -> bool {
    matches!(error, process::Error::NotFound { .. })
}
