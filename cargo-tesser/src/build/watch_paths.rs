//! The folders that `watch` watches.
//!
//! In: the options. Out: the folders of the workspace and of all local packages outside of it, without those that a build writes
//! to, so that a build does not trigger the next one. This module watches and builds nothing.

use std::path::Path;

use crate::build::error::Error;
use crate::build::options::Options;
use crate::build::plan::cache;
use crate::fs::{self, Scope};
use crate::shell::Shell;

/// Returns the folders that a build depends on; if there is no plan yet, the folder of the manifest.
///
/// # Errors
/// If there is no crate, or no working directory.
pub fn scope(options: &Options, shell: Shell) -> Result<Scope, Error> {
    let out_dir = options.out_dir.iter().cloned();
    let (folders, mut without) = match cache::plan(options, shell) {
        Ok(plan) => (plan.sources, plan.made_in),
        Err(error) => {
            let given = options.cargo.manifest_path.as_deref();
            let manifest = fs::absolute(given.unwrap_or(Path::new("Cargo.toml")))?;
            let is_above =
                || manifest.ancestors().skip(1).any(|dir| fs::is_there(&dir.join("Cargo.toml")));
            if !fs::is_there(&manifest) && (given.is_some() || !is_above()) {
                // There is no package that could become a plugin.
                return Err(error);
            }
            let dir = fs::parent(&manifest).to_owned();
            let target_dir = options.cargo.target_dir.clone();
            let target_dir = target_dir.unwrap_or_else(|| dir.join("target"));
            (vec![dir], vec![target_dir])
        }
    };
    without.extend(out_dir);
    Ok(Scope::new(&folders, &without))
}
