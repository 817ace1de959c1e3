//! The crate's profiles -> the root's manifest, since cargo ignores those of a member. Pure.
//!
//! A workspace without other crates gets them unchanged. Others get the settings that can be set for one package, including
//! overflow
//! checks of the SDK; settings for a whole workspace (`lto`, `panic`) go to a profile that only plugins use.

use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use super::{JoinReport, child};

/// Name of that profile.
pub(crate) const PLUGIN_PROFILE: &str = "plugin";

/// Settings that can only be set for all packages of a profile.
const OF_ALL: [&str; 3] = ["lto", "panic", "rpath"];

/// Moves the profiles; reports what was added to the root and what it still lacks.
pub(super) fn move_to_root(
    manifest: &mut DocumentMut,
    root: &mut DocumentMut,
    package: &str,
    is_first: bool,
    joined: &mut JoinReport,
) {
    let Some(profiles) = manifest.remove("profile") else { return };
    for (name, wanted) in profiles.as_table_like().into_iter().flat_map(TableLike::iter) {
        let there = root.get("profile").and_then(|profiles| profiles.get(name)).is_some();
        let Some(profiles) = child(root.as_table_mut(), "profile") else { return };
        if is_first && !there {
            profiles.insert(name, placed_last(wanted));
            joined.settings.push(format!("[profile.{name}]"));
            continue;
        }
        let Some(profile) = child(profiles, name) else { continue };
        let wanted = wanted.as_table_like().map(TableLike::get_values).unwrap_or_default();
        let lacking = wanted.into_iter().filter(|(path, value)| {
            path.last().is_some_and(|key| !is_same(profile.get(key.get()), value))
        });
        let lacking: Vec<_> = lacking
            .map(|(path, value)| (path.into_iter().cloned().collect::<Vec<_>>(), value.clone()))
            .collect();
        let mut of_all = Vec::new();
        for (path, value) in lacking {
            let (packages, key) = match path.as_slice() {
                [key] if OF_ALL.contains(&key.get()) => {
                    of_all.push((key.get().to_owned(), value.decorated("", "")));
                    continue;
                }
                [key] if key.get() == "overflow-checks" => (vec![package, "tesser-wasm"], key),
                [key] => (vec![package], key),
                // `package.<name>.<key>`
                [_, package, key] => (vec![package.get()], key),
                _ => continue,
            };
            for package in packages {
                let table = format!("[profile.{name}.package.{package}]");
                if set(profile, package, key, &value) && !joined.settings.contains(&table) {
                    joined.settings.push(table);
                }
            }
        }
        if !of_all.is_empty() {
            let settings: Vec<_> =
                of_all.iter().map(|(key, value)| format!("`{key} = {value}`")).collect();
            add_own(root, name, of_all, joined);
            joined.notes.push(format!(
                "{} can only be set for all crates of a profile, so `[profile.{PLUGIN_PROFILE}]` has {}: build with `cargo tesser build --profile {PLUGIN_PROFILE}`; with `--release` the plugin works, but is larger and slower",
                settings.join(" and "),
                if settings.len() == 1 { "it" } else { "them" }
            ));
        }
    }
}

/// Adds the profile that only plugins use, unless it exists.
fn add_own(
    root: &mut DocumentMut,
    inherits: &str,
    settings: Vec<(String, Value)>,
    joined: &mut JoinReport,
) {
    let Some(profiles) = child(root.as_table_mut(), "profile") else { return };
    if profiles.contains_key(PLUGIN_PROFILE) {
        return;
    }
    let mut own = Table::new();
    own.decor_mut().set_prefix("\n# For plugins: `cargo tesser build --profile plugin`.\n");
    own.insert("inherits", toml_edit::value(inherits));
    for (key, value) in settings {
        own.insert(&key, Item::Value(value));
    }
    // Not only for the plugin and the SDK: every linked crate works with the plugin's numbers.
    own.insert("overflow-checks", toml_edit::value(true));
    profiles.insert(PLUGIN_PROFILE, Item::Table(own));
    joined.settings.push(format!("[profile.{PLUGIN_PROFILE}]"));
}

/// Removes the position that it had in the other file.
fn placed_last(item: &Item) -> Item {
    let mut item = item.clone();
    if let Some(table) = item.as_table_mut() {
        table.set_position(None);
    }
    item
}

fn is_same(there: Option<&Item>, wanted: &Value) -> bool {
    let text = |value: &Value| value.clone().decorated("", "").to_string();
    there.and_then(Item::as_value).is_some_and(|there| text(there) == text(wanted))
}

/// Sets a key that is not set yet.
fn set(profile: &mut dyn TableLike, package: &str, key: &toml_edit::Key, value: &Value) -> bool {
    let Some(packages) = child(profile, "package") else { return false };
    let Some(own) = child(packages, package) else { return false };
    if own.contains_key(key.get()) {
        return false;
    }
    // Together with the comment above it.
    own.entry_format(key).or_insert(Item::Value(value.clone()));
    true
}
