//! `cargo build` for plugins: which packages and targets, for which triple, with which features.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;

use super::select::Plugin;
use crate::build::cargo_flags::CargoFlags;
use crate::build::error::Error;
use crate::process::Cmd;
use crate::toolchain::Toolchain;

/// Returns the command with the arguments that decide what is compiled, without folders and output format.
pub(in crate::build) fn command(
    flags: &CargoFlags,
    toolchain: &Toolchain,
    plugins: &[Plugin],
) -> Cmd {
    let mut cmd = Cmd::new(&toolchain.cargo)
        .args(["build", "--target", &toolchain.target])
        .arg(format!("--profile={}", flags.profile()));
    for plugin in plugins {
        cmd = cmd.args(["--package", &plugin.id.repr]);
    }
    let mut kinds = BTreeSet::new();
    for plugin in plugins {
        kinds.insert(match &plugin.example {
            Some(example) => ["--example", example],
            None => ["--lib", ""],
        });
    }
    cmd = cmd.args(kinds.into_iter().flatten().filter(|word| !word.is_empty()));
    if let Some(path) = &flags.manifest_path {
        cmd = cmd.arg("--manifest-path").arg(path);
    }
    cmd.args(flags.common()).args(flags.feature_flags())
}

/// Runs a cargo command that prints JSON.
pub(super) fn read_json<T: DeserializeOwned>(cmd: Cmd) -> Result<T, Error> {
    let command = cmd.line();
    serde_json::from_str(&cmd.read()?)
        .map_err(|source| Error::Answer { command, source: Box::new(source) })
}
