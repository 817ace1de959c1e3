//! Files of cargo's configuration that cargo does not read.

use std::path::{Path, PathBuf};

use super::check::{Check, Subject};
use crate::fs;

/// Returns a warning for each such file in the folders of a workspace; `here` is the working directory, from which cargo looks upwards.
pub(super) fn ignored(here: &Path, root: &Path, members: &[PathBuf]) -> Vec<Check> {
    let mut checks = Vec::new();
    let above = here.ancestors().chain([root]).chain(members.iter().map(PathBuf::as_path));
    let mut dirs: Vec<_> = above.collect();
    dirs.sort();
    dirs.dedup();
    for dir in dirs {
        let dir = dir.join(".cargo");
        let (old, new) = (dir.join("config"), dir.join("config.toml"));
        let there: Vec<_> = [&old, &new].into_iter().filter(|path| fs::is_there(path)).collect();
        if there.len() == 2 {
            checks.push(Check::warning(
                Subject::Configuration,
                format!("cargo ignores `{}`, because `{}` exists", new.display(), old.display()),
                "move the contents of both files into `config.toml`, and remove `config`",
            ));
        }
        let folder = fs::parent(&dir);
        if let (Some(file), false) = (there.first(), here.starts_with(folder)) {
            checks.push(Check::warning(
                Subject::Configuration,
                format!("cargo does not read `{}` in `{}`", file.display(), here.display()),
                format!(
                    "move it to `{}`, or run cargo in `{}`",
                    root.join(".cargo").display(),
                    folder.display()
                ),
            ));
        }
    }
    checks
}
