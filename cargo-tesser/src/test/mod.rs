//! `test`: packages -> built components -> suites on a local host -> verdicts.
//!
//! In: what to build, and which cases. Out: a [`Report`]. Every case runs the component that would be installed, in the simulated
//! host. A case never changes what is built. A program can call [`check`].

mod budgets;
mod cases;
mod determinism;
mod error;
mod golden;
mod hot_swap;
mod params;
mod recording;
mod report;
mod restart;
mod run;
mod scenarios;
mod sides;
mod steps;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tesser_wasm::{ParamSchema, PluginSide, SchemaError};

use crate::build::{self, Artifact};
use crate::digest::sha256;
use crate::engine::{Compiled, Engine, Output};
use crate::parallel::on_all_cores;
use crate::plugin::{Limits, PluginMetadata, TestSettings as Settings};
use crate::process;
use crate::shell::Shell;
use crate::simulator::answer::Action;
use cases::TestCase;

pub use error::Error;
pub use report::{Case, PluginReport, Report, human, json, junit};
use run::Start;

/// Options of `test`.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Options of the build that comes first.
    pub build: build::Options,
    /// Parts of case names; empty means all cases.
    pub names: Vec<String>,
    /// Accept the current results as the new golden orders and budgets.
    pub bless: bool,
    /// The previous version, whose states the plugin must restore.
    pub from: Option<PathBuf>,
}

/// A plugin under test.
#[derive(Clone)]
pub(crate) struct PluginUnderTest {
    compiled: Arc<Compiled>,
    /// The previous version, whose states the plugin must restore.
    from: Option<Arc<Compiled>>,
    settings: Settings,
    /// Side of the signal in the current cases.
    side: PluginSide,
    /// Its parameter schema, if it has one.
    schema: Result<Option<ParamSchema>, SchemaError>,
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
/// If a package does not build, or a tape or baseline cannot be read. Faults of a plugin are in the report.
pub fn test(
    options: &Options,
    shell: Shell,
    pass_through: &mut dyn FnMut(&str),
) -> Result<Report, Error> {
    let from = options.from.as_deref().map(compile).transpose()?.map(Arc::new);
    let artifacts = build::build(&options.build, shell, pass_through)?;
    let mut plugins = Vec::new();
    for artifact in &artifacts {
        let Artifact { name, dir, test, .. } = artifact;
        let Some(place) = artifact.places.first() else { continue };
        shell.status("Testing", format_args!("{name} ({})", place.path.display()));
        let bytes = crate::fs::read(&place.path)?;
        let mut subject = PluginUnderTest::new(&bytes, &place.path, test.clone(), dir)?;
        subject.from.clone_from(&from);
        let cases = subject.run(&options.names, options.bless, shell)?;
        plugins.push(PluginReport { name: name.clone(), sha256: sha256(&bytes), cases });
    }
    if let Some(name) = unused(&options.names, &plugins) {
        return Err(Error::NoCase { name });
    }
    Ok(Report { plugins })
}

/// Tests one component with all cases that only need the component, its settings and `dir`, the folder of golden tapes and the
/// baseline. For your own tests:
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
/// If the file cannot be read or does not load, or a tape or the baseline cannot be read.
pub fn check(
    component: &Path,
    settings: &Settings,
    dir: &Path,
    names: &[String],
) -> Result<Report, Error> {
    let bytes = crate::fs::read(component)?;
    let subject = PluginUnderTest::new(&bytes, component, settings.clone(), dir)?;
    let name = component.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let cases = subject.run(names, false, Shell::default())?;
    Ok(Report { plugins: vec![PluginReport { name, sha256: sha256(&bytes), cases }] })
}

/// Returns the names of the scenarios, which every plugin has.
pub(crate) fn scenarios() -> impl Iterator<Item = &'static str> {
    scenarios::ALL.into_iter().map(|(name, _)| name)
}

/// Returns the names of the cases of all selected plugins, without building them.
///
/// # Errors
/// If cargo's metadata cannot be read, or a package's tapes cannot be listed.
pub fn list(options: &Options, shell: Shell) -> Result<Vec<String>, Error> {
    let mut all = Vec::new();
    for dir in build::folders(&options.build, shell)? {
        let cases = cases::all(&dir, options.from.is_some())?.into_iter();
        all.extend(cases.map(|case| case.name).filter(|name| is_wanted(name, &options.names)));
    }
    let mut seen = HashSet::new();
    all.retain(|name| seen.insert(name.clone()));
    Ok(all)
}

