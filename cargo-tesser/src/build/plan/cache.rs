//! The plan cache: the plan of the last build, as long as its inputs have not changed. Asking the compiler and cargo takes
//! longer than a `cargo build` that has nothing to do.
//!
//! In: the options, and a plan that was just made. Out: a file beside the plugins; or the plan in it, if every file that
//! it depends on still has the same contents. If that cannot be checked for certain, nothing is cached. A plan only says what
//! to build: cargo itself decides what has to be compiled.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cargo_metadata::Metadata;
use serde::{Deserialize, Serialize};

use crate::build::error::Error;
use crate::build::options::Options;
use crate::build::plan::{Plan, folder};
use crate::digest::sha256;
use crate::fs;
use crate::shell::Shell;

const FILE: &str = ".plan";

#[derive(Serialize, Deserialize)]
struct Remembered {
    /// Hash of the options, variables, working directory and this program.
    asked: String,
    seen: Vec<Seen>,
    plan: Plan,
}

/// The state of an input; an empty text means that it did not exist.
#[derive(Serialize, Deserialize)]
struct Seen {
    path: PathBuf,
    how: How,
    was: String,
}

/// How to find out whether an input has changed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum How {
    /// By the contents of the file.
    Contents,
    /// By length and time, since programs and libraries are large.
    Identity,
    /// By the names in the folder, for `members = ["plugins/*"]`.
    Names,
}

/// Returns the cached plan, or a new one, which is then cached.
pub(in crate::build) fn plan(options: &Options, shell: Shell) -> Result<Plan, Error> {
    if let Some(plan) = recall(options) {
        return Ok(plan);
    }
    let (plan, workspace) = Plan::make(options, shell)?;
    keep(options, &plan, &workspace);
    Ok(plan)
}

/// Returns the plan of an earlier build with the same options.
fn recall(options: &Options) -> Option<Plan> {
    let asked = asked(options)?;
    folders(options).iter().find_map(|folder| {
        let bytes = fs::read(&folder.join(FILE)).ok()?;
        let remembered: Remembered = serde_json::from_slice(&bytes).ok()?;
        let same = remembered.asked == asked
            && remembered.seen.iter().all(|seen| look(&seen.path, seen.how) == seen.was);
        same.then_some(remembered.plan)
    })
}

/// Caches a plan for the next build. A failure only makes that build slower.
fn keep(options: &Options, plan: &Plan, workspace: &Metadata) {
    let (Some(asked), Some(sources)) = (asked(options), sources(options, plan, workspace)) else {
        return;
    };
    let see = |(path, how): (PathBuf, How)| Seen { was: look(&path, how), path, how };
    let seen = sources.into_iter().map(see).collect();
    if let Ok(json) = serde_json::to_vec(&Remembered { asked, seen, plan: plan.clone() }) {
        let _ = fs::write_atomic(&plan.folder(&options.cargo).join(FILE), &json);
    }
}

/// Replaces the cached plan with an updated one, if there is one.
pub(in crate::build) fn replace(options: &Options, plan: &Plan) {
    let file = plan.folder(&options.cargo).join(FILE);
    let kept = fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let Some(Remembered { asked, seen, .. }) = kept else { return };
    if let Ok(json) = serde_json::to_vec(&Remembered { asked, seen, plan: plan.clone() }) {
        let _ = fs::write_atomic(&file, &json);
    }
}

/// Removes the cached plan: after a failure the next build makes a new one.
pub(in crate::build) fn forget(options: &Options) {
    for folder in folders(options) {
        fs::remove_file(&folder.join(FILE));
    }
}

fn look(path: &Path, how: How) -> String {
    match how {
        How::Contents => fs::read(path).map(|bytes| sha256(&bytes)).unwrap_or_default(),
        How::Identity => fs::identity(path).unwrap_or_default(),
        How::Names => {
            let entries = fs::entries(path).unwrap_or_default();
            let members: Vec<_> =
                entries.iter().filter(|entry| fs::is_there(&entry.join("Cargo.toml"))).collect();
            sha256(format!("{members:?}").as_bytes())
        }
    }
}

