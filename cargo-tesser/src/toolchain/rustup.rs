//! `rustup target add`, for a compiler that is rustup's.
//!
//! In: the compiler in use. Out: the target added to its toolchain, or why not. No other toolchain is
//! touched and no toolchain is installed.

use std::fmt;

use crate::fs;
use crate::process::{self, Cmd};
use crate::shell::Shell;

use super::env::Env;
use super::rustc::Compiler;

/// Why a target was not added.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The end of a sentence about the compiler.
    pub tried: String,
    /// What rustup said.
    pub source: Option<process::Error>,
}

/// All in one line.
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
    // rustup does not lock, and of two that add at once one fails.
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

/// The toolchain's name: that of the folder in rustup's home which is the compiler's sysroot. It is
/// the one that `+toolchain`, `RUSTUP_TOOLCHAIN`, `rust-toolchain.toml` and overrides led to.
fn toolchain(env: &Env, compiler: &Compiler) -> Option<String> {
    let home = fs::canonical(&env.rustup_home.as_ref()?.join("toolchains")).ok()?;
    let sysroot = fs::canonical(&compiler.sysroot).ok()?;
    let name = sysroot.strip_prefix(home).ok()?.to_str()?;
    (!name.is_empty()).then(|| name.to_owned())
}
