//! Finds host profiles: in the tool, in the folder `cargo-tesser/hosts` of the user's configuration, or in a given file.
//!
//! In: a name or a path. Out: profiles. A file cannot redefine a built-in name, so `tesser@0.9` means the same on every machine.

use std::path::{Path, PathBuf};

use super::{Error, HostProfile};
use crate::fs;

/// Returns all profiles that have a name, with the files of those that the user has added.
///
/// # Errors
/// If a file of the user's folder is not a profile, or redefines a name.
pub fn hosts() -> Result<Vec<(HostProfile, Option<PathBuf>)>, Error> {
    let mut hosts: Vec<_> =
        HostProfile::built_in()?.into_iter().map(|profile| (profile, None)).collect();
    let folder = dirs::config_dir().map(|dir| dir.join("cargo-tesser/hosts"));
    let Some(folder) = folder.filter(|folder| fs::is_there(folder)) else { return Ok(hosts) };
    for path in fs::entries(&folder)?.into_iter().filter(|path| is_profile(path)) {
        let profile = read(&path)?;
        if hosts.iter().any(|(other, _)| other.name == profile.name) {
            return Err(Error::TakenHost { name: profile.name, path });
        }
        hosts.push((profile, Some(path)));
    }
    Ok(hosts)
}

/// Returns a profile by its name or by its file.
///
/// # Errors
/// If no profile has this name, or the file is not a profile.
pub fn find(host: &str) -> Result<HostProfile, Error> {
    if is_profile(Path::new(host)) {
        return read(Path::new(host));
    }
    // First, without reading the user's folder, which does not affect built-in profiles.
    let built_in = HostProfile::built_in()?.into_iter().find(|profile| profile.name == host);
    if let Some(profile) = built_in {
        return Ok(profile);
    }
    let hosts = hosts()?;
    let known: Vec<_> = hosts.iter().map(|(profile, _)| profile.name.clone()).collect();
    let found = hosts.into_iter().find(|(profile, _)| profile.name == host);
    let unknown = || Error::UnknownHost { name: host.to_owned(), known: known.join(", ") };
    found.map(|(profile, _)| profile).ok_or_else(unknown)
}

fn is_profile(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

fn read(path: &Path) -> Result<HostProfile, Error> {
    let wrong = |source| Error::ProfileFile { path: path.to_owned(), source: Box::new(source) };
    HostProfile::parse(&fs::read_text(path)?).map_err(wrong)
}