/// Returns the hash of all options, with the variables that rustup, cargo and rustc use.
fn asked(options: &Options) -> Option<String> {
    let here = fs::absolute(Path::new("x")).ok()?.into_os_string();
    let is_asked = |name: &str| {
        ["CARGO", "RUST", "TESSER"].iter().any(|prefix| name.starts_with(prefix))
            || ["PATH", "HOME", "USERPROFILE"].contains(&name)
    };
    let mut variables: Vec<_> = std::env::vars_os()
        .filter(|(name, _)| is_asked(&name.to_string_lossy()))
        // These differ between runs under `cargo run` and `make -j`, and have no effect here.
        .filter(|(name, _)| name != "CARGO_MAKEFLAGS" && name != "RUST_RECURSION_COUNT")
        .collect();
    variables.sort();
    let program = fs::own_identity();
    let asked = (&options.cargo, here, variables, program);
    Some(sha256(format!("{asked:?}").as_bytes()))
}

/// Folders that may hold a cached plan: only cargo knows the target directory, except for the usual
/// ones.
fn folders(options: &Options) -> Vec<PathBuf> {
    let flags = &options.cargo;
    let variable = || {
        let names = ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"];
        names.iter().find_map(std::env::var_os).map(PathBuf::from)
    };
    let dirs = match flags.target_dir.clone().or_else(variable) {
        Some(dir) => vec![dir],
        None => ancestors(options).iter().map(|dir| dir.join("target")).collect(),
    };
    dirs.iter().map(|dir| folder(dir, flags)).collect()
}

/// Returns the folders in which cargo and rustup look for manifests and configuration.
fn ancestors(options: &Options) -> BTreeSet<PathBuf> {
    let manifest = options.cargo.manifest_path.as_deref().unwrap_or(Path::new("Cargo.toml"));
    let places = [manifest, Path::new("Cargo.toml")].map(|path| fs::absolute(path).ok());
    let above = |path: PathBuf| path.ancestors().skip(1).map(Path::to_owned).collect::<Vec<_>>();
    places.into_iter().flatten().flat_map(above).collect()
}

/// Returns all inputs of the plan; `None` if they cannot be listed.
fn sources(
    options: &Options,
    plan: &Plan,
    workspace: &Metadata,
) -> Option<BTreeSet<(PathBuf, How)>> {
    let mut contents: BTreeSet<PathBuf> = BTreeSet::new();
    let mut configs: Vec<PathBuf> = Vec::new();
    for dir in ancestors(options) {
        contents.extend(
            ["Cargo.toml", "rust-toolchain", "rust-toolchain.toml"].map(|name| dir.join(name)),
        );
        configs.extend([".cargo/config", ".cargo/config.toml"].map(|name| dir.join(name)));
    }
    for (variable, default) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        let home = std::env::var_os(variable).map(PathBuf::from);
        let home = home.or_else(|| Some(std::env::home_dir()?.join(default)))?;
        configs.extend(["config", "config.toml"].map(|name| home.join(name)));
        contents.insert(home.join("settings.toml"));
    }
    configs
        .extend(options.cargo.config.iter().map(PathBuf::from).filter(|path| fs::is_there(path)));
    // With `include`, a file names others.
    if configs.iter().any(|path| fs::read_text(path).is_ok_and(|text| text.contains("include"))) {
        return None;
    }
    contents.extend(configs);
    let root = workspace.workspace_root.as_std_path();
    contents.extend([root.join("Cargo.toml"), root.join("Cargo.lock")]);
    let local = workspace.packages.iter().filter(|package| package.source.is_none());
    contents.extend(local.map(|package| package.manifest_path.clone().into()));
    contents.extend(plan.plugins.iter().filter_map(|plugin| Some(plugin.sdk.as_ref()?.manifest())));
    let mut sources: BTreeSet<_> = contents.into_iter().map(|path| (path, How::Contents)).collect();
    sources.extend(plan.toolchain.files.iter().map(|path| (path.clone(), How::Identity)));
    sources.extend(globs(root)?.into_iter().map(|path| (path, How::Names)));
    Some(sources)
}

/// Returns the folders in which new members may appear; `None` if a pattern is not of the form `plugins/*`.
fn globs(root: &Path) -> Option<Vec<PathBuf>> {
    let manifest: toml_edit::DocumentMut =
        fs::read_text(&root.join("Cargo.toml")).ok()?.parse().ok()?;
    let Some(members) = manifest.get("workspace").and_then(|table| table.get("members")) else {
        return Some(Vec::new());
    };
    let mut folders = Vec::new();
    for member in members.as_array()? {
        let member = member.as_str()?;
        let (folder, last) = member.trim_end_matches('/').rsplit_once('/').unwrap_or(("", member));
        if folder.contains(['*', '?', '[']) {
            return None;
        }
        if last.contains(['*', '?', '[']) {
            folders.push(root.join(folder));
        }
    }
    Some(folders)
}
