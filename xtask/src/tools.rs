//! Programs that cargo compiles for these tasks, in `<target>/tools`.

use std::path::PathBuf;

use crate::run::{self, show};

/// Returns the path of a program, installed first if it is missing. `features` are cargo's flags for them.
pub fn install(name: &str, version: &str, features: &[&str]) -> anyhow::Result<PathBuf> {
    let root = run::target_dir()?.join("tools");
    let program = root.join("bin").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if !program.exists() {
        let mut install = run::cargo();
        install.args(["install", name, "--version", version, "--locked"]).args(features);
        // Its artifacts are of no use afterwards, and those of this workspace are none of its.
        install.env_remove("CARGO_TARGET_DIR").arg("--root").arg(&root);
        show(&mut install)?;
    }
    Ok(program)
}
