//! The private sysroot: the standard library for the target, built from a compiler's own sources.
//!
//! In: a compiler with its sources, and a C library. Out: a folder for `--sysroot` below the cache,
//! keyed by the compiler, complete or not at all. This module installs nothing and writes only to
//! the cache.
//!
//! Network: not needed if the sources contain their crates (`library/vendor`, as in Debian). Otherwise cargo fetches
//! these from the configured registry.
//!
//! The crate `rustc-build-sysroot` also compiles the standard library. It is not used, because it starts processes and
//! writes files itself, panics on unexpected sources, always needs the network, and does not support a C library.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::fs;
use crate::process::{self, Cmd};
use crate::shell::Shell;

use super::Error;
use super::env::Env;
use super::ingredients::Ingredients;
use super::rustc::{Compiler, RustcVersion, holds_core};

/// An empty crate. It sets every option, so that the user's settings for `release` do not apply.
const MANIFEST: &str = r#"[package]
name = "tesser-sysroot"
version = "0.0.0"
edition = "2021"

[lib]
path = "lib.rs"

[profile.sysroot]
inherits = "release"
opt-level = 3
debug = false
strip = "none"
debug-assertions = false
overflow-checks = false
lto = false
panic = "unwind"
incremental = false
codegen-units = 16

[workspace]
"#;

/// Age at which the build of a staging folder was certainly killed, for file systems without locks.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);

/// Returns the path of a compiler's sysroot, whether or not it exists.
pub(super) fn path(env: &Env, version: &RustcVersion) -> Option<PathBuf> {
    Some(root(env)?.join(key(version)))
}

/// Returns the folder of all private sysroots.
pub(super) fn root(env: &Env) -> Option<PathBuf> {
    Some(env.cache.as_ref()?.join("cargo-tesser").join("sysroot"))
}

/// Returns the key of a sysroot. A target folder built with one set of libraries is invalid with another, so it contains
/// the compiler's commit and host.
fn key(version: &RustcVersion) -> String {
    let commit = version.commit.as_deref().map_or("unknown", |hash| hash.get(..9).unwrap_or(hash));
    format!("{}-{commit}-{}", version.release, version.host)
}

/// Returns the private sysroot of a compiler, if it exists.
pub(super) fn find(env: &Env, compiler: &Compiler) -> Option<PathBuf> {
    let path = path(env, &compiler.version)?;
    lacks(&path, compiler.target).is_none().then_some(path)
}

/// Returns what a sysroot lacks. Sysroots are complete when installed, but caches get cleaned.
fn lacks(sysroot: &Path, target: &str) -> Option<&'static str> {
    let libdir = libdir(sysroot, target);
    if !holds_core(&libdir) {
        Some("`libcore`")
    } else if fs::metadata(&libdir.join("self-contained").join("libc.a")).is_err() {
        Some("`libc.a`")
    } else {
        None
    }
}

fn libdir(sysroot: &Path, target: &str) -> PathBuf {
    sysroot.join("lib").join("rustlib").join(target).join("lib")
}

/// Builds the private sysroot for a compiler and installs it by a rename.
///
/// # Errors
/// If the compilation fails, or a file cannot be written. Then there is no sysroot.
pub(super) fn build(
    env: &Env,
    ingredients: &Ingredients<'_>,
    shell: Shell,
) -> Result<PathBuf, Error> {
    let compiler = ingredients.compiler;
    let path = path(env, &compiler.version).ok_or(Error::NoCache)?;
    let root = fs::parent(&path);
    fs::create_dir_all(root)?;
    // Only saves work: two concurrent builds would both succeed.
    let lock = fs::lock(&root.join(".lock"), || {
        shell.status("Blocking", "until another process has built the standard library");
    });
    if lacks(&path, compiler.target).is_none() {
        return Ok(path);
    }
    // Since the lock is held, the processes that created them have ended.
    fs::sweep_staging(root, if lock.is_some() { Duration::ZERO } else { STALE });
    let staging = fs::staging_dir(&path)?;
    let what = format!("the standard library of {} for {}", compiler.version, compiler.target);
    shell.status("Building", format_args!("{what} (about a minute, once)"));
    let spinner = shell.progress("Building", &what);
    let libraries = compile(ingredients, &staging.path().join("build"), shell)?;
    drop(spinner);
    let sysroot = staging.path().join("sysroot");
    collect(&libraries, &ingredients.libc, &libdir(&sysroot, compiler.target))?;
    if let Some(lacks) = lacks(&sysroot, compiler.target) {
        return Err(Error::NotWhole { rustc: compiler.version.to_string(), lacks });
    }
    install(&sysroot, &path, compiler.target)?;
    Ok(path)
}

