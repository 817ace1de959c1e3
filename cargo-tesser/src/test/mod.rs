//! `test`: packages -> built components -> suites on a local host -> verdicts.
//!
//! In: what to build, and which cases. Out: a [`Report`]. Every case runs the very component that would be installed, on
//! the host of `replay`; none of them changes what is built. The same can be asked from a program: [`check`].

mod book;
mod budgets;
mod determinism;
mod error;
mod golden;
mod report;
mod restart;
mod scenarios;
mod scene;
mod settings;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::build::{self, Artifact, PluginMetadata};
use crate::cores::on_all_cores;
use crate::engine::{Compiled, Engine};
use crate::process;
use crate::shell::Shell;
use crate::validate::sha256;

pub use error::Error;
pub use report::{Case, PluginReport, Report, human, json, junit};
pub use settings::{Limits, Settings};

/// What to test.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What is built first.
    pub build: build::Options,
    /// Parts of names of cases; none means all.
    pub names: Vec<String>,
    /// Write down what is found as what is expected: orders of golden tapes, and budgets.
    pub bless: bool,
}

/// A plugin under test.
pub(crate) struct Subject {
    compiled: Compiled,
    settings: Settings,
    /// Folder of the package, with its tapes and its baseline.
    dir: PathBuf,
    /// What the host has to provide.
    imports: Vec<String>,
    /// The compiler, for the baseline.
    made_by: String,
}

/// Builds the selected plugins and tests each.
///
/// # Errors
/// A package does not build, or a tape or baseline cannot be read. What a plugin does wrong is in the report.
pub fn test(
    options: &Options,
    shell: Shell,
    pass_through: &mut dyn FnMut(&str),
) -> Result<Report, Error> {
    let artifacts = build::build(&options.build, shell, pass_through)?;
    let mut plugins = Vec::new();
    for artifact in &artifacts {
        let Artifact { name, dir, test, .. } = artifact;
        let Some(place) = artifact.places.first() else { continue };
        shell.status("Testing", format_args!("{name} ({})", place.path.display()));
        let bytes = crate::fs::read(&place.path)?;
        let subject = Subject::new(&bytes, &place.path, test.clone(), dir)?;
        let cases = subject.run(&options.names, options.bless, shell)?;
        plugins.push(PluginReport { name: name.clone(), sha256: sha256(&bytes), cases });
    }
    if let Some(name) = unused(&options.names, &plugins) {
        return Err(Error::NoCase { name });
    }
    Ok(Report { plugins })
}

/// Tests one component: all cases that need nothing but it, its settings and `dir`, where golden tapes and the baseline
/// are. For tests of your own:
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let plugin = std::path::Path::new("target/tesser/release/my_chase.wasm");
/// let report = cargo_tesser::test::check(plugin, &Default::default(), std::path::Path::new("."), &[])?;
/// assert!(report.failed().next().is_none(), "{}", cargo_tesser::test::human(&report));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The file cannot be read or does not load; a tape or the baseline cannot be read.
pub fn check(
    component: &Path,
    settings: &Settings,
    dir: &Path,
    names: &[String],
) -> Result<Report, Error> {
    let bytes = crate::fs::read(component)?;
    let subject = Subject::new(&bytes, component, settings.clone(), dir)?;
    let name = component.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let cases = subject.run(names, false, Shell::default())?;
    Ok(Report { plugins: vec![PluginReport { name, sha256: sha256(&bytes), cases }] })
}

/// The names of the cases of all selected plugins, without building them.
///
/// # Errors
/// Cargo's metadata cannot be read, or a package's tapes cannot be listed.
pub fn list(options: &Options, shell: Shell) -> Result<Vec<String>, Error> {
    let mut all = Vec::new();
    for dir in build::folders(&options.build, shell)? {
        let names = names(&dir)?.into_iter();
        all.extend(names.filter(|name| is_wanted(name, &options.names)));
    }
    let mut seen = HashSet::new();
    all.retain(|name| seen.insert(name.clone()));
    Ok(all)
}

