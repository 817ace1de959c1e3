//! The workspace around the working directory: cargo's view, the SDK, plugins, profiles, flags, the repository.
//!
//! What cargo cannot resolve is one error; manifests and configuration are then still checked as far as they can be read.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand};
use toml_edit::DocumentMut;

use super::check::{Check, Subject};
use super::{configuration, machine, manifests};
use crate::build::{self, Survey};
use crate::fs;
use crate::git::git;
use crate::process::{self, Cmd};
use crate::report::counted;
use crate::toolchain::{Machine, Toolchain};
use crate::workspace::PLUGIN_PROFILE;

/// The SDK's package.
const SDK: &str = "tesser-wasm";

pub(super) fn checks(machine: &Machine) -> Vec<Check> {
    let Ok(here) = fs::absolute(Path::new(".")) else { return Vec::new() };
    let Some(nearest) = here.ancestors().find(|dir| fs::is_there(&dir.join("Cargo.toml"))) else {
        return vec![Check::ok(Subject::Workspace, "there is no crate here to check")];
    };
    match metadata(machine) {
        Ok(metadata) => whole(&metadata, &here, machine),
        Err(error) => broken(&error, &here, nearest, machine),
    }
}

fn whole(metadata: &Metadata, here: &Path, machine: &Machine) -> Vec<Check> {
    let root = metadata.workspace_root.as_std_path();
    let members = metadata.workspace_packages().into_iter();
    let members: Vec<_> =
        members.map(|package| fs::parent(package.manifest_path.as_std_path()).to_owned()).collect();
    let mut checks = vec![listed(root, members.len())];
    checks.extend(resolver(root));
    let ignored = [in_manifests(root, &members), configuration::ignored(here, root, &members)];
    let ok = [
        Check::ok(Subject::Manifest, "no manifest has tables that cargo ignores"),
        Check::ok(Subject::Configuration, "cargo reads all of its files here"),
    ];
    for (ignored, ok) in ignored.into_iter().zip(ok) {
        checks.extend(if ignored.is_empty() { vec![ok] } else { ignored });
    }
    checks.extend(sdk(root));
    if let Some(Ok(toolchain)) = &machine.toolchain {
        checks.extend(in_plan(toolchain, root));
    }
    checks.push(repository(root));
    checks
}

/// Checks what can be read without cargo.
fn broken(error: &process::Error, here: &Path, nearest: &Path, machine: &Machine) -> Vec<Check> {
    let root = outermost(nearest);
    let workspace = if machine.compiler.is_ok() {
        let remedy = "fix what cargo reports; until then, only a part of the workspace is checked";
        Check::error(Subject::Workspace, error, Some(remedy.into()))
    } else {
        // The same error a second time.
        Check::warning(
            Subject::Workspace,
            "cargo cannot read it without a compiler, so only a part of it is checked",
            "see `compiler` above",
        )
    };
    let mut checks = vec![workspace];
    checks.extend(resolver(&root));
    checks.extend(in_manifests(&root, &[nearest.to_owned()]));
    checks.extend(configuration::ignored(here, &root, &[]));
    checks.extend(sdk(&root));
    checks.push(repository(&root));
    checks
}

/// Asks for the members only, which needs neither the network nor `Cargo.lock`.
fn metadata(machine: &Machine) -> Result<Metadata, process::Error> {
    let mut command = MetadataCommand::new();
    command.cargo_path(machine.cargo()).no_deps();
    let answer = Cmd::from(command.cargo_command()).arg("--offline").read()?;
    MetadataCommand::parse(answer).map_err(|error| process::Error::Io {
        command: "cargo metadata".into(),
        source: std::io::Error::other(error),
    })
}

fn listed(root: &Path, members: usize) -> Check {
    let text = format!(
        "`{}`, {}",
        root.display(),
        counted(u32::try_from(members).unwrap_or(u32::MAX), "package")
    );
    Check::ok(Subject::Workspace, text)
}

