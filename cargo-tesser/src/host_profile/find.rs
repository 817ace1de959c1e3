//! Where host profiles are: in the tool, in the folder `cargo-tesser/hosts` of the user's configuration, or in a
//! file that is named.
//!
//! In: a name or a path. Out: profiles. A name that is built in cannot be taken, so that `tesser@0.9` means the same
//! on every machine.

use std::path::{Path, PathBuf};

use super::{Error, HostProfile};
use crate::fs;

/// All profiles that have a name, with the files of those that the user has added.
///
/// # Errors
/// A file of the user's folder is no profile, or takes a name.
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

/// A profile by its name, or by its file.
///
/// # Errors
/// No profile has this name, or the file is not a profile.
pub fn find(host: &str) -> Result<HostProfile, Error> {
    if is_profile(Path::new(host)) {
        return read(Path::new(host));
    }
    // Before the user's folder is looked into: nothing in there has to do with these.
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
