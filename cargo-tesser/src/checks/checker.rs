//! Checks bytes against one ABI and one host.
//!
//! In: bytes, and a path for display. Out: the report on a file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::Value;

use super::load::{self, Engines};
use super::{Error, Policy, compare, params};
use crate::abi::Abi;
use crate::digest::sha256;
use crate::facts::{Export, Facts, Item, Kind};
use crate::host_profile::{self, HostProfile};
use crate::report::{Against, FileReport, escape_untrusted};

/// The ABI, host and rules to check against.
#[derive(Debug)]
pub struct Checker {
    abi: Abi,
    host: HostProfile,
    engines: Option<Engines>,
    policy: Policy,
    against: Option<(PathBuf, Facts)>,
    params: Option<Value>,
}

/// A report without the findings that depend on the path, and the policy.
#[derive(Clone, Debug)]
struct Content {
    file: FileReport,
    is_component: bool,
}

impl Content {
    fn named(self, policy: &Policy, path: &Path) -> FileReport {
        let mut file = FileReport { path: path.to_owned(), ..self.file };
        file.findings.extend(super::check_name(path));
        policy.apply(&mut file.findings);
        file
    }
}

/// Verdicts by hash, so that the same plugin in many places is checked once.
#[derive(Debug, Default)]
pub struct Verdicts(Mutex<HashMap<String, Place>>);

/// A second thread waits for the first one. Empty if the first one failed.
type Place = Arc<OnceLock<Option<Content>>>;

impl Verdicts {
    /// The same as [`Checker::check_bytes`], with cached verdicts.
    ///
    /// # Errors
    /// The same.
    pub fn of(&self, checker: &Checker, path: &Path, bytes: &[u8]) -> Result<FileReport, Error> {
        let place = match (&checker.params, self.0.lock()) {
            (None, Ok(mut known)) => Arc::clone(known.entry(sha256(bytes)).or_default()),
            // Findings about parameters contain the path.
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
    /// Checks against one ABI and one host; with `load`, it also creates an instance.
    ///
    /// # Errors
    /// If the host is unknown, or the engine does not start.
    pub fn new(abi: Abi, host: &str, load: bool) -> Result<Self, Error> {
        let host = host_profile::find(host)?;
        let is_on = |name: &str| host.proposals.has(name);
        let engines = if load { Some(Engines::new(is_on)?) } else { None };
        Ok(Self { abi, host, engines, policy: Policy::default(), against: None, params: None })
    }

    /// Sets the rules.
    #[must_use]
    pub fn with_policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// Also checks parameters against each plugin's schema.
    #[must_use]
    pub fn with_params(self, params: Option<Value>) -> Self {
        Self { params, ..self }
    }

    /// Also compares with an older plugin; `None` if that is not a component.
    #[must_use]
    pub fn compared_with(self, path: &Path, older: &[u8]) -> Option<Self> {
        let facts = Facts::read(older, &self.host.proposals);
        let is_component = facts.kind == Kind::Component && facts.invalid.is_none();
        let against = Some((path.to_owned(), facts));
        is_component.then_some(Self { against, ..self })
    }

    /// Name of the host.
    pub fn host(&self) -> &str {
        &self.host.name
    }

    /// Checks bytes; `path` is only for display.
    ///
    /// # Errors
    /// If the host's profile has a type that cannot be parsed.
    pub fn check_bytes(&self, path: &Path, bytes: &[u8]) -> Result<FileReport, Error> {
        self.check_under(&self.policy, path, bytes)
    }

    /// The same as [`Self::check_bytes`], under the rules of the project that the bytes are from.
    ///
    /// # Errors
    /// The same.
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

    /// Makes the part of the report that does not depend on the file's name.
    fn check_content(&self, max_size: Option<u64>, bytes: &[u8]) -> Result<Content, Error> {
        let facts = Facts::read(bytes, &self.host.proposals);
        let mut findings = super::check(&facts, &self.abi, &self.host)?;
        let tried = self.engines.as_ref().filter(|_| findings.is_empty());
        let trouble = tried.and_then(|engines| load::check(bytes, &facts.used, engines));
        let loaded = tried.is_some() && trouble.is_none();
        findings.extend(trouble);
        let is_component = facts.kind == Kind::Component && facts.invalid.is_none();
        let mut against = None;
        if is_component {
            let largest = max_size.unwrap_or(self.host.sensible.size);
            findings.extend(super::check_policy(&facts, &self.abi, &self.host, largest));
            if let Some((path, old)) = &self.against {
                let differences = compare::check(old, &facts);
                let same = compare::same(old, &facts, &differences);
                against = Some(Against { path: path.clone(), same });
                findings.extend(differences);
            }
        }
        let required = facts.imports.iter().filter(|import| import.item.needs_host());
        let file = FileReport {
            path: PathBuf::new(),
            exports: facts.exports.iter().map(show_export).collect(),
            imports: facts.imports.iter().map(|import| escape_untrusted(&import.name)).collect(),
            required_imports: required.map(|import| escape_untrusted(&import.name)).collect(),
            sha256: facts.sha256,
            size: facts.size,
            loaded,
            findings,
            against,
        };
        Ok(Content { file, is_component })
    }
}

fn show_export(export: &Export) -> String {
    let name = escape_untrusted(&export.name);
    match &export.item {
        Item::Func(ty) => format!("{name}: {}", escape_untrusted(&ty.to_string())),
        _ => name,
    }
}