/// Returns the folder of the enclosing `[workspace]`, as far as manifests can be read.
fn outermost(nearest: &Path) -> PathBuf {
    let is_root = |dir: &&Path| {
        manifest(&dir.join("Cargo.toml")).is_some_and(|manifest| manifest.contains_key("workspace"))
    };
    nearest.ancestors().find(is_root).unwrap_or(nearest).to_owned()
}

fn manifest(path: &Path) -> Option<DocumentMut> {
    fs::read_text(path).ok()?.parse().ok()
}

fn resolver(root: &Path) -> Option<Check> {
    let path = root.join("Cargo.toml");
    Some(manifests::resolver(&manifest(&path)?, &path))
}

fn in_manifests(root: &Path, members: &[PathBuf]) -> Vec<Check> {
    let members: BTreeSet<_> = members.iter().filter(|dir| *dir != root).collect();
    let ignored = members.into_iter().filter_map(|dir| {
        let path = dir.join("Cargo.toml");
        manifests::ignored(&manifest(&path)?, &path, &root.join("Cargo.toml"))
    });
    ignored.collect()
}

/// Compares the SDK in `Cargo.lock` with the tool.
fn sdk(root: &Path) -> Option<Check> {
    let tool = semver::Version::parse(env!("CARGO_PKG_VERSION")).ok()?;
    let lock = manifest(&root.join("Cargo.lock"))?;
    let packages = lock.get("package")?.as_array_of_tables()?.iter();
    let versions = packages.filter_map(|package| {
        let is_sdk = package.get("name")?.as_str()? == SDK;
        is_sdk.then(|| package.get("version")?.as_str()?.parse::<semver::Version>().ok())?
    });
    let versions: Vec<_> = versions.collect();
    let names = versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
    let fits = semver::VersionReq::parse(&format!("^{}.{}", tool.major, tool.minor)).ok()?;
    Some(match versions.as_slice() {
        [] => return None,
        [one] if fits.matches(one) => {
            Check::ok(Subject::Sdk, format!("`{SDK}` {one}, tool {tool}"))
        }
        [_] => Check::warning(
            Subject::Sdk,
            format!("`{SDK}` {names} is of another release than the tool {tool}"),
            format!(
                "depend on `{SDK} = \"{}.{}\"`, which comes with this tool",
                tool.major, tool.minor
            ),
        ),
        _ => Check::warning(
            Subject::Sdk,
            format!("the workspace has `{SDK}` in {} versions: {names}", versions.len()),
            format!(
                "`cargo tree --invert {SDK}@{}` shows who needs it; depend on one version",
                versions[0]
            ),
        ),
    })
}

/// Returns what the plan of a build would say.
fn in_plan(toolchain: &Toolchain, root: &Path) -> Vec<Check> {
    let not_checked = "plugins, profiles and flags are not checked";
    if !fs::is_there(&root.join("Cargo.lock")) {
        return vec![Check::warning(
            Subject::Plugins,
            format!("there is no `Cargo.lock` yet, so {not_checked}"),
            "build once, or run `cargo generate-lockfile`",
        )];
    }
    let survey = match Survey::new(toolchain) {
        Ok(survey) => survey,
        Err(error) => {
            let remedy = format!("run `cargo fetch`: without it, {not_checked}");
            return vec![Check::mild(Subject::Plugins, &error, remedy)];
        }
    };
    let mut checks = Vec::new();
    match survey.plugins() {
        Ok(plugins) => {
            let names: Vec<_> = plugins.iter().map(|plugin| format!("`{}`", plugin.name)).collect();
            checks.push(Check::ok(Subject::Plugins, names.join(", ")));
            let abi = plugins.iter().filter_map(|plugin| Survey::check_abi(plugin).err());
            checks.extend(abi.map(|error| of_build(Subject::Sdk, &error)));
            checks.extend(survey.not_built().iter().map(|error| of_build(Subject::Plugins, error)));
            checks.extend(profiles(&survey, &plugins, root));
        }
        Err(error) => checks.push(match error {
            build::Error::NoPlugin { .. } | build::Error::NotCdylib { has_sdk: false, .. } => {
                Check::mild(Subject::Plugins, &error, error.hint().unwrap_or_default())
            }
            _ => of_build(Subject::Plugins, &error),
        }),
    }
    checks.extend(rustflags(&survey));
    checks.push(target_folder(&survey));
    checks
}

