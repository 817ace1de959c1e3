//! Merges the manifest of a plugin into a crate's own manifest. Pure.
//!
//! It adds keys and list entries, and changes no existing value or comment. It reports existing values that are in the way.

use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

use super::present::{self, Renamed};
use crate::workspace::{DEPENDENCIES, child};

const SDK: &str = "tesser-wasm";

/// What was added, and notes for the user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) added: Vec<String>,
    pub(super) notes: Vec<String>,
    /// Whether the SDK is new to the crate.
    pub(super) has_new_sdk: bool,
}

/// Completes `manifest` from `wanted`, the manifest of the minimal plugin. Only a crate without a source file needs the
/// dependencies
/// of that plugin's tests.
pub(super) fn merge(
    manifest: &mut DocumentMut,
    wanted: &DocumentMut,
    needs_source: bool,
    renamed: &Renamed,
) -> Result<Changes, String> {
    let mut changes = Changes::default();
    crate_type(manifest, needs_source, &mut changes)?;
    for table in DEPENDENCIES {
        if table == "dependencies" || needs_source {
            dependencies(manifest, wanted, table, renamed, &mut changes)?;
        }
    }
    profiles(manifest, wanted, &mut changes)?;
    // A crate that lacks nothing else is already a plugin.
    if !changes.added.is_empty() {
        metadata(manifest, &mut changes)?;
    }
    Ok(changes)
}

/// Removes dependencies that the crate already has from `wanted`, so that their source is not looked up. The SDK stays, for
/// its feature.
pub(super) fn leave_out_what_is_there(
    wanted: &mut DocumentMut,
    manifest: &DocumentMut,
    renamed: &Renamed,
) {
    let mut manifest = manifest.clone();
    for name in DEPENDENCIES {
        if let Some(wanted) = wanted.get_mut(name).and_then(Item::as_table_mut) {
            wanted.retain(|key, _| {
                key == SDK || present::entry(&mut manifest, name, key, renamed).is_none()
            });
        }
    }
}

/// Returns a table of the manifest; if it is missing, it is added at the end.
fn table<'a>(manifest: &'a mut DocumentMut, name: &str) -> Result<&'a mut dyn TableLike, String> {
    let item = manifest.entry(name).or_insert_with(|| Item::Table(Table::new()));
    item.as_table_like_mut().ok_or_else(|| format!("its `{name}` is not a table"))
}

fn crate_type(
    manifest: &mut DocumentMut,
    needs_source: bool,
    changes: &mut Changes,
) -> Result<(), String> {
    let lib = table(manifest, "lib")?;
    // Cargo accepts both spellings.
    let key = if lib.contains_key("crate_type") { "crate_type" } else { "crate-type" };
    let Some(item) = lib.get_mut(key) else {
        let types: &[&str] = if needs_source { &["cdylib"] } else { &["cdylib", "lib"] };
        let types: Array = types.iter().copied().collect();
        changes.added.push(format!("`crate-type = {types}` in `[lib]`"));
        if !needs_source {
            changes.notes.push(
                "`lib` stays in the crate types, since other crates and tests may use the library; without it cargo can optimize across crates, which makes the plugin smaller and faster".into(),
            );
        }
        lib.insert(key, value(types));
        return Ok(());
    };
    let types = item.as_array_mut().ok_or("its `lib.crate-type` is not a list")?;
    if !types.iter().any(|it| it.as_str() == Some("cdylib")) {
        types.push("cdylib");
        changes.added.push("`\"cdylib\"` in `lib.crate-type`".into());
    }
    Ok(())
}

fn dependencies(
    manifest: &mut DocumentMut,
    wanted: &DocumentMut,
    name: &str,
    renamed: &Renamed,
    changes: &mut Changes,
) -> Result<(), String> {
    let Some(wanted) = wanted.get(name).and_then(Item::as_table) else { return Ok(()) };
    for (key, item) in wanted {
        let Some(there) = present::entry(manifest, name, key, renamed) else {
            changes.added.push(format!("`{key}` in `[{name}]`"));
            changes.has_new_sdk |= key == SDK;
            // Together with the comment above it.
            let formatted = wanted.key(key).cloned().unwrap_or_else(|| key.into());
            table(manifest, name)?.entry_format(&formatted).or_insert(item.clone());
            continue;
        };
        for feature in features(item) {
            // The features of other crates are the author's choice.
            if key == SDK && !features(there).any(|it| it == feature) {
                add_feature(there, feature).ok_or_else(|| {
                    format!("its `{name}.{key}` has `features` that are not a list")
                })?;
                changes.added.push(format!("the feature `{feature}` of `{key}` in `[{name}]`"));
            }
        }
    }
    Ok(())
}

fn features(item: &Item) -> impl Iterator<Item = &str> {
    let array = item.get("features").and_then(Item::as_array);
    array.into_iter().flatten().filter_map(Value::as_str)
}

