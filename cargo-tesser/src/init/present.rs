//! Finds dependencies that a crate already has, under any name. Pure.

use std::collections::BTreeMap;

use toml_edit::{DocumentMut, Item, TableLike};

/// Packages of `workspace.dependencies` that are renamed there: `tw = { package = "tesser-wasm" }`.
pub(super) type Renamed = BTreeMap<String, String>;

/// Returns the renamed packages of a manifest.
pub(super) fn renamed(manifest: &DocumentMut) -> Renamed {
    let shared = manifest.get("workspace").and_then(|it| it.get("dependencies"));
    let shared = shared.and_then(Item::as_table_like).into_iter().flat_map(TableLike::iter);
    let package = |item: &Item| Some(item.get("package")?.as_str()?.to_owned());
    shared.filter_map(|(key, item)| Some((key.to_owned(), package(item)?))).collect()
}

/// Returns the crate's entry for a package, in the table with this name or in one for a target.
pub(super) fn entry<'a>(
    manifest: &'a mut DocumentMut,
    table: &str,
    package: &str,
    renamed: &Renamed,
) -> Option<&'a mut Item> {
    let own = manifest.get(table).and_then(|table| key(table, package, renamed));
    if let Some(key) = own {
        return manifest.get_mut(table)?.get_mut(&key);
    }
    let targets = manifest.get_mut("target")?.as_table_like_mut()?;
    targets.iter_mut().find_map(|(_, target)| {
        let dependencies = target.get_mut(table)?;
        let key = key(dependencies, package, renamed)?;
        dependencies.get_mut(&key)
    })
}

/// Returns the key of a package in a table of dependencies.
fn key(dependencies: &Item, package: &str, renamed: &Renamed) -> Option<String> {
    let dependencies = dependencies.as_table_like()?;
    let is_it = |(key, item): &(&str, &Item)| {
        let own = item.get("package").and_then(Item::as_str);
        let inherits = item.get("workspace").and_then(Item::as_bool) == Some(true);
        let shared = renamed.get(*key).map(String::as_str).filter(|_| inherits);
        own.or(shared).unwrap_or(key) == package
    };
    let found = dependencies.iter().find(is_it).map(|(key, _)| key.to_owned());
    // A key cannot be used twice, whatever it refers to.
    found.or_else(|| dependencies.contains_key(package).then(|| package.to_owned()))
}
