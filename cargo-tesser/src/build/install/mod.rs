//! Checked components -> installed files, all or none.
//!
//! In: components and their paths. Out: complete files there, and the previous ones kept. Every file is written to a
//! temporary file in the same folder before the first one is renamed.

pub(crate) mod history;

use crate::build::artifact::{Artifact, InstalledFile};
use crate::build::error::Error;
use crate::build::options::Options;
use crate::build::package::fingerprint;
use crate::build::package::{Finished, PackagedPlugin};
use crate::fs;
use crate::plugin::file_name;

/// Installs the plugins into the target directory, and into `--out-dir`.
pub(in crate::build) fn install(
    finished: Vec<Finished<'_>>,
    options: &Options,
) -> Result<Vec<Artifact>, Error> {
    let mut staged = Vec::new();
    let mut all = Vec::new();
    for finished in &finished {
        let previous_size = fs::metadata(&finished.place).ok().map(|metadata| metadata.len());
        let out = options.out_dir.iter().map(|dir| dir.join(file_name(&finished.plugin.library)));
        let mut places = Vec::new();
        for path in std::iter::once(finished.place.clone()).chain(out) {
            let file = fs::stage(&path, &finished.made.component.0)?;
            places.push(InstalledFile { path, fresh: file.is_none() });
            staged.extend(file);
        }
        all.push((previous_size, places));
    }
    let mut locks = Vec::new();
    if options.keep > 0 {
        for (_, places) in &all {
            for place in places.iter().skip(1).filter(|place| !place.fresh) {
                locks.push(history::lock(&place.path));
                history::keep(&place.path, options.keep, false)?;
            }
        }
    }
    fs::replace_all(staged)?;
    Ok(finished
        .into_iter()
        .zip(all)
        .map(|(finished, (previous_size, places))| artifact(finished, previous_size, places))
        .collect())
}

fn artifact(
    finished: Finished<'_>,
    previous_size: Option<u64>,
    places: Vec<InstalledFile>,
) -> Artifact {
    let Finished {
        plugin,
        made: PackagedPlugin { component, sha256, summary },
        core_size,
        place,
        note,
    } = finished;
    if let Some(note) = note {
        fingerprint::note(&place, note, sha256.clone(), summary.clone());
    }
    Artifact {
        package_id: plugin.id.repr.clone(),
        dir: plugin.dir.clone(),
        name: plugin.library.clone(),
        test: plugin.settings.test.clone(),
        sha256,
        size: component.0.len() as u64,
        core_size,
        previous_size,
        summary,
        places,
    }
}
