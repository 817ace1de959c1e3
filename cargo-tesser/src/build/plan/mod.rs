//! The plan of a build, made before cargo compiles: the compiler, the plugins, and the folders.
//!
//! In: the options and the workspace. Out: a [`Plan`], a value that does not depend on this run, so that the next build can
//! reuse it
//! (`cache.rs`). Packages that cannot become plugins are refused here, before anything is compiled. This module builds and
//! writes nothing.

pub(super) mod cache;
pub(super) mod cargo_build;
mod cargo_profile;
mod overflow_checks;
pub(super) mod path_remapping;
mod rustc_version;
pub(super) mod rustflags;
pub(super) mod select;
mod survey;
pub(super) mod unit_graph;

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use toml_edit::DocumentMut;

use crate::abi::Abi;
use crate::build::cargo_flags::{self, CargoFlags};
use crate::build::error::Error;
use crate::build::options::Options;
use crate::build::package::linked;
use crate::build::plan::unit_graph::Graph;
use crate::fs;
use crate::plugin::Panic;
use crate::shell::Shell;
use crate::toolchain::{self, Toolchain};
use rustflags::Rustflags;
use select::Plugin;
pub(crate) use survey::Survey;

/// The plan of a build.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::build) struct Plan {
    pub toolchain: Toolchain,
    pub plugins: Vec<Plugin>,
    /// The user's target directory, which contains the plugins.
    pub target_dir: PathBuf,
    /// The target directory that cargo compiles in.
    pub cargo_dir: PathBuf,
    /// Arguments for cargo in addition to the user's.
    pub settings: Vec<String>,
    /// The folders that cargo writes to.
    pub made_in: Vec<PathBuf>,
    /// The workspace's root.
    pub root: PathBuf,
    /// The workspace's root, and the folders of local packages outside of it.
    pub sources: Vec<PathBuf>,
    /// Whether the flags hide the root, too.
    pub hides_root: bool,
    pub rustflags: Rustflags,
    /// Warnings for every build.
    pub warnings: Vec<String>,
    /// Notes for every build.
    pub notes: Vec<String>,
}

impl Plan {
    /// Makes a plan by asking the compiler and cargo; also returns cargo's metadata of the workspace.
    pub(in crate::build) fn make(
        options: &Options,
        shell: Shell,
    ) -> Result<(Self, Metadata), Error> {
        let flags = &options.cargo;
        let toolchain = toolchain::provide(shell)?;
        rustc_version::check(&toolchain.version)?;
        let workspace = workspace(flags, &toolchain)?;
        let mut plugins = select::plugins(&workspace, flags, &toolchain)?;
        for plugin in &plugins {
            check_abi(plugin)?;
        }
        // A folder must have a unique path, since it is in the flags of everything that is compiled.
        let target_dir = workspace.target_directory.as_std_path();
        let target_dir = fs::without_parents(flags.target_dir.as_deref().unwrap_or(target_dir))?;
        let root: PathBuf = workspace.workspace_root.clone().into();
        let dirs = Dirs::of(&workspace, &target_dir);
        let config = configuration(flags, &toolchain)?;
        let mut rustflags = rustflags(&config, &toolchain, &workspace, &target_dir, &dirs)?;
        if plugins.iter().any(|plugin| plugin.settings.panic == Panic::Trap) {
            rustflags.ours.push(linked::FLAG.to_owned());
        }
        let manifest = fs::read_text(&root.join("Cargo.toml"))?.parse().unwrap_or_default();
        let (graph, checks) = graph(flags, &toolchain, &plugins, &config, &manifest)?;
        let warning = cargo_profile::warning(&graph, &plugins, flags.profile(), &root, &manifest)?;
        for plugin in &mut plugins {
            plugin.ambient_crates = select::ambient_crates(&graph.names(graph.unit(plugin)?));
        }
        let notes =
            checks.iter().map(|_| overflow_checks::note(flags.profile(), &root).to_string());
        let notes = notes.collect();
        let build_dir = dirs.build.as_deref().map(cargo_flags::build_dir);
        let settings = checks.into_iter().chain(build_dir);
        let settings = settings.flat_map(|setting| ["--config".to_owned(), setting]).collect();
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
            cargo_dir: dirs.target,
            settings,
            root,
            rustflags,
            warnings: warning.iter().map(ToString::to_string).collect(),
            notes,
        };
        Ok((plan, workspace))
    }

    /// Returns the names of the plugins.
    pub(in crate::build) fn names(&self) -> impl Iterator<Item = String> {
        self.plugins.iter().map(|plugin| plugin.name.clone())
    }

    /// Returns the same plan with flags that keep the path of the workspace out of the plugins.
    pub(in crate::build) fn with_hidden_root(mut self) -> Self {
        self.hides_root = true;
        self.rustflags.ours.insert(0, path_remapping::root(&self.root));
        self
    }

    /// Returns `<target dir>/tesser/<profile>`, which is separate from cargo's own files.
    pub(in crate::build) fn folder(&self, flags: &CargoFlags) -> PathBuf {
        folder(&self.target_dir, flags)
    }
}