/// Compiles an empty crate with `-Z build-std` and returns the libraries it depends on.
fn compile(ingredients: &Ingredients<'_>, dir: &Path, shell: Shell) -> Result<Vec<PathBuf>, Error> {
    let Ingredients { compiler, cargo, vendor, .. } = ingredients;
    fs::create_dir_all(dir)?;
    fs::write_new(&dir.join("Cargo.toml"), MANIFEST.as_bytes())?;
    fs::write_new(&dir.join("lib.rs"), b"")?;
    let target_dir = dir.join("target");
    let mut cmd = Cmd::new(cargo)
        .args(["build", "--profile", "sysroot", "--target", compiler.target])
        .args(["-Z", "build-std=std,panic_abort", "--message-format", "json-render-diagnostics"])
        .arg("--target-dir")
        .arg(&target_dir)
        .current_dir(dir)
        .env("CARGO_BUILD_BUILD_DIR", &target_dir)
        .env("RUSTC", compiler.rustc())
        // The standard library needs unstable features, whatever the compiler's channel.
        .env("RUSTC_BOOTSTRAP", "1")
        // Fat LTO of plugins needs the bitcode, which cargo would omit.
        .env("CARGO_ENCODED_RUSTFLAGS", "-Cembed-bitcode=yes")
        // Distinguishes these crates from the same crates as dependencies of plugins; rustc's own build and cargo-miri do the same.
        .env("__CARGO_DEFAULT_LIB_METADATA", "tesser-sysroot")
        .env("CARGO_INCREMENTAL", "0")
        .env("RUSTC_WRAPPER", "")
        .env("RUSTC_WORKSPACE_WRAPPER", "");
    if let Some(vendor) = vendor {
        let directory = toml_string(vendor);
        cmd = cmd
            .arg("--offline")
            .args(["--config", r#"source.crates-io.replace-with="std-vendor""#])
            .args(["--config", &format!("source.std-vendor.directory={directory}")]);
    }
    shell.detail("Running", cmd.line());
    let rustc = compiler.version.to_string();
    let failed = |source: process::Error| Error::BuildStd {
        rustc,
        target: compiler.target,
        vendored: vendor.is_some(),
        source,
    };
    let messages = cmd.read().map_err(failed)?;
    Ok(messages.lines().flat_map(|line| libraries(line, compiler.target)).collect())
}

/// Returns the libraries for the target in one of cargo's messages, except the empty crate's own.
fn libraries(message: &str, target: &str) -> Vec<PathBuf> {
    let Ok(message) = serde_json::from_str::<serde_json::Value>(message) else { return Vec::new() };
    let ours = message["target"]["name"] == "tesser_sysroot";
    if message["reason"] != "compiler-artifact" || ours {
        return Vec::new();
    }
    let files = message["filenames"].as_array().into_iter().flatten();
    files
        .filter_map(serde_json::Value::as_str)
        .map(PathBuf::from)
        .filter(|file| file.extension().is_some_and(|ending| ending == "rlib"))
        .filter(|file| file.iter().any(|folder| folder == target))
        .collect()
}

/// Copies the libraries and the C library to where a compiler looks for them.
fn collect(libraries: &[PathBuf], libc: &Path, libdir: &Path) -> Result<(), Error> {
    let self_contained = libdir.join("self-contained");
    fs::create_dir_all(&self_contained)?;
    let into =
        |dir: &Path, file: &Path| fs::copy(file, &dir.join(file.file_name().unwrap_or_default()));
    for library in libraries {
        into(libdir, library)?;
    }
    for file in fs::entries(libc)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let ending = file.extension().unwrap_or_default();
        let start = name.starts_with("crt1") && ending == "o";
        if start || name.starts_with("lib") && ending == "a" {
            into(&self_contained, &file)?;
        }
    }
    Ok(())
}

/// Installs a complete sysroot, unless another `setup` was faster.
fn install(sysroot: &Path, path: &Path, target: &str) -> Result<(), Error> {
    if fs::metadata(path).is_ok() && lacks(path, target).is_some() {
        // Into the staging folder, so that it is removed together with it.
        fs::rename(path, &sysroot.with_file_name("replaced"))?;
    }
    match fs::rename(sysroot, path) {
        Err(_) if lacks(path, target).is_none() => Ok(()),
        result => Ok(result?),
    }
}

/// Returns a path as a TOML string.
fn toml_string(path: &Path) -> String {
    // JSON strings are valid in TOML.
    serde_json::Value::from(path.to_string_lossy()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(commit: Option<&str>) -> RustcVersion {
        RustcVersion {
            line: String::new(),
            release: semver::Version::new(1, 96, 0),
            commit: commit.map(str::to_owned),
            host: "x86_64-unknown-linux-gnu".to_owned(),
        }
    }

    fn whole(sysroot: &Path) {
        let libdir = libdir(sysroot, "wasm32-wasip1");
        fs::create_dir_all(&libdir.join("self-contained")).unwrap();
        fs::write_new(&libdir.join("libcore-835c1424dba1893a.rlib"), b"").unwrap();
        fs::write_new(&libdir.join("self-contained/libc.a"), b"").unwrap();
    }

    #[test]
    fn each_compiler_has_a_sysroot_of_its_own() {
        assert_eq!(
            key(&version(Some("ac68faa20c58cbccd01ee7208bf3b6e93a7d7f96"))),
            "1.96.0-ac68faa20-x86_64-unknown-linux-gnu"
        );
        assert_eq!(key(&version(None)), "1.96.0-unknown-x86_64-unknown-linux-gnu");
    }

    #[test]
    fn only_the_standard_library_for_the_target_is_collected() {
        let message = |name: &str, folder: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","target":{{"name":"{name}"}},"filenames":["/t/{folder}/lib.rlib","/t/{folder}/lib.rmeta"]}}"#
            )
        };
        let libraries = |message: &str| libraries(message, "wasm32-wasip1");
        let core = libraries(&message("core", "wasm32-wasip1/sysroot/deps"));
        assert_eq!(core, [Path::new("/t/wasm32-wasip1/sysroot/deps/lib.rlib")]);
        assert!(libraries(&message("tesser_sysroot", "wasm32-wasip1/sysroot")).is_empty());
        assert!(libraries(&message("cc", "sysroot/deps")).is_empty());
        assert!(libraries(r#"{"reason":"build-finished","success":true}"#).is_empty());
        assert!(libraries("not JSON").is_empty());
    }

    #[test]
    fn the_first_of_two_builds_stays() {
        let dir = fs::scratch_dir().unwrap();
        let (path, late) = (dir.path().join("path"), dir.path().join("late"));
        whole(&path);
        whole(&late);
        fs::write_new(&path.join("first"), b"").unwrap();
        install(&late, &path, "wasm32-wasip1").unwrap();
        assert!(fs::metadata(&path.join("first")).is_ok());
    }

    #[test]
    fn a_sysroot_that_lost_files_is_replaced() {
        let dir = fs::scratch_dir().unwrap();
        let (path, new) = (dir.path().join("path"), dir.path().join("new"));
        fs::create_dir_all(&path.join("lib")).unwrap();
        assert_eq!(lacks(&path, "wasm32-wasip1"), Some("`libcore`"));
        whole(&new);
        install(&new, &path, "wasm32-wasip1").unwrap();
        assert_eq!(lacks(&path, "wasm32-wasip1"), None);
    }
}
