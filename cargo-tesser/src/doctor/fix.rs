//! `--fix`: installs the target as `setup` does, and creates the cache folder. Manifests and configuration are the user's.

use crate::shell::Shell;
use crate::toolchain::{self, Machine, Setup};
use crate::{fs, process};

/// Does what is safe; returns what was done. What fails is printed, and the checks then find it again.
pub(super) fn fix(
    machine: &Machine,
    setup: &Setup,
    shell: Shell,
) -> Result<Vec<String>, toolchain::Error> {
    let mut fixed = Vec::new();
    let lacks_target = !matches!(&machine.toolchain, Some(Ok(_)));
    if lacks_target {
        match toolchain::setup(setup, shell) {
            Ok(toolchain) => fixed.push(format!("installed {toolchain}")),
            Err(error) if process::is_interrupted() => return Err(error),
            Err(error) => shell.error(&error, error.hint().as_deref()),
        }
    }
    if let Some(dir) = machine.cache.as_ref().filter(|dir| !fs::is_there(dir)) {
        match fs::create_dir_all(dir) {
            Ok(()) => fixed.push(format!("created the folder `{}`", dir.display())),
            Err(error) => shell.error(&error, error.hint().as_deref()),
        }
    }
    Ok(fixed)
}