impl PluginUnderTest {
    fn new(bytes: &[u8], path: &Path, settings: Settings, dir: &Path) -> Result<Self, Error> {
        settings.check_venue()?;
        let compiled = Arc::new(compiled(bytes, path)?);
        let made_by = PluginMetadata::read(bytes).map_or_else(String::new, |made| made.rustc);
        let imports = compiled.imports();
        let schema = ParamSchema::from_component(bytes);
        let dir = dir.to_owned();
        let side = settings.side.unwrap_or(PluginSide::Buy);
        Ok(Self { compiled, from: None, settings, side, schema, dir, imports, made_by })
    }

    /// Returns the same plugin with a signal of this side, and the output of its instances.
    fn on(&self, side: PluginSide) -> (Self, Output) {
        let output = Output::default();
        let compiled = Arc::new(self.compiled.with_output(&output));
        (Self { compiled, side, ..self.clone() }, output)
    }

    /// Creates a run on the live host, with the target of the settings.
    fn live(&self) -> Start<'_> {
        Start::live(self, &self.settings)
    }

    fn run(&self, names: &[String], bless: bool, shell: Shell) -> Result<Vec<Case>, Error> {
        let all = cases::all(&self.dir, self.from.is_some())?.into_iter();
        let wanted: Vec<_> = all.filter(|case| is_wanted(&case.name, names)).collect();
        let jobs: Vec<_> = wanted.iter().flat_map(|case| self.jobs(case)).collect();
        let progress = shell.count("Testing", jobs.len());
        let run = |&(case, side): &(&TestCase, PluginSide)| {
            process::check_interrupted()?;
            let start = std::time::Instant::now();
            let (plugin, output) = self.on(side);
            let case = case.run(&plugin, bless);
            progress.step();
            case.map(|case| Case { time: start.elapsed(), output: output.lines(), ..case })
        };
        // Time is only measured when nothing else runs.
        let (timed, others): (Vec<_>, Vec<_>) = jobs.iter().partition(|(case, _)| case.is_timed());
        let mut others = on_all_cores(&others, |job| run(job)).into_iter();
        let mut timed = timed.into_iter().map(|job| run(&job));
        process::check_interrupted()?;
        let mut cases = Vec::new();
        for case in &wanted {
            let next = || if case.is_timed() { timed.next() } else { others.next() };
            let sides = self.jobs(case).into_iter().map(|(_, side)| side);
            let found = sides.zip(std::iter::from_fn(next));
            let found: Result<Vec<_>, Error> =
                found.map(|(side, case)| Ok((side, case?))).collect();
            cases.extend(sides::joined(found?));
        }
        process::check_interrupted()?;
        Ok(cases)
    }

    /// Returns a case for each side on which it runs.
    fn jobs<'a>(&self, case: &'a TestCase) -> Vec<(&'a TestCase, PluginSide)> {
        let sides = if case.runs_once() { vec![self.side] } else { self.settings.sides() };
        sides.into_iter().map(|side| (case, side)).collect()
    }
}

/// Compiles a component from a file.
fn compile(path: &Path) -> Result<Compiled, Error> {
    compiled(&crate::fs::read(path)?, path)
}

fn compiled(bytes: &[u8], path: &Path) -> Result<Compiled, Error> {
    let compiled = Engine::new().and_then(|engine| engine.compile(bytes));
    compiled.map_err(|source| Error::Load { path: path.to_owned(), source })
}

fn is_wanted(name: &str, wanted: &[String]) -> bool {
    wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()))
}

/// Returns a word that is not in the name of any case.
fn unused(names: &[String], plugins: &[PluginReport]) -> Option<String> {
    let cases = || plugins.iter().flat_map(|plugin| &plugin.cases);
    names.iter().find(|name| !cases().any(|case| case.name.contains(name.as_str()))).cloned()
}

fn case(name: &str, line: String) -> Case {
    Case {
        name: name.to_owned(),
        line,
        wrong: Vec::new(),
        notes: Vec::new(),
        output: Vec::new(),
        time: std::time::Duration::ZERO,
    }
}

/// Returns the index of the first difference of two lists.
fn first_mismatch<A, B>(one: &[A], two: &[B], same: impl Fn(&A, &B) -> bool) -> Option<usize> {
    let at = one.iter().zip(two).position(|(one, two)| !same(one, two));
    at.or((one.len() != two.len()).then_some(one.len().min(two.len())))
}

/// Describes the first difference of two lists of orders.
fn first_difference<T: PartialEq>(
    expected: &[T],
    found: &[T],
    action: impl Fn(&T) -> &Action,
) -> Option<String> {
    let at = first_mismatch(expected, found, |expected, found| expected == found)?;
    let shown =
        |order: Option<&T>| order.map_or("no order".into(), |order| action(order).to_string());
    let (expected, found) = (shown(expected.get(at)), shown(found.get(at)));
    Some(format!("order {}: expected `{expected}`, found `{found}`", at + 1))
}
