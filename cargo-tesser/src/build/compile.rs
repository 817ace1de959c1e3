//! Plugins -> core modules, by `cargo build`.
//!
//! In: the plan and cargo's flags. Out: for each plugin a core module, found in cargo's JSON messages and never by
//! guessing a path, and the list of its sources that lies beside it. Cargo's own files are read and left as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{Message, PackageId};

use super::error::Error;
use super::module::CoreModule;
use super::plan::Plan;
use super::revision;
use super::{Options, doubt};
use crate::fs;
use crate::process;
use crate::shell::Shell;

/// What cargo has made of a plugin.
pub(super) struct Compiled {
    pub module: CoreModule,
    /// The files that it was compiled from: those of the workspace and of packages beside it, but for what build scripts
    /// have made.
    pub sources: BTreeSet<PathBuf>,
    /// Whether cargo found nothing to do.
    pub fresh: bool,
}

/// Compiles the plugins; what comes of them is in their order.
pub(super) fn compile(
    plan: &Plan,
    options: &Options,
    shell: Shell,
    pass_through: &mut dyn FnMut(&str),
) -> Result<Vec<Compiled>, Error> {
    let cmd = options.cargo.build(plan, options.json);
    // Another build may ask for other features, and its modules have the same names.
    let lock = plan.folder(&options.cargo).join(".lock");
    let _lock =
        fs::lock(&lock, || shell.status("Blocking", "waiting for another `cargo tesser build`"));
    let mut artifacts: BTreeMap<(PackageId, Option<String>), (PathBuf, bool)> = BTreeMap::new();
    cmd.each_line(|line| {
        if let Ok(Message::CompilerArtifact(artifact)) = serde_json::from_str(line) {
            let wasm = artifact.filenames.iter().find(|file| file.extension() == Some("wasm"));
            if let Some(file) = wasm {
                let example = artifact.target.is_example().then_some(artifact.target.name);
                let made = (file.clone().into(), artifact.fresh);
                artifacts.insert((artifact.package_id, example), made);
            }
        }
        pass_through(line);
    })
    .map_err(|error| match error {
        process::Error::Failed { status, .. } => {
            Error::Compile { status, doubtful: doubt::doubtful(&plan.plugins) }
        }
        other => other.into(),
    })?;
    plan.plugins
        .iter()
        .map(|plugin| match artifacts.get(&(plugin.id.clone(), plugin.example.clone())) {
            Some((path, fresh)) => compiled(path, *fresh, plan),
            None => Err(Error::NoArtifact { package: plugin.name.clone() }),
        })
        .collect()
}

/// Reads a module while no cargo may be writing it: cargo locks this file in the folder of a profile.
fn compiled(path: &Path, fresh: bool, plan: &Plan) -> Result<Compiled, Error> {
    let lock = path.ancestors().map(|dir| dir.join(".cargo-lock")).find(|lock| fs::is_there(lock));
    let _lock = lock.and_then(|lock| fs::lock_shared(&lock));
    let module = CoreModule(fs::read(path)?).without_debug_info();
    // A list that cannot be read is an empty one: the plugin names no commit then.
    let list = fs::read_text(&path.with_extension("d")).unwrap_or_default();
    let mut sources = revision::sources(&list);
    sources.retain(|source| !plan.made_in.iter().any(|dir| source.starts_with(dir)));
    Ok(Compiled { module, sources, fresh })
}
