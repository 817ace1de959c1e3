//! Cargo's view of the workspace -> the plugins to build.
//!
//! In: what `cargo metadata` returns and the user's selection. Out: one entry for each plugin. This module builds and
//! writes nothing; packages that cannot be built are refused before cargo starts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{CrateType, DependencyKind, Metadata, NodeDep, Package, PackageId, Target};
use glob::Pattern;
use serde::{Deserialize, Serialize};

use crate::build::cargo_flags::CargoFlags;
use crate::build::error::Error;
use crate::plugin::{Settings, file_name};
use crate::toolchain::Toolchain;

/// Name of the SDK's package.
const SDK: &str = "tesser-wasm";

/// Crates that read random numbers or the time from the operating system, or do so for other crates.
const SUSPECTS: [&str; 15] = [
    "ahash",
    "async-std",
    "chrono",
    "fastrand",
    "getrandom",
    "instant",
    "jiff",
    "nanoid",
    "quanta",
    "rand",
    "smol",
    "time",
    "tokio",
    "ulid",
    "uuid",
];

/// A package, or an example of one, that is built as a plugin.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plugin {
    /// Cargo's id of the package.
    pub id: PackageId,
    /// Name of the package, or of the example.
    pub name: String,
    /// Version of the package.
    pub version: String,
    /// Folder of its manifest.
    pub dir: PathBuf,
    /// `authors`, joined.
    pub authors: Option<String>,
    /// `license`.
    pub license: Option<String>,
    /// `repository`.
    pub source: Option<String>,
    /// Name of its library, which becomes the file name.
    pub library: String,
    /// Name of the example, if it is one.
    pub example: Option<String>,
    /// The SDK that it uses.
    pub sdk: Option<Sdk>,
    /// `[package.metadata.tesser]`.
    pub settings: Settings,
    /// Whether it was selected by name or as the only package.
    pub is_named: bool,
    /// Dependencies that are known to read the clock, random numbers and the like.
    pub ambient_crates: Vec<String>,
}

/// The SDK that one plugin depends on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sdk {
    /// Version of `tesser-wasm`.
    pub version: String,
    /// Its folder, which contains `abi.toml`.
    pub dir: PathBuf,
}

impl Sdk {
    /// Returns the path of its ABI manifest.
    pub(in crate::build) fn manifest(&self) -> PathBuf {
        self.dir.join("abi.toml")
    }
}

/// Returns the plugins that the flags select, in cargo's order.
pub(in crate::build) fn plugins(
    metadata: &Metadata,
    flags: &CargoFlags,
    toolchain: &Toolchain,
) -> Result<Vec<Plugin>, Error> {
    let selected = selected(metadata, flags, toolchain)?;
    let mut plugins = Vec::new();
    let linked = linked(metadata, !flags.examples.is_empty());
    let of = |package: &Package| linked.get(&package.id).map_or(&[][..], Vec::as_slice);
    if flags.examples.is_empty() {
        for package in &selected {
            // Of several packages, those that do not use the SDK are not plugins. A package that is named, or the only one
            // selected, is
            // meant to be a plugin, and the error says what it lacks.
            let named = selected.len() == 1 || !flags.packages.is_empty();
            match cdylib(package) {
                Some(target) if named || sdk(of(package)).is_some() => {
                    plugins.push(Plugin::new(package, target, of(package), named)?);
                }
                None if named => {
                    let is_one = |package: &&&Package| {
                        cdylib(package).is_some() && sdk(of(package)).is_some()
                    };
                    let members = metadata.workspace_packages();
                    return Err(Error::NotCdylib {
                        package: package.name.to_string(),
                        manifest: package.manifest_path.clone().into(),
                        has_sdk: sdk(of(package)).is_some(),
                        plugins: names(members.iter().filter(is_one).copied()),
                    });
                }
                _ => {}
            }
        }
    } else {
        for (package, target) in examples(&selected, &flags.examples)? {
            plugins.push(Plugin::new(package, target, of(package), true)?);
        }
    }
    if plugins.is_empty() {
        return Err(Error::NoPlugin { packages: names(selected.iter().copied()) });
    }
    check_files(&plugins)?;
    Ok(plugins)
}

