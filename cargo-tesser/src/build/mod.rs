//! `build`: packages -> core module -> optimized core module -> component (sealed) -> component with
//! metadata -> checked -> installed atomically.
//!
//! | stage | in `build()` | where |
//! | --- | --- | --- |
//! | plan | `cache::plan` | `plan/` |
//! | compile | `compile::compile` | `compile/` |
//! | optimize, componentize, stamp metadata, check | `package::package`, for each plugin | `package/{optimize,componentize,metadata,preflight}.rs` |
//! | install | `install::install` | `install/` |
//!
//! In: cargo's flags and where to install. Out: installed plugins. If a stage fails, the installed plugins stay as they
//! were. A plugin whose inputs have not changed is not rebuilt.

pub(crate) mod advice;
mod artifact;
mod cargo_flags;
mod compile;
mod doubtful_plugins;
mod error;
mod hint;
pub(crate) mod install;
mod options;
pub(crate) mod package;
mod plan;
mod verify;
mod wasi_calls;
mod watch_paths;

use std::path::PathBuf;

use crate::plugin;
use crate::shell::Shell;

pub use artifact::{Artifact, InstalledFile};
pub use cargo_flags::CargoFlags;
use compile::Compilation;
pub use error::Error;
pub use install::history::Version;
pub use options::Options;
use package::CommitSource;
pub use package::Summary;
pub use package::optimize::Optimizer;
pub(crate) use plan::Survey;
pub(crate) use plan::select::Plugin;
use plan::{Plan, cache};
pub use verify::verify;
pub use watch_paths::scope;

/// Builds and installs the selected plugins. `pass_through` receives each line of cargo's JSON.
///
/// # Errors
/// If a stage fails; then nothing is installed.
pub fn build(
    options: &Options,
    shell: Shell,
    pass_through: &mut dyn FnMut(&str),
) -> Result<Vec<Artifact>, Error> {
    let plan = cache::plan(options, shell)?;
    if options.one && plan.plugins.len() > 1 {
        return Err(Error::SeveralPlugins { names: plan.names().collect() });
    }
    warn(&plan, options, shell);
    let compilation = compile::compile(plan, options, shell, pass_through)
        .inspect_err(|_| cache::forget(options))?;
    let Compilation { plan, modules, checkout } = &compilation;
    let packaged =
        package::package(plan, modules, &CommitSource::OfSources(checkout), options, shell)?;
    // The plugins of a workspace belong together: all are installed or none.
    install::install(packaged, options)
}

/// Prints the warnings about cost, and about builds that others cannot reproduce.
fn warn(plan: &Plan, options: &Options, shell: Shell) {
    let names = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    let variables = verify::warning(names).filter(|_| options.cargo.profile() != "dev");
    let variables = variables.map(|advice| advice.to_string());
    for note in &plan.notes {
        shell.note(note);
    }
    for warning in plan.warnings.iter().chain(&variables) {
        shell.warn(warning);
    }
}

/// Returns the folders of the packages that would be built.
pub(crate) fn folders(options: &Options, shell: Shell) -> Result<Vec<PathBuf>, Error> {
    Ok(cache::plan(options, shell)?.plugins.into_iter().map(|plugin| plugin.dir).collect())
}

/// Returns the commands that a build would run and the files that it would install, line by line.
///
/// # Errors
/// If the plan cannot be made.
pub fn dry_run(options: &Options, shell: Shell) -> Result<Vec<String>, Error> {
    let plan = cache::plan(options, shell)?;
    warn(&plan, options, shell);
    let wasm_opt = options.optimizer.describe()?;
    let mut lines = vec![compile::command(&plan, options).line_with_variables()];
    for plugin in &plan.plugins {
        let file = plugin::file_name(&plugin.library);
        let place = plan.folder(&options.cargo).join(&file);
        let places =
            std::iter::once(place).chain(options.out_dir.iter().map(|dir| dir.join(&file)));
        lines.push(format!("# {}: optimize ({wasm_opt}), seal, add metadata, check", plugin.name));
        lines.extend(places.map(|place| format!("# install {}", place.display())));
    }
    Ok(lines)
}
