//! `build`: packages -> core module -> optimized core module -> component (sealed) -> component with
//! metadata -> checked -> installed atomically.
//!
//! In: cargo's flags and where to install. Out: plugins in their places. A failure at any stage leaves
//! the plugin that was there before. What was made from the same before is not made again.

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

use std::path::{Path, PathBuf};

use crate::fs;
use crate::plugin::{self, PluginMetadata};
use crate::shell::Shell;

pub use artifact::{Artifact, InstalledFile};
pub use cargo_flags::CargoFlags;
use compile::Compiled;
use compile::source_commit::Checkout;
pub use error::Error;
pub use install::history::Version;
pub use options::Options;
pub use package::Summary;
pub use package::optimize::Optimizer;
use package::{CommitSource, Finished};
use plan::{Plan, cache, path_remapping};
pub use watch_paths::scope;

/// Builds and installs the selected plugins. `pass_through` gets each line of cargo's JSON.
///
/// # Errors
/// Any stage; nothing is then installed for the plugin that failed.
pub fn build(
    options: &Options,
    shell: Shell,
    pass_through: &mut dyn FnMut(&str),
) -> Result<Vec<Artifact>, Error> {
    let mut plan = plan(options, shell)?;
    warn(&plan, options, shell);
    let (compiled, checkout) =
        compile(&mut plan, options, shell, pass_through).inspect_err(|_| cache::forget(options))?;
    let finished =
        package::package(&plan, &compiled, &CommitSource::OfSources(checkout), options, shell)?;
    // Nothing is installed unless everything can be: the plugins of a workspace belong together.
    install::install(finished, options)
}

/// Says what costs something, and what keeps others from building the same.
fn warn(plan: &Plan, options: &Options, shell: Shell) {
    let names = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    let variables = verify::warning(names).filter(|_| options.cargo.profile() != "dev");
    for note in &plan.notes {
        shell.note(note);
    }
    for warning in plan.warnings.iter().chain(&variables) {
        shell.warn(warning);
    }
}

/// The names of the plugins that would be built.
pub(crate) fn names(options: &Options, shell: Shell) -> Result<Vec<String>, Error> {
    Ok(plan(options, shell)?.plugins.into_iter().map(|plugin| plugin.name).collect())
}

/// The folders of the packages that would be built.
pub(crate) fn folders(options: &Options, shell: Shell) -> Result<Vec<PathBuf>, Error> {
    Ok(plan(options, shell)?.plugins.into_iter().map(|plugin| plugin.dir).collect())
}

/// The plan of the last build, or a new one.
fn plan(options: &Options, shell: Shell) -> Result<Plan, Error> {
    if let Some(plan) = cache::recall(options) {
        return Ok(plan);
    }
    let (plan, workspace) = Plan::make(options, shell)?;
    cache::keep(options, &plan, &workspace);
    Ok(plan)
}

/// Compiles, and asks git of the sources.
fn compile(
    plan: &mut Plan,
    options: &Options,
    shell: Shell,
    pass_through: &mut dyn FnMut(&str),
) -> Result<(Vec<Compiled>, Checkout), Error> {
    let folders = plan.sources.clone();
    // At the same time: a build with nothing to do is hardly longer then.
    let (compiled, checkout) = std::thread::scope(|scope| {
        let checkout = scope.spawn(|| Checkout::of(&folders));
        let compiled = compile_hidden(plan, options, shell, pass_through);
        (compiled, checkout.join().unwrap_or(Checkout::None))
    });
    let compiled = compiled?;
    // What was compiled just now may be newer than the answer.
    let is_old = compiled.iter().any(|compiled| !compiled.fresh);
    Ok((compiled, if is_old { Checkout::of(&folders) } else { checkout }))
}

/// Compiles, once more where a plugin would tell in which folder.
fn compile_hidden(
    plan: &mut Plan,
    options: &Options,
    shell: Shell,
    pass_through: &mut dyn FnMut(&str),
) -> Result<Vec<Compiled>, Error> {
    let mut all = compile::compile(plan, options, shell, pass_through)?;
    let root = plan.root.to_string_lossy().into_owned();
    if !plan.hides_root && all.iter().any(|compiled| path_remapping::shows(&compiled.module, &root))
    {
        shell.detail("Compiling", "once more: a plugin would hold the path of its workspace");
        plan.hide_root();
        cache::amend(options, plan);
        all = compile::compile(plan, options, shell, pass_through)?;
    }
    for (plugin, compiled) in plan.plugins.iter().zip(&all) {
        if let Some(path) = path_remapping::shown(&compiled.module, &plan.rustflags.ours) {
            let name = &plugin.name;
            shell.warn(format_args!(
                "`{name}` holds the path `{path}` of this machine, and is another plugin where that is another; the \
                 likely source is `env!(\"CARGO_MANIFEST_DIR\")`, or a macro that uses it"
            ));
        }
    }
    Ok(all)
}

/// The commands that a build would run and the files that it would install, line by line.
///
/// # Errors
/// The plan cannot be made.
pub fn dry_run(options: &Options, shell: Shell) -> Result<Vec<String>, Error> {
    let plan = plan(options, shell)?;
    warn(&plan, options, shell);
    let wasm_opt = options.optimizer.describe()?;
    let mut lines = vec![compile::command(&plan, options).line_with_variables()];
    for plugin in &plan.plugins {
        let file = plugin::file_name(&plugin.library);
        let place = plan.folder(&options.cargo).join(&file);
        let places =
            std::iter::once(place).chain(options.out_dir.iter().map(|dir| dir.join(&file)));
        lines.push(format!("# {}: optimize ({wasm_opt}), seal, stamp, check", plugin.name));
        lines.extend(places.map(|place| format!("# install {}", place.display())));
    }
    Ok(lines)
}

/// Builds one plugin anew and compares it with a file.
///
/// # Errors
/// The file holds something else, cannot be read, or nothing can be built.
pub fn verify(
    options: &Options,
    path: &Path,
    shell: Shell,
    pass_through: &mut dyn FnMut(&str),
) -> Result<(), Error> {
    let held = fs::read(path)?;
    if !wasmparser::Parser::is_component(&held) {
        return Err(Error::VerifyOther { path: path.to_owned() });
    }
    let (plan, workspace) = Plan::make(options, shell)?;
    // Nothing of what was compiled before is used, and nothing is left behind.
    let target_dir = fs::scratch(&plan.target_dir)?;
    let mut options = options.clone();
    options.cargo.compile_in(target_dir.path(), &workspace);
    let (mut plan, _) = Plan::make(&options, shell)?;
    warn(&plan, &options, shell);
    if plan.plugins.len() != 1 {
        return Err(Error::VerifyOne { count: plan.plugins.len() });
    }
    let (compiled, checkout) = compile(&mut plan, &options, shell, pass_through)?;
    let named = PluginMetadata::read(&held).and_then(|words| words.revision);
    for (plugin, compiled) in plan.plugins.iter().zip(&compiled) {
        let (sources, sdk) = (&compiled.sources, plugin.sdk_dir());
        let warning = verify::other_sources(&checkout, sources, sdk, named.as_deref());
        if let Some(warning) = warning {
            shell.warn(warning);
        }
    }
    let finished = package::package(&plan, &compiled, &CommitSource::AsIn(named), &options, shell)?;
    for Finished { plugin, made, .. } in &finished {
        verify::compare(&plugin.name, &made.component.0, path, &held)?;
        shell.status(
            "Verified",
            format_args!(
                "{} is what `{}` makes (sha256 {})",
                path.display(),
                plugin.name,
                made.sha256
            ),
        );
    }
    Ok(())
}
