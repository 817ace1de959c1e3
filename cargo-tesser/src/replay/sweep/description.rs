//! What a sweep is: `sweep.json` beside its parts. In: the runs, and what decides their results. Out: an id, and a file that says
//! to which sweep a folder belongs and how to finish it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::super::run::Loaded;
use super::super::run_list::RunList;
use super::super::run_settings::{SCHEMA, plugin_name};
use super::super::{Error as ReplayError, Options};
use super::Error;
use super::plan::Plan;
use crate::digest::sha256;
use crate::fs;

/// Digits of an id: 128 bits.
const ID_DIGITS: usize = 32;

/// A sweep.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Description {
    /// Version of this file and of the parts.
    schema: u32,
    /// Hash of `what`.
    pub(super) id: String,
    pub(super) runs: usize,
    pub(super) runs_of_a_part: usize,
    pub(super) parts: usize,
    /// The command that made it, without `--shard`.
    pub(super) command: String,
    /// All that decides the results, without paths.
    what: Map<String, Value>,
}

impl Description {
    pub(super) fn new(
        options: &Options,
        list: &RunList,
        loaded: &Loaded,
        tapes: &[Option<String>],
        book: Option<&str>,
        command: &str,
    ) -> Self {
        let plan = Plan::new(list.len());
        let mut settings = json!(loaded.settings(options));
        let taken: Map<_, _> = settings.as_object_mut().map(std::mem::take).unwrap_or_default();
        let decides =
            |name: &str| !["id", "plugin", "tape", "book", "schema", "tool"].contains(&name);
        let shared: Map<_, _> = taken.into_iter().filter(|(name, _)| decides(name)).collect();
        let named = list.tapes().zip(tapes).map(|(path, sha256)| match sha256 {
            Some(sha256) => json!(sha256),
            // Nothing else tells it from others.
            None => json!({ "path": path.to_string_lossy() }),
        });
        let Value::Object(what) = json!({
            "tool": [SCHEMA, concat!("cargo-tesser ", env!("CARGO_PKG_VERSION"))],
            "plugin": [loaded.sha256, plugin_name(&options.plugin)],
            "tapes": named.collect::<Vec<_>>(),
            "book": book,
            "reading": options.tape_options,
            "list": list.identity(),
            "options": shared,
            "parts": plan.runs_of_a_part,
        }) else {
            unreachable!("it is an object")
        };
        let mut id = sha256(json!(what).to_string().as_bytes());
        id.truncate(ID_DIGITS);
        Self {
            schema: SCHEMA,
            id,
            runs: list.len(),
            runs_of_a_part: plan.runs_of_a_part,
            parts: plan.parts(),
            command: command.to_owned(),
            what,
        }
    }

    /// The description of a folder's parts, if there is one.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn read(parts: &Path) -> Result<Option<Self>, ReplayError> {
        let path = file(parts);
        if !fs::is_there(&path) {
            return Ok(None);
        }
        let description = serde_json::from_slice(&fs::read(&path)?)
            .map_err(|source| Error::Description { path, source })?;
        Ok(Some(description))
    }

    /// Writes it, unless the folder belongs to this sweep already.
    ///
    /// # Errors
    /// The folder belongs to another sweep, or cannot be written to.
    pub(super) fn claim(&self, parts: &Path) -> Result<(), ReplayError> {
        if let Some(there) = Self::read(parts)? {
            return self.check_same(&there, parts);
        }
        fs::write_atomic(&file(parts), format!("{:#}\n", json!(self)).as_bytes())?;
        Ok(())
    }

    /// Refuses another sweep.
    pub(super) fn check_same(&self, there: &Self, parts: &Path) -> Result<(), ReplayError> {
        if self.id == there.id {
            return Ok(());
        }
        let names = [
            ("tool", "the version of `cargo tesser`"),
            ("plugin", "the plugin"),
            ("tapes", "the tapes"),
            ("book", "the order book"),
            ("reading", "`--columns` or `--skip-bad-rows`"),
            ("list", "the parameters, starts or sides"),
            ("options", "the options"),
        ];
        let differs = names.iter().filter(|(key, _)| self.what.get(*key) != there.what.get(*key));
        let differs = differs.map(|(_, name)| *name).collect::<Vec<_>>().join(" and ");
        let differs = format!("{differs} differ");
        Err(Error::OtherSweep { dir: parts.to_owned(), differs }.into())
    }
}

fn file(parts: &Path) -> PathBuf {
    parts.join("sweep.json")
}
