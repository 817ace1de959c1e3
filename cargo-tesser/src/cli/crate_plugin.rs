//! The plugin of the user's crate, which is used if no file is given. It is built first, so that it is never out of
//! date.

use std::path::PathBuf;

use clap_complete::ArgValueCandidates;

use super::build::show_report;
use super::{Error, Terminal, complete};
use crate::build::{self, Artifact, CargoFlags, Optimizer};
use crate::fs;
use crate::shell::Shell;

/// Flags that select the plugin and how it is built. The default profile is `release`.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "The crate's plugin, which is built first if no file is given")]
pub(super) struct Own {
    /// Build this package and use its plugin
    #[arg(short, long, value_name = "SPEC", conflicts_with = "FILE", add = ArgValueCandidates::new(complete::packages))]
    package: Vec<String>,
    /// Build with this profile [default: release]
    #[arg(long, value_name = "NAME", conflicts_with = "FILE", add = ArgValueCandidates::new(complete::profiles))]
    profile: Option<String>,
    /// Features to enable
    #[arg(short = 'F', long, value_name = "FEATURES", conflicts_with = "FILE")]
    features: Vec<String>,
    /// Path of a Cargo.toml
    #[arg(long, value_name = "PATH", conflicts_with = "FILE")]
    manifest_path: Option<PathBuf>,
    /// Directory for all artifacts
    #[arg(long, value_name = "DIR", conflicts_with = "FILE")]
    target_dir: Option<PathBuf>,
    /// Require that Cargo.lock is up to date
    #[arg(long, conflicts_with = "FILE")]
    locked: bool,
    /// Skip wasm-opt: the plugin is larger and slower, and panics keep their text
    #[arg(long, conflicts_with = "FILE")]
    no_opt: bool,
    /// Do not access the network
    #[arg(long, conflicts_with = "FILE")]
    offline: bool,
}

/// A plugin that was just built.
pub(super) struct Built {
    /// The component.
    pub(super) path: PathBuf,
    /// The test settings of its package.
    pub(super) test: crate::plugin::TestSettings,
}

impl Own {
    /// Whether a flag says which package is meant.
    pub(super) fn is_named(&self) -> bool {
        self.manifest_path.is_some() || !self.package.is_empty()
    }

    fn options(&self, terminal: &Terminal) -> Result<build::Options, Error> {
        if !self.is_named() && !fs::is_in_a_crate() {
            return Err(Error::NoFile);
        }
        let cargo = CargoFlags {
            packages: self.package.clone(),
            profile: Some(self.profile.clone().unwrap_or_else(|| "release".into())),
            features: self.features.clone(),
            manifest_path: self.manifest_path.clone(),
            target_dir: self.target_dir.clone(),
            locked: self.locked,
            offline: self.offline,
            other: terminal.cargo_flags(),
            ..CargoFlags::default()
        };
        let optimizer = if self.no_opt { Optimizer::Off } else { Optimizer::BuiltIn };
        Ok(build::Options { cargo, optimizer, ..build::Options::default() })
    }

    /// Builds the selected packages. A failed build is an error, even if the target directory has older plugins.
    pub(super) fn build(&self, terminal: &Terminal, shell: Shell) -> Result<Vec<Built>, Error> {
        built(&self.options(terminal)?, shell)
    }

    /// Builds the selected packages, which must contain exactly one plugin.
    pub(super) fn build_one(&self, terminal: &Terminal, shell: Shell) -> Result<Built, Error> {
        let options = build::Options { one: true, ..self.options(terminal)? };
        built(&options, shell)?.pop().ok_or(Error::NoFile)
    }
}

fn built(options: &build::Options, shell: Shell) -> Result<Vec<Built>, Error> {
    let artifacts =
        build::build(options, shell, &mut |_| {}).inspect_err(|error| show_report(error, shell))?;
    let built = |artifact: Artifact| {
        let place = artifact.places.into_iter().next()?;
        Some(Built { path: place.path, test: artifact.test })
    };
    Ok(artifacts.into_iter().filter_map(built).collect())
}
