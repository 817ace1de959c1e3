//! What this machine has for compiling plugins, for `doctor`.
//!
//! In: the machine. Out: facts, each of them an error if it is missing or broken. Nothing is installed or changed.

use std::path::PathBuf;

use super::env::Env;
use super::rustc::{self, Compiler};
use super::{Error, RustcVersion, Toolchain, look, rustup, sysroot};

/// What there is.
#[derive(Debug)]
pub(crate) struct Machine {
    /// The compiler in use.
    pub(crate) compiler: Result<InUse, Error>,
    /// What a build would compile with; `None` if the compiler in use is broken.
    pub(crate) toolchain: Option<Result<Toolchain, Error>>,
    /// rustup, if it is on `PATH`.
    pub(crate) rustup: Option<Rustup>,
    /// The folder for private sysroots, whether or not it exists; `None` if this platform has none.
    pub(crate) cache: Option<PathBuf>,
}

/// The compiler that cargo would use.
#[derive(Debug)]
pub(crate) struct InUse {
    /// Its version.
    pub(crate) version: RustcVersion,
    /// The compiler itself, not rustup's proxy.
    pub(crate) program: PathBuf,
}

/// rustup.
#[derive(Debug)]
pub(crate) struct Rustup {
    /// The program.
    pub(crate) program: PathBuf,
    /// Name of the toolchain of the compiler in use, if rustup has installed it.
    pub(crate) toolchain: Option<String>,
}

impl Machine {
    /// Looks at this machine.
    pub(crate) fn look() -> Self {
        let env = Env::read();
        let in_use = rustc::in_use(&env);
        let of_compiler = |compiler: &Compiler| rustup::toolchain(&env, compiler);
        let rustup = env.program("rustup").map(|program| Rustup {
            program,
            toolchain: in_use.as_ref().ok().and_then(Option::as_ref).and_then(of_compiler),
        });
        let toolchain = in_use.as_ref().ok().map(|compiler| found(&env, compiler.as_ref()));
        let compiler = in_use.and_then(|compiler| {
            let compiler = compiler.ok_or_else(|| rustc::none(&env))?;
            Ok(InUse { program: compiler.rustc(), version: compiler.version })
        });
        Self { compiler, toolchain, rustup, cache: sysroot::root(&env) }
    }

    /// Returns the cargo to call: that of the toolchain, or the one that cargo's users get.
    pub(crate) fn cargo(&self) -> PathBuf {
        match &self.toolchain {
            Some(Ok(toolchain)) => toolchain.cargo.clone(),
            _ => Env::read().cargo.map_or_else(|| "cargo".into(), PathBuf::from),
        }
    }
}

fn found(env: &Env, compiler: Option<&Compiler>) -> Result<Toolchain, Error> {
    match (look(env, compiler)?, compiler) {
        (Some(toolchain), _) => Ok(toolchain),
        (None, None) => Err(rustc::none(env)),
        (None, Some(compiler)) => Err(Error::Missing {
            rustc: compiler.version.to_string(),
            tried: "`cargo tesser setup` has not built it".to_owned(),
            source: None,
        }),
    }
}
