//! Finds or provides a compiler for the target of plugins.
//!
//! ```text
//! look      compiler in use -> the distribution's; each as it is, or with its private sysroot
//! provide   look -> rustup target add
//! setup     look -> rustup target add -> packages -> private sysroot -> trial compilation
//! ```
//!
//! In: the machine. Out: a [`Toolchain`] to call cargo with. Only `setup` installs packages or builds a
//! standard library; the user's other toolchains and cargo's configuration are never touched.

mod distro;
mod env;
mod error;
mod ingredients;
mod machine;
mod packages;
mod rustc;
mod rustup;
mod sysroot;
mod trial;

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::shell::Shell;

use env::Env;
use ingredients::Ingredient;
use rustc::Compiler;
use rustup::Refusal;

pub use error::Error;
pub(crate) use machine::Machine;
pub use rustc::RustcVersion;

/// The target that plugins are compiled for.
pub const TARGET: &str = "wasm32-wasip1";

/// Its name before Rust 1.78.
pub(crate) const OLD_TARGET: &str = "wasm32-wasi";

/// A compiler that has the target, and the settings with which cargo uses it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Toolchain {
    /// The compiler's name of the target: `wasm32-wasip1`, or `wasm32-wasi` before 1.78.
    pub target: String,
    /// The program for cargo's `RUSTC`; `rustc` for the default one.
    pub rustc: PathBuf,
    /// The cargo to call.
    pub cargo: PathBuf,
    /// The compiler's version.
    pub version: RustcVersion,
    /// The private sysroot, for `--sysroot`.
    pub sysroot: Option<PathBuf>,
    /// The linker, for a private sysroot and for a compiler without its own.
    pub linker: Option<PathBuf>,
    /// The compiler and its libraries: if one of these files changes, it counts as another compiler.
    pub files: Vec<PathBuf>,
}

/// Options of `setup`.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Install packages without asking.
    pub yes: bool,
    /// Ask on the terminal.
    pub interactive: bool,
}

/// Checks that plugins are built for this target, under its current or its former name.
///
/// # Errors
/// If they are not.
pub fn check_target(requested: &str) -> Result<(), Error> {
    match requested {
        TARGET | OLD_TARGET => Ok(()),
        other => Err(Error::UnsupportedTarget { target: other.to_owned() }),
    }
}

/// Finds a compiler that has the target, or lets rustup add the target. Used by `build`.
///
/// # Errors
/// If there is no compiler with the target and rustup did not add it; or there is no compiler at all, it does not work, or there is
/// no cargo.
pub fn provide(shell: Shell) -> Result<Toolchain, Error> {
    let env = Env::read();
    let in_use = rustc::in_use(&env)?;
    if let Some(found) = look(&env, in_use.as_ref())? {
        if in_use.is_none_or(|compiler| compiler.program != found.rustc) {
            // Not the compiler that the user would expect.
            shell.status("Using", &found);
        }
        return Ok(found);
    }
    let compiler = in_use.ok_or_else(|| rustc::none(&env))?;
    match rustup::add_target(&env, &compiler, shell) {
        Ok(()) => Toolchain::new(&env, &compiler, None),
        Err(Refusal { tried, source }) => {
            error::unless_interrupted()?;
            Err(Error::Missing { rustc: compiler.version.to_string(), tried, source })
        }
    }
}

/// Provides a compiler that has the target by all available means, and checks that it compiles.
///
/// # Errors
/// If no compiler has the target and every way to provide it fails, or needs packages that the user does not allow to be
/// installed; or if the compiler does not compile. See also [`provide`].
pub fn setup(options: &Setup, shell: Shell) -> Result<Toolchain, Error> {
    let env = Env::read();
    let in_use = rustc::in_use(&env)?;
    let toolchain = match look(&env, in_use.as_ref())? {
        Some(found) => found,
        None => acquire(&env, in_use.as_ref(), options, shell)?,
    };
    trial::compile(&toolchain)?;
    shell.status("Ready", &toolchain);
    Ok(toolchain)
}

/// Returns the compiler in use, or the distribution's: as it is, or with its private sysroot.
fn look(env: &Env, in_use: Option<&Compiler>) -> Result<Option<Toolchain>, Error> {
    if let Some(compiler) = in_use
        && let Some(found) = ready(env, compiler)?
    {
        return Ok(Some(found));
    }
    let Some(system) = rustc::system(in_use) else { return Ok(None) };
    ready(env, &system)
}

fn ready(env: &Env, compiler: &Compiler) -> Result<Option<Toolchain>, Error> {
    if compiler.has_target() {
        return Toolchain::new(env, compiler, None).map(Some);
    }
    let Some(sysroot) = sysroot::find(env, compiler) else { return Ok(None) };
    let toolchain = Toolchain::new(env, compiler, Some(sysroot))?;
    Ok(toolchain.linker.is_some().then_some(toolchain))
}

