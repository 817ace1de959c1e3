//! `build`: packages -> core module -> optimized core module -> component (sealed) -> component with
//! metadata -> checked -> installed atomically.
//!
//! In: cargo's flags and where to install. Out: plugins in their places. A failure at any stage leaves
//! the plugin that was there before.

mod cargo;
mod compile;
mod componentize;
mod error;
mod install;
mod module;
mod optimize;
mod remap;
mod rustflags;
mod select;
mod stamp;

use std::path::PathBuf;

use cargo_metadata::{Metadata, MetadataCommand};

use crate::abi::Abi;
use crate::fs::{self, Written};
use crate::process;
use crate::shell::Shell;
use crate::toolchain::{self, Toolchain};
use crate::validate::Checker;

pub use cargo::CargoFlags;
pub use error::Error;
use module::{Component, CoreModule};
pub use optimize::Optimizer;
use select::Plugin;
pub use stamp::{Metadata as PluginMetadata, SECTION};

/// The host that plugins are built for.
const HOST: &str = "tesser@0.9";

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
    let toolchain = toolchain::provide(shell)?;
    let workspace = workspace(options, &toolchain)?;
    let plugins = select::plugins(&workspace, &options.cargo)?;
    let modules = compile::compile(&plugins, options, &toolchain, &workspace, shell, pass_through)?;
    let checker = Checker::new(Abi::built_in()?, HOST, true)?;
    let finish = Finish { options, shell, toolchain: &toolchain, workspace: &workspace, checker };
    let mut finished = Vec::new();
    let mut refused = None;
    for (plugin, module) in plugins.iter().zip(&modules) {
        match finish.plugin(plugin, module) {
            Ok(plugin) => finished.push(plugin),
            // All that is wrong is told in one run; the first is the one that the build ends with.
            Err(error) if refused.is_none() => refused = Some(error),
            Err(error) => shell.error(&error, error.hint().as_deref()),
        }
    }
    if let Some(error) = refused {
        return Err(error);
    }
    // Nothing is installed unless everything can be: the plugins of a workspace belong together.
    finished.into_iter().map(|finished| finish.install(finished)).collect()
}

fn workspace(options: &Options, toolchain: &Toolchain) -> Result<Metadata, Error> {
    let cmd = options.cargo.metadata(toolchain);
    let command = cmd.line();
    MetadataCommand::parse(cmd.read()?)
        .map_err(|source| Error::Answer { command, source: Box::new(source) })
}

/// Everything after the compiler, for one plugin at a time.
struct Finish<'a> {
    options: &'a Options,
    shell: Shell,
    toolchain: &'a Toolchain,
    workspace: &'a Metadata,
    checker: Checker,
}

/// A component that has passed its check, and what it was made of.
struct Finished<'a> {
    plugin: &'a Plugin,
    component: Component,
    sha256: String,
    core_size: u64,
}

impl Finish<'_> {
    fn plugin<'a>(&self, plugin: &'a Plugin, module: &CoreModule) -> Result<Finished<'a>, Error> {
        let abi = sdk_abi(plugin)?;
        let optimized = self.optimize(plugin, module)?;
        let component = componentize::componentize(&optimized, &plugin.name)?;
        let component = stamp::stamp(&component, &self.metadata(plugin, abi)?)?;
        let sha256 = self.check(plugin, &component)?;
        process::check_interrupted()?;
        Ok(Finished { plugin, component, sha256, core_size: module.0.len() as u64 })
    }

    fn optimize(&self, plugin: &Plugin, module: &CoreModule) -> Result<CoreModule, Error> {
        let optimizer = &self.options.optimizer;
        let _progress = self.shell.progress("Optimizing", &plugin.name);
        optimizer.run(module, &plugin.name)
    }

    fn metadata(&self, plugin: &Plugin, abi: String) -> Result<PluginMetadata, Error> {
        Ok(PluginMetadata {
            name: plugin.name.clone(),
            version: plugin.version.clone(),
            sdk: plugin.sdk.as_ref().map_or_else(String::new, |sdk| sdk.version.clone()),
            abi,
            tool: concat!("cargo-tesser ", env!("CARGO_PKG_VERSION")).into(),
            rustc: self.toolchain.version.line.clone(),
            target: self.toolchain.target.clone(),
            profile: self.options.cargo.profile().into(),
            wasm_opt: self.options.optimizer.describe()?,
        })
    }

    /// Validates the very bytes that are installed next; answers their hash.
    fn check(&self, plugin: &Plugin, component: &Component) -> Result<String, Error> {
        let _progress = self.shell.progress("Checking", &plugin.name);
        let report = self.checker.check_bytes(&self.places(plugin)[0], &component.0)?;
        if report.ok(false) {
            return Ok(report.sha256);
        }
        let (package, report, host) = (plugin.name.clone(), Box::new(report), HOST.into());
        Err(Error::Rejected { package, report, host })
    }

    fn install(&self, finished: Finished<'_>) -> Result<Artifact, Error> {
        let Finished { plugin, component, sha256, core_size } = finished;
        let mut places = Vec::new();
        for path in self.places(plugin) {
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

    fn places(&self, plugin: &Plugin) -> Vec<PathBuf> {
        let target_dir = match &self.options.cargo.target_dir {
            Some(dir) => dir,
            None => self.workspace.target_directory.as_std_path(),
        };
        let profile = self.options.cargo.profile_dir();
        let mut places = vec![install::place(target_dir, profile, &plugin.library)];
        places.extend(
            self.options.out_dir.iter().map(|dir| dir.join(install::file_name(&plugin.library))),
        );
        places
    }
}

/// The version of the ABI that the plugin's SDK implements, which must be the host's.
fn sdk_abi(plugin: &Plugin) -> Result<String, Error> {
    let host = Abi::built_in()?.version;
    let Some(sdk) = &plugin.sdk else { return Ok(host) };
    let manifest = sdk.dir.join("abi.toml");
    if !fs::is_there(&manifest) {
        return Err(Error::OldSdk { package: plugin.name.clone(), sdk: sdk.version.clone() });
    }
    let abi = Abi::parse(&fs::read_text(&manifest)?)?.version;
    if abi == host {
        return Ok(abi);
    }
    Err(Error::OtherAbi { package: plugin.name.clone(), sdk: sdk.version.clone(), abi, host })
}