fn add_feature(dependency: &mut Item, feature: &str) -> Option<()> {
    if let Some(version) = dependency.as_str() {
        let mut table = InlineTable::new();
        table.insert("version", version.into());
        *dependency = value(table);
    }
    let dependency = dependency.as_table_like_mut()?;
    let features = dependency.entry("features").or_insert_with(|| value(Array::new()));
    features.as_array_mut()?.push(feature);
    Some(())
}

/// Adds profiles. Cargo reads them only in the root manifest, so for a member `wanted` has none.
fn profiles(
    manifest: &mut DocumentMut,
    wanted: &DocumentMut,
    changes: &mut Changes,
) -> Result<(), String> {
    let Some(wanted) = wanted.get("profile").and_then(Item::as_table) else { return Ok(()) };
    for (name, profile) in wanted {
        let Some(profile) = profile.as_table() else { continue };
        let profiles = manifest.entry("profile").or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        let profiles = profiles.as_table_like_mut().ok_or("its `profile` is not a table")?;
        let own = profiles.entry(name).or_insert_with(|| Item::Table(Table::new()));
        let not_a_table = "its profile is not a table";
        let decided = own.as_table_like().ok_or(not_a_table)?.contains_key("opt-level");
        let text = |value: &Value| value.clone().decorated("", "").to_string();
        for (path, wanted) in profile.get_values() {
            let shown = path.iter().map(|key| key.get()).collect::<Vec<_>>().join(".");
            let [tables @ .., key] = path.as_slice() else { continue };
            if decided && !tables.is_empty() {
                // A setting that the author has made for all crates is not overridden for one.
                continue;
            }
            let mut own = own.as_table_like_mut().ok_or(not_a_table)?;
            for table in tables {
                own =
                    child(own, table.get()).ok_or("its profile has a value that is not a table")?;
            }
            match own.get(key.get()).map(|item| item.as_value().map(text)) {
                None => {
                    let wanted = text(wanted);
                    changes.added.push(format!("`{shown} = {wanted}` in `[profile.{name}]`"));
                }
                Some(there) if there != Some(text(wanted)) && shown == "overflow-checks" => {
                    changes.notes.push(format!("`overflow-checks` is disabled in `[profile.{name}]`, and `cargo tesser build` refuses such a profile: integer overflow would wrap silently"));
                    continue;
                }
                Some(_) => continue,
            }
            own.entry_format(key).or_insert(Item::Value(wanted.clone()));
        }
    }
    Ok(())
}