/// Lets rustup add the target, or builds its standard library after installing what that needs.
fn acquire(
    env: &Env,
    in_use: Option<&Compiler>,
    options: &Setup,
    shell: Shell,
) -> Result<Toolchain, Error> {
    if let Some(compiler) = in_use {
        match rustup::add_target(env, compiler, shell) {
            Ok(()) => return Toolchain::new(env, compiler, None),
            Err(refusal) => {
                error::unless_interrupted()?;
                shell.note(format_args!("{} and {refusal}", without(compiler)));
            }
        }
    }
    let (missing, failed) = match build(env, in_use, shell)? {
        Built::Done(toolchain) => return Ok(*toolchain),
        Built::Lacking { missing, failed } => (missing, failed),
    };
    match packages::install(&missing, options, env, shell) {
        Err(error @ Error::Unavailable { .. }) => return Err(failed.unwrap_or(error)),
        result => result?,
    }
    let in_use = rustc::in_use(env)?;
    if let Some(found) = look(env, in_use.as_ref())? {
        return Ok(found);
    }
    match build(env, in_use.as_ref(), shell)? {
        Built::Done(toolchain) => Ok(*toolchain),
        Built::Lacking { missing, failed } => {
            Err(failed.unwrap_or_else(|| packages::still_missing(env, &missing)))
        }
    }
}

fn without(compiler: &Compiler) -> String {
    format!("`{}` does not have `{}`", compiler.version, compiler.target)
}

enum Built {
    Done(Box<Toolchain>),
    /// What is missing, and what was tried without it.
    Lacking {
        missing: Vec<Ingredient>,
        failed: Option<Error>,
    },
}

/// Builds a private sysroot with an existing compiler.
fn build(env: &Env, in_use: Option<&Compiler>, shell: Shell) -> Result<Built, Error> {
    let system = rustc::system(in_use);
    let compilers: Vec<_> = in_use.into_iter().chain(&system).collect();
    let mut failed = compilers.is_empty().then(|| rustc::none(env));
    let ways = match ingredients::gather(env, &compilers) {
        Ok(ways) => ways,
        Err(missing) => return Ok(Built::Lacking { missing, failed }),
    };
    for way in ways {
        match sysroot::build(env, &way, shell) {
            // Without the network it may still work with other sources that contain everything they need.
            Err(error @ Error::BuildStd { vendored: false, .. }) => {
                error::unless_interrupted()?;
                shell.note(format_args!("{error}; looking for other sources"));
                failed = Some(error);
            }
            path => {
                let toolchain = Toolchain::new(env, way.compiler, Some(path?))?;
                return Ok(Built::Done(Box::new(toolchain)));
            }
        }
    }
    Ok(Built::Lacking { missing: vec![Ingredient::Sources], failed })
}

impl Toolchain {
    /// Returns the name of cargo's variable for a setting of the target: `CARGO_TARGET_<TRIPLE>_<SETTING>`.
    pub(crate) fn variable(&self, setting: &str) -> String {
        let triple = self.target.to_uppercase().replace('-', "_");
        format!("CARGO_TARGET_{triple}_{setting}")
    }

    fn new(env: &Env, compiler: &Compiler, sysroot: Option<PathBuf>) -> Result<Self, Error> {
        let cargo = env
            .cargo
            .as_ref()
            .map(PathBuf::from)
            .or_else(|| env.program("cargo").map(|_| PathBuf::from("cargo")))
            .or_else(|| compiler.cargo())
            .ok_or_else(|| Error::NoCargo {
                rustc: compiler.program.clone(),
                advice: packages::advice(env, Ingredient::ALL),
            })?;
        // The compiler finds its own linker, and cargo's configuration may still name another one.
        let linker = match compiler.linker() {
            Some(own) => sysroot.is_some().then_some(own),
            None => ingredients::linker(env),
        };
        // On `PATH` it may be rustup's proxy.
        let program = env.program(&compiler.program.to_string_lossy());
        Ok(Self {
            target: compiler.target.to_owned(),
            rustc: compiler.program.clone(),
            cargo,
            version: compiler.version.clone(),
            sysroot,
            linker,
            files: [compiler.rustc(), compiler.libdir.clone()].into_iter().chain(program).collect(),
        })
    }
}

/// Writes `rustc 1.96.0 (/usr/bin/rustc) for wasm32-wasip1, sysroot /home/me/.cache/...`.
impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.version)?;
        if self.rustc != Path::new("rustc") {
            write!(f, " ({})", self.rustc.display())?;
        }
        write!(f, " for {}", self.target)?;
        match &self.sysroot {
            Some(sysroot) => write!(f, ", sysroot {}", sysroot.display()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_names_of_the_target_are_accepted_and_no_other() {
        assert!(check_target("wasm32-wasip1").is_ok());
        assert!(check_target("wasm32-wasi").is_ok());
        let error = check_target("wasm32-unknown-unknown").unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot build plugins for `wasm32-unknown-unknown`: \
             the target is `wasm32-wasip1`, formerly `wasm32-wasi`"
        );
        assert!(error.hint().is_some());
    }

    #[test]
    fn a_missing_target_says_what_was_tried_and_what_to_do() {
        let error = Error::Missing {
            rustc: "rustc 1.95.0".to_owned(),
            tried: "`rustup target add wasm32-wasip1` failed".to_owned(),
            source: None,
        };
        assert_eq!(
            error.to_string(),
            "no compiler for `wasm32-wasip1`: `rustc 1.95.0` does not have it and \
             `rustup target add wasm32-wasip1` failed"
        );
        assert_eq!(error.hint().as_deref(), Some("run `cargo tesser setup`"));
    }
}
