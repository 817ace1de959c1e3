//! What is wrong with the parts of a sweep, and the command that helps.

use std::path::PathBuf;

/// Why parts cannot be made or put together.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Results of so many runs are not held in memory.
    #[error(
        "the sweep has {runs} runs; without `--out`, or with `--format json`, the maximum is {}",
        super::MOST_IN_MEMORY
    )]
    TooMany {
        /// Number of runs.
        runs: usize,
    },
    /// The folder belongs to another sweep.
    #[error("`{}` has parts of another sweep: {differs}", .dir.display())]
    OtherSweep {
        /// The folder of the parts.
        dir: PathBuf,
        /// What is different, in words.
        differs: String,
    },
    /// A part that was copied from another sweep.
    #[error("`{}` is a part of another sweep", .part.display())]
    OtherPart {
        /// The part's folder.
        part: PathBuf,
    },
    /// The folder has no parts.
    #[error("`{}` has no parts of a sweep: there is no `{}`", .dir.display(), .dir.join("parts/sweep.json").display())]
    NoSweep {
        /// The folder.
        dir: PathBuf,
    },
    /// The description of the sweep is damaged.
    #[error("`{}` is damaged", .path.display())]
    Description {
        /// The file.
        path: PathBuf,
        /// Why it cannot be read.
        source: serde_json::Error,
    },
    /// Parts are missing or damaged.
    #[error("the sweep in `{}` is not complete: {unfinished}", .dir.display())]
    Incomplete {
        /// The folder.
        dir: PathBuf,
        /// What is missing or damaged, in words.
        unfinished: String,
        /// The command that makes it.
        command: String,
    },
    /// A tape was replaced while its runs were made.
    #[error("`{}` has changed since the sweep began", .path.display())]
    TapeChanged {
        /// The tape.
        path: PathBuf,
    },
    /// The folder has no table of runs.
    #[error("`{}` has no `runs.parquet`", .dir.display())]
    NoRuns {
        /// The folder.
        dir: PathBuf,
    },
}

impl Error {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::TooMany { .. } => {
                Some("`--out DIR` writes the results part by part; `cargo tesser sweep report DIR --format json` prints them".into())
            }
            Self::OtherSweep { dir, .. } => Some(format!(
                "name another folder, or remove the parts: `rm -r {}`",
                dir.display()
            )),
            Self::OtherPart { part, .. } => {
                Some(format!("move it away: `mv {} elsewhere`", part.display()))
            }
            Self::NoSweep { .. } => {
                Some("`cargo tesser replay --sweep FILE --out DIR --shard K/N` makes parts".into())
            }
            Self::Description { path, .. } => Some(format!(
                "remove it: `rm {}`; the command of the sweep writes it again, and keeps the parts",
                path.display()
            )),
            Self::Incomplete { command, .. } => {
                Some(format!("`{command}` makes only what is missing; `--shard K/N` makes a share of it"))
            }
            Self::TapeChanged { .. } => {
                Some("name another folder: runs over another tape are another sweep".into())
            }
            Self::NoRuns { dir } => Some(format!(
                "`cargo tesser sweep merge {}` makes it from the parts of a sweep",
                dir.display()
            )),
        }
    }
}
