//! Core modules -> plugins that have passed their check: everything after the compiler and before the first file
//! is replaced.
//!
//! In: the plan and the core modules. Out: for each plugin a component, unless what lies there was made from the
//! same; all that is wrong with any of them is told. Several are made at once. Nothing is installed here.

use std::path::PathBuf;

use super::error::Error;
use super::module::{Component, CoreModule};
use super::plan::Plan;
use super::select::Plugin;
use super::settings::Settings;
use super::trial::Trial;
use super::{Options, PluginMetadata, componentize, fresh, install, stamp};
use serde::{Deserialize, Serialize};

use crate::abi::Abi;
use crate::cores::on_all_cores;
use crate::process;
use crate::shell::Shell;
use crate::validate::{self, HOST, Policy, Rules};

/// A component that has passed its check, and what is told of it.
pub(super) struct Made {
    pub component: Component,
    pub sha256: String,
    pub summary: Summary,
}

/// What is told of a plugin, beside its size and hash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Bytes when it is packed with gzip.
    pub gzip: u64,
    /// Exports, with their types.
    pub exports: Vec<String>,
    /// What the host has to provide, by name.
    pub imports: Vec<String>,
}

/// A component that has passed its check, and what it was made of.
pub(super) struct Finished<'a> {
    pub plugin: &'a Plugin,
    pub made: Made,
    pub core_size: u64,
    /// Its place in the target directory.
    pub place: PathBuf,
    /// What it was made from, if it was made just now.
    pub key: Option<String>,
}

/// What decides, beside the core module, what is made of it.
#[derive(Serialize)]
struct Ingredients<'a> {
    metadata: &'a PluginMetadata,
    settings: &'a Settings,
    host: &'static str,
    rules: &'a Rules,
}

/// Makes what has to be made; the plugins come in the plan's order.
pub(super) fn finish<'a>(
    plan: &'a Plan,
    modules: &[CoreModule],
    options: &Options,
    shell: Shell,
) -> Result<Vec<Finished<'a>>, Error> {
    let wasm_opt = options.optimizer.describe()?;
    let jobs: Vec<_> = plan
        .plugins
        .iter()
        .zip(modules)
        .map(|(plugin, module)| Job::new(plan, plugin, module, options, &wasm_opt))
        .collect::<Result<_, _>>()?;
    let stale: Vec<_> = jobs.iter().filter(|job| job.found.is_none()).collect();
    let made = if stale.is_empty() { Vec::new() } else { make(&stale, options, shell)? };
    let mut made = made.into_iter();
    let (mut finished, mut refused) = (Vec::new(), None);
    for job in jobs {
        let result = match job.found {
            Some(found) => Ok((found, None)),
            None => made
                .next()
                .unwrap_or(Err(process::Error::Interrupted.into()))
                .map(|made| (made, Some(job.key))),
        };
        match result {
            Ok((made, key)) => finished.push(Finished {
                plugin: job.plugin,
                made,
                core_size: job.module.0.len() as u64,
                place: job.place,
                key,
            }),
            // All that is wrong is told in one run; the first is the one that the build ends with.
            Err(error) if refused.is_none() => refused = Some(error),
            Err(error) => shell.error(&error, error.hint().as_deref()),
        }
    }
    refused.map_or(Ok(finished), Err)
}

/// One plugin on its way.
struct Job<'a, 'm> {
    plugin: &'a Plugin,
    module: &'m CoreModule,
    metadata: PluginMetadata,
    rules: Rules,
    place: PathBuf,
    key: String,
    /// What lies there, when it was made from the same.
    found: Option<Made>,
}

impl<'a, 'm> Job<'a, 'm> {
    fn new(
        plan: &'a Plan,
        plugin: &'a Plugin,
        module: &'m CoreModule,
        options: &Options,
        wasm_opt: &str,
    ) -> Result<Self, Error> {
        let metadata = PluginMetadata {
            name: plugin.name.clone(),
            version: plugin.version.clone(),
            authors: plugin.authors.clone(),
            license: plugin.license.clone(),
            source: plugin.source.clone(),
            sdk: plugin.sdk.as_ref().map_or_else(String::new, |sdk| sdk.version.clone()),
            abi: Abi::built_in()?.version,
            tool: concat!("cargo-tesser ", env!("CARGO_PKG_VERSION")).into(),
            rustc: plan.toolchain.version.line.clone(),
            target: plan.toolchain.target.clone(),
            profile: options.cargo.profile().into(),
            wasm_opt: wasm_opt.to_owned(),
        };
        let rules = validate::rules(&plugin.dir)?;
        let settings = &plugin.settings;
        let made = Ingredients { metadata: &metadata, settings, host: HOST, rules: &rules };
        let key = fresh::key(module, &made);
        let place = plan.folder(&options.cargo).join(install::file_name(&plugin.library));
        // What is compared with a file must not be that very file.
        let found = if options.verify.is_some() { None } else { fresh::unchanged(&place, &key) };
        Ok(Self { plugin, module, metadata, rules, place, key, found })
    }

    /// Core module -> checked component, and its hash.
    fn make(&self, options: &Options, trial: &Trial) -> Result<Made, Error> {
        let optimized = options.optimizer.run(self.module, &self.plugin.name)?;
        process::check_interrupted()?;
        let component = componentize::componentize(&optimized, self.plugin)?;
        let component = stamp::stamp(&component, &self.metadata)?;
        self.check_size(&component)?;
        // The very bytes that are installed next.
        let policy = Policy::new(&[&self.rules])?;
        let (report, gzip) = trial.check(&policy, &self.place, &component)?;
        process::check_interrupted()?;
        if report.ok(false) {
            let (exports, imports) = (report.exports, report.needs);
            let summary = Summary { gzip, exports, imports };
            return Ok(Made { component, sha256: report.sha256, summary });
        }
        let (package, report, host) = (self.plugin.name.clone(), Box::new(report), HOST.into());
        Err(Error::Rejected { package, report, host })
    }
}

impl Job<'_, '_> {
    /// The package's own limit.
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

/// Works on as many as there are cores; the results come in the order of the jobs.
fn make(
    jobs: &[&Job<'_, '_>],
    options: &Options,
    shell: Shell,
) -> Result<Vec<Result<Made, Error>>, Error> {
    let names: Vec<_> = jobs.iter().map(|job| job.plugin.name.as_str()).collect();
    let _progress = shell.progress("Optimizing", names.join(", "));
    let trial = Trial::new()?;
    Ok(on_all_cores(jobs, |job| job.make(options, &trial)))
}
