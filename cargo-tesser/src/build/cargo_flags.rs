//! Cargo's own flags, and the command lines that call cargo.
//!
//! In: cargo's flags as the user gave them. Out: command lines for `cargo metadata` and `cargo build` with the same
//! meaning. This module runs nothing.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand};

use crate::process::Cmd;
use crate::toolchain::Toolchain;

/// Cargo's selection and build flags, as the user gave them.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are cargo's switches, one to one")]
pub struct CargoFlags {
    /// `-p`, as package names or ids.
    pub packages: Vec<String>,
    /// `--workspace`.
    pub workspace: bool,
    /// `--exclude`.
    pub exclude: Vec<String>,
    /// `--example`, which may be a pattern; `--examples` is `*`. Empty: the libraries.
    pub examples: Vec<String>,
    /// `--release` is the profile `release`; `None` is `dev`.
    pub profile: Option<String>,
    /// `--features`.
    pub features: Vec<String>,
    /// `--all-features`.
    pub all_features: bool,
    /// `--no-default-features`.
    pub no_default_features: bool,
    /// `--manifest-path`.
    pub manifest_path: Option<PathBuf>,
    /// `--target-dir`.
    pub target_dir: Option<PathBuf>,
    /// `-j`.
    pub jobs: Option<String>,
    /// `--locked`.
    pub locked: bool,
    /// `--offline`.
    pub offline: bool,
    /// `--frozen`.
    pub frozen: bool,
    /// `--config`.
    pub config: Vec<String>,
    /// `-Z`.
    pub unstable: Vec<String>,
    /// `--color`, `-q`, `-v`, ...: words that are passed on unchanged.
    pub other: Vec<String>,
}

impl CargoFlags {
    /// Returns the profile's name, as for `--profile`.
    pub fn profile(&self) -> &str {
        self.profile.as_deref().unwrap_or("dev")
    }

    /// Returns the profile's folder below the target directory.
    pub fn profile_dir(&self) -> &str {
        match self.profile() {
            "dev" | "test" => "debug",
            "bench" => "release",
            other => other,
        }
    }

    /// Makes cargo compile in a separate folder, where it finds no files of other builds.
    pub(super) fn compile_in(&mut self, dir: &Path, workspace: &Metadata) {
        self.target_dir = Some(dir.to_owned());
        // Only cargo versions that support a build directory report one.
        if let Some(between) = &workspace.build_directory
            && *between != workspace.target_directory
        {
            self.config.push(build_dir(dir));
        }
    }

    /// Returns `cargo metadata` for the target, with the same features and lock file flags.
    pub(super) fn metadata(&self, toolchain: &Toolchain) -> Cmd {
        let mut options = self.common();
        options.push(format!("--filter-platform={}", toolchain.target).into());
        let mut command = MetadataCommand::new();
        command.cargo_path(&toolchain.cargo);
        if let Some(path) = &self.manifest_path {
            command.manifest_path(path);
        }
        // `cargo_command` takes only strings; our arguments may contain paths of any bytes.
        Cmd::from(command.cargo_command()).args(options).args(self.feature_flags())
    }

    /// Returns `cargo pkgid` for one package.
    pub(super) fn package_id(&self, toolchain: &Toolchain, spec: &str) -> Cmd {
        let mut cmd = Cmd::new(&toolchain.cargo).args(["pkgid", "--package", spec]);
        if let Some(path) = &self.manifest_path {
            cmd = cmd.arg("--manifest-path").arg(path);
        }
        cmd.args(self.common())
    }

    /// Returns the command for cargo's merged configuration as JSON. It is unstable, but every supported cargo has it.
    pub(super) fn merged_config(&self, toolchain: &Toolchain) -> Cmd {
        let unstable = self.unstable.iter().flat_map(|flag| ["-Z", flag]);
        let config = self.config.iter().flat_map(|config| ["--config", config]);
        Cmd::new(&toolchain.cargo)
            .args(["-Z", "unstable-options"])
            .args(unstable)
            .args(["config", "get", "--format", "json"])
            .args(config)
            .env("RUSTC_BOOTSTRAP", "1")
    }

    pub(super) fn common(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = Vec::new();
        for (set, flag) in
            [(self.locked, "--locked"), (self.offline, "--offline"), (self.frozen, "--frozen")]
        {
            if set {
                words.push(flag.into());
            }
        }
        for config in &self.config {
            words.extend(["--config".into(), config.into()]);
        }
        for unstable in &self.unstable {
            words.extend(["-Z".into(), unstable.into()]);
        }
        words
    }

    pub(super) fn feature_flags(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = Vec::new();
        for features in &self.features {
            words.extend(["--features".into(), features.into()]);
        }
        if self.all_features {
            words.push("--all-features".into());
        }
        if self.no_default_features {
            words.push("--no-default-features".into());
        }
        words
    }
}

/// Returns the value for `--config` that sets the folder for cargo's intermediate files.
pub(super) fn build_dir(dir: &Path) -> String {
    format!("build.build-dir={}", toml_edit::Value::from(dir.to_string_lossy().into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_map_to_cargos_folders() {
        let dir = |profile: &str| {
            let flags = CargoFlags { profile: Some(profile.into()), ..CargoFlags::default() };
            flags.profile_dir().to_owned()
        };
        assert_eq!(CargoFlags::default().profile_dir(), "debug");
        assert_eq!(
            [dir("dev"), dir("release"), dir("bench"), dir("fat")],
            ["debug", "release", "release", "fat"]
        );
    }
}
