//! Python environments in the target folder, with packages of Python's registry.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{self, show};

/// An environment in `<target>/<name>`.
pub struct Environment {
    dir: PathBuf,
}

impl Environment {
    /// Makes it, unless it is there.
    ///
    /// # Errors
    /// There is no Python.
    pub fn make(name: &str) -> anyhow::Result<Self> {
        let environment = Self { dir: run::target_dir()?.join(name) };
        if !environment.python().exists() {
            show(Command::new("python3").args(["-m", "venv"]).arg(&environment.dir))?;
        }
        Ok(environment)
    }

    pub fn python(&self) -> PathBuf {
        self.program("python")
    }

    /// The path of a program that a package brings.
    pub fn program(&self, name: &str) -> PathBuf {
        let folder = if cfg!(windows) { "Scripts" } else { "bin" };
        self.dir.join(folder).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// Installs the packages that a file names.
    ///
    /// # Errors
    /// One of them cannot be had.
    pub fn install(&self, requirements: &Path) -> anyhow::Result<()> {
        let mut pip = Command::new(self.python());
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        show(pip.arg("--requirement").arg(requirements))
    }
}
