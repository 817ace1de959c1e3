//! Paths of the build machine -> names that a plugin contains instead.
//!
//! In: cargo's metadata and the compiler's root. Out: `--remap-path-prefix` flags. The location of a panic contains the
//! path of its source; remapped, two machines build the same bytes. This module reads
//! no files.
//!
//! At first there is no flag for the workspace: cargo names its sources relative to its root, and a flag that differs between
//! folders would make every plugin compile all dependencies again in a shared target directory. A source that is included by
//! its absolute path needs the flag; it is added when a module contains the path ([`shows`]).

use std::collections::BTreeSet;
use std::path::Path;

use cargo_metadata::camino::Utf8Path;
use cargo_metadata::{Metadata, Package};

use crate::build::plan::Dirs;
use crate::plugin::CoreModule;

const FLAG: &str = "--remap-path-prefix=";

/// Returns flags for rustc. If several match, the last one wins, so the wider ones come first.
pub(in crate::build) fn flags(workspace: &Metadata, target_dir: &Path, own: &Dirs) -> Vec<String> {
    let between = workspace.build_directory.as_ref().map(|dir| dir.as_std_path());
    let between = between.filter(|_| own.build.is_some());
    let wide = [Some(target_dir), between];
    let narrow = [Some(own.target.as_path()), own.build.as_deref()];
    let dirs = wide.into_iter().chain(narrow).flatten();
    let mut flags: Vec<_> = dirs.map(|dir| flag(dir, "/target")).collect();
    let fetched = workspace.packages.iter().filter(|package| package.source.is_some());
    // `<CARGO_HOME>/registry/src/<registry>`, `<CARGO_HOME>/git/checkouts/<repository>`.
    let homes: BTreeSet<&Utf8Path> = fetched.filter_map(|package| dir(package).parent()).collect();
    flags.extend(homes.into_iter().map(|home| flag(home.as_std_path(), "/cargo")));
    for package in &workspace.packages {
        if package.source.is_none() && !dir(package).starts_with(&workspace.workspace_root) {
            flags.push(flag(dir(package).as_std_path(), &format!("/deps/{}", package.name)));
        }
    }
    flags
}

/// Returns the flag for the workspace. It is wider than the one for a target directory in it, so it comes first.
pub(in crate::build) fn root(root: &Path) -> String {
    flag(root, "/workspace")
}

/// Whether a module contains a path. A path as short as `/` is in every text and does not count.
pub(in crate::build) fn shows(module: &CoreModule, path: &str) -> bool {
    path.len() > 3 && memchr::memmem::find(&module.0, path.as_bytes()).is_some()
}

/// Returns a path that a module contains in spite of the flags, which change the paths of sources but not string literals.
pub(in crate::build) fn shown<'a>(module: &CoreModule, flags: &'a [String]) -> Option<&'a str> {
    let pairs = flags.iter().filter_map(|flag| flag.strip_prefix(FLAG)?.rsplit_once('='));
    pairs.map(|(from, _)| from).find(|from| shows(module, from))
}

fn dir(package: &Package) -> &Utf8Path {
    package.manifest_path.parent().unwrap_or(&package.manifest_path)
}

fn flag(from: &Path, to: &str) -> String {
    format!("{FLAG}{}={to}", from.display())
}
