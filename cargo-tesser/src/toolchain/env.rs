//! The environment: paths of programs, rustup and caches.
//!
//! In: the variables of this process, once. Out: a value for the rest of the flow, so that nothing else in this folder reads
//! a variable. Programs are looked up, never run.

use std::env::{self, consts::EXE_SUFFIX};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::fs;

/// The variables that this flow uses.
#[derive(Debug)]
pub(super) struct Env {
    /// `RUSTC`: the compiler in use, if it is not the default one.
    pub rustc: Option<OsString>,
    /// `CARGO`: the cargo that runs this as its subcommand.
    pub cargo: Option<OsString>,
    /// `PATH`.
    path: Vec<PathBuf>,
    /// `RUSTUP_HOME`, or its default.
    pub rustup_home: Option<PathBuf>,
    /// `CARGO_TESSER_CACHE`, or the platform's folder for caches.
    pub cache: Option<PathBuf>,
}

impl Env {
    /// Reads the environment of this process.
    pub fn read() -> Self {
        // Scripts unset a variable by setting it to an empty value.
        let var = |key| env::var_os(key).filter(|value| !value.is_empty());
        let dir = |key| var(key).and_then(|value| fs::absolute(Path::new(&value)).ok());
        Self {
            rustc: var("RUSTC"),
            cargo: var("CARGO"),
            path: var("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default(),
            rustup_home: dir("RUSTUP_HOME")
                .or_else(|| dirs::home_dir().map(|home| home.join(".rustup"))),
            cache: dir("CARGO_TESSER_CACHE").or_else(dirs::cache_dir),
        }
    }

    /// Looks up a program in `PATH`.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        self.path
            .iter()
            .map(|dir| dir.join(format!("{name}{EXE_SUFFIX}")))
            .find(|file| fs::metadata(file).is_ok_and(|metadata| metadata.is_file()))
    }
}
