//! `build`: packages -> core module -> optimized core module -> component (sealed) -> component with
//! metadata -> checked -> installed atomically.
//!
//! In: cargo's flags and where to install. Out: plugins in their places. A failure at any stage leaves
//! the plugin that was there before. What was made from the same before is not made again.

mod capabilities;
mod cargo;
mod compile;
mod compiler;
mod componentize;
mod error;
mod finish;
mod fresh;
mod install;
mod module;
mod optimize;
mod plan;
mod profile;
mod remap;
mod remember;
mod rustflags;
mod select;
mod settings;
mod stamp;
mod units;

use std::path::PathBuf;

use crate::fs::Written;
use crate::shell::Shell;

pub use cargo::CargoFlags;
pub use error::Error;
use finish::Finished;
use module::CoreModule;
pub use optimize::Optimizer;
use plan::Plan;
pub use stamp::{Metadata as PluginMetadata, SECTION};

/// What to build and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Cargo's own flags.
    pub cargo: CargoFlags,
    /// A folder to install into, too.
    pub out_dir: Option<PathBuf>,
    /// Which wasm-opt runs.
    pub optimizer: Optimizer,
    /// Whether cargo's messages are handed on as JSON.
    pub json: bool,
}

/// A plugin in its place.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// Cargo's id of the package.
    pub package_id: String,
    /// Name of the library.
    pub name: String,
    /// SHA-256 of the component's bytes, in hex.
    pub sha256: String,
    /// Number of its bytes.
    pub size: u64,
    /// Number of bytes of the core module that cargo built.
    pub core_size: u64,
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
    for warning in &plan.warnings {
        shell.warn(warning);
    }
    let modules = compile(&mut plan, options, shell, pass_through)
        .inspect_err(|_| remember::forget(options))?;
    let finished = finish::finish(&plan, &modules, options, shell)?;
    // Nothing is installed unless everything can be: the plugins of a workspace belong together.
    finished.into_iter().map(|finished| install(finished, options)).collect()
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

/// Compiles, once more where a plugin would tell in which folder.
fn compile(
    plan: &mut Plan,
    options: &Options,
    shell: Shell,
    pass_through: &mut dyn FnMut(&str),
) -> Result<Vec<CoreModule>, Error> {
    let mut modules = compile::compile(plan, options, shell, pass_through)?;
    let root = plan.root.to_string_lossy().into_owned();
    if !plan.hides_root && modules.iter().any(|module| remap::shows(module, &root)) {
        shell.detail("Compiling", "once more: a plugin would hold the path of its workspace");
        plan.hide_root();
        remember::amend(options, plan);
        modules = compile::compile(plan, options, shell, pass_through)?;
    }
    for (plugin, module) in plan.plugins.iter().zip(&modules) {
        if let Some(path) = remap::shown(module, &plan.rustflags.flags) {
            let name = &plugin.name;
            shell.warn(format_args!(
                "`{name}` holds the path `{path}` of this machine, and is another plugin where that is another; the \
                 likely source is `env!(\"CARGO_MANIFEST_DIR\")`, or a macro that uses it"
            ));
        }
    }
    Ok(modules)
}

fn install(finished: Finished<'_>, options: &Options) -> Result<Artifact, Error> {
    let Finished { plugin, component, sha256, core_size, place, key } = finished;
    let mut places = Vec::new();
    let fresh = match key {
        None => true,
        Some(key) => {
            let fresh = install::install(&component, &place)? == Written::Unchanged;
            fresh::note(&place, key, sha256.clone());
            fresh
        }
    };
    places.push(Place { path: place, fresh });
    if let Some(dir) = &options.out_dir {
        let path = dir.join(install::file_name(&plugin.library));
        let fresh = install::install(&component, &path)? == Written::Unchanged;
        places.push(Place { path, fresh });
    }
    Ok(Artifact {
        package_id: plugin.id.repr.clone(),
        name: plugin.library.clone(),
        sha256,
        size: component.0.len() as u64,
        core_size,
        places,
    })
}
