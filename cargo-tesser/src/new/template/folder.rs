//! A folder -> the manifest and the files of a template. It reads only regular files, up to a limit, and does not
//! follow symbolic links: a template must not copy other files of this machine.

use std::path::Path;

use super::files::{Raw, is_meant, patterns};
use super::manifest::Manifest;
use super::{Failure, MANIFEST};
use crate::fs;

/// Maximum bytes of all files together.
const LIMIT: u64 = 16 << 20;

/// Maximum number of files.
const MOST: usize = 2_000;

/// Reads the template in `subfolder` of `dir`.
pub(super) fn read(dir: &Path, subfolder: &Path) -> Result<(String, Vec<Raw>), Failure> {
    let mut root = dir.to_owned();
    for part in subfolder {
        root.push(part);
        if fs::link_metadata(&root).is_ok_and(|metadata| metadata.is_symlink()) {
            return Err(problem(format!(
                "its subfolder `{}` is a symbolic link",
                subfolder.display()
            )));
        }
    }
    if !fs::is_there(&root) {
        return Err(problem(format!("there is no folder `{}`", root.display())));
    }
    if !fs::metadata(&root)?.is_dir() {
        return Err(problem(format!("`{}` is not a folder", root.display())));
    }
    let manifest = root.join(MANIFEST);
    if !fs::is_there(&manifest) {
        return Err(no_manifest(&root));
    }
    let manifest = text(&manifest)?;
    let rules = manifest.parse::<Manifest>().map_err(problem)?.files;
    let mut reader =
        Reader { skip: patterns(&rules.skip).map_err(problem)?, left: LIMIT, files: Vec::new() };
    reader.folder(&root, "")?;
    Ok((manifest, reader.files))
}

struct Reader {
    skip: Vec<glob::Pattern>,
    left: u64,
    files: Vec<Raw>,
}

impl Reader {
    fn folder(&mut self, dir: &Path, prefix: &str) -> Result<(), Failure> {
        for entry in fs::entries(dir)? {
            let name = entry.file_name().unwrap_or_default();
            let Some(name) = name.to_str() else {
                return Err(problem(format!(
                    "its file `{}` has a name that is not UTF-8",
                    entry.display()
                )));
            };
            // The template's own repository is not a part of it.
            if prefix.is_empty() && (name == ".git" || name == MANIFEST) {
                continue;
            }
            let path = format!("{prefix}{name}");
            if self.skip.iter().any(|pattern| is_meant(pattern, &path)) {
                continue;
            }
            let metadata = fs::link_metadata(&entry)?;
            if metadata.is_dir() {
                self.folder(&entry, &format!("{path}/"))?;
            } else if metadata.is_symlink() {
                return Err(problem(format!(
                    "its file `{path}` is a symbolic link, which a template cannot have"
                )));
            } else {
                let executable = fs::is_executable(&metadata);
                let contents = fs::read_untrusted(&entry, self.left)
                    .map_err(|error| Self::unread(&path, error))?;
                self.left -= contents.len() as u64;
                self.files.push(Raw { path, contents, executable });
                if self.files.len() > MOST {
                    return Err(problem(format!(
                        "it has more than {MOST} files; use `skip` in its `{MANIFEST}` to exclude some"
                    )));
                }
            }
        }
        Ok(())
    }

    fn unread(path: &str, error: fs::Unread) -> Failure {
        match error {
            fs::Unread::TooLarge { .. } => problem(format!(
                "it has more than {} MiB, with `{path}`; use `skip` in its `{MANIFEST}` to exclude files",
                LIMIT >> 20
            )),
            error => problem(format!("its file `{path}`: {error}")),
        }
    }
}

fn text(path: &Path) -> Result<String, Failure> {
    let metadata = fs::link_metadata(path)?;
    if metadata.is_symlink() {
        return Err(problem(format!("its `{MANIFEST}` is a symbolic link")));
    }
    let bytes = fs::read_untrusted(path, LIMIT)
        .map_err(|error| problem(format!("its `{MANIFEST}`: {error}")))?;
    String::from_utf8(bytes).map_err(|_| problem(format!("its `{MANIFEST}` is not UTF-8")))
}

/// The templates may be one folder deeper.
fn no_manifest(root: &Path) -> Failure {
    let below = fs::entries(root).unwrap_or_default().into_iter();
    let below = below.filter(|dir| fs::is_there(&dir.join(MANIFEST)));
    let names: Vec<_> =
        below.filter_map(|dir| Some(format!("`{}`", dir.file_name()?.to_string_lossy()))).collect();
    let also = if names.is_empty() {
        String::new()
    } else {
        format!("; its subfolders {} have one: choose with `--subfolder`", names.join(", "))
    };
    problem(format!("it has no `{MANIFEST}`{also}"))
}

fn problem(problem: impl Into<String>) -> Failure {
    Failure::Problem(problem.into())
}