/// Returns the folder of plugins and their files below a target directory.
pub(in crate::build) fn folder(target_dir: &Path, flags: &CargoFlags) -> PathBuf {
    target_dir.join("tesser").join(flags.profile_dir())
}

fn workspace(flags: &CargoFlags, toolchain: &Toolchain) -> Result<Metadata, Error> {
    let cmd = flags.metadata(toolchain);
    let command = cmd.line();
    MetadataCommand::parse(cmd.read()?)
        .map_err(|source| Error::Answer { command, source: Box::new(source) })
}

/// Cargo's merged configuration.
fn configuration(flags: &CargoFlags, toolchain: &Toolchain) -> Result<Value, Error> {
    cargo_build::read_json(flags.merged_config(toolchain))
}

/// Returns what cargo would compile, and the setting that enables overflow checks, if one is needed.
fn graph(
    flags: &CargoFlags,
    toolchain: &Toolchain,
    plugins: &[Plugin],
    config: &Value,
    manifest: &DocumentMut,
) -> Result<(Graph, Option<String>), Error> {
    let mut graph = Graph::ask(flags, toolchain, plugins)?;
    let variable = |name: &str| std::env::var(name).ok();
    let sources = overflow_checks::Sources { manifest, config, variable: &variable };
    let setting = overflow_checks::to_switch_on(&graph, plugins, flags.profile(), &sources)?;
    if let Some(setting) = &setting {
        let mut flags = flags.clone();
        flags.config.push(setting.clone());
        graph = Graph::ask(&flags, toolchain, plugins)?;
    }
    overflow_checks::refuse_off(&graph, plugins, flags.profile())?;
    Ok((graph, setting))
}

fn rustflags(
    config: &Value,
    toolchain: &Toolchain,
    workspace: &Metadata,
    target_dir: &Path,
    dirs: &Dirs,
) -> Result<Rustflags, Error> {
    let mut ours = path_remapping::flags(workspace, target_dir, dirs);
    if let Some(sysroot) = &toolchain.sysroot {
        ours.push(format!("--sysroot={}", sysroot.display()));
        ours.push(format!("--remap-path-prefix={}=/rustc", sysroot.display()));
    }
    Ok(Rustflags { theirs: rustflags::of_user(config, toolchain)?, ours })
}

/// Separate folders for our calls of cargo, below the user's: in a shared folder, a `cargo build` with other flags would compile
/// everything again, and so would our next build.
pub(in crate::build) struct Dirs {
    /// The target directory.
    pub(in crate::build) target: PathBuf,
    /// `build.build-dir`, if the user has set one apart from the target directory.
    pub(in crate::build) build: Option<PathBuf>,
}

impl Dirs {
    fn of(workspace: &Metadata, target_dir: &Path) -> Self {
        // No profile can have this name.
        let own = |dir: &Path| dir.join("tesser").join("cargo");
        let build = workspace.build_directory.as_ref();
        let build = build.filter(|dir| **dir != workspace.target_directory);
        Self { target: own(target_dir), build: build.map(|dir| own(dir.as_std_path())) }
    }
}

/// Checks that the plugin's SDK implements the host's ABI.
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
