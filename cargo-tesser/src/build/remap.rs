//! Paths of the build machine -> the names that a plugin carries instead.
//!
//! In: cargo's metadata and the compiler's root. Out: `--remap-path-prefix` flags. A panic's location holds
//! the path of its source, and nothing else in a plugin may tell where it was built: two machines then make
//! the same bytes. Nothing here looks at files.

use std::collections::BTreeSet;

use cargo_metadata::camino::Utf8Path;
use cargo_metadata::{Metadata, Package};

/// Flags for rustc. Of several that fit it takes the last, so the wider ones come first.
pub(super) fn flags(workspace: &Metadata) -> Vec<String> {
    let mut flags = vec![
        flag(&workspace.workspace_root, "/workspace"),
        flag(&workspace.target_directory, "/target"),
    ];
    let fetched = workspace.packages.iter().filter(|package| package.source.is_some());
    // `<CARGO_HOME>/registry/src/<registry>`, `<CARGO_HOME>/git/checkouts/<repository>`.
    let homes: BTreeSet<&Utf8Path> = fetched.filter_map(|package| dir(package).parent()).collect();
    flags.extend(homes.into_iter().map(|home| flag(home, "/cargo")));
    for package in &workspace.packages {
        if package.source.is_none() && !dir(package).starts_with(&workspace.workspace_root) {
            flags.push(flag(dir(package), &format!("/deps/{}", package.name)));
        }
    }
    flags
}

fn dir(package: &Package) -> &Utf8Path {
    package.manifest_path.parent().unwrap_or(&package.manifest_path)
}

fn flag(from: &Utf8Path, to: &str) -> String {
    format!("--remap-path-prefix={from}={to}")
}
