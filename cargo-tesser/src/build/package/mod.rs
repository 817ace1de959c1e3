//! Core modules -> checked plugins: every stage between the compiler and the installation.
//!
//! In: the plan and the core modules. Out: for each plugin a component, unless the installed one has the same inputs; the errors
//! of all plugins are reported. Plugins are processed in parallel. This module installs nothing.

pub(super) mod adapter;
pub(super) mod componentize;
pub(super) mod fingerprint;
pub(super) mod linked;
mod metadata;
pub(super) mod optimize;
mod panics;
pub(crate) mod preflight;

use std::collections::BTreeSet;
use std::path::PathBuf;

use self::fingerprint::FingerprintRecord;
use crate::build::compile::Compiled;
use crate::build::compile::source_commit::{Checkout, NoRevision, Revision};
use crate::build::error::Error;
use crate::build::options::Options;
use crate::build::package::preflight::Preflight;
use crate::build::plan::Plan;
use crate::build::plan::select::Plugin;
use crate::plugin::{Component, CoreModule, PluginMetadata, Settings, file_name};
use serde::{Deserialize, Serialize};

use crate::abi::Abi;
use crate::checks::{Policy, Rules};
use crate::host_profile::HOST;
use crate::parallel::on_all_cores;
use crate::process;
use crate::shell::Shell;
use crate::validate;

/// A component that has passed its check, and facts for the report.
pub(in crate::build) struct PackagedPlugin {
    pub component: Component,
    pub sha256: String,
    pub summary: Summary,
}

/// Facts about a plugin for the report, in addition to size and hash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Size after gzip, in bytes.
    pub gzip: u64,
    /// The exports, with their types.
    pub exports: Vec<String>,
    /// Names of the imports that the host has to provide.
    pub imports: Vec<String>,
    /// The commit of its sources.
    pub revision: Option<String>,
}

/// A component that has passed its check, and its fingerprint.
pub(in crate::build) struct Finished<'a> {
    pub plugin: &'a Plugin,
    pub made: PackagedPlugin,
    pub core_size: u64,
    /// Its path in the target directory.
    pub place: PathBuf,
    /// Its fingerprint, if it has to be stored.
    pub note: Option<FingerprintRecord>,
}

/// Where the commit in the metadata comes from.
pub(in crate::build) enum CommitSource<'a> {
    /// The commit of the sources.
    OfSources(&'a Checkout),
    /// The commit that a file names, for a comparison with that file.
    AsIn(Option<String>),
}

/// The inputs of a plugin in addition to the core module.
#[derive(Serialize)]
struct Ingredients<'a> {
    metadata: &'a PluginMetadata,
    settings: &'a Settings,
    host: &'static str,
    rules: &'a Rules,
}

/// Packages the plugins that have changed; the results are in the plan's order.
pub(in crate::build) fn package<'a>(
    plan: &'a Plan,
    compiled: &[Compiled],
    naming: &CommitSource<'_>,
    options: &Options,
    shell: Shell,
) -> Result<Vec<Finished<'a>>, Error> {
    let wasm_opt = options.optimizer.describe()?;
    let jobs: Vec<_> = plan
        .plugins
        .iter()
        .zip(compiled)
        .map(|(plugin, compiled)| {
            let metadata = describe(plan, plugin, options, &wasm_opt)?;
            Job::new(plan, plugin, compiled, metadata, naming, options)
        })
        .collect::<Result<_, _>>()?;
    if options.notes_commit && options.cargo.profile() != "dev" {
        let without = jobs.iter().filter_map(|job| Some((&*job.plugin.name, job.why.as_ref()?)));
        if let Some(note) = no_commit(without) {
            shell.note(note);
        }
    }
    let stale: Vec<_> = jobs.iter().filter(|job| job.found.is_none()).collect();
    let made = if stale.is_empty() { Vec::new() } else { make(&stale, options, shell)? };
    let mut made = made.into_iter();
    let (mut finished, mut refused) = (Vec::new(), None);
    for job in jobs {
        let result = match job.found {
            Some(found) => Ok(found),
            None => made.next().unwrap_or(Err(process::Error::Interrupted.into())),
        };
        match result {
            Ok(made) => finished.push(Finished {
                plugin: job.plugin,
                made,
                core_size: job.module.clone().without_linking().0.len() as u64,
                place: job.place,
                note: job.note,
            }),
            // One run reports all errors; the build ends with the first one.
            Err(error) if refused.is_none() => refused = Some(error),
            Err(error) => shell.error(&error, error.hint().as_deref()),
        }
    }
    refused.map_or(Ok(finished), Err)
}

/// Returns one note for all plugins that name no commit.
fn no_commit<'a>(without: impl Iterator<Item = (&'a str, &'a NoRevision)>) -> Option<String> {
    let (names, reasons): (Vec<_>, BTreeSet<_>) =
        without.map(|(name, why)| (format!("`{name}`"), why.to_string())).unzip();
    let reasons: Vec<_> = reasons.into_iter().collect();
    let verb = if names.len() == 1 { "names" } else { "name" };
    (!names.is_empty()).then(|| {
        format!("{} {verb} no commit of the sources: {}", names.join(", "), reasons.join("; "))
    })
}

