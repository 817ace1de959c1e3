//! The user's flags for rustc, followed by ours.
//!
//! In: cargo's configuration and variables. Out: the flags that plain cargo would pass for a plugin, followed by ours.
//! Cargo takes flags from the first of four places that has any (`CARGO_ENCODED_RUSTFLAGS`, `RUSTFLAGS`,
//! `target.*.rustflags`, `build.rustflags`) and ignores the others. Both lists therefore go into the first place. Build
//! scripts and macros do not get them, since cargo passes these flags only to code that is compiled for the target.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use cargo_platform::{Cfg, CfgExpr};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::build::error::Error;
use crate::process::Cmd;
use crate::toolchain::Toolchain;

/// The user's flags and ours.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(in crate::build) struct Rustflags {
    /// The flags that plain cargo would pass.
    pub(in crate::build) theirs: Vec<String>,
    /// Our flags, which come last.
    pub(in crate::build) ours: Vec<String>,
}

impl Rustflags {
    /// Adds the flags to a `cargo build`.
    pub(in crate::build) fn add(&self, cmd: Cmd) -> Cmd {
        let all: Vec<&str> = self.theirs.iter().chain(&self.ours).map(String::as_str).collect();
        cmd.env("CARGO_ENCODED_RUSTFLAGS", all.join("\x1f"))
    }
}

/// Environment variables from which cargo reads flags.
#[derive(Clone, Debug, Default)]
struct Variables {
    /// `CARGO_ENCODED_RUSTFLAGS`, separated by `0x1f`.
    encoded: Option<String>,
    /// `RUSTFLAGS`, separated by spaces.
    plain: Option<String>,
    /// `CARGO_TARGET_<TRIPLE>_RUSTFLAGS`.
    of_target: Option<String>,
    /// `CARGO_BUILD_RUSTFLAGS`.
    of_build: Option<String>,
}

impl Variables {
    /// The variables that cargo will inherit.
    fn inherited(toolchain: &Toolchain) -> Self {
        Self {
            encoded: std::env::var("CARGO_ENCODED_RUSTFLAGS").ok(),
            plain: std::env::var("RUSTFLAGS").ok(),
            of_target: std::env::var(toolchain.variable("RUSTFLAGS")).ok(),
            of_build: std::env::var("CARGO_BUILD_RUSTFLAGS").ok(),
        }
    }
}

/// Returns the flags that plain cargo would pass for the target.
///
/// # Errors
/// If the compiler does not report which `cfg`s it sets.
pub(in crate::build) fn of_user(
    config: &Value,
    toolchain: &Toolchain,
) -> Result<Vec<String>, Error> {
    let variables = Variables::inherited(toolchain);
    let from = |cfgs: Option<&[Cfg]>| flags(config, &variables, &toolchain.target, cfgs);
    let theirs = from(None);
    if variables.encoded.is_some() || variables.plain.is_some() || !has_cfg(config) {
        return Ok(theirs);
    }
    // These flags may set a `cfg` that a table tests. Flags from such tables do not affect other tables.
    Ok(from(Some(&cfgs(toolchain, &theirs)?)))
}

/// Returns the `cfg`s that the compiler sets for the target with these flags.
fn cfgs(toolchain: &Toolchain, flags: &[String]) -> Result<Vec<Cfg>, Error> {
    let printed = Cmd::new(&toolchain.rustc)
        .args(["--print", "cfg", "--target", &toolchain.target])
        .args(flags)
        .read()?;
    Ok(printed.lines().filter_map(|line| Cfg::from_str(line).ok()).collect())
}

fn tables(config: &Value) -> BTreeMap<&str, &Value> {
    let tables = config["target"].as_object().into_iter().flatten();
    tables.map(|(name, table)| (name.as_str(), &table["rustflags"])).collect()
}

fn has_cfg(config: &Value) -> bool {
    tables(config).iter().any(|(name, flags)| name.starts_with("cfg(") && !flags.is_null())
}

/// Applies cargo's rules. `cfgs` decides which `cfg(..)` tables match; without it, no such table matches.
fn flags(config: &Value, variables: &Variables, target: &str, cfgs: Option<&[Cfg]>) -> Vec<String> {
    if let Some(encoded) = &variables.encoded {
        let words = encoded.split('\x1f').map(str::to_owned);
        return if encoded.is_empty() { Vec::new() } else { words.collect() };
    }
    if let Some(plain) = &variables.plain {
        return words(plain);
    }
    let tables = tables(config);
    let mut of_target = tables.get(target).copied().map(list).unwrap_or_default();
    of_target.extend(variables.of_target.iter().flat_map(|text| words(text)));
    for (name, flags) in tables {
        if cfgs.is_some_and(|cfgs| CfgExpr::matches_key(name, cfgs)) {
            of_target.extend(list(flags));
        }
    }
    if !of_target.is_empty() {
        return of_target;
    }
    let mut of_build = list(&config["build"]["rustflags"]);
    of_build.extend(variables.of_build.iter().flat_map(|text| words(text)));
    of_build
}

/// Reads a list, or a string with spaces between the flags.
fn list(flags: &Value) -> Vec<String> {
    match flags {
        Value::String(text) => words(text),
        Value::Array(list) => {
            list.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
