//! A sweep into a folder: the parts that are missing or damaged are made, on all cores. In: the list of runs, and a shard. Out:
//! parts; each appears when it is done, so that a kill costs those that were in work.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::super::page::{Shown, page_of};
use super::super::run::Loaded;
use super::super::run_list::RunList;
use super::super::{Error as ReplayError, Options, RunSettings, RunSummary, load, tables};
use super::collect::{Merged, merge};
use super::description::Description;
use super::parts::{Parts, State};
use super::plan::{Plan, Shard};
use super::{Error, Report};
use crate::fs;
use crate::parallel::on_all_cores;
use crate::process;
use crate::report::counted;
use crate::shell::{Progress, Shell};

/// Age at which the staging folder of a part must be that of a killed run.
const STALE: Duration = Duration::from_secs(3_600);

/// A sweep whose parts are made.
pub struct Swept {
    list: RunList,
    loaded: Loaded,
    parts: Parts,
    plan: Plan,
    /// Hashes of the tapes.
    hashes: Vec<Option<String>>,
}

/// Makes what is missing of a sweep's parts, or of a shard's. `command` makes all of it again.
///
/// # Errors
/// The file or the plugin cannot be read, the folder belongs to another sweep or cannot be written to. A run that fails is a row
/// instead.
pub fn sweep_into(
    options: &Options,
    file: &Path,
    out: &Path,
    shard: Option<Shard>,
    command: &str,
    shell: Shell,
) -> Result<Swept, ReplayError> {
    let list = RunList::read(options, file)?;
    if let Some(stream) = list.stream() {
        return Err(ReplayError::Stream { path: stream.to_owned() });
    }
    let loaded = load(&options.plugin)?;
    loaded.check_params(&options.plugin, list.each_param(), shell)?;
    let plan = Plan::new(list.len());
    let tapes: Vec<_> = list.tapes().collect();
    let hashes = {
        let progress = shell.count("Hashing", tapes.len());
        on_all_cores(&tapes, |path| {
            let sha256 = loaded.hash(path, &options.tape_options);
            progress.step();
            sha256
        })
    };
    process::check_interrupted()?;
    let book = list.book().and_then(|path| loaded.hash_book(path, &options.tape_options));
    let description = Description::new(options, &list, &loaded, &hashes, book.as_deref(), command);
    let dir = Parts::dir_of(out);
    fs::create_dir_all(&dir)?;
    description.claim(&dir)?;
    fs::sweep_staging(&dir, STALE);
    let parts = Parts { dir, id: description.id };
    let swept = Swept { list, loaded, parts, plan, hashes };
    swept.make(&plan.of_shard(shard), shell)?;
    Ok(swept)
}

impl Swept {
    /// Makes those of the parts that are not there.
    fn make(&self, parts: &[usize], shell: Shell) -> Result<(), ReplayError> {
        let states = on_all_cores(parts, |part| Ok((*part, self.parts.state(*part)?)));
        let states = states.into_iter().collect::<Result<Vec<_>, ReplayError>>()?;
        for (part, state) in &states {
            if let State::Damaged(reason) = state {
                let path = self.parts.path(*part);
                shell.warn(format_args!(
                    "`{}` is damaged: {reason}; it is made again",
                    path.display()
                ));
            }
        }
        let is_whole = |state: &State| matches!(state, State::Whole { .. });
        let (there, missing): (Vec<_>, Vec<_>) =
            states.into_iter().partition(|(_, state)| is_whole(state));
        let runs = |parts: &[(usize, State)]| -> usize {
            parts.iter().map(|(part, _)| self.plan.runs(*part).len()).sum()
        };
        if !there.is_empty() {
            shell.status(
                "Fresh",
                format_args!(
                    "{} of {}, with {}",
                    there.len(),
                    counted(parts.len() as u64, "part"),
                    counted(runs(&there) as u64, "run")
                ),
            );
        }
        let progress = shell.count("Replaying", runs(&missing));
        let failed = AtomicBool::new(false);
        let made = on_all_cores(&missing, |(part, _)| {
            // One error is enough: a full disk is full for all.
            if failed.load(Ordering::Relaxed) {
                return Ok(());
            }
            let made = self.part(*part, &progress);
            failed.fetch_or(made.is_err(), Ordering::Relaxed);
            made
        });
        made.into_iter().collect()
    }

    /// Makes one part.
    fn part(&self, part: usize, progress: &Progress) -> Result<(), ReplayError> {
        let mut runs: Vec<(RunSettings, Result<RunSummary, ReplayError>)> = Vec::new();
        for number in self.plan.runs(part) {
            let options = self.list.get(number);
            let (settings, result) = self.loaded.run(&options);
            process::check_interrupted()?;
            let expected = self.hashes.get(self.list.tape_of(number));
            let read = settings.tape.sha256.as_ref();
            if read.is_some_and(|read| expected.is_none_or(|hash| hash.as_ref() != Some(read))) {
                return Err(Error::TapeChanged { path: options.tape }.into());
            }
            runs.push((settings, result));
            progress.step();
        }
        let is_fine = |result: &Result<RunSummary, _>| result.as_ref().is_ok_and(RunSummary::ok);
        let failed = runs.iter().filter(|(_, result)| !is_fine(result)).count() as u64;
        let rows = runs.iter().map(|(settings, result)| (settings, result.as_ref()));
        let tables = tables::contents(&self.parts.path(part), rows, &self.parts.metadata(part))?;
        self.parts.write(part, tables, failed)
    }

    /// Puts all parts together, and removes them.
    ///
    /// # Errors
    /// As for [`merge`].
    pub fn finish(&self, out: &Path, shell: Shell) -> Result<Merged, ReplayError> {
        let merged = merge(&[out.to_owned()], shell)?;
        fs::remove_all(&self.parts.dir);
        Ok(merged)
    }

    /// The pages of a finished sweep: as of one whose results are in memory.
    ///
    /// # Errors
    /// The tables cannot be read.
    pub fn pages(
        &self,
        report: &Report,
        path: &Path,
        shown: &Shown,
    ) -> Result<Vec<(std::path::PathBuf, String)>, ReplayError> {
        let is_whole = report.runs() == self.list.len() as u64;
        report.pages(path, shown, |number| {
            // Runs that are the same are one row, and later ones have other numbers then.
            let options = is_whole.then(|| self.list.get(number))?;
            let (settings, result) = self.loaded.run(&options);
            Some(page_of(&settings, &result.ok()?, shown))
        })
    }
}