fn metadata(manifest: &mut DocumentMut, changes: &mut Changes) -> Result<(), String> {
    let package = table(manifest, "package")?;
    let mut parent = package;
    for name in ["metadata", "tesser"] {
        if !parent.contains_key(name) {
            let mut table = Table::new();
            table.set_implicit(name == "metadata");
            parent.insert(name, Item::Table(table));
            if name == "tesser" {
                changes.added.push("`capabilities = []` in `[package.metadata.tesser]`".into());
                if let Some(tesser) = parent.get_mut(name).and_then(Item::as_table_like_mut) {
                    tesser.insert("capabilities", value(Array::new()));
                }
                return Ok(());
            }
        }
        let item = parent.get_mut(name).and_then(Item::as_table_like_mut);
        parent = item
            .ok_or_else(|| format!("its `package.metadata` has a `{name}` that is not a table"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: &str = r#"[lib]
crate-type = ["cdylib"]
[dependencies]
# Why.
serde = { version = "1", features = ["derive"] }
tesser-wasm = { version = "0.10", features = ["guest"] }
[dev-dependencies]
serde_json = "1"
[profile.release]
# Numbers.
overflow-checks = true
lto = "fat"
opt-level = "s"
package.tesser-wasm.opt-level = 2
"#;

    fn merged(manifest: &str, needs_source: bool) -> (String, Changes) {
        let mut manifest: DocumentMut = manifest.parse().unwrap();
        let wanted = WANTED.parse().unwrap();
        let renamed = present::renamed(&manifest);
        let changes = merge(&mut manifest, &wanted, needs_source, &renamed).unwrap();
        let text = manifest.to_string();
        let again = merge(&mut manifest, &wanted, needs_source, &renamed).unwrap();
        assert!(again.added.is_empty(), "{again:?}");
        assert_eq!(manifest.to_string(), text);
        (text, changes)
    }

    #[test]
    fn what_is_missing_is_added_and_what_is_there_stays() {
        let (text, changes) = merged(
            r#"# Ours.
[package]
name = "x" # good

[dependencies]
tesser-wasm = "0.10"

[profile.release]
lto = "thin"
overflow-checks = false
"#,
            false,
        );
        snapbox::assert_data_eq!(
            text,
            snapbox::str![[r##"
# Ours.
[package]
name = "x" # good

[package.metadata.tesser]
capabilities = []

[dependencies]
tesser-wasm = { version = "0.10", features = ["guest"] }
# Why.
serde = { version = "1", features = ["derive"] }

[profile.release]
lto = "thin"
overflow-checks = false
opt-level = "s"

[profile.release.package.tesser-wasm]
opt-level = 2

[lib]
crate-type = ["cdylib", "lib"]

"##]]
        );
        assert_eq!(
            changes.added,
            [
                "`crate-type = [\"cdylib\", \"lib\"]` in `[lib]`",
                "`serde` in `[dependencies]`",
                "the feature `guest` of `tesser-wasm` in `[dependencies]`",
                "`opt-level = \"s\"` in `[profile.release]`",
                "`package.tesser-wasm.opt-level = 2` in `[profile.release]`",
                "`capabilities = []` in `[package.metadata.tesser]`"
            ]
        );
        assert_eq!(changes.notes.len(), 2, "{changes:?}");
        assert!(changes.notes[1].contains("`overflow-checks` is disabled"), "{changes:?}");
    }

    #[test]
    fn a_crate_without_a_source_gets_what_the_smallest_plugin_needs() {
        let (text, changes) = merged("[package]\nname = \"x\"\n", true);
        assert!(text.contains("crate-type = [\"cdylib\"]"), "{text}");
        assert!(text.contains("[dev-dependencies]\nserde_json = \"1\""), "{text}");
        assert!(text.contains("# Numbers.\noverflow-checks = true"), "{text}");
        assert!(changes.notes.is_empty(), "{changes:?}");
    }

    #[test]
    fn the_sdk_is_compiled_for_speed_where_the_author_has_not_decided() {
        let (text, changes) = merged("[package]\nname = \"x\"\n", false);
        let profile = "opt-level = \"s\"\n\n[profile.release.package.tesser-wasm]\nopt-level = 2\n";
        assert!(text.ends_with(profile), "{text}");
        let added = "`package.tesser-wasm.opt-level = 2` in `[profile.release]`";
        assert!(changes.added.iter().any(|it| it == added), "{changes:?}");
        let own = "[package]\nname = \"x\"\n[profile.release]\nopt-level = 3\n";
        let (text, _) = merged(own, false);
        assert!(
            text.contains("opt-level = 3\n# Numbers.\n") && !text.contains("profile.release.p"),
            "{text}"
        );
        let wanted = WANTED.parse().unwrap();
        let own = "profile.release.package = 1";
        let error = merge(&mut own.parse().unwrap(), &wanted, false, &Renamed::new()).unwrap_err();
        assert_eq!(error, "its profile has a value that is not a table");
    }

    #[test]
    fn lists_and_inline_tables_are_completed_in_place() {
        let (text, _) = merged(
            "package = { name = \"x\", metadata = { tesser = { max-size = 9 } } }\n[lib]\ncrate_type = [\"rlib\"]\n[dependencies.tesser-wasm]\nworkspace = true\n",
            false,
        );
        assert!(text.contains("crate_type = [\"rlib\", \"cdylib\"]"), "{text}");
        assert!(text.contains("metadata = { tesser = { max-size = 9 } }"), "{text}");
        assert!(text.contains("workspace = true\nfeatures = [\"guest\"]"), "{text}");
    }

    #[test]
    fn what_is_there_under_another_name_is_not_added_again() {
        let there = [
            "[dependencies]\ntw = { package = \"tesser-wasm\", version = \"0.10\" }\nencode = { package = \"serde\", version = \"1\" }\n",
            "[target.'cfg(all())'.dependencies]\ntw = { package = \"tesser-wasm\", version = \"0.10\" }\nencode = { package = \"serde\", version = \"1\" }\n",
            "[workspace.dependencies]\ntw = { package = \"tesser-wasm\", version = \"0.10\" }\n[dependencies]\ntw = { workspace = true }\nserde = \"1\"\n",
        ];
        for there in there {
            let (text, changes) = merged(&format!("[package]\nname = \"x\"\n{there}"), false);
            assert_eq!(text.matches("tesser-wasm").count(), 2, "once, and in the profile: {text}");
            assert_eq!(text.matches("serde").count(), 1, "{text}");
            assert_eq!(text.matches("features = [\"guest\"]").count(), 1, "{text}");
            assert!(!changes.has_new_sdk, "{changes:?}");
        }
    }

    #[test]
    fn a_manifest_of_another_shape_is_refused() {
        let wanted = WANTED.parse().unwrap();
        let refused = |text: &str| {
            merge(&mut text.parse().unwrap(), &wanted, false, &Renamed::new()).unwrap_err()
        };
        assert_eq!(refused("lib = 1"), "its `lib` is not a table");
        assert_eq!(refused("lib = { crate-type = \"x\" }"), "its `lib.crate-type` is not a list");
    }
}
