//! What a crate inherits from `workspace.package` and `workspace.dependencies`. Pure.
//!
//! It inherits only what works for the crate: an edition, compiler or dependency with which its sources do not compile stays its
//! own, and a note says so. `publish` always stays: an algorithm must not be published because the crates around it are.

use semver::{Version, VersionReq};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, Value};

/// Keys of `[package]` that a new crate inherits.
const KEYS: [&str; 9] = [
    "version",
    "edition",
    "rust-version",
    "authors",
    "license",
    "license-file",
    "repository",
    "homepage",
    "documentation",
];

/// Tables of dependencies.
pub(crate) const DEPENDENCIES: [&str; 3] =
    ["dependencies", "dev-dependencies", "build-dependencies"];

/// The SDK, whose source is chosen elsewhere.
const SDK: &str = "tesser-wasm";

/// Changes the crate's manifest; returns what it inherits.
pub(super) fn inherit(
    manifest: &mut DocumentMut,
    root: &DocumentMut,
    notes: &mut Vec<String>,
) -> Vec<String> {
    let Some(workspace) = root.get("workspace").and_then(Item::as_table_like) else {
        return Vec::new();
    };
    let shared = |table: &str| workspace.get(table).and_then(Item::as_table_like);
    let mut taken = Vec::new();
    let package = manifest.get_mut("package").and_then(Item::as_table_like_mut);
    if let (Some(package), Some(shared)) = (package, shared("package")) {
        taken.extend(keys(package, shared, notes));
    }
    let Some(shared) = shared("dependencies") else { return taken };
    for table in DEPENDENCIES {
        let own = manifest.get_mut(table).and_then(Item::as_table_like_mut);
        for (name, item) in own.into_iter().flat_map(|own| own.iter_mut()) {
            let name = name.get().to_owned();
            let Some(theirs) = shared.get(&name).filter(|_| name != SDK) else { continue };
            match inherited(item, theirs) {
                Ok(value) => {
                    *item = Item::Value(value.into());
                    taken.push(name);
                }
                Err(reason) => {
                    notes.push(format!("`{name}` is not inherited from the workspace: {reason}"));
                }
            }
        }
    }
    taken
}

fn keys(
    package: &mut dyn TableLike,
    shared: &dyn TableLike,
    notes: &mut Vec<String>,
) -> Vec<String> {
    let mut taken = Vec::new();
    for key in KEYS {
        let Some(theirs) = shared.get(key) else { continue };
        let needed = package.get(key).and_then(Item::as_str).unwrap_or_default();
        let must_reach = matches!(key, "edition" | "rust-version");
        if must_reach && theirs.as_str().is_some_and(|theirs| numbers(theirs) < numbers(needed)) {
            notes.push(format!(
                "`{key}` is not inherited from the workspace: the crate needs {needed}, the workspace has {}",
                theirs.as_str().unwrap_or_default()
            ));
            continue;
        }
        let mut inherited = Table::new();
        inherited.set_dotted(true);
        inherited.insert("workspace", true.into());
        match package.get_mut(key) {
            Some(item) => *item = Item::Table(inherited),
            None => drop(package.insert(key, Item::Table(inherited))),
        }
        taken.push(key.to_owned());
    }
    taken
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

/// Returns a dependency in its inherited form, or why it cannot be inherited.
fn inherited(own: &Item, theirs: &Item) -> Result<InlineTable, &'static str> {
    if own.get("package").is_some() || theirs.get("package").is_some() {
        return Err("one of the two is another crate with that name");
    }
    if let (Some(own), Some(theirs)) = (version(own), version(theirs))
        && !fits(own, theirs)
    {
        return Err("the workspace has another version");
    }
    let default = |item: &Item| item.get("default-features").and_then(Item::as_bool);
    if default(own) == Some(false) && default(theirs) != Some(false) {
        return Err(
            "the workspace enables its default features, and the crate needs them disabled",
        );
    }
    let mut table = InlineTable::new();
    table.insert("workspace", true.into());
    let features = features(own).filter(|it| !features(theirs).any(|theirs| theirs == *it));
    let features: Array = features.collect();
    if !features.is_empty() {
        table.insert("features", Value::Array(features));
    }
    Ok(table)
}

fn version(item: &Item) -> Option<&str> {
    item.as_str().or_else(|| item.get("version")?.as_str())
}

fn features(item: &Item) -> impl Iterator<Item = &str> {
    let array = item.get("features").and_then(Item::as_array);
    array.into_iter().flatten().filter_map(Value::as_str)
}

/// Whether the crate allows the smallest version that the workspace allows.
fn fits(own: &str, theirs: &str) -> bool {
    let (Ok(own), Ok(theirs)) = (VersionReq::parse(own), VersionReq::parse(theirs)) else {
        return false;
    };
    theirs.comparators.first().is_none_or(|least| {
        let (minor, patch) = (least.minor.unwrap_or(0), least.patch.unwrap_or(0));
        own.matches(&Version::new(least.major, minor, patch))
    })
}
