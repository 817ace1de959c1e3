//! `compare`: two plugins, or two sets of parameters -> pairs of runs over the same tapes -> paired differences -> verdict.
//!
//! In: the options of OLD's and NEW's runs. Both runs of a pair have the same trades and the same exchange model, so that every difference is
//! caused by the plugin or its parameters. Out: the order that differs first, paired differences with bootstrap intervals, a verdict. `replay`
//! makes the runs.

mod bootstrap;
mod document;
mod figures;
mod first_difference;
mod pair;
mod paired;
mod show;
mod verdict;

use std::path::PathBuf;

use serde_json::Value;

use self::figures::Figure;
use self::pair::Pair;
use self::paired::Paired;
use self::verdict::Judgement;
use crate::exit::USAGE;
use crate::parallel::on_all_cores;
use crate::process;
use crate::replay::{self, Loaded, PluginFile, RunSettings, Runs, load, runs};
use crate::shell::Shell;
pub use bootstrap::Bootstrap;
pub use paired::Clusters;
pub use verdict::Bounds;

/// What is compared.
#[derive(Clone, Debug)]
pub struct Options {
    /// The runs of OLD.
    pub old: replay::Options,
    /// NEW's component.
    pub new_plugin: PathBuf,
    /// NEW's parameters.
    pub new_params: Value,
    /// Tapes, starts and sides.
    pub runs: Runs,
    /// How intervals are computed.
    pub bootstrap: Bootstrap,
    /// Which pairs form a cluster.
    pub clusters: Clusters,
    /// Conditions for the exit code.
    pub bounds: Bounds,
}

/// Why nothing could be compared.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No run could be made.
    #[error(transparent)]
    Replay(#[from] replay::Error),
    /// The user stopped it.
    #[error(transparent)]
    Process(#[from] process::Error),
    /// The clusters would not be independent.
    #[error("`--cluster start` needs independent runs, but runs of one tape overlap")]
    Overlap,
}

impl Error {
    /// The exit code of the process.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Replay(error) => error.exit_code(),
            Self::Overlap => USAGE,
            Self::Process(_) => crate::exit::FAILED,
        }
    }

    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Replay(error) => error.hint(),
            Self::Process(_) => None,
            Self::Overlap => Some(
                "runs do not overlap if `--every` is at least `--horizon`; without `--cluster`, all starts of a day are one cluster".into(),
            ),
        }
    }
}

/// A comparison.
pub struct Comparison {
    old: Version,
    new: Version,
    /// Settings of the first run; all runs share signal, host and exchange model.
    settings: RunSettings,
    pairs: Vec<Pair>,
    figures: Vec<Paired>,
    judgement: Judgement,
    bootstrap: Bootstrap,
    clusters: Clusters,
    bounds: Bounds,
}

/// OLD or NEW.
struct Version {
    plugin: PluginFile,
    params: Value,
}

/// Makes all runs, and compares them pair by pair.
///
/// # Errors
/// A plugin does not load or would refuse its parameters, or no run could be made.
pub fn compare(options: &Options, shell: Shell) -> Result<Comparison, Error> {
    let new = replay::Options {
        plugin: options.new_plugin.clone(),
        params: options.new_params.clone(),
        ..options.old.clone()
    };
    let old_runs = runs(&options.old, &options.runs)?;
    let new_runs = match &options.runs {
        // The file's parameters hold for both.
        Runs::Sweep(_) => runs(&new, &options.runs)?,
        Runs::Tapes { .. } => old_runs.iter().map(|old| same_run(old, &new)).collect(),
    };
    let both: Vec<_> = old_runs.iter().zip(&new_runs).collect();
    let (old_plugin, new_plugin) = (load(&options.old.plugin)?, load(&new.plugin)?);
    old_plugin.check_params(&options.old.plugin, old_runs.iter().map(|run| &run.params), shell)?;
    new_plugin.check_params(&new.plugin, new_runs.iter().map(|run| &run.params), shell)?;
    let first = first_settings(&both, &old_plugin, &new_plugin);
    if first.0.plugin.sha256 == first.1.plugin.sha256 && first.0.params == first.1.params {
        shell.warn("OLD and NEW are the same plugin with the same parameters");
    }
    let progress = shell.count("Comparing", both.len());
    let made = on_all_cores(&both, |(old, new)| {
        let pair = pair_of(old, new, &old_plugin, &new_plugin);
        progress.step();
        pair
    });
    drop(progress);
    process::check_interrupted()?;
    let (pairs, mut errors): (Vec<_>, Vec<_>) = made.into_iter().unzip();
    if pairs.iter().all(Pair::is_not_made)
        && let Some(error) = errors.iter_mut().find_map(Option::take)
    {
        return Err(error.into());
    }
    if options.clusters.overlap(&pairs) {
        return Err(Error::Overlap);
    }
    Ok(Comparison::of(pairs, first, options))
}

/// The run of another plugin over the same tape.
fn same_run(old: &replay::Options, new: &replay::Options) -> replay::Options {
    let (plugin, params) = (new.plugin.clone(), new.params.clone());
    replay::Options { plugin, params, ..old.clone() }
}

/// Settings of both runs of the first pair.
fn first_settings(
    both: &[(&replay::Options, &replay::Options)],
    old: &Loaded,
    new: &Loaded,
) -> (RunSettings, RunSettings) {
    let (first_old, first_new) = both[0];
    (old.settings(first_old), new.settings(first_new))
}

/// Makes both runs of a pair; also returns the error if one could not be made.
fn pair_of(
    old: &replay::Options,
    new: &replay::Options,
    old_plugin: &Loaded,
    new_plugin: &Loaded,
) -> (Pair, Option<replay::Error>) {
    let (old_settings, old_result) = old_plugin.run(old);
    let (new_settings, new_result) = new_plugin.run(new);
    let pair = Pair::new(old, (&old_settings, &old_result), (&new_settings, &new_result));
    (pair, old_result.err().or(new_result.err()))
}

impl Comparison {
    fn of(pairs: Vec<Pair>, (old, new): (RunSettings, RunSettings), options: &Options) -> Self {
        let Options { clusters, bootstrap, bounds, .. } = *options;
        let figures: Vec<_> = Figure::ALL
            .into_iter()
            .map(|figure| Paired::of(figure, &pairs, clusters, bootstrap))
            .collect();
        let judgement = Judgement::new(&pairs, &figures, clusters, bootstrap.confidence, bounds);
        Self {
            pairs,
            figures,
            judgement,
            bootstrap,
            clusters,
            bounds,
            old: Version { params: options.old.params.clone(), plugin: old.plugin },
            new: Version { params: options.new_params.clone(), plugin: new.plugin.clone() },
            settings: new,
        }
    }

    /// Whether the exit code is 0.
    pub fn ok(&self) -> bool {
        self.judgement.ok(&self.pairs, self.bounds)
    }
}
