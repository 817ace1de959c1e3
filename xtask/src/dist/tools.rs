//! Programs that a release needs, in `<target>/tools`.

use std::path::PathBuf;
use std::process::Command;

use crate::python::Environment;
use crate::run::{self, show};

/// Compiled by cargo: name, version, features.
const FROM_CARGO: [(&str, &str, &[&str]); 2] =
    [("cargo-about", "0.9.3", &["--features", "cli"]), ("cargo-cyclonedx", "0.5.9", &[])];

pub struct Tools {
    bin: PathBuf,
}

impl Tools {
    pub fn install() -> anyhow::Result<Self> {
        let root = run::target_dir()?.join("tools");
        let tools = Self { bin: root.join("bin") };
        for (name, version, features) in FROM_CARGO {
            if !tools.path(name).exists() {
                let mut install = run::cargo();
                install.args(["install", name, "--version", version, "--locked"]).args(features);
                // Its artifacts are of no use afterwards, and those of this workspace are none of its.
                install.env_remove("CARGO_TARGET_DIR").arg("--root").arg(&root);
                show(&mut install)?;
            }
        }
        Ok(tools)
    }

    /// A program, called as cargo calls its subcommands.
    pub fn cargo(&self, name: &str) -> Command {
        let mut command = Command::new(self.path(&format!("cargo-{name}")));
        command.arg(name).current_dir(run::root());
        command
    }

    fn path(&self, name: &str) -> PathBuf {
        self.bin.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
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
