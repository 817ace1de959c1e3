//! `rustup target add`, for a compiler that rustup has installed.
//!
//! In: the compiler in use. Out: the target added to its toolchain, or why not. It touches no other toolchain and installs none.

use std::fmt;

use crate::fs;
use crate::process::{self, Cmd};
use crate::shell::Shell;

use super::env::Env;
use super::rustc::Compiler;

/// Why a target was not added.
#[derive(Debug)]
pub(super) struct Refusal {
    /// End of a sentence about the compiler.
    pub tried: String,
    /// The error of rustup.
    pub source: Option<process::Error>,
}

/// Writes all in one line.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tried)?;
        let said = match &self.source {
            Some(process::Error::Failed { stderr, .. }) => stderr.trim().to_owned(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        match said.lines().last() {
            Some(reason) => write!(f, " ({})", reason.trim()),
            None => Ok(()),
        }
    }
}

/// Adds the target to the toolchain of the compiler in use.
pub(super) fn add_target(env: &Env, compiler: &Compiler, shell: Shell) -> Result<(), Refusal> {
    let refuse = |tried: &str| Refusal { tried: tried.to_owned(), source: None };
    let rustup = env.program("rustup").ok_or_else(|| refuse("there is no `rustup` to add it"))?;
    let toolchain = toolchain(env, compiler)
        .ok_or_else(|| refuse("`rustup` cannot add it to a compiler that it did not install"))?;
    let target = compiler.target;
    // rustup does not lock: if two processes add the target at once, one fails.
    let lock = env.rustup_home.as_ref().map(|home| home.join(".cargo-tesser.lock"));
    let _lock = lock.and_then(|lock| {
        fs::lock(&lock, || shell.status("Blocking", "until another process has added the target"))
    });
    if compiler.has_target() {
        return Ok(());
    }
    shell.status("Adding", format_args!("{target} to {toolchain} with rustup"));
    let cmd = Cmd::new(rustup).args(["target", "add", "--toolchain", &toolchain, target]);
    shell.detail("Running", cmd.line());
    let spinner = shell.progress("Adding", target);
    let answer = cmd.read();
    drop(spinner);
    if compiler.has_target() {
        return Ok(());
    }
    let tried = format!("`rustup target add {target}` failed");
    Err(Refusal { tried, source: answer.err() })
}

/// Returns the toolchain's name: the folder in rustup's home that is the compiler's sysroot. It already takes `+toolchain`,
/// `RUSTUP_TOOLCHAIN`, `rust-toolchain.toml` and overrides into account.
pub(super) fn toolchain(env: &Env, compiler: &Compiler) -> Option<String> {
    let home = fs::canonical(&env.rustup_home.as_ref()?.join("toolchains")).ok()?;
    let sysroot = fs::canonical(&compiler.sysroot).ok()?;
    let name = sysroot.strip_prefix(home).ok()?.to_str()?;
    (!name.is_empty()).then(|| name.to_owned())
}
