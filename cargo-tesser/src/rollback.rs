//! `rollback`: a kept version -> the installed plugin.
//!
//! In: a plugin's name, its folder, and optionally the hash of a version. Out: that version, installed in the same way as
//! by a build,
//! with a later time, so that the host loads it. A version that the host would refuse is not installed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::build::Error;
use crate::build::install::history::{self, Version};
use crate::build::package::preflight::Preflight;
use crate::checks::Policy;
use crate::fs;
use crate::host_profile::HOST;
use crate::plugin::{Component, PluginMetadata, file_name};

/// Options of `rollback`.
#[derive(Clone, Debug)]
pub struct Rollback {
    /// Name of the plugin, as the host knows it.
    pub name: String,
    /// The folder that it was installed into.
    pub dir: PathBuf,
    /// First digits of the hash of a version; by default the latest that has not been rolled back.
    pub to: Option<String>,
}

/// A version in a list: the installed one, or a kept one.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The first 12 digits of its hash, in hex.
    pub hash: String,
    /// Its metadata, if it has any.
    pub metadata: Option<PluginMetadata>,
    /// When it was installed.
    pub installed: Option<SystemTime>,
    /// Bytes.
    pub size: u64,
    /// Its state.
    pub state: State,
}

/// State of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Installed, where the host loads it.
    Installed,
    /// Kept by a build.
    Kept,
    /// Kept by a rollback, so that the next one skips it.
    RolledBack,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Installed => "installed",
            Self::Kept => "kept",
            Self::RolledBack => "rolled back",
        })
    }
}

impl Rollback {
    /// Returns the installed version and the kept ones, the latest first.
    ///
    /// # Errors
    /// It is not the name of a plugin.
    pub fn list(&self) -> Result<Vec<Listed>, Error> {
        let (place, versions) = self.versions()?;
        let now = fs::read(&place).ok().map(|bytes| Listed {
            hash: history::short(&bytes),
            metadata: PluginMetadata::read(&bytes),
            installed: fs::metadata(&place).ok().and_then(|it| it.modified().ok()),
            size: bytes.len() as u64,
            state: State::Installed,
        });
        let kept = versions.into_iter().map(|version| Listed {
            metadata: fs::read(&version.path).ok().and_then(|bytes| PluginMetadata::read(&bytes)),
            hash: version.hash,
            installed: version.installed,
            size: version.size,
            state: if version.undone { State::RolledBack } else { State::Kept },
        });
        Ok(now.into_iter().chain(kept).collect())
    }

    /// Returns the path of the plugin and its kept versions, the latest first.
    ///
    /// # Errors
    /// It is not the name of a plugin.
    pub fn versions(&self) -> Result<(PathBuf, Vec<Version>), Error> {
        let name = self.name.strip_suffix(".wasm").unwrap_or(&self.name).replace('-', "_");
        if name.is_empty() || name.contains(['/', '\\', '.', ':']) {
            return Err(Error::BadName { name: self.name.clone() });
        }
        let place = self.dir.join(file_name(&name));
        let versions = history::versions(&place);
        Ok((place, versions))
    }

    /// Restores the version; returns its path and the version.
    ///
    /// # Errors
    /// If there is no such version, the host would refuse it, or it cannot be written. The plugin is then unchanged.
    pub fn run(&self) -> Result<(PathBuf, Version), Error> {
        let (place, versions) = self.versions()?;
        if versions.is_empty() {
            return Err(Error::NothingKept { place });
        }
        let _lock = history::lock(&place);
        let versions = history::versions(&place);
        let now = fs::read(&place).map(|bytes| history::short(&bytes)).unwrap_or_default();
        let fits = |version: &&Version| match &self.to {
            Some(hash) => version.hash.starts_with(hash.as_str()),
            None => !version.undone && version.hash != now,
        };
        let Some(version) = versions.iter().find(fits) else {
            let known = versions.iter().map(|version| format!("`{}`", version.hash));
            let known = known.collect::<Vec<_>>().join(", ");
            return Err(Error::NoVersion { place, to: self.to.clone(), known });
        };
        let component = checked(version, &place)?;
        // The installed version is kept, too: a rollback can be a mistake. No version is removed for it.
        history::keep(&place, usize::MAX, true)?;
        fs::write_atomic(&place, &component.0)?;
        // It may have been installed, kept and restored more than once.
        for same in versions.iter().filter(|other| other.hash == version.hash) {
            fs::remove_file(&same.path);
        }
        Ok((place, version.clone()))
    }
}

/// Returns the bytes, if they are unchanged and the host accepts them.
fn checked(version: &Version, place: &Path) -> Result<Component, Error> {
    let component = Component(fs::read(&version.path)?);
    if history::short(&component.0) != version.hash {
        return Err(Error::Damaged { path: version.path.clone() });
    }
    let (report, _) = Preflight::new()?.check(&Policy::default(), place, &component)?;
    if report.ok(false) {
        return Ok(component);
    }
    let package = format!("{} {}", place.display(), version.hash);
    Err(Error::Rejected { package, report: Box::new(report), host: HOST.into() })
}
