//! Settings in manifests that cargo ignores or that plugins should not have. Pure.

use std::path::Path;

use toml_edit::{DocumentMut, Item};

use super::check::{Check, Subject};

/// Tables that cargo reads only in the manifest of the workspace's root.
const OF_ROOT: [&str; 3] = ["patch", "profile", "replace"];

/// Checks the version of the resolver, which the root decides.
pub(super) fn resolver(root: &DocumentMut, path: &Path) -> Check {
    let text = |item: Option<&Item>| item.and_then(Item::as_str).map(str::to_owned);
    let package = root.get("package");
    let workspace = root.get("workspace");
    let stated = text(workspace.and_then(|it| it.get("resolver")))
        .or_else(|| text(package.and_then(|it| it.get("resolver"))));
    let inherited = || text(workspace.and_then(|it| it.get("package")?.get("edition")));
    let edition = package.map(|package| {
        text(package.get("edition")).or_else(inherited).unwrap_or_else(|| "2015".into())
    });
    let version = match (stated.as_deref(), edition.as_deref()) {
        (Some(stated), _) => stated,
        (None, None | Some("2015" | "2018")) => "1",
        (None, Some("2021")) => "2",
        (None, Some(_)) => "3",
    };
    if version != "1" {
        return Check::ok(Subject::Resolver, format!("version {version}"));
    }
    let table = if workspace.is_some() { "workspace" } else { "package" };
    let why = if stated.is_some() { "sets" } else { "states no resolver, so cargo uses" };
    Check::warning(
        Subject::Resolver,
        format!(
            "`{}` {why} version 1: features of build scripts and tests end up in plugins",
            path.display()
        ),
        format!("add `resolver = \"3\"` to `[{table}]` in `{}`", path.display()),
    )
}

/// Returns a warning if the manifest of a member has tables that cargo reads only at the root.
pub(super) fn ignored(member: &DocumentMut, path: &Path, root: &Path) -> Option<Check> {
    let mut ignored: Vec<_> = OF_ROOT
        .iter()
        .filter(|key| member.contains_key(key))
        .map(|key| format!("`[{key}]`"))
        .collect();
    if member.get("package").is_some_and(|package| package.get("resolver").is_some()) {
        ignored.push("`package.resolver`".into());
    }
    let ignored = (!ignored.is_empty()).then(|| ignored.join(" and "))?;
    Some(Check::warning(
        Subject::Manifest,
        format!(
            "cargo ignores {ignored} in `{}`, which is not the root of its workspace",
            path.display()
        ),
        format!("move it to `{}`", root.display()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolver_of(manifest: &str) -> String {
        resolver(&manifest.parse().unwrap(), Path::new("Cargo.toml")).text
    }

    #[test]
    fn the_resolver_follows_cargos_rules() {
        for (manifest, version) in [
            ("[workspace]\nresolver = \"2\"", "2"),
            ("[package]\nedition = \"2024\"", "3"),
            ("[package]\nedition = \"2021\"", "2"),
            ("[package]\nedition = \"2018\"\nresolver = \"2\"", "2"),
            ("[workspace.package]\nedition = \"2024\"\n[package]\nedition.workspace = true", "3"),
        ] {
            assert_eq!(resolver_of(manifest), format!("version {version}"), "{manifest}");
        }
        for manifest in ["[workspace]", "[package]", "[package]\nedition = \"2018\""] {
            assert!(resolver_of(manifest).contains("states no resolver"), "{manifest}");
        }
        assert!(resolver_of("[workspace]\nresolver = \"1\"").contains("sets version 1"));
    }

    #[test]
    fn what_only_the_root_may_have_is_named_in_a_member() {
        let of = |manifest: &str| {
            let manifest = manifest.parse().unwrap();
            ignored(&manifest, Path::new("a/Cargo.toml"), Path::new("Cargo.toml"))
        };
        let check = of("[package]\nresolver = \"2\"\n[profile.release]\nlto = true").unwrap();
        assert_eq!(
            check.text,
            "cargo ignores `[profile]` and `package.resolver` in `a/Cargo.toml`, which is not the root of its workspace"
        );
        assert!(of("[package]\nname = \"a\"").is_none());
    }
}
