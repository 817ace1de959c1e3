//! Programs that a release needs, in `<target>/tools`.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;

use crate::run;
use crate::tools;

/// Compiled by cargo: name, version, features.
const FROM_CARGO: [(&str, &str, &[&str]); 2] =
    [("cargo-about", "0.9.3", &["--features", "cli"]), ("cargo-cyclonedx", "0.5.9", &[])];

pub struct Tools {
    programs: HashMap<&'static str, PathBuf>,
}

impl Tools {
    pub fn install() -> anyhow::Result<Self> {
        let mut programs = HashMap::new();
        for (name, version, features) in FROM_CARGO {
            programs.insert(name, tools::install(name, version, features)?);
        }
        Ok(Self { programs })
    }

    /// A program, called as cargo calls its subcommands.
    pub fn cargo(&self, name: &str) -> Command {
        let mut command = Command::new(&self.programs[format!("cargo-{name}").as_str()]);
        command.arg(name).current_dir(run::root());
        command
    }
}
