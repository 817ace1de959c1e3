//! What a private sysroot is made from, and where that is on this machine.
//!
//! In: the existing compilers. Out: everything that is needed, or what is missing. This module installs, builds and runs
//! nothing.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::fs;

use super::env::Env;
use super::rustc::Compiler;

/// Where distributions install wasi-libc; each has a subfolder with the target's name.
const LIBC_ROOTS: &[&str] = &[
    "/usr/lib",
    "/usr/share/wasi-sysroot/lib",
    "/usr/wasm32-wasi/lib",
    "/opt/wasi-sdk/share/wasi-sysroot/lib",
    "/opt/homebrew/opt/wasi-libc/share/wasi-sysroot/lib",
    "/usr/local/opt/wasi-libc/share/wasi-sysroot/lib",
];

/// The C library works under both names of the target.
const LIBC_TARGETS: &[&str] = &["wasm32-wasip1", "wasm32-wasi"];

/// The releases of LLVM to look for, newest first; older ones cannot read current object files.
const LLVM: std::ops::RangeInclusive<u32> = 17..=30;

/// Something that a private sysroot is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ingredient {
    /// A compiler with its cargo and the sources of its standard library.
    Sources,
    /// The C library.
    Libc,
    /// The linker.
    Linker,
}

impl Ingredient {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Sources, Self::Libc, Self::Linker];
}

impl fmt::Display for Ingredient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sources => "a compiler with the sources of its standard library",
            Self::Libc => "the C library `wasi-libc`",
            Self::Linker => "the linker `wasm-ld`",
        })
    }
}

/// Everything that is needed.
#[derive(Debug)]
pub(super) struct Ingredients<'a> {
    /// The compiler.
    pub compiler: &'a Compiler,
    /// The cargo that belongs to it.
    pub cargo: PathBuf,
    /// The vendored crates of its sources, if they have any.
    pub vendor: Option<PathBuf>,
    /// The folder with `libc.a` and `crt1-*.o`.
    pub libc: PathBuf,
}

/// Returns the ways to build a sysroot, at least one, or what is missing for all.
pub(super) fn gather<'a>(
    env: &Env,
    compilers: &[&'a Compiler],
) -> Result<Vec<Ingredients<'a>>, Vec<Ingredient>> {
    let sourced: Vec<_> = compilers
        .iter()
        .filter_map(|&compiler| Some((compiler, compiler.cargo()?, compiler.sources()?)))
        .collect();
    let own_linker = |(compiler, ..): &(&Compiler, _, _)| compiler.linker().is_some();
    let linked = linker(env).is_some() || !sourced.is_empty() && sourced.iter().all(own_linker);
    let libc = libc();
    let there = [!sourced.is_empty(), libc.is_some(), linked];
    let missing = Ingredient::ALL.iter().zip(there).filter(|(_, there)| !there);
    let missing: Vec<_> = missing.map(|(ingredient, _)| *ingredient).collect();
    let (Some(libc), []) = (libc, &missing[..]) else { return Err(missing) };
    let mut ways: Vec<_> = sourced
        .into_iter()
        .map(|(compiler, cargo, library)| {
            let vendor = Some(library.join("vendor")).filter(|dir| fs::metadata(dir).is_ok());
            Ingredients { compiler, cargo, vendor, libc: libc.clone() }
        })
        .collect();
    // Ways that need no network come first, since a missing network is the likely reason to build at all.
    ways.sort_by_key(|way| way.vendor.is_none());
    Ok(ways)
}

/// Returns a linker for WebAssembly on `PATH`. rustc recognises all of these by name.
pub(super) fn linker(env: &Env) -> Option<PathBuf> {
    let versioned = LLVM.rev().map(|version| format!("wasm-ld-{version}"));
    versioned
        .chain(["wasm-ld", "rust-lld", "lld"].map(str::to_owned))
        .find_map(|name| env.program(&name))
}

fn libc() -> Option<PathBuf> {
    LIBC_ROOTS
        .iter()
        .flat_map(|root| LIBC_TARGETS.iter().map(|target| Path::new(root).join(target)))
        .find(|dir| fs::metadata(&dir.join("libc.a")).is_ok())
}
