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
mod select;
mod stamp;

use std::path::{Path, PathBuf};

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
    /// Where the component lies.
    pub path: PathBuf,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Number of its bytes.
    pub size: u64,
    /// Number of bytes of the core module that cargo built.
    pub core_size: u64,
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
    let modules = compile::compile(&plugins, options, &toolchain, shell, pass_through)?;
    let finish = Finish { options, shell, toolchain: &toolchain, workspace: &workspace };
    plugins.iter().zip(&modules).map(|(plugin, module)| finish.plugin(plugin, module)).collect()
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
}

impl Finish<'_> {
    fn plugin(&self, plugin: &Plugin, module: &CoreModule) -> Result<Artifact, Error> {
        let optimized = self.optimize(plugin, module)?;
        let component = componentize::componentize(&optimized, &plugin.name)?;
        let abi = abi(plugin)?;
        let component = stamp::stamp(&component, &self.metadata(plugin, &abi)?)?;
        let path = self.place(plugin);
        process::check_interrupted()?;
        let sha256 = check(&component, abi, plugin, &path)?;
        let written = install::install(&component, &path)?;
        if let Some(dir) = &self.options.out_dir {
            install::install(&component, &dir.join(install::file_name(&plugin.library)))?;
        }
        Ok(Artifact {
            package_id: plugin.id.repr.clone(),
            name: plugin.library.clone(),
            path,
            sha256,
            size: component.0.len() as u64,
            core_size: module.0.len() as u64,
            fresh: written == Written::Unchanged,
        })
    }

    fn optimize(&self, plugin: &Plugin, module: &CoreModule) -> Result<CoreModule, Error> {
        let optimizer = &self.options.optimizer;
        let _progress = self.shell.progress("Optimizing", &plugin.name);
        self.shell
            .detail("Optimizing", format_args!("{} ({})", plugin.name, optimizer.describe()?));
        optimizer.run(module, &plugin.name)
    }

    fn metadata(&self, plugin: &Plugin, abi: &Abi) -> Result<PluginMetadata, Error> {
        Ok(PluginMetadata {
            name: plugin.name.clone(),
            version: plugin.version.clone(),
            sdk: plugin.sdk.as_ref().map_or_else(String::new, |sdk| sdk.version.clone()),
            abi: abi.version.clone(),
            tool: concat!("cargo-tesser ", env!("CARGO_PKG_VERSION")).into(),
            rustc: self.toolchain.version.line.clone(),
            target: self.toolchain.target.clone(),
            profile: self.options.cargo.profile().into(),
            wasm_opt: self.options.optimizer.describe()?,
        })
    }

    fn place(&self, plugin: &Plugin) -> PathBuf {
        let target_dir = match &self.options.cargo.target_dir {
            Some(dir) => dir,
            None => self.workspace.target_directory.as_std_path(),
        };
        install::place(target_dir, self.options.cargo.profile_dir(), &plugin.library)
    }
}

/// The manifest of the SDK that the plugin uses, or the tool's own when it uses none.
fn abi(plugin: &Plugin) -> Result<Abi, Error> {
    Ok(match &plugin.sdk {
        Some(sdk) => Abi::parse(&fs::read_text(&sdk.dir.join("abi.toml"))?)?,
        None => Abi::built_in()?,
    })
}

/// Validates the very bytes that are installed next; answers their hash.
fn check(component: &Component, abi: Abi, plugin: &Plugin, path: &Path) -> Result<String, Error> {
    let report = Checker::new(abi, HOST, false)?.check_bytes(path, &component.0);
    if report.ok(false) {
        Ok(report.sha256)
    } else {
        let (package, report, host) = (plugin.name.clone(), Box::new(report), HOST.into());
        Err(Error::Rejected { package, report, host })
    }
}