/// Returns the metadata of a plugin, except the commit.
fn describe(
    plan: &Plan,
    plugin: &Plugin,
    options: &Options,
    wasm_opt: &str,
) -> Result<PluginMetadata, Error> {
    Ok(PluginMetadata {
        name: plugin.name.clone(),
        version: plugin.version.clone(),
        authors: plugin.authors.clone(),
        license: plugin.license.clone(),
        source: plugin.source.clone(),
        revision: None,
        sdk: plugin.sdk.as_ref().map_or_else(String::new, |sdk| sdk.version.clone()),
        abi: Abi::built_in()?.version,
        tool: concat!("cargo-tesser ", env!("CARGO_PKG_VERSION")).into(),
        rustc: plan.toolchain.version.line.clone(),
        target: plan.toolchain.target.clone(),
        profile: options.cargo.profile().into(),
        wasm_opt: wasm_opt.to_owned(),
    })
}

/// One plugin while it is packaged.
struct Job<'a, 'm> {
    plugin: &'a Plugin,
    module: &'m CoreModule,
    metadata: PluginMetadata,
    rules: Rules,
    place: PathBuf,
    /// The installed plugin, if its inputs are the same.
    found: Option<PackagedPlugin>,
    /// The fingerprint to store.
    note: Option<FingerprintRecord>,
    /// Why it names no commit, if it is in a repository.
    why: Option<NoRevision>,
}

impl<'a, 'm> Job<'a, 'm> {
    fn new(
        plan: &'a Plan,
        plugin: &'a Plugin,
        compiled: &'m Compiled,
        metadata: PluginMetadata,
        naming: &CommitSource<'_>,
        options: &Options,
    ) -> Result<Self, Error> {
        let module = &compiled.module;
        let rules = validate::rules(&plugin.dir)?;
        let settings = &plugin.settings;
        // Without the commit: a plugin with the same inputs stays as it is, whatever commit it names.
        let made = Ingredients { metadata: &metadata, settings, host: HOST, rules: &rules };
        let key = fingerprint::key(module, &made);
        let place = plan.folder(&options.cargo).join(file_name(&plugin.library));
        let (found, note, why) = (None, None, None);
        let mut job = Self { plugin, module, metadata, rules, place, found, note, why };
        match naming {
            // A comparison must not read the file that it is compared with.
            CommitSource::AsIn(revision) => job.metadata.revision.clone_from(revision),
            CommitSource::OfSources(checkout) => {
                job.why = job.find_unchanged(key, &compiled.sources, checkout);
            }
        }
        Ok(job)
    }

    /// Looks for a plugin from the same sources; returns why it names no commit, if it is in a repository.
    fn find_unchanged(
        &mut self,
        key: String,
        sources: &BTreeSet<PathBuf>,
        checkout: &Checkout,
    ) -> Option<NoRevision> {
        let (found, head) = fingerprint::unchanged(&self.place, &key).unzip();
        let (head, named) =
            (head.flatten(), found.as_ref().and_then(|it| it.summary.revision.clone()));
        let earlier = head.clone().zip(named.clone());
        let earlier = earlier.map(|(head, commit)| Revision { head, commit });
        match checkout.revision(sources, self.plugin.sdk_dir(), earlier.as_ref()) {
            Ok(Some(now)) => {
                self.found = found.filter(|_| named.as_ref() == Some(&now.commit));
                let head =
                    Some(now.head).filter(|now| self.found.is_none() || head.as_ref() != Some(now));
                self.note = head.map(|head| FingerprintRecord { key, head: Some(head) });
                self.metadata.revision = Some(now.commit);
                None
            }
            unknown => {
                self.note = found.is_none().then_some(FingerprintRecord { key, head: None });
                self.found = found;
                unknown.err().filter(|_| named.is_none())
            }
        }
    }

    /// Core module -> checked component, and its hash.
    fn make(&self, options: &Options, preflight: &Preflight) -> Result<PackagedPlugin, Error> {
        let Plugin { name, settings, .. } = self.plugin;
        let optimized = options.optimizer.run(self.module, settings.panic, name)?;
        process::check_interrupted()?;
        let component = componentize::componentize(&optimized, self.plugin)?;
        let component = metadata::add(&component, &self.metadata)?;
        self.check_size(&component)?;
        // These are the bytes that are installed next.
        let policy = Policy::new(&[&self.rules])?;
        let (report, gzip) = preflight.check(&policy, &self.place, &component)?;
        process::check_interrupted()?;
        if report.ok(false) {
            let (exports, imports) = (report.exports, report.required_imports);
            let revision = self.metadata.revision.clone();
            let summary = Summary { gzip, exports, imports, revision };
            return Ok(PackagedPlugin { component, sha256: report.sha256, summary });
        }
        let (package, report, host) = (self.plugin.name.clone(), Box::new(report), HOST.into());
        Err(Error::Rejected { package, report, host })
    }
}

impl Job<'_, '_> {
    /// Checks the package's own limit.
    fn check_size(&self, component: &Component) -> Result<(), Error> {
        let size = component.0.len() as u64;
        match self.plugin.settings.max_size {
            Some(limit) if size > limit => {
                Err(Error::TooLarge { package: self.plugin.name.clone(), size, limit })
            }
            _ => Ok(()),
        }
    }
}

/// Uses all cores; the results are in the order of the jobs.
fn make(
    jobs: &[&Job<'_, '_>],
    options: &Options,
    shell: Shell,
) -> Result<Vec<Result<PackagedPlugin, Error>>, Error> {
    let names: Vec<_> = jobs.iter().map(|job| job.plugin.name.as_str()).collect();
    let _progress = shell.progress("Optimizing", names.join(", "));
    let preflight = Preflight::new()?;
    Ok(on_all_cores(jobs, |job| job.make(options, &preflight)))
}
