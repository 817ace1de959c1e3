//! What is settled before cargo compiles: with which compiler, which plugins, and where to.
//!
//! In: the options and the workspace. Out: a [`Plan`], a value that holds nothing of this run alone, so that
//! the next build can go by it (`remember.rs`). What cannot become a plugin is refused here, before anything is
//! compiled. Nothing is built or written.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand};
use serde::{Deserialize, Serialize};

use super::error::Error;
use super::rustflags::{self, Rustflags};
use super::select::{self, Plugin};
use super::units::Graph;
use super::{CargoFlags, Options, compiler, profile, remap};
use crate::abi::Abi;
use crate::fs;
use crate::shell::Shell;
use crate::toolchain::{self, Toolchain};

/// What a build goes by.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Plan {
    pub toolchain: Toolchain,
    pub plugins: Vec<Plugin>,
    /// Cargo's target directory.
    pub target_dir: PathBuf,
    /// The folders that cargo writes to.
    pub made_in: Vec<PathBuf>,
    /// The workspace's root.
    pub root: PathBuf,
    /// The workspace's root, and the folders of packages that lie elsewhere on this machine.
    pub sources: Vec<PathBuf>,
    /// Whether the flags hide the root, too.
    pub hides_root: bool,
    pub rustflags: Rustflags,
    /// What to warn of, in every build.
    pub warnings: Vec<String>,
}

impl Plan {
    /// Asks the compiler and cargo; answers their view of the workspace, too.
    pub(super) fn make(options: &Options, shell: Shell) -> Result<(Self, Metadata), Error> {
        let flags = &options.cargo;
        let toolchain = toolchain::provide(shell)?;
        compiler::check(&toolchain.version)?;
        let workspace = workspace(flags, &toolchain)?;
        let mut plugins = select::plugins(&workspace, flags, &toolchain)?;
        for plugin in &plugins {
            check_abi(plugin)?;
        }
        // One folder must have one name: it goes into the flags of all that is compiled.
        let target_dir = workspace.target_directory.as_std_path();
        let target_dir = fs::without_parents(flags.target_dir.as_deref().unwrap_or(target_dir))?;
        let root: PathBuf = workspace.workspace_root.clone().into();
        let rustflags = rustflags(flags, &toolchain, &workspace, &target_dir);
        let graph = Graph::ask(flags, &toolchain, &plugins)?;
        let warnings = profile::check(&graph, &plugins, flags.profile())?;
        for plugin in &mut plugins {
            plugin.suspects = select::suspects(&graph.linked(graph.unit(plugin)?));
        }
        let local = workspace.packages.iter().filter(|package| package.source.is_none());
        let local = local.map(|package| fs::parent(package.manifest_path.as_std_path()).to_owned());
        let made_in = workspace.build_directory.clone().map(PathBuf::from);
        let plan = Self {
            made_in: made_in.into_iter().chain([target_dir.clone()]).collect(),
            sources: std::iter::once(root.clone()).chain(local).collect(),
            hides_root: false,
            toolchain,
            plugins,
            target_dir,
            root,
            rustflags,
            warnings,
        };
        Ok((plan, workspace))
    }

    /// The same plan with the path of the workspace kept out of the plugins.
    pub(super) fn hide_root(&mut self) {
        self.hides_root = true;
        self.rustflags.flags.insert(0, remap::root(&self.root));
    }

    /// `<target dir>/tesser/<profile>`: beside cargo's own files, never among them.
    pub(super) fn folder(&self, flags: &CargoFlags) -> PathBuf {
        folder(&self.target_dir, flags)
    }
}

/// Where plugins and what belongs to them lie below a target directory.
pub(super) fn folder(target_dir: &Path, flags: &CargoFlags) -> PathBuf {
    target_dir.join("tesser").join(flags.profile_dir())
}

fn workspace(flags: &CargoFlags, toolchain: &Toolchain) -> Result<Metadata, Error> {
    let cmd = flags.metadata(toolchain);
    let command = cmd.line();
    MetadataCommand::parse(cmd.read()?)
        .map_err(|source| Error::Answer { command, source: Box::new(source) })
}

fn rustflags(
    flags: &CargoFlags,
    toolchain: &Toolchain,
    workspace: &Metadata,
    target_dir: &Path,
) -> Rustflags {
    let mut ours = remap::flags(workspace, target_dir);
    if let Some(sysroot) = &toolchain.sysroot {
        ours.push(format!("--sysroot={}", sysroot.display()));
        ours.push(format!("--remap-path-prefix={}=/rustc", sysroot.display()));
    }
    let config = flags.merged_config(toolchain).read().ok();
    let config = config.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
    Rustflags { flags: ours, key: rustflags::key(&config, &toolchain.target) }
}

/// The ABI that the plugin's SDK implements must be the host's.
fn check_abi(plugin: &Plugin) -> Result<(), Error> {
    let host = Abi::built_in()?.version;
    let Some(sdk) = &plugin.sdk else { return Ok(()) };
    let manifest = sdk.manifest();
    if !fs::is_there(&manifest) {
        return Err(Error::OldSdk { package: plugin.name.clone(), sdk: sdk.version.clone() });
    }
    let abi = Abi::parse(&fs::read_text(&manifest)?)?.version;
    if abi == host {
        return Ok(());
    }
    Err(Error::OtherAbi { package: plugin.name.clone(), sdk: sdk.version.clone(), abi, host })
}
