//! The page of a plugin that is built again and again: a browser that shows it loads each new run.
//!
//! A page from a disk can ask for no file except by loading it, as a script. So there is a script beside the page that says
//! which run is the last one; the page asks for it twice a second and loads itself anew when it is not its own.

use std::path::{Path, PathBuf};

use super::super::replay::{Run, now_ms};
use super::super::session::HostFiles;
use super::Replayed;
use crate::build::Artifact;
use crate::error::Error;
use crate::fs;
use crate::replay::{self, Shown, Watched};
use crate::report;
use crate::shell::Shell;

/// What is written, and from what.
pub(super) struct Pages<'a> {
    tape: &'a Path,
    report: &'a Path,
    run: &'a Run,
    /// Number of the run that is shown.
    shown: i64,
    /// Its page, as it is when nothing watches any more.
    last: Option<String>,
}

impl<'a> Pages<'a> {
    pub(super) fn new(tape: &'a Path, replayed: &'a Replayed) -> Result<Self, Error> {
        let Replayed { report, run } = replayed;
        replay::check_page(report)?;
        Ok(Self { tape, report, run, shown: 0, last: None })
    }

    /// What it writes, which is no change of a source.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        vec![self.report.to_owned(), self.script()]
    }

    fn script(&self) -> PathBuf {
        let mut name = self.report.file_name().unwrap_or_default().to_owned();
        name.push(".watch.js");
        self.report.with_file_name(name)
    }

    /// Replays what was built, and writes its page.
    pub(super) fn replay(&mut self, artifact: Artifact, shell: Shell) -> Result<(), Error> {
        let Some(place) = artifact.places.into_iter().next() else { return Err(Error::NoFile) };
        let files = HostFiles::default();
        let tape = self.tape.to_owned();
        let options = self.run.options(place.path, tape, Some(&artifact.test), &files, None)?;
        let run = replay::replay(&options, shell)?;
        // Another process may have watched before, and its page may still be open.
        self.shown = now_ms();
        let file = self.script().file_name().unwrap_or_default().to_string_lossy().into_owned();
        let plain = Shown::new(self.shown);
        let watched = plain.clone().watched(Watched { file, run: self.shown });
        write(self.report, &replay::page(&run, &watched))?;
        self.tell("cargo tesser watch is running: the next build is shown here by itself", false)?;
        self.last = Some(replay::page(&run, &plain));
        shell.data(&replay::table(&run.summary))?;
        shell.status("Wrote", self.report.display());
        Ok(())
    }

    /// The page stays as it is, and says why.
    pub(super) fn failed(&self, reason: &str, shell: Shell) -> Result<(), Error> {
        if self.last.is_none() {
            return Ok(());
        }
        shell.note(format_args!("`{}` still shows the run before", self.report.display()));
        self.tell(&format!("This is the run before: {}", report::escape_untrusted(reason)), true)
    }

    /// Leaves a page that waits for nothing.
    pub(super) fn close(self) -> Result<(), Error> {
        if let Some(page) = &self.last {
            write(self.report, page)?;
        }
        fs::remove_file(&self.script());
        Ok(())
    }

    fn tell(&self, note: &str, failed: bool) -> Result<(), Error> {
        write(&self.script(), &replay::watch_script(self.shown, note, failed))
    }
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    fs::write_atomic(path, text.as_bytes()).map_err(replay::Error::from)?;
    Ok(())
}
