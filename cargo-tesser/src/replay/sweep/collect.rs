//! Parts of a sweep, from wherever they were made. In: folders with parts of the same sweep. Out: how many are there, and the
//! tables of all runs.

use std::fmt::Write as _;
use std::path::PathBuf;

use super::super::Error as ReplayError;
use super::super::tables::{self, check_folder};
use super::Error;
use super::description::Description;
use super::parts::{Parts, State};
use crate::parallel::on_all_cores;
use crate::report::counted;
use crate::shell::Shell;

/// Parts that are named one by one.
const MOST_NAMED: usize = 10;

/// What is there of a sweep.
pub struct Status {
    description: Description,
    /// The first folder.
    dir: PathBuf,
    /// The folder of each part that is whole.
    whole: Vec<Option<PathBuf>>,
    /// Parts that are damaged, and why.
    damaged: Vec<(PathBuf, String)>,
    failed: u64,
}

/// A sweep whose tables are written.
pub struct Merged {
    /// The folder with the tables.
    pub dir: PathBuf,
}

/// Looks for the parts of a sweep in folders; each part counts once.
///
/// # Errors
/// They have no parts, or parts of several sweeps.
pub fn status(dirs: &[PathBuf], shell: Shell) -> Result<Status, ReplayError> {
    let mut sweep: Option<(Description, PathBuf)> = None;
    for dir in dirs {
        let parts = Parts::dir_of(dir);
        let there =
            Description::read(&parts)?.ok_or_else(|| Error::NoSweep { dir: dir.clone() })?;
        match &sweep {
            Some((first, _)) => first.check_same(&there, &parts)?,
            None => sweep = Some((there, dir.clone())),
        }
    }
    let Some((description, dir)) = sweep else {
        return Err(Error::NoSweep { dir: PathBuf::new() }.into());
    };
    let places: Vec<_> = dirs
        .iter()
        .map(|dir| Parts { dir: Parts::dir_of(dir), id: description.id.clone() })
        .collect();
    let numbers: Vec<_> = (0..description.parts).collect();
    let progress = shell.count("Checking", numbers.len());
    let found = on_all_cores(&numbers, |part| {
        let states = places.iter().map(|parts| Ok((parts.path(*part), parts.state(*part)?)));
        let states = states.collect::<Result<Vec<_>, ReplayError>>();
        progress.step();
        states
    });
    let mut all = Status { description, dir, whole: Vec::new(), damaged: Vec::new(), failed: 0 };
    for states in found {
        let mut whole = None;
        for (path, state) in states? {
            match state {
                State::Whole { failed } if whole.is_none() => {
                    whole = Some(path);
                    all.failed += failed;
                }
                State::Damaged(reason) => all.damaged.push((path, reason)),
                State::Whole { .. } | State::Missing => {}
            }
        }
        all.whole.push(whole);
    }
    Ok(all)
}

/// Writes the tables of all runs into the first of the folders.
///
/// # Errors
/// A part is missing or damaged in all of the folders, or a table cannot be written.
pub fn merge(dirs: &[PathBuf], shell: Shell) -> Result<Merged, ReplayError> {
    let status = status(dirs, shell)?;
    if !status.is_complete() {
        return Err(Error::Incomplete {
            dir: status.dir.clone(),
            unfinished: status.unfinished(),
            command: status.command(),
        }
        .into());
    }
    let Status { dir, whole, .. } = status;
    check_folder(&dir)?;
    let parts: Vec<_> = whole.into_iter().flatten().collect();
    let progress = shell.count("Merging", parts.len() * tables::TABLES.len());
    tables::merge(&dir, &parts, || progress.step())?;
    Ok(Merged { dir })
}

impl Status {
    /// Whether each part is there.
    pub fn is_complete(&self) -> bool {
        self.whole.iter().all(Option::is_some)
    }

    /// What makes the parts that are missing.
    fn command(&self) -> String {
        format!("{} --out {}", self.description.command, self.dir.display())
    }

    /// What is missing, in words.
    fn unfinished(&self) -> String {
        let missing = self.whole.iter().enumerate().filter(|(_, place)| place.is_none());
        let missing: Vec<_> = missing.map(|(part, _)| part + 1).collect();
        let mut words = format!(
            "{} of {} {} {}: {}",
            missing.len(),
            counted(self.description.parts as u64, "part"),
            if missing.len() == 1 { "is" } else { "are" },
            if self.damaged.is_empty() { "missing" } else { "missing or damaged" },
            ranges(&missing)
        );
        for (path, reason) in self.damaged.iter().take(MOST_NAMED) {
            let _ = write!(words, "; `{}` is damaged: {reason}", path.display());
        }
        if let Some(more @ 1..) = self.damaged.len().checked_sub(MOST_NAMED) {
            let _ = write!(words, "; {} damaged", counted(more as u64, "more part"));
        }
        words
    }

    /// As lines for people.
    pub fn text(&self) -> String {
        let Description { runs, runs_of_a_part, parts, id, .. } = &self.description;
        let whole = self.whole.iter().flatten().count();
        let mut text = format!(
            "sweep {id}\n{} in {} of {runs_of_a_part}; {whole} {} there\n",
            counted(*runs as u64, "run"),
            counted(*parts as u64, "part"),
            if whole == 1 { "is" } else { "are" },
        );
        if self.failed > 0 {
            let _ = writeln!(text, "{} failed", counted(self.failed, "run"));
        }
        if self.is_complete() {
            for (path, reason) in &self.damaged {
                let _ = writeln!(
                    text,
                    "`{}` is damaged, and another folder has it: {reason}",
                    path.display()
                );
            }
        } else {
            let _ =
                write!(text, "{}\n`{}` makes what is missing\n", self.unfinished(), self.command());
        }
        text
    }
}

/// Numbers in words: `1 to 3, 7`.
fn ranges(numbers: &[usize]) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    let named = ranges.iter().take(MOST_NAMED).map(|(first, last)| {
        if first == last { first.to_string() } else { format!("{first} to {last}") }
    });
    let mut words = named.collect::<Vec<_>>().join(", ");
    if ranges.len() > MOST_NAMED {
        words += " and more";
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_parts_are_named_as_ranges() {
        assert_eq!(ranges(&[1]), "1");
        assert_eq!(ranges(&[1, 2, 3, 7, 9, 10]), "1 to 3, 7, 9 to 10");
        let odd: Vec<_> = (0..100).map(|number| number * 2).collect();
        assert!(ranges(&odd).ends_with("16, 18 and more"));
    }
}
