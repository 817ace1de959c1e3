//! stub
use crate::shell::Shell;
use std::path::PathBuf;
#[allow(missing_docs)]
#[derive(Debug)]
pub struct RustcVersion {
    pub line: String,
}
#[allow(missing_docs)]
#[derive(Debug)]
pub struct Toolchain {
    pub target: String,
    pub rustc: PathBuf,
    pub cargo: PathBuf,
    pub version: RustcVersion,
    pub sysroot: Option<PathBuf>,
    pub linker: Option<PathBuf>,
}
#[allow(missing_docs)]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("x")]
    UnsupportedTarget { target: String },
}
impl Error {
    #[allow(missing_docs)]
    pub fn hint(&self) -> Option<String> {
        None
    }
}
#[allow(missing_docs)]
pub fn provide(_: Shell) -> Result<Toolchain, Error> {
    Ok(Toolchain {
        target: "wasm32-wasip1".into(),
        rustc: "rustc".into(),
        cargo: "cargo".into(),
        version: RustcVersion { line: "rustc x".into() },
        sysroot: None,
        linker: None,
    })
}
#[allow(missing_docs)]
pub struct Setup {
    pub yes: bool,
    pub interactive: bool,
}
#[allow(missing_docs)]
pub fn setup(_: &Setup, s: Shell) -> Result<Toolchain, Error> {
    provide(s)
}
#[allow(missing_docs)]
pub fn check_target(_: &str) -> Result<(), Error> {
    Ok(())
}
