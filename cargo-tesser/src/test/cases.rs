//! The list of cases with the code that runs each: `--list`, the selection by name and the runs all use it.

use std::path::Path;

use super::error::Error;
use super::report::Case;
use super::{PluginUnderTest, budgets, determinism, golden, hot_swap, params, restart, scenarios};

/// A case of a package, before it runs.
pub(super) struct TestCase {
    pub(super) name: String,
    kind: Kind,
}

enum Kind {
    Scenario(scenarios::Scenario),
    Params(params::Values),
    HotSwap,
    /// A restart after every callback; the flag says whether trades reach the plugin.
    Restart {
        ticks: bool,
    },
    Determinism,
    Budgets,
    /// The orders of the tape with this name.
    Golden(String),
}

/// Returns all cases of a package in `dir`.
pub(super) fn all(dir: &Path, has_from: bool) -> Result<Vec<TestCase>, Error> {
    let case = |name: &str, kind| TestCase { name: name.to_owned(), kind };
    let scenarios = scenarios::ALL.iter().map(|(name, run)| case(name, Kind::Scenario(*run)));
    let params = params::ALL.iter().map(|(name, values)| case(name, Kind::Params(*values)));
    let swap = has_from.then(|| case(hot_swap::NAME, Kind::HotSwap));
    let restarts =
        restart::ALL.iter().map(|(name, ticks)| case(name, Kind::Restart { ticks: *ticks }));
    let others = [case(determinism::NAME, Kind::Determinism), case(budgets::NAME, Kind::Budgets)];
    let golden = golden::names(dir)?.into_iter();
    let golden = golden.map(|name| case(&format!("{}{name}", golden::PREFIX), Kind::Golden(name)));
    Ok(scenarios.chain(params).chain(swap).chain(restarts).chain(others).chain(golden).collect())
}

impl TestCase {
    /// Whether time is measured, so that nothing else may run.
    pub(super) fn is_timed(&self) -> bool {
        matches!(self.kind, Kind::Budgets)
    }

    /// Whether it runs only once: the orders of a golden tape are those of one side, and budgets cover all sides themselves.
    pub(super) fn runs_once(&self) -> bool {
        matches!(self.kind, Kind::Budgets | Kind::Golden(_))
    }

    pub(super) fn run(&self, plugin: &PluginUnderTest, bless: bool) -> Result<Case, Error> {
        let name = &self.name;
        Ok(match &self.kind {
            Kind::Scenario(scenario) => scenarios::run(plugin, name, *scenario),
            Kind::Params(values) => params::run(plugin, name, *values)?,
            Kind::HotSwap => hot_swap::run(plugin),
            Kind::Restart { ticks } => restart::run(plugin, name, *ticks)?,
            Kind::Determinism => determinism::run(plugin),
            Kind::Budgets => budgets::run(plugin, bless)?,
            Kind::Golden(tape) => golden::run(plugin, tape, bless)?,
        })
    }
}
