//! What a build that is repeated watches.
//!
//! In: the options. Out: the folders of the workspace and of all packages that lie beside it, without those that a
//! build writes to, so that no build starts the next. Nothing is watched or built here.

use std::path::{Path, PathBuf};

use super::Options;
use super::error::Error;
use crate::fs::{self, Scope};
use crate::shell::Shell;

/// The folders that a build depends on. As long as there is no plan, the one of the manifest.
///
/// # Errors
/// There is no working directory.
pub fn scope(options: &Options, shell: Shell) -> Result<Scope, Error> {
    let out_dir = options.out_dir.iter().cloned();
    let (folders, mut without) = if let Ok(plan) = super::plan(options, shell) {
        (plan.sources, vec![plan.target_dir])
    } else {
        let manifest = options.cargo.manifest_path.as_deref();
        let dir = fs::absolute(fs::parent(manifest.unwrap_or(Path::new("Cargo.toml"))))?;
        let target_dir = options.cargo.target_dir.clone();
        (vec![dir.clone()], vec![target_dir.unwrap_or_else(|| dir.join("target"))])
    };
    without.extend(out_dir);
    let top: Vec<PathBuf> = folders
        .iter()
        .filter(|dir| !folders.iter().any(|other| *dir != other && dir.starts_with(other)))
        .cloned()
        .collect();
    Ok(Scope::new(&top, &without))
}
