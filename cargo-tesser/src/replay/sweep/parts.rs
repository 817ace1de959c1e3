//! A part of a sweep: a folder with four tables and `part.json`, which has their hashes. It appears in one step, and is whole or
//! not there. In: the tables of its runs. Out: files, and what is wrong with those that are there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::Error as ReplayError;
use super::super::run_settings::SCHEMA;
use super::super::tables::{TABLES, file_name};
use super::Error;
use crate::digest::sha256;
use crate::fs;

/// What a part says of itself.
#[derive(Debug, Serialize, Deserialize)]
struct Said {
    schema: u32,
    /// Id of the sweep.
    sweep: String,
    part: usize,
    /// Runs that failed.
    failed: u64,
    /// Hashes of its files.
    sha256: BTreeMap<String, String>,
}

/// What is there of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// All of it; so many of its runs failed.
    Whole {
        failed: u64,
    },
    Missing,
    /// Not what was written, and why.
    Damaged(String),
}

/// The folder of all parts of a sweep.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) dir: PathBuf,
    /// Id of the sweep.
    pub(super) id: String,
}

impl Parts {
    /// Where the parts of a sweep are that is written into a folder.
    pub(super) fn dir_of(out: &Path) -> PathBuf {
        out.join("parts")
    }

    /// The folder of a part; parts are numbered from 1 for people.
    pub(super) fn path(&self, part: usize) -> PathBuf {
        self.dir.join(format!("{:06}", part + 1))
    }

    /// Whether a part is there and whole.
    ///
    /// # Errors
    /// It is a part of another sweep.
    pub(super) fn state(&self, part: usize) -> Result<State, ReplayError> {
        let dir = self.path(part);
        if !fs::is_there(&dir) {
            return Ok(State::Missing);
        }
        let damaged = |reason: String| Ok(State::Damaged(reason));
        let Ok(said) = fs::read(&dir.join("part.json")) else {
            return damaged("`part.json` cannot be read".into());
        };
        let Ok(said) = serde_json::from_slice::<Said>(&said) else {
            return damaged("`part.json` is damaged".into());
        };
        if said.sweep != self.id {
            return Err(Error::OtherPart { part: dir }.into());
        }
        if said.part != part {
            return damaged(format!("it is part {}", said.part + 1));
        }
        for table in TABLES {
            let name = file_name(table);
            let Ok(bytes) = fs::read(&dir.join(&name)) else {
                return damaged(format!("`{name}` cannot be read"));
            };
            if said.sha256.get(&name).is_none_or(|expected| *expected != sha256(&bytes)) {
                return damaged(format!("`{name}` is not what was written"));
            }
        }
        Ok(State::Whole { failed: said.failed })
    }

    /// Metadata of the tables of a part.
    pub(super) fn metadata(&self, part: usize) -> [(&'static str, String); 2] {
        [("tesser.sweep", self.id.clone()), ("tesser.part", (part + 1).to_string())]
    }

    /// Writes a part, in place of one that is damaged. Another shard that writes the same one at the same time writes the same.
    ///
    /// # Errors
    /// It cannot be written; then nothing of it is there.
    pub(super) fn write(
        &self,
        part: usize,
        tables: [Vec<u8>; 4],
        failed: u64,
    ) -> Result<(), ReplayError> {
        let target = self.path(part);
        let staging = fs::staging_dir(&target)?;
        let new = staging.path().join("new");
        fs::create_dir_all(&new)?;
        let mut hashes = BTreeMap::new();
        for (table, bytes) in TABLES.into_iter().zip(tables) {
            fs::write_new(&new.join(file_name(table)), &bytes)?;
            hashes.insert(file_name(table), sha256(&bytes));
        }
        let said = Said { schema: SCHEMA, sweep: self.id.clone(), part, failed, sha256: hashes };
        fs::write_new(&new.join("part.json"), format!("{:#}\n", json!(said)).as_bytes())?;
        if matches!(self.state(part)?, State::Damaged(_)) {
            fs::rename(&target, &staging.path().join("damaged"))?;
        }
        match fs::rename(&new, &target) {
            Err(_) if matches!(self.state(part)?, State::Whole { .. }) => Ok(()),
            result => Ok(result?),
        }
    }
}