/// Returns an error for each member that uses the SDK and seems to be a plugin, but has no `cdylib`.
pub(in crate::build) fn without_cdylib(
    metadata: &Metadata,
    is_plugin: impl Fn(&Path) -> bool,
) -> Vec<Error> {
    let linked = linked(metadata, false);
    let members = metadata.workspace_packages();
    let lacking = members.iter().filter(|package| {
        let linked = linked.get(&package.id).map_or(&[][..], Vec::as_slice);
        cdylib(package).is_none()
            && *package.name != SDK
            && sdk(linked).is_some()
            && is_plugin(crate::fs::parent(package.manifest_path.as_std_path()))
    });
    let error = |package: &&Package| Error::NotCdylib {
        package: package.name.to_string(),
        manifest: package.manifest_path.clone().into(),
        has_sdk: true,
        plugins: String::new(),
    };
    lacking.map(error).collect()
}

impl Plugin {
    /// Returns the folder of its SDK.
    pub(in crate::build) fn sdk_dir(&self) -> Option<&Path> {
        self.sdk.as_ref().map(|sdk| sdk.dir.as_path())
    }

    fn new(
        package: &Package,
        target: &Target,
        linked: &[&Package],
        is_named: bool,
    ) -> Result<Self, Error> {
        let example = target.is_example().then(|| target.name.clone());
        Ok(Self {
            id: package.id.clone(),
            name: example.clone().unwrap_or_else(|| package.name.to_string()),
            version: package.version.to_string(),
            dir: package.manifest_path.parent().map_or_else(PathBuf::new, Into::into),
            authors: Some(package.authors.join(", ")).filter(|authors| !authors.is_empty()),
            license: package.license.clone(),
            source: package.repository.clone(),
            library: target.name.replace('-', "_"),
            example,
            sdk: sdk(linked),
            settings: Settings::of(package).map_err(|reason| Error::Settings {
                manifest: package.manifest_path.clone().into(),
                reason,
            })?,
            is_named,
            ambient_crates: Vec::new(),
        })
    }
}

/// Returns the packages that cargo would build: those of `-p`, or all or the default ones, without the excluded ones.
fn selected<'a>(
    metadata: &'a Metadata,
    flags: &CargoFlags,
    toolchain: &Toolchain,
) -> Result<Vec<&'a Package>, Error> {
    let members = metadata.workspace_packages();
    let find = |specs: &[String]| -> Result<BTreeSet<&PackageId>, Error> {
        let mut found = BTreeSet::new();
        for spec in specs {
            let ids = matching(spec, &members, flags, toolchain);
            if ids.is_empty() {
                return Err(Error::UnknownPackage {
                    spec: spec.clone(),
                    known: names(members.iter().copied()),
                });
            }
            found.extend(ids);
        }
        Ok(found)
    };
    let (named, excluded) = (find(&flags.packages)?, find(&flags.exclude)?);
    let defaults: BTreeSet<_> = if metadata.workspace_default_members.is_available() {
        metadata.workspace_default_members.iter().collect()
    } else {
        metadata.workspace_members.iter().collect()
    };
    let is_selected = |id: &PackageId| {
        if flags.workspace {
            !excluded.contains(id)
        } else if named.is_empty() {
            defaults.contains(id)
        } else {
            named.contains(id)
        }
    };
    Ok(members.iter().copied().filter(|package| is_selected(&package.id)).collect())
}

/// Returns the members that match a name, a pattern or a package id.
fn matching<'a>(
    spec: &str,
    members: &[&'a Package],
    flags: &CargoFlags,
    toolchain: &Toolchain,
) -> Vec<&'a PackageId> {
    let ids = |fits: &dyn Fn(&Package) -> bool| {
        members.iter().copied().filter(|package| fits(package)).map(|package| &package.id).collect()
    };
    let is_name = spec.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    if is_name {
        return ids(&|package| *package.name == *spec);
    }
    if spec.contains(['*', '?', '[']) {
        let Ok(pattern) = Pattern::new(spec) else { return Vec::new() };
        return ids(&|package| pattern.matches(&package.name));
    }
    // `name@1`, `path+file:///..`: cargo resolves all forms.
    match flags.package_id(toolchain, spec).read() {
        Ok(id) => ids(&|package| package.id.repr == id),
        Err(_) => Vec::new(),
    }
}

