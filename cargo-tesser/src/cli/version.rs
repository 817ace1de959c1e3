//! What `-V` and `--version` print: the tool, the commit that it was built from, and what is built in.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::sync::LazyLock;

use clap::error::Error;

use crate::abi::Abi;
use crate::host_profile::{HOST, HostProfile};

/// The version of the built-in wasm-opt.
pub(super) const WASM_OPT: Option<&str> =
    if cfg!(feature = "wasm-opt") { Some("116") } else { None };

/// What is built in, with the versions of `Cargo.lock`: cargo does not tell them.
const BUILT_IN: [(&str, &str, &str); 3] = [
    ("wasmtime", "wasmtime", "36.0.20"),
    ("wasmparser", "wasmparser", "0.262.0"),
    ("wasmparser of the host", "wasmparser", "0.121.2"),
];

/// The commit, from `build.rs`; empty if it is not known.
const COMMIT: &str = env!("CARGO_TESSER_BUILT_FROM");

static SHORT: LazyLock<String> = LazyLock::new(|| format!("{} for {HOST}", short()));
static LONG: LazyLock<String> = LazyLock::new(long);

/// Returns the version of the tool, with the first digits of the commit if it is known.
pub(super) fn short() -> String {
    let version = env!("CARGO_PKG_VERSION");
    match COMMIT.get(..9) {
        Some(commit) => format!("{version} ({commit})"),
        None => version.to_owned(),
    }
}

fn long() -> String {
    let mut text = short();
    let mut line = |name: &str, value: &str| {
        let _ = write!(text, "\n{name}: {value}");
    };
    line("commit", if COMMIT.is_empty() { "unknown" } else { COMMIT });
    for host in HostProfile::built_in().unwrap_or_default() {
        line("host", &format!("{} ({}, WASI {})", host.name, host.engine, host.wasi.version));
    }
    line("abi", &Abi::built_in().map(|abi| abi.version).unwrap_or_default());
    line("sdk", concat!("tesser-wasm ", env!("CARGO_PKG_VERSION")));
    line("wasm-opt", WASM_OPT.unwrap_or("not built in"));
    for (name, _, version) in BUILT_IN {
        line(name, version);
    }
    line("platform", &format!("{} {}", std::env::consts::OS, std::env::consts::ARCH));
    text
}

/// Returns the version that was asked for. Other runs do not pay for it.
pub(super) fn exact(error: Error, command: clap::Command, args: &[OsString]) -> Error {
    let command = command.version(SHORT.as_str()).long_version(LONG.as_str());
    command.try_get_matches_from(args).err().unwrap_or(error)
}

#[cfg(test)]
mod tests {
    use toml_edit::DocumentMut;

    use super::*;

    #[test]
    fn the_versions_of_what_is_built_in_are_those_of_the_lock_file() {
        let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock");
        let lock: DocumentMut = std::fs::read_to_string(lock).unwrap().parse().unwrap();
        let packages = lock["package"].as_array_of_tables().unwrap();
        for (_, name, version) in BUILT_IN {
            let is_it = |package: &toml_edit::Table| {
                package["name"].as_str() == Some(name)
                    && package["version"].as_str() == Some(version)
            };
            assert!(packages.iter().any(is_it), "{name} {version}");
        }
    }
}
