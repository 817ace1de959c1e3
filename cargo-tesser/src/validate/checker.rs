//! Bytes against one ABI and one host. In: bytes, and a path to be shown. Out: the report on a file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::Value;

use super::facts::{self, Facts, Item, Kind, sha256};
use super::load::{self, Engines};
use super::{Error, HostProfile, LARGEST_FILE, Policy, against, checks, hosts, params};
use crate::abi::Abi;
use crate::fs;
use crate::report::{Against, FileReport, harmless};

/// Everything that is checked against.
#[derive(Debug)]
pub struct Checker {
    abi: Abi,
    pub(super) host: HostProfile,
    engines: Option<Engines>,
    pub(super) policy: Policy,
    pub(super) against: Option<(PathBuf, Facts)>,
    pub(super) params: Option<Value>,
}

/// A report that lacks what depends on the path, and the policy.
#[derive(Clone, Debug)]
struct Content {
    file: FileReport,
    is_component: bool,
}

impl Content {
    fn named(self, policy: &Policy, path: &Path) -> FileReport {
        let mut file = FileReport { path: path.to_owned(), ..self.file };
        file.findings.extend(checks::check_name(path));
        policy.apply(&mut file.findings);
        file
    }
}

/// Verdicts by the hash of the bytes, so that a plugin that lies in many places is checked once.
#[derive(Default)]
pub(super) struct Verdicts(Mutex<HashMap<String, Place>>);

/// Who comes second waits for the first. Nothing is there if that one failed.
type Place = Arc<OnceLock<Option<Content>>>;

impl Verdicts {
    /// As [`Checker::check_bytes`].
    pub(super) fn of(
        &self,
        checker: &Checker,
        path: &Path,
        bytes: &[u8],
    ) -> Result<FileReport, Error> {
        let place = match (&checker.params, self.0.lock()) {
            (None, Ok(mut known)) => Arc::clone(known.entry(sha256(bytes)).or_default()),
            // What is wrong with parameters is told with the path.
            _ => return checker.check_bytes(path, bytes),
        };
        let policy = &checker.policy;
        match place.get_or_init(|| checker.check_content(policy.max_size, bytes).ok()) {
            Some(content) => Ok(content.clone().named(policy, path)),
            None => checker.check_bytes(path, bytes),
        }
    }
}

impl Checker {
    /// Checks against one ABI and one host; `load` makes an instance, too.
    ///
    /// # Errors
    /// The host is unknown, or the engine does not start.
    pub fn new(abi: Abi, host: &str, load: bool) -> Result<Self, Error> {
        let host = hosts::find(host)?;
        let is_on = |name: &str| host.proposals.has(name);
        let engines = if load { Some(Engines::new(is_on)?) } else { None };
        Ok(Self { abi, host, engines, policy: Policy::default(), against: None, params: None })
    }

    /// Checks bytes; `path` is only shown.
    ///
    /// # Errors
    /// The host's profile has text that is no type.
    pub fn check_bytes(&self, path: &Path, bytes: &[u8]) -> Result<FileReport, Error> {
        self.check_under(&self.policy, path, bytes)
    }

    /// As [`Self::check_bytes`], under the rules of the project that the bytes are from.
    ///
    /// # Errors
    /// As there.
    pub fn check_under(
        &self,
        policy: &Policy,
        path: &Path,
        bytes: &[u8],
    ) -> Result<FileReport, Error> {
        let mut report = self.check_content(policy.max_size, bytes)?;
        if let (Some(params), true) = (&self.params, report.is_component) {
            report.file.findings.extend(params::check(path, bytes, params));
        }
        Ok(report.named(policy, path))
    }

    /// What does not depend on the name of the file.
    fn check_content(&self, max_size: Option<u64>, bytes: &[u8]) -> Result<Content, Error> {
        let facts = Facts::read(bytes, &self.host.proposals);
        let mut findings = checks::check(&facts, &self.abi, &self.host)?;
        let tried = self.engines.as_ref().filter(|_| findings.is_empty());
        let trouble = tried.and_then(|engines| load::check(bytes, &facts.used, engines));
        let loaded = tried.is_some() && trouble.is_none();
        findings.extend(trouble);
        let is_component = facts.kind == Kind::Component && facts.invalid.is_none();
        let mut against = None;
        if is_component {
            let largest = max_size.unwrap_or(self.host.sensible.size);
            findings.extend(checks::check_policy(&facts, &self.abi, &self.host, largest));
            if let Some((path, old)) = &self.against {
                let differences = against::check(old, &facts);
                let same = against::same(old, &facts, &differences);
                against = Some(Against { path: path.clone(), same });
                findings.extend(differences);
            }
        }
        let needs = facts.imports.iter().filter(|import| import.item.needs_host());
        let file = FileReport {
            path: PathBuf::new(),
            exports: facts.exports.iter().map(show_export).collect(),
            imports: facts.imports.iter().map(|import| harmless(&import.name)).collect(),
            needs: needs.map(|import| harmless(&import.name)).collect(),
            sha256: facts.sha256,
            size: facts.size,
            loaded,
            findings,
            against,
        };
        Ok(Content { file, is_component })
    }

    /// The facts of a plugin to compare with.
    pub(super) fn older(&self, path: &Path) -> Result<Facts, Error> {
        let no_component = || Error::Against { path: path.to_owned() };
        let unread = |source| Error::Unread { path: path.to_owned(), source };
        let bytes = fs::read_untrusted(path, LARGEST_FILE).map_err(unread)?;
        let facts = Facts::read(&bytes, &self.host.proposals);
        let is_component = facts.kind == Kind::Component && facts.invalid.is_none();
        if is_component { Ok(facts) } else { Err(no_component()) }
    }
}

fn show_export(export: &facts::Export) -> String {
    let name = harmless(&export.name);
    match &export.item {
        Item::Func(ty) => format!("{name}: {}", harmless(&ty.to_string())),
        _ => name,
    }
}
