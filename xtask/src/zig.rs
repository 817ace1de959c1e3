//! Zig, whose C compiler makes static programs for Linux and compiles for other systems, with `cargo zigbuild`.

use std::process::Command;

use crate::python::Environment;
use crate::run;

/// A subcommand of cargo that compiles C and links with Zig, such as `zigbuild` or `check`. The first call installs it.
pub fn cargo(subcommand: &str) -> anyhow::Result<Command> {
    let environment = Environment::make("zig")?;
    let program = environment.program("cargo-zigbuild");
    if !program.exists() {
        environment.install(&run::root().join("xtask/assets/zig.txt"))?;
    }
    let mut command = Command::new(program);
    command.arg(subcommand).current_dir(run::root());
    command.env("CARGO_ZIGBUILD_PYTHON_PATH", environment.python());
    // What it compiles of itself for each target.
    command.env("ZIG_GLOBAL_CACHE_DIR", run::target_dir()?.join("zig/cache"));
    Ok(command)
}