fn of_build(subject: Subject, error: &build::Error) -> Check {
    // Some hints end with TOML.
    let hint = error.hint().map(|hint| hint.trim_end().to_owned());
    Check::error(subject, error, hint)
}

/// Checks `release`, which `validate` and `test` build, and the profile for plugins, if there is one.
fn profiles(survey: &Survey, plugins: &[build::Plugin], root: &Path) -> Vec<Check> {
    let has_own = manifest(&root.join("Cargo.toml"))
        .is_some_and(|it| it.get("profile").is_some_and(|it| it.get(PLUGIN_PROFILE).is_some()));
    let names = if has_own { vec!["release", PLUGIN_PROFILE] } else { vec!["release"] };
    let mut checks = Vec::new();
    let mut last_cost = None;
    for name in &names {
        match survey.profile(name, plugins) {
            Ok((note, cost)) => {
                checks.push(match note {
                    Some(advice) => Check::advice(Subject::OverflowChecks, advice),
                    None => {
                        Check::ok(Subject::OverflowChecks, format!("on in the profile `{name}`"))
                    }
                });
                last_cost = Some((name, cost));
            }
            Err(error) => checks.push(of_build(Subject::OverflowChecks, &error)),
        }
    }
    // Plugins are built with the last one.
    checks.extend(last_cost.map(|(name, cost)| match cost {
        Some(advice) => Check::advice(Subject::Profile, advice),
        None => Check::ok(
            Subject::Profile,
            format!("`{name}` has `panic`, `lto` and `strip` for plugins"),
        ),
    }));
    checks
}

fn rustflags(survey: &Survey) -> Vec<Check> {
    match survey.ignored_flags() {
        Ok(ignored) if ignored.is_empty() => {
            vec![Check::ok(Subject::Rustflags, "cargo ignores none of the configured flags")]
        }
        Ok(ignored) => {
            ignored.into_iter().map(|advice| Check::advice(Subject::Rustflags, advice)).collect()
        }
        Err(error) => vec![of_build(Subject::Rustflags, &error)],
    }
}

fn target_folder(survey: &Survey) -> Check {
    match machine::folder(&survey.target_dir()) {
        Ok(text) => Check::ok(Subject::TargetFolder, text),
        Err(error) => {
            let remedy = "name another folder with `CARGO_TARGET_DIR` or `--target-dir`".to_owned();
            Check::error(Subject::TargetFolder, &error, Some(remedy))
        }
    }
}

/// Checks that git can name the commit of a plugin.
fn repository(root: &Path) -> Check {
    if !root.ancestors().any(|dir| fs::is_there(&dir.join(".git"))) {
        return Check::ok(Subject::Repository, "none, so plugins name no commit");
    }
    let ask = |words: &[&str]| git().arg("-C").arg(root).arg("rev-parse").args(words).read();
    match ask(&["--is-shallow-repository"]) {
        Ok(answer) if answer == "true" => Check::warning(
            Subject::Repository,
            "the clone is shallow, so plugins may name no commit",
            "run `git fetch --unshallow`, or set `fetch-depth: 0` in a workflow",
        ),
        Ok(_) => match ask(&["--verify", "--quiet", "--short", "HEAD"]) {
            Ok(head) => Check::ok(Subject::Repository, format!("commit {head}")),
            Err(_) => Check::ok(Subject::Repository, "no commit yet, so plugins name none"),
        },
        Err(error) => Check::mild(
            Subject::Repository,
            &error,
            "fix what git reports: until then, plugins name no commit",
        ),
    }
}
