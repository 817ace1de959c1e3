//! The flags that are cargo's own, and how cargo is called.
//!
//! In: what the user asked cargo for. Out: command lines for `cargo metadata` and `cargo build` that
//! mean the same. Nothing is run here.

use std::ffi::OsString;
use std::path::PathBuf;

use cargo_metadata::MetadataCommand;
use serde_json::Value;

use super::rustflags::{self, Variables};

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
    /// `--color`, `-q`, `-v`, ...: words that are handed on as they are.
    pub other: Vec<String>,
}

impl CargoFlags {
    /// The profile's name: what `--profile` would say.
    pub fn profile(&self) -> &str {
        self.profile.as_deref().unwrap_or("dev")
    }

    /// The profile's folder below the target directory.
    pub fn profile_dir(&self) -> &str {
        match self.profile() {
            "dev" | "test" => "debug",
            "bench" => "release",
            other => other,
        }
    }

    /// `cargo metadata` for the target, with the same view of features and lock file.
    pub(super) fn metadata(&self, toolchain: &Toolchain) -> Cmd {
        let mut options = self.common();
        options.push(format!("--filter-platform={}", toolchain.target).into());
        let mut command = MetadataCommand::new();
        command.cargo_path(&toolchain.cargo);
        if let Some(path) = &self.manifest_path {
            command.manifest_path(path);
        }
        // Its own `cargo_command` takes strings only; ours may hold paths of any bytes.
        Cmd::from(command.cargo_command()).args(options).args(self.feature_flags())
    }

    /// `cargo build` of some packages' libraries for the target, with messages as JSON.
    /// `flags` are for rustc.
    pub(super) fn build(
        &self,
        toolchain: &Toolchain,
        packages: &[String],
        flags: Vec<String>,
        json: bool,
    ) -> Cmd {
        let format = if json { "json" } else { "json-render-diagnostics" };
        let mut cmd = Cmd::new(&toolchain.cargo)
            .args(["build", "--lib", "--target", &toolchain.target])
            .arg(format!("--message-format={format}"))
            .arg(format!("--profile={}", self.profile()));
        for package in packages {
            cmd = cmd.args(["--package", package]);
        }
        if let Some(path) = &self.manifest_path {
            cmd = cmd.arg("--manifest-path").arg(path);
        }
        if let Some(dir) = &self.target_dir {
            cmd = cmd.arg("--target-dir").arg(dir);
        }
        if let Some(jobs) = &self.jobs {
            cmd = cmd.args(["--jobs", jobs]);
        }
        let cmd = cmd.args(self.common()).args(self.feature_flags()).args(&self.other);
        self.compiler(cmd, toolchain, flags)
    }

    /// Points cargo at the compiler. Flags apply to the target alone, since `--target` is given.
    fn compiler(&self, cmd: Cmd, toolchain: &Toolchain, mut flags: Vec<String>) -> Cmd {
        let mut cmd = cmd;
        if toolchain.rustc != *"rustc" {
            cmd = cmd.env("RUSTC", &toolchain.rustc);
        }
        if let Some(linker) = &toolchain.linker {
            let triple = toolchain.target.to_uppercase().replace('-', "_");
            cmd = cmd.env(format!("CARGO_TARGET_{triple}_LINKER"), linker);
        }
        if let Some(sysroot) = &toolchain.sysroot {
            flags.push(format!("--sysroot={}", sysroot.display()));
            flags.push(format!("--remap-path-prefix={}=/rustc", sysroot.display()));
        }
        let config = || self.config(toolchain);
        rustflags::add(cmd, flags, &toolchain.target, &Variables::inherited(), config)
    }

    /// Cargo's merged configuration as JSON; empty where cargo does not tell. The command is unstable, though
    /// every cargo has it.
    fn config(&self, toolchain: &Toolchain) -> Value {
        let mut cmd = Cmd::new(&toolchain.cargo)
            .args(["-Z", "unstable-options", "config", "get", "--format", "json"])
            .env("RUSTC_BOOTSTRAP", "1");
        for config in &self.config {
            cmd = cmd.args(["--config", config]);
        }
        cmd.read().ok().and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
    }

    fn common(&self) -> Vec<OsString> {
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

    fn feature_flags(&self) -> Vec<OsString> {
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
