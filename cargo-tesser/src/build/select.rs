//! Cargo's view of the workspace -> the plugins to build.
//!
//! In: what `cargo metadata` answers and the user's selection. Out: one entry for each plugin. Nothing is
//! built or written here; what cannot be built is refused before cargo starts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cargo_metadata::{CrateType, DependencyKind, Metadata, NodeDep, Package, PackageId, Target};

use super::cargo::CargoFlags;
use super::error::Error;
use super::install::file_name;

/// Name of the SDK's package.
const SDK: &str = "tesser-wasm";

/// A package that is built as a plugin.
#[derive(Clone, Debug)]
pub struct Plugin {
    /// Cargo's id of the package.
    pub id: PackageId,
    /// Name of the package.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Name of its library, which names the file.
    pub library: String,
    /// The SDK that it uses: version and manifest.
    pub sdk: Option<Sdk>,
}

/// The SDK as one plugin sees it.
#[derive(Clone, Debug)]
pub struct Sdk {
    /// Version of `tesser-wasm`.
    pub version: String,
    /// Its folder, which holds `abi.toml`.
    pub dir: PathBuf,
}

/// The plugins that the flags select, in cargo's order.
pub(super) fn plugins(metadata: &Metadata, flags: &CargoFlags) -> Result<Vec<Plugin>, Error> {
    let selected = selected(metadata, flags)?;
    let users = sdk_users(metadata);
    let mut plugins = Vec::new();
    for package in &selected {
        // Of several packages, those that have nothing to do with the SDK are no plugins; one that is
        // named, or selected alone, is meant to be one, and is told what it lacks.
        let named = selected.len() == 1 || !flags.packages.is_empty();
        match cdylib(package) {
            Some(target) if named || users.contains_key(&package.id) => plugins.push(Plugin {
                id: package.id.clone(),
                name: package.name.to_string(),
                version: package.version.to_string(),
                library: target.name.replace('-', "_"),
                sdk: users.get(&package.id).cloned(),
            }),
            None if named => {
                return Err(Error::NotCdylib {
                    package: package.name.to_string(),
                    manifest: package.manifest_path.clone().into(),
                });
            }
            _ => {}
        }
    }
    if plugins.is_empty() {
        return Err(Error::NoPlugin { packages: names(&selected) });
    }
    check_files(&plugins)?;
    Ok(plugins)
}

/// The packages that cargo would build: `-p`, else all or the default ones, without the excluded.
fn selected<'a>(metadata: &'a Metadata, flags: &CargoFlags) -> Result<Vec<&'a Package>, Error> {
    let members = metadata.workspace_packages();
    let matches = |package: &Package, spec: &str| {
        *package.name == *spec
            || package.id.repr == spec
            || format!("{}@{}", package.name, package.version) == spec
    };
    let unknown =
        |spec: &str| Error::UnknownPackage { spec: spec.to_owned(), known: names(&members) };
    for spec in flags.packages.iter().chain(&flags.exclude) {
        if !members.iter().any(|package| matches(package, spec)) {
            return Err(unknown(spec));
        }
    }
    let is_named =
        |specs: &[String], package: &Package| specs.iter().any(|spec| matches(package, spec));
    let defaults: BTreeSet<_> = if metadata.workspace_default_members.is_available() {
        metadata.workspace_default_members.iter().collect()
    } else {
        metadata.workspace_members.iter().collect()
    };
    Ok(members
        .iter()
        .copied()
        .filter(|package| {
            if !flags.packages.is_empty() {
                is_named(&flags.packages, package)
            } else if flags.workspace {
                !is_named(&flags.exclude, package)
            } else {
                defaults.contains(&package.id)
            }
        })
        .collect())
}

fn cdylib(package: &Package) -> Option<&Target> {
    package.targets.iter().find(|target| {
        target.crate_types.contains(&CrateType::CDyLib) && !target.is_example() && !target.is_bin()
    })
}

/// Every package that has the SDK below it, with the SDK it gets.
fn sdk_users(metadata: &Metadata) -> BTreeMap<PackageId, Sdk> {
    let mut users = BTreeMap::new();
    let Some(resolve) = &metadata.resolve else { return users };
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    for member in &metadata.workspace_members {
        let mut seen = BTreeSet::from([member]);
        let mut queue = vec![member];
        while let Some(id) = queue.pop() {
            let package = &metadata[id];
            if *package.name == SDK {
                let manifest = package.manifest_path.as_std_path();
                let dir = crate::fs::parent(manifest).to_owned();
                users.insert(member.clone(), Sdk { version: package.version.to_string(), dir });
                break;
            }
            // What only tests and build scripts use does not end up in the plugin.
            let linked = |dep: &&NodeDep| {
                dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal)
            };
            let next = nodes.get(id).into_iter().flat_map(|node| node.deps.iter().filter(linked));
            queue.extend(next.map(|dep| &dep.pkg).filter(|id| seen.insert(id)));
        }
    }
    users
}

/// Two plugins of one name would replace each other in turn.
fn check_files(plugins: &[Plugin]) -> Result<(), Error> {
    let mut files: BTreeMap<String, &Plugin> = BTreeMap::new();
    for plugin in plugins {
        // Some file systems do not tell upper from lower case.
        if let Some(first) = files.insert(plugin.library.to_lowercase(), plugin) {
            return Err(Error::SameFile {
                first: first.name.clone(),
                second: plugin.name.clone(),
                file: file_name(&plugin.library),
            });
        }
    }
    Ok(())
}

fn names(packages: &[&Package]) -> String {
    let names: Vec<_> = packages.iter().map(|package| format!("`{}`", package.name)).collect();
    names.join(", ")
}
