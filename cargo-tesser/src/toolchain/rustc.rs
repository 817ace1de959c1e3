//! A compiler: its version, its folders, whether it has the target.
//!
//! In: a program. Out: what it reports about itself, in two runs. This module installs and writes nothing.

use std::env::consts::EXE_SUFFIX;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::fs;
use crate::process::{self, Cmd};

use super::env::Env;
use super::ingredients::Ingredient;
use super::{Error, OLD_TARGET, TARGET, packages};

/// Where distributions install their compiler.
const SYSTEM_PREFIX: &str = "/usr";

/// The output of `rustc -vV`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RustcVersion {
    /// The first line: `rustc 1.95.0 (59807616e 2026-04-14)`.
    pub line: String,
    /// The release.
    pub release: semver::Version,
    /// The commit that it was built from; unknown for some distributions.
    pub commit: Option<String>,
    /// The platform it runs on.
    pub host: String,
}

impl RustcVersion {
    /// Parses the output of `rustc -vV`; `None` if it is not valid.
    fn parse(text: &str) -> Option<Self> {
        let field = |name: &str| {
            text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).map(str::trim)
        };
        Some(Self {
            line: text.lines().next()?.trim().to_owned(),
            release: semver::Version::parse(field("release")?).ok()?,
            commit: field("commit-hash").filter(|hash| *hash != "unknown").map(str::to_owned),
            host: field("host")?.to_owned(),
        })
    }

    /// Returns its name of the target, which was renamed in 1.78.
    fn target(&self) -> &'static str {
        if (self.release.major, self.release.minor) < (1, 78) { OLD_TARGET } else { TARGET }
    }
}

/// Writes `rustc 1.95.0`.
impl std::fmt::Display for RustcVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "rustc {}", self.release)
    }
}

/// A compiler and what it reports about itself.
#[derive(Clone, Debug)]
pub(super) struct Compiler {
    /// The program to call.
    pub program: PathBuf,
    /// Its version.
    pub version: RustcVersion,
    /// Its own sysroot.
    pub sysroot: PathBuf,
    /// What it calls the target.
    pub target: &'static str,
    /// Folder of its libraries for the target, if it has them.
    pub libdir: PathBuf,
}

impl Compiler {
    /// Runs a compiler to get this information.
    fn ask(program: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Rustc { rustc: program.to_owned(), source };
        let cmd = Cmd::new(program).arg("-vV");
        let (command, answer) = (cmd.line(), cmd.read().map_err(failed)?);
        let Some(version) = RustcVersion::parse(&answer) else {
            return Err(Error::RustcAnswer { command, answer });
        };
        let target = version.target();
        let cmd = Cmd::new(program).args([
            "--print",
            "sysroot",
            "--print",
            "target-libdir",
            "--target",
            target,
        ]);
        let (command, answer) = (cmd.line(), cmd.read().map_err(failed)?);
        let mut lines = answer.lines().map(PathBuf::from);
        let (Some(sysroot), Some(libdir)) = (lines.next(), lines.next()) else {
            return Err(Error::RustcAnswer { command, answer });
        };
        Ok(Self { program: program.to_owned(), version, sysroot, target, libdir })
    }

    /// Whether it can compile for the target without a private sysroot. Checks the disk each time.
    pub fn has_target(&self) -> bool {
        holds_core(&self.libdir)
    }

    /// Returns the sources of its own standard library.
    pub fn sources(&self) -> Option<PathBuf> {
        let root = self.sysroot.join("lib/rustlib/src/rust");
        let library = root.join("library");
        let there = |name| fs::metadata(&library.join(name)).is_ok();
        // Distributions package them separately, so they can be of another version; such trees contain it. The sources of
        // rustup's component always match, and do not contain it.
        let fits = fs::read_text(&root.join("src/version"))
            .map_or(true, |version| version.trim() == self.version.release.to_string());
        (there("std/Cargo.toml") && fits).then_some(library)
    }

    /// Returns the cargo that belongs to it.
    pub fn cargo(&self) -> Option<PathBuf> {
        self.own("cargo")
    }

    /// Returns the compiler itself; `program` may be a proxy that depends on the working directory.
    pub fn rustc(&self) -> PathBuf {
        self.own("rustc").unwrap_or_else(|| self.program.clone())
    }

    fn own(&self, name: &str) -> Option<PathBuf> {
        let program = self.sysroot.join("bin").join(format!("{name}{EXE_SUFFIX}"));
        fs::metadata(&program).is_ok().then_some(program)
    }