fn cdylib(package: &Package) -> Option<&Target> {
    package.targets.iter().find(|target| {
        target.crate_types.contains(&CrateType::CDyLib) && !target.is_example() && !target.is_bin()
    })
}

/// Returns the examples that match a name or a pattern and are built as plugins.
fn examples<'a>(
    packages: &[&'a Package],
    specs: &[String],
) -> Result<Vec<(&'a Package, &'a Target)>, Error> {
    let all = packages.iter().flat_map(|package| {
        package
            .targets
            .iter()
            .filter(|target| target.is_example())
            .map(move |target| (*package, target))
    });
    let is_plugin = |target: &Target| target.crate_types.contains(&CrateType::CDyLib);
    let mut found = Vec::new();
    for spec in specs {
        let pattern = Pattern::new(spec).ok();
        let fits = |name: &str| name == spec || pattern.as_ref().is_some_and(|it| it.matches(name));
        let matching: Vec<_> = all.clone().filter(|(_, target)| fits(&target.name)).collect();
        let plugins: Vec<_> =
            matching.iter().copied().filter(|(_, target)| is_plugin(target)).collect();
        match (matching.first(), plugins.is_empty()) {
            (None, _) => return Err(Error::UnknownExample { spec: spec.clone() }),
            (Some((package, target)), true) => {
                return Err(Error::ExampleNotCdylib {
                    example: target.name.clone(),
                    manifest: package.manifest_path.clone().into(),
                });
            }
            _ => found.extend(plugins),
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|(package, target)| seen.insert((&package.id, &target.name)));
    Ok(found)
}

/// Returns the crates among these that are known to call the operating system.
pub(in crate::build) fn ambient_crates(linked: &BTreeSet<&str>) -> Vec<String> {
    SUSPECTS.iter().filter(|name| linked.contains(*name)).map(|name| (*name).to_owned()).collect()
}

/// Returns the packages that are linked into each member. Examples also link dev-dependencies.
fn linked(metadata: &Metadata, of_examples: bool) -> BTreeMap<&PackageId, Vec<&Package>> {
    let Some(resolve) = &metadata.resolve else { return BTreeMap::new() };
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let below = |member| {
        let mut seen = BTreeSet::from([member]);
        let mut queue = vec![member];
        let mut packages = Vec::new();
        while let Some(id) = queue.pop() {
            packages.push(&metadata[id]);
            // Dev- and build-dependencies are not linked into the plugin.
            let linked = |dep: &&NodeDep| {
                dep.dep_kinds.iter().any(|kind| match kind.kind {
                    DependencyKind::Normal => true,
                    DependencyKind::Development => of_examples && id == member,
                    _ => false,
                })
            };
            let next = nodes.get(id).into_iter().flat_map(|node| node.deps.iter().filter(linked));
            queue.extend(next.map(|dep| &dep.pkg).filter(|id| seen.insert(id)));
        }
        packages
    };
    metadata.workspace_members.iter().map(|member| (member, below(member))).collect()
}

/// Returns the SDK among the linked packages.
fn sdk(linked: &[&Package]) -> Option<Sdk> {
    let package = linked.iter().find(|package| *package.name == SDK)?;
    let dir = crate::fs::parent(package.manifest_path.as_std_path()).to_owned();
    Some(Sdk { version: package.version.to_string(), dir })
}

/// Two plugins with the same file name would overwrite each other.
fn check_files(plugins: &[Plugin]) -> Result<(), Error> {
    let mut files: BTreeMap<String, &Plugin> = BTreeMap::new();
    for plugin in plugins {
        // Some file systems ignore case.
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

fn names<'a>(packages: impl Iterator<Item = &'a Package>) -> String {
    let names: Vec<_> = packages.map(|package| format!("`{}`", package.name)).collect();
    names.join(", ")
}
