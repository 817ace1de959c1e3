//! The crate's profiles -> the root's manifest, since cargo ignores those of a member. Pure.
//!
//! A workspace with no other crate gets them whole. Others get what can be set for one package, overflow checks of
//! the SDK included; what holds for a whole workspace (`lto`, `panic`) is theirs to decide, and a note says so.

use toml_edit::{DocumentMut, Item, TableLike};

use super::{JoinReport, child};

/// Settings that cargo has only for all packages of a profile.
const OF_ALL: [&str; 3] = ["lto", "panic", "rpath"];

/// Moves the profiles; says what the root has got and what it still lacks.
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
                    of_all.push(format!("`{} = {}`", key.get(), value.decorated("", "")));
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
            joined.notes.push(format!(
                "{} can only be set for all crates of a workspace, so that is left to you: without {} in the root's `[profile.{name}]` the plugin works, but is larger and slower, and `cargo tesser build` warns",
                of_all.join(" and "),
                if of_all.len() == 1 { "it" } else { "them" }
            ));
        }
    }
}

/// Without the place that it had in the other file.
fn placed_last(item: &Item) -> Item {
    let mut item = item.clone();
    if let Some(table) = item.as_table_mut() {
        table.set_position(None);
    }
    item
}

fn is_same(there: Option<&Item>, wanted: &toml_edit::Value) -> bool {
    let text = |value: &toml_edit::Value| value.clone().decorated("", "").to_string();
    there.and_then(Item::as_value).is_some_and(|there| text(there) == text(wanted))
}

/// Sets what is not set yet.
fn set(
    profile: &mut dyn TableLike,
    package: &str,
    key: &toml_edit::Key,
    value: &toml_edit::Value,
) -> bool {
    let Some(packages) = child(profile, "package") else { return false };
    let Some(own) = child(packages, package) else { return false };
    if own.contains_key(key.get()) {
        return false;
    }
    // With the comment above it.
    own.entry_format(key).or_insert(Item::Value(value.clone()));
    true
}
