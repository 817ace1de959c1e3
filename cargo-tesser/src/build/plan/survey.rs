//! What the plan of a build would say about a workspace, check by check, for `doctor`.
//!
//! In: a compiler and the working directory. Out: the errors and warnings of the stages of the plan, each by itself. This
//! module compiles and writes nothing, and does not use the network.

use std::path::{Path, PathBuf};

use cargo_metadata::Metadata;
use serde_json::Value;
use toml_edit::DocumentMut;

use crate::build::advice::Advice;
use crate::build::cargo_flags::CargoFlags;
use crate::build::doubtful_plugins;
use crate::build::error::Error;
use crate::fs;
use crate::toolchain::{RustcVersion, Toolchain};

use super::select::{self, Plugin};
use super::{cargo_profile, overflow_checks, rustc_version, rustflags};

/// A workspace as cargo resolves it for plugins.
pub(crate) struct Survey {
    toolchain: Toolchain,
    workspace: Metadata,
    config: Value,
    manifest: DocumentMut,
}

impl Survey {
    /// Checks that a compiler can build plugins.
    ///
    /// # Errors
    /// If it is too old or miscompiles.
    pub(crate) fn check_compiler(version: &RustcVersion) -> Result<(), Error> {
        rustc_version::check(version)
    }

    /// Returns a warning about variables of this process that change what is built.
    pub(crate) fn variables() -> Option<Advice> {
        let names = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
        crate::build::verify::warning(names)
    }

    /// Asks cargo about the workspace around the working directory.
    ///
    /// # Errors
    /// If cargo cannot read it without the network, or without changing `Cargo.lock`.
    pub(crate) fn new(toolchain: &Toolchain) -> Result<Self, Error> {
        let workspace = super::workspace(&flags("release"), toolchain)?;
        let config = super::configuration(&flags("release"), toolchain)?;
        let manifest = workspace.workspace_root.join("Cargo.toml");
        let manifest = fs::read_text(manifest.as_std_path())?.parse().unwrap_or_default();
        Ok(Self { toolchain: toolchain.clone(), workspace, config, manifest })
    }

    /// Returns the plugins of the workspace.
    ///
    /// # Errors
    /// If there is no plugin, or one cannot be built.
    pub(crate) fn plugins(&self) -> Result<Vec<Plugin>, Error> {
        select::plugins(&self.workspace, &flags("release"), &self.toolchain)
    }

    /// Returns packages that export a plugin but are not built as one.
    pub(crate) fn not_built(&self) -> Vec<Error> {
        let is_doubtful = |dir: &Path| doubtful_plugins::exports(&dir.join("src"));
        select::without_cdylib(&self.workspace, is_doubtful)
    }

    /// Checks that a plugin's SDK implements the host's ABI.
    ///
    /// # Errors
    /// If it does not.
    pub(crate) fn check_abi(plugin: &Plugin) -> Result<(), Error> {
        super::check_abi(plugin)
    }

    /// Returns the note about overflow checks, and the warning about the cost, of a profile.
    ///
    /// # Errors
    /// If the profile disables the checks, or cargo cannot use it.
    pub(crate) fn profile(
        &self,
        name: &str,
        plugins: &[Plugin],
    ) -> Result<(Option<Advice>, Option<Advice>), Error> {
        let flags = flags(name);
        let root = self.workspace.workspace_root.as_std_path();
        let (graph, setting) =
            super::graph(&flags, &self.toolchain, plugins, &self.config, &self.manifest)?;
        let cost = cargo_profile::warning(&graph, plugins, name, root, &self.manifest)?;
        Ok((setting.map(|_| overflow_checks::note(name, root)), cost))
    }

    /// Returns a warning for each list of flags that cargo ignores.
    ///
    /// # Errors
    /// If the compiler does not report which `cfg`s it sets.
    pub(crate) fn ignored_flags(&self) -> Result<Vec<Advice>, Error> {
        rustflags::ignored(&self.config, &self.toolchain)
    }

    /// Returns the user's target directory.
    pub(crate) fn target_dir(&self) -> PathBuf {
        self.workspace.target_directory.clone().into()
    }
}

fn flags(profile: &str) -> CargoFlags {
    CargoFlags {
        workspace: true,
        profile: Some(profile.to_owned()),
        frozen: true,
        ..CargoFlags::default()
    }
}
