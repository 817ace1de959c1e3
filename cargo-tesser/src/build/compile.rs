//! Plugins -> core modules, by `cargo build`.
//!
//! In: the plugins and cargo's flags. Out: one core module for each, found in cargo's JSON messages and
//! never by guessing a path. Cargo's own files are read and left as they are.

use std::collections::BTreeMap;
use std::path::PathBuf;

use cargo_metadata::{Message, Metadata, PackageId};

use super::Options;
use super::error::Error;
use super::module::CoreModule;
use super::remap;
use super::select::Plugin;
use crate::fs;
use crate::process;
use crate::shell::Shell;
use crate::toolchain::Toolchain;

/// Compiles the plugins; the modules come in the plugins' order.
pub(super) fn compile(
    plugins: &[Plugin],
    options: &Options,
    toolchain: &Toolchain,
    workspace: &Metadata,
    shell: Shell,
    pass_through: &mut dyn FnMut(&str),
) -> Result<Vec<CoreModule>, Error> {
    let specs: Vec<_> = plugins.iter().map(|plugin| plugin.id.repr.clone()).collect();
    let cmd = options.cargo.build(toolchain, &specs, remap::flags(workspace), options.json);
    shell.detail("Running", format_args!("`{}`", cmd.line()));
    let mut artifacts: BTreeMap<PackageId, PathBuf> = BTreeMap::new();
    cmd.each_line(|line| {
        if let Ok(Message::CompilerArtifact(artifact)) = serde_json::from_str(line) {
            let wasm = artifact.filenames.iter().find(|file| file.extension() == Some("wasm"));
            if let Some(file) = wasm {
                artifacts.insert(artifact.package_id.clone(), file.clone().into());
            }
        }
        pass_through(line);
    })
    .map_err(|error| match error {
        process::Error::Failed { status, .. } => Error::Compile { status },
        other => other.into(),
    })?;
    plugins
        .iter()
        .map(|plugin| match artifacts.get(&plugin.id) {
            Some(path) => Ok(CoreModule(fs::read(path)?)),
            None => Err(Error::NoArtifact { package: plugin.name.clone() }),
        })
        .collect()
}