/// The names of all cases of a package in `dir`.
fn names(dir: &Path) -> Result<Vec<String>, Error> {
    let scenarios = scenarios::names().map(|name| format!("scenarios/{name}"));
    let restart = restart::NAMES.map(|name| format!("restart/{name}"));
    let others = [determinism::NAME, budgets::NAME].map(str::to_owned);
    let golden = golden::names(dir)?.into_iter().map(|name| format!("golden/{name}"));
    Ok(scenarios.chain(restart).chain(others).chain(golden).collect())
}

impl Subject {
    fn new(bytes: &[u8], path: &Path, settings: Settings, dir: &Path) -> Result<Self, Error> {
        let compiled = Engine::new().and_then(|engine| engine.compile(bytes));
        let compiled = compiled.map_err(|source| Error::Load { path: path.to_owned(), source })?;
        let made_by = PluginMetadata::read(bytes).map_or_else(String::new, |made| made.rustc);
        let imports = compiled.imports();
        Ok(Self { compiled, settings, dir: dir.to_owned(), imports, made_by })
    }

    fn run(&self, names: &[String], bless: bool, shell: Shell) -> Result<Vec<Case>, Error> {
        let all = self::names(&self.dir)?;
        let wanted: Vec<_> = all.into_iter().filter(|name| is_wanted(name, names)).collect();
        let progress = shell.count("Testing", wanted.len());
        let run = |name: &String| {
            let start = std::time::Instant::now();
            let case = self.case(name, bless);
            progress.step();
            case.map(|case| Case { time: start.elapsed(), ..case })
        };
        // Time is only measured while nothing else runs.
        let (timed, others): (Vec<_>, Vec<_>) =
            wanted.iter().partition(|name| *name == budgets::NAME);
        let mut others = on_all_cores(&others, |name| run(name)).into_iter();
        let mut timed = timed.into_iter().map(run);
        let in_order =
            |name: &String| if *name == budgets::NAME { timed.next() } else { others.next() };
        let cases: Vec<_> = wanted.iter().filter_map(in_order).collect();
        process::check_interrupted()?;
        cases.into_iter().collect()
    }

    fn case(&self, name: &str, bless: bool) -> Result<Case, Error> {
        process::check_interrupted()?;
        match name.split_once('/') {
            Some(("scenarios", name)) => Ok(scenarios::run(self, name)),
            Some(("restart", name)) => Ok(restart::run(self, name)?),
            Some((_, name)) => golden::run(self, name, bless),
            None if name == budgets::NAME => budgets::run(self, bless),
            None => Ok(determinism::run(self)),
        }
    }
}

fn is_wanted(name: &str, wanted: &[String]) -> bool {
    wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()))
}

/// A word that no case of any plugin has in its name.
fn unused(names: &[String], plugins: &[PluginReport]) -> Option<String> {
    let cases = || plugins.iter().flat_map(|plugin| &plugin.cases);
    names.iter().find(|name| !cases().any(|case| case.name.contains(name.as_str()))).cloned()
}

fn case(name: &str, line: String) -> Case {
    Case { name: name.to_owned(), line, wrong: Vec::new(), time: std::time::Duration::ZERO }
}

/// The place from which on two lists are not the same.
fn parting<A, B>(one: &[A], two: &[B], same: impl Fn(&A, &B) -> bool) -> Option<usize> {
    let at = one.iter().zip(two).position(|(one, two)| !same(one, two));
    at.or((one.len() != two.len()).then_some(one.len().min(two.len())))
}

/// Where two lists of orders part.
fn first_difference<T: PartialEq + Serialize>(expected: &[T], found: &[T]) -> Option<String> {
    let at = parting(expected, found, |expected, found| expected == found)?;
    let shown = |order: Option<&T>| {
        order.map_or("nothing".into(), |order| serde_json::to_string(order).unwrap_or_default())
    };
    let (expected, found) = (shown(expected.get(at)), shown(found.get(at)));
    Some(format!("order {}: expected `{expected}`, found `{found}`", at + 1))
}
