//! `build`: packages -> core module -> optimized core module -> component (sealed) -> component with
//! metadata -> checked -> installed atomically.
//!
//! In: cargo's flags and where to install. Out: plugins in their places. A failure at any stage leaves
//! the plugin that was there before. What was made from the same before is not made again.

mod capabilities;
mod cargo;
mod checks;
mod compile;
mod compiler;
mod componentize;
mod doubt;
mod error;
mod finish;
mod fresh;
mod hint;
mod install;
mod keep;
mod module;
mod optimize;
mod plan;
mod prints;
mod profile;
mod remap;
mod remember;
mod reproduce;
mod revision;
mod rollback;
mod rustflags;
mod select;
mod settings;
mod stamp;
mod trial;
mod units;
mod watch;

use std::path::{Path, PathBuf};

use crate::fs;
use crate::shell::Shell;

pub use cargo::CargoFlags;
use compile::Compiled;
pub use error::Error;
pub use finish::Summary;
use finish::{Finished, Naming};
pub use keep::Version;
pub use optimize::Optimizer;
use plan::Plan;
pub(crate) use profile::OWN as PROFILE;
use revision::Checkout;
pub use rollback::{Listed, Rollback, State};
pub use stamp::{Metadata as PluginMetadata, SECTION};
pub use watch::scope;

/// What to build and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Cargo's own flags.
    pub cargo: CargoFlags,
    /// A folder to install into, too.
    pub out_dir: Option<PathBuf>,
    /// How many earlier versions are kept in that folder.
    pub keep: usize,
    /// Which wasm-opt runs.
    pub optimizer: Optimizer,
    /// Whether cargo's messages are handed on as JSON.
    pub json: bool,
    /// Whether plugins that name no commit are told.
    pub notes_commit: bool,
}

/// A plugin in its place.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// Cargo's id of the package.
    pub package_id: String,
    /// Folder of its manifest.
    pub dir: PathBuf,
    /// Name of the library.
    pub name: String,
    /// How it is tested.
    pub test: crate::test::Settings,
    /// SHA-256 of the component's bytes, in hex.
    pub sha256: String,
    /// Number of its bytes.
    pub size: u64,
    /// Number of bytes of the core module that cargo built.
    pub core_size: u64,
    /// Number of bytes of the plugin that lay there before.
    pub was: Option<u64>,
    /// What else is told of it.
    pub summary: Summary,
    /// Where it lies: in the target directory first, then in the folder that was asked for.
    pub places: Vec<Place>,
}

/// One file of a plugin.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its path.
    pub path: PathBuf,
    /// Whether the same bytes were there already, so that nothing was written.
    pub fresh: bool,
}

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
    let (compiled, checkout) = compile(&mut plan, options, shell, pass_through)
        .inspect_err(|_| remember::forget(options))?;
    let finished = finish::finish(&plan, &compiled, &Naming::OfSources(checkout), options, shell)?;
    // Nothing is installed unless everything can be: the plugins of a workspace belong together.
    install::install(finished, options)
}

/// Says what costs something, and what keeps others from building the same.
fn warn(plan: &Plan, options: &Options, shell: Shell) {
    let names = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    let variables = reproduce::warning(names).filter(|_| options.cargo.profile() != "dev");
    for note in &plan.notes {
        shell.note(note);
    }
    for warning in plan.warnings.iter().chain(&variables) {
        shell.warn(warning);
    }
}

/// The folders of the packages that would be built.
pub(crate) fn folders(options: &Options, shell: Shell) -> Result<Vec<PathBuf>, Error> {
    Ok(plan(options, shell)?.plugins.into_iter().map(|plugin| plugin.dir).collect())
}

/// The plan of the last build, or a new one.
fn plan(options: &Options, shell: Shell) -> Result<Plan, Error> {
    if let Some(plan) = remember::recall(options) {
        return Ok(plan);
    }
    let (plan, workspace) = Plan::make(options, shell)?;
    remember::keep(options, &plan, &workspace);
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
    if !plan.hides_root && all.iter().any(|compiled| remap::shows(&compiled.module, &root)) {
        shell.detail("Compiling", "once more: a plugin would hold the path of its workspace");
        plan.hide_root();
        remember::amend(options, plan);
        all = compile::compile(plan, options, shell, pass_through)?;
    }
    let modules = plan.plugins.iter().zip(&all);
    let modules = modules.map(|(plugin, compiled)| (&*plugin.name, &compiled.module));
    if let Some(warning) = prints::warning(modules) {
        shell.warn(warning);
    }
    for (plugin, compiled) in plan.plugins.iter().zip(&all) {
        if let Some(path) = remap::shown(&compiled.module, &plan.rustflags.ours) {
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
    let mut lines = vec![options.cargo.build(&plan, options.json).line_with_variables()];
    for plugin in &plan.plugins {
        let file = install::file_name(&plugin.library);
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
        let warning = reproduce::other_sources(&checkout, sources, sdk, named.as_deref());
        if let Some(warning) = warning {
            shell.warn(warning);
        }
    }
    let finished = finish::finish(&plan, &compiled, &Naming::AsIn(named), &options, shell)?;
    for Finished { plugin, made, .. } in &finished {
        reproduce::compare(&plugin.name, &made.component.0, path, &held)?;
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