    /// Returns the linker that belongs to it, which it finds by itself.
    pub fn linker(&self) -> Option<PathBuf> {
        let bin = self.sysroot.join("lib/rustlib").join(&self.version.host).join("bin");
        let linker = bin.join(format!("rust-lld{EXE_SUFFIX}"));
        fs::metadata(&linker).is_ok().then_some(linker)
    }
}

/// Whether a folder of libraries contains `core`, without which nothing compiles.
pub(super) fn holds_core(libdir: &Path) -> bool {
    let is_core = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let ending = path.extension().unwrap_or_default();
        name.starts_with("libcore-") && ending == "rlib"
    };
    fs::entries(libdir).is_ok_and(|entries| entries.iter().any(is_core))
}

/// Returns the compiler that cargo would use; `None` if no compiler is found.
pub(super) fn in_use(env: &Env) -> Result<Option<Compiler>, Error> {
    let program = env.rustc.clone().unwrap_or_else(|| "rustc".into());
    match Compiler::ask(Path::new(&program)) {
        Ok(compiler) => Ok(Some(compiler)),
        Err(Error::Rustc { source: process::Error::NotFound { .. }, .. }) => {
            let Some(program) = &env.rustc else { return Ok(None) };
            Err(Error::NoCompiler {
                program: program.to_string_lossy().into_owned(),
                advice: "point `RUSTC` to a Rust compiler, or unset it".to_owned(),
            })
        }
        Err(error) => Err(error),
    }
}

/// Returns the distribution's compiler, if it is not the one in use.
pub(super) fn system(in_use: Option<&Compiler>) -> Option<Compiler> {
    let program = Path::new(SYSTEM_PREFIX).join("bin/rustc");
    if in_use.is_some_and(|compiler| compiler.sysroot == Path::new(SYSTEM_PREFIX)) {
        return None;
    }
    // On some systems that program belongs to rustup and not to the distribution.
    let compiler = fs::metadata(&program).ok().and_then(|_| Compiler::ask(&program).ok())?;
    in_use.is_none_or(|other| other.sysroot != compiler.sysroot).then_some(compiler)
}

/// There is no compiler at all.
pub(super) fn none(env: &Env) -> Error {
    let advice = packages::advice(env, Ingredient::ALL);
    let advice = if advice.contains("rustup") {
        advice
    } else {
        format!("install Rust from https://rustup.rs, or {advice}")
    };
    Error::NoCompiler { program: "rustc".to_owned(), advice }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUSTUP: &str = "\
rustc 1.95.0 (59807616e 2026-04-14)
binary: rustc
commit-hash: 59807616e1fa2540724bfbac14d7976d7e4a3860
commit-date: 2026-04-14
host: x86_64-unknown-linux-gnu
release: 1.95.0
LLVM version: 22.1.2";

    #[test]
    fn a_version_is_read_from_what_rustc_says() {
        let version = RustcVersion::parse(RUSTUP).unwrap();
        assert_eq!(version.line, "rustc 1.95.0 (59807616e 2026-04-14)");
        assert_eq!(version.release, semver::Version::new(1, 95, 0));
        assert_eq!(version.commit.as_deref(), Some("59807616e1fa2540724bfbac14d7976d7e4a3860"));
        assert_eq!(version.host, "x86_64-unknown-linux-gnu");
        assert_eq!(version.to_string(), "rustc 1.95.0");
    }

    #[test]
    fn a_distribution_need_not_know_the_commit() {
        let text = "rustc 1.63.0\nbinary: rustc\ncommit-hash: unknown\ncommit-date: unknown\n\
                    host: x86_64-unknown-linux-gnu\nrelease: 1.63.0\nLLVM version: 14.0.6";
        assert_eq!(RustcVersion::parse(text).unwrap().commit, None);
    }

    #[test]
    fn another_program_is_no_compiler() {
        for text in ["", "gcc (Debian 12.2.0) 12.2.0", "release: one\nhost: here"] {
            assert_eq!(RustcVersion::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_target_is_called_as_the_compiler_knows_it() {
        let called = |release: &str| {
            RustcVersion::parse(&RUSTUP.replace("1.95.0", release)).unwrap().target()
        };
        assert_eq!(called("1.63.0"), "wasm32-wasi");
        assert_eq!(called("1.77.2"), "wasm32-wasi");
        assert_eq!(called("1.78.0"), "wasm32-wasip1");
        assert_eq!(called("1.97.0-nightly"), "wasm32-wasip1");
        assert_eq!(called("2.0.0"), "wasm32-wasip1");
    }
}
