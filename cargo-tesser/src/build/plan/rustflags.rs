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

use crate::build::advice::Advice;
use crate::build::error::Error;
use crate::process::Cmd;
use crate::toolchain::{OLD_TARGET, TARGET, Toolchain};

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
    places(config, variables, target, cfgs)
        .into_iter()
        .next()
        .map(|it| it.flags)
        .unwrap_or_default()
}

/// One of the four places that cargo reads flags from.
struct Place {
    /// The variables and tables.
    names: Vec<String>,
    /// Whether it is a variable that overrides all files.
    is_override: bool,
    flags: Vec<String>,
}

/// Returns the places that are set. Cargo takes the flags of the first one.
fn places(config: &Value, variables: &Variables, target: &str, cfgs: Option<&[Cfg]>) -> Vec<Place> {
    let variable = |name: &str, value: &Option<String>, separator: fn(&str) -> Vec<String>| {
        let flags = separator(value.as_ref()?);
        Some(Place { names: vec![format!("`{name}`")], is_override: true, flags })
    };
    let encoded = variable("CARGO_ENCODED_RUSTFLAGS", &variables.encoded, |text| {
        let words = text.split('\x1f').map(str::to_owned);
        if text.is_empty() { Vec::new() } else { words.collect() }
    });
    let plain = variable("RUSTFLAGS", &variables.plain, words);
    let tables = tables(config);
    let matching =
        tables.iter().filter(|(name, _)| cfgs.is_some_and(|cfgs| CfgExpr::matches_key(name, cfgs)));
    let of_target = tables
        .get_key_value(target)
        .map(|(name, flags)| (table(name), list(flags)))
        .into_iter()
        .chain([(variable_of(target), flags_of(variables.of_target.as_ref()))])
        .chain(matching.map(|(name, flags)| (table(name), list(flags))));
    let of_build = [
        ("`build.rustflags`".to_owned(), list(&config["build"]["rustflags"])),
        ("`CARGO_BUILD_RUSTFLAGS`".to_owned(), flags_of(variables.of_build.as_ref())),
    ];
    let lists = [joined(of_target), joined(of_build.into_iter())];
    [encoded, plain].into_iter().chain(lists).flatten().collect()
}

/// Joins the lists that cargo joins; `None` if all are empty.
fn joined(lists: impl Iterator<Item = (String, Vec<String>)>) -> Option<Place> {
    let (names, flags): (Vec<_>, Vec<_>) = lists.filter(|(_, flags)| !flags.is_empty()).unzip();
    (!names.is_empty()).then(|| Place { names, is_override: false, flags: flags.concat() })
}

fn table(name: &str) -> String {
    let key = if name.starts_with("cfg(") { format!("'{name}'") } else { name.to_owned() };
    format!("`target.{key}.rustflags`")
}

fn variable_of(target: &str) -> String {
    format!("`CARGO_TARGET_{}_RUSTFLAGS`", target.to_uppercase().replace('-', "_"))
}

fn flags_of(variable: Option<&String>) -> Vec<String> {
    variable.map(|text| words(text)).unwrap_or_default()
}

/// Returns a warning for each place whose flags cargo ignores, for `doctor`.
///
/// # Errors
/// The same as [`of_user`].
pub(in crate::build) fn ignored(
    config: &Value,
    toolchain: &Toolchain,
) -> Result<Vec<Advice>, Error> {
    let variables = Variables::inherited(toolchain);
    let cfgs =
        if has_cfg(config) { cfgs(toolchain, &of_user(config, toolchain)?)? } else { Vec::new() };
    let mut ignored = overridden(&places(config, &variables, &toolchain.target, Some(&cfgs)));
    ignored.extend(of_other_name(config, &toolchain.target));
    Ok(ignored)
}

/// Returns a warning for each place behind the first one, if it has flags that the first one lacks.
fn overridden(places: &[Place]) -> Vec<Advice> {
    let Some((first, others)) = places.split_first() else { return Vec::new() };
    let used = first.names.join(" and ");
    let lost = others.iter().filter(|it| it.flags.iter().any(|flag| !first.flags.contains(flag)));
    let advice = lost.map(|place| {
        let names = place.names.join(" and ");
        let fact = format!(
            "cargo ignores the flags of {names} for plugins, because it takes those of {used}"
        );
        let remedy = if first.is_override {
            format!("unset {used}")
        } else {
            format!("add `{}` to {used}, or remove {names}", place.flags.join(" "))
        };
        Advice { fact, remedy }
    });
    advice.collect()
}

/// Returns a warning about a table for the target's former or later name, which cargo ignores.
fn of_other_name(config: &Value, target: &str) -> Option<Advice> {
    let other = [TARGET, OLD_TARGET].into_iter().find(|name| *name != target)?;
    let flags = tables(config).get(other).copied().map(list).unwrap_or_default();
    (!flags.is_empty()).then(|| Advice {
        fact: format!("cargo ignores {}: this compiler calls the target `{target}`", table(other)),
        remedy: format!("rename the table to `[target.{target}]`"),
    })
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
