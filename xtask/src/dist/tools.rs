//! Programs that a release needs, in `<target>/tools`.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;

use crate::python::Environment;
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

/// Zig, whose C++ compiler makes static programs, and `cargo zigbuild`, which uses it as the linker.
pub fn zigbuild() -> anyhow::Result<Command> {
    let environment = Environment::make("zig")?;
    let program = environment.program("cargo-zigbuild");
    if !program.exists() {
        environment.install(&run::root().join("xtask/assets/zig.txt"))?;
    }
    let mut command = Command::new(program);
    command.arg("zigbuild").current_dir(run::root());
    command.env("CARGO_ZIGBUILD_PYTHON_PATH", environment.python());
    // What it compiles of itself for each target.
    command.env("ZIG_GLOBAL_CACHE_DIR", run::target_dir()?.join("zig/cache"));
    Ok(command)
}
