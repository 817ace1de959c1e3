//! `replay`: component + tape -> session of the simulated host -> summary.
//!
//! In: a component, recorded trades or a script of events, and the signal to work. Out: what the plugin did, from the very
//! file that would be installed. What the host does is in `simulator/`; here a run is put together and shown.

mod books;
mod expected;
mod page;
mod ranges;
mod recorded;
mod run;
mod run_list;
mod run_settings;
mod show;
mod starts;
mod sweep;
mod tables;
mod tape_hashes;
mod tape_runs;
mod traded;

use std::fmt;
use std::path::{Path, PathBuf};

use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;
use tesser_wasm::PluginSide;

use crate::engine;
use crate::exit::{FAILED, USAGE};
use crate::fs;
use crate::process;
use crate::shell::Shell;
use crate::simulator::host_config;
use crate::simulator::tape;
pub use crate::simulator::{
    AmendRule, Depth, Ending, ExchangeModel, InstrumentKind, Names, QueueModel, RiskLimits,
    RunSummary, SessionRules, Spread, TapeOptions, World,
};
pub use expected::Expected;
pub use page::{Shown, Watched, page, watch_script};
pub use recorded::{SessionReport, replay_session};
pub use run::{Loaded, load};
pub use run_settings::{PluginFile, RunSettings};
pub(crate) use show::aligned;
pub use show::{ending, fills_csv, json, orders_csv, table};
pub use starts::{parse_duration, parse_time};
pub use sweep::{Sweep, sweep};
pub use tables::{TableError, check_folder, write_tables};
pub use tape_runs::{Runs, runs};
pub use traded::Only;

/// What to run and over which trades.
#[derive(Clone, Debug)]
pub struct Options {
    /// The component.
    pub plugin: PathBuf,
    /// Recorded trades.
    pub tape: PathBuf,
    /// The order book of the same time.
    pub book: Option<PathBuf>,
    /// How the tapes are read.
    pub tape_options: TapeOptions,
    /// The session that is simulated.
    pub world: World,
    /// Side of the signal.
    pub side: PluginSide,
    /// Target quantity in base currency.
    pub quantity: Decimal,
    /// The plugin's parameters.
    pub params: Value,
    /// Restart the host after this many events of the tape.
    pub restart_after: Option<u64>,
    /// What the exchange is taken to do.
    pub model: ExchangeModel,
    /// The part of the tape that is replayed.
    pub interval: Interval,
    /// What a run must reach.
    pub expected: Expected,
}

/// A part of a tape, and what costs are measured over. Times are in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, Serialize, PartialEq, Eq)]
pub struct Interval {
    /// Trades before it are left out: the signal comes with the first one after it.
    pub from_ms: Option<i64>,
    /// The run ends here.
    pub to_ms: Option<i64>,
    /// The run ends so long after the signal.
    pub horizon_ms: Option<i64>,
}

impl Interval {
    /// When a run ends that starts at a time, if not with the tape.
    fn end_ms(&self, start_ms: i64) -> Option<i64> {
        let horizon = self.horizon_ms.map(|horizon_ms| start_ms.saturating_add(horizon_ms));
        self.to_ms.into_iter().chain(horizon).min()
    }
}

/// Why nothing could be replayed. What the plugin does wrong is in the summary instead.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error(transparent)]
    Fs(#[from] fs::Error),
    /// The plugin is not a file that can be loaded.
    #[error("cannot read `{}`", .path.display())]
    NoPlugin {
        /// The path.
        path: PathBuf,
        /// What is there instead.
        source: fs::Unread,
    },
    /// The component does not load.
    #[error("cannot run `{}`", .path.display())]
    Load {
        /// The path.
        path: PathBuf,
        /// The engine's reason.
        #[source]
        source: engine::Error,
    },
    /// The user stopped it.
    #[error(transparent)]
    Process(#[from] process::Error),
    /// The engine does not start.
    #[error(transparent)]
    Engine(#[from] engine::Error),
    /// The tape cannot be read.
    #[error(transparent)]
    Tape(#[from] tape::Error),
    /// No trade of the tape is of the session's symbol.
    #[error("`{}` has no trade of `{symbol}`: {rows}", .path.display())]
    NoTrades {
        /// The tape.
        path: PathBuf,
        /// Symbol of the session.
        symbol: String,
        /// What its rows are of, in words.
        rows: String,
        /// The one symbol that the tape has.
        only: Only,
    },
    /// All trades are before the interval.
    #[error("`{}` ends at {last}, before `--from`", .path.display())]
    BeforeFrom {
        /// The tape.
        path: PathBuf,
        /// Time of its last trade.
        last: String,
    },
    /// All trades are after the interval.
    #[error("`{}` has no trade before `--to`: its first one is of {first}", .path.display())]
    AfterTo {
        /// The tape.
        path: PathBuf,
        /// Time of that trade.
        first: String,
    },
    /// The interval has no length.
    #[error("`--to` is not after `--from`")]
    NoInterval,
    /// Both tapes would be read from one stream.
    #[error("`-` cannot be both the tape and the order book")]
    OneStdin,
    /// The tape of order books has none of the session's symbol.
    #[error("`{}` has no order book of `{symbol}` in the minute before the run or in it", .path.display())]
    NoBook {
        /// The tape.
        path: PathBuf,
        /// Symbol of the session.
        symbol: String,
    },
    /// The recording has no signal for the plugin.
    #[error("`{}` has no signal with a hint at the plugin `{name}`; it has hints at {names}", .dir.display())]
    NoSignal {
        /// The recorder's folder.
        dir: PathBuf,
        /// Name of the plugin.
        name: String,
        /// Names of other plugins, in words.
        names: String,
    },
    /// A file of the host's cannot be used.
    #[error(transparent)]
    HostConfig(#[from] host_config::Error),
    /// The file of a sweep cannot be read.
    #[error("`{}` is no list of runs: {reason}", .path.display())]
    Sweep {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The page would be in a folder that is not there.
    #[error("cannot write `{}`: there is no folder `{}`", .path.display(), fs::parent(.path).display())]
    NoFolder {
        /// The page.
        path: PathBuf,
    },
    /// A file would be lost.
    #[error("`{}` is no table of `cargo tesser replay`, and would be replaced", .path.display())]
    OtherFile {
        /// The file.
        path: PathBuf,
    },
    /// A table cannot hold what happened.
    #[error("cannot write `{}`", .path.display())]
    Table {
        /// Its file.
        path: PathBuf,
        /// Why not.
        source: TableError,
    },
    /// Several runs are to read what can be read once.
    #[error("`{}` can be read only once, and each run reads its tape", .path.display())]
    Stream {
        /// The tape: a pipe, or `-`.
        path: PathBuf,
    },
    /// The tapes on the command line cannot be what is run.
    #[error("{0}")]
    Tapes(String),
    /// The plugin would refuse the parameters.
    #[error("`{}` does not take these parameters", .path.display())]
    Params {
        /// The plugin.
        path: PathBuf,
        /// What is wrong with them.
        source: Refusals,
    },
    /// The exchange is to do something, and the tape says all that happens.
    #[error("`{}` is a script of events, which says all that happens: it has no exchange model, interval or order book", .path.display())]
    Script {
        /// The tape.
        path: PathBuf,
    },
}

/// What is wrong with parameters, a line for each.
#[derive(Debug)]
pub struct Refusals(Vec<String>);

impl std::error::Error for Refusals {}

impl fmt::Display for Refusals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 10;
        let shown = self.0.len().min(MOST);
        formatter.write_str(&self.0[..shown].join("\n"))?;
        match self.0.len() - shown {
            0 => Ok(()),
            more => write!(formatter, "\nand {more} more"),
        }
    }
}

impl Error {
    /// The exit code of the process.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Script { .. }
            | Self::Params { .. }
            | Self::Stream { .. }
            | Self::OneStdin
            | Self::NoInterval => USAGE,
            _ => FAILED,
        }
    }

    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Fs(error) => error.hint(),
            Self::NoPlugin { source, .. } => Some(source.hint().into()),
            Self::Load { path, .. } => Some(format!(
                "`cargo tesser validate {}` says what is wrong with it",
                path.display()
            )),
            Self::Params { path, .. } => Some(format!(
                "`cargo tesser inspect {} --params` lists what it takes",
                path.display()
            )),
            Self::Tape(error) => error.hint(),
            Self::HostConfig(error) => error.hint(),
            Self::NoSignal { .. } => Some(
                "a hint names the plugin's file without `.wasm`: rename the file, or name the one that was used".into(),
            ),
            Self::NoTrades { symbol, only, .. } => Some(match only {
                Only::Empty => format!(
                    "`--columns symbol=` reads no symbols, and takes all rows for `{symbol}`"
                ),
                Only::Symbol(only) => format!(
                    "`--symbol {only}` runs a session of that one; where the tape only spells it in another way, `--columns symbol=` \
                     takes all rows for `{symbol}`"
                ),
                Only::Several => format!(
                    "name one of them with `--symbol`; `--columns symbol=` takes all rows for `{symbol}`, whatever they name"
                ),
            }),
            Self::OneStdin => Some("write one of them to a file".into()),
            Self::NoBook { symbol, .. } => Some(format!(
                "it must name `{symbol}`, or no symbol, and begin before the trades end; `--columns symbol=` takes all of it for `{symbol}`"
            )),
            Self::NoFolder { path } => {
                Some(format!("`mkdir -p {}` makes it", fs::parent(path).display()))
            }
            Self::Table { source: TableError::TooLarge { .. }, .. } => {
                Some("`--format json` has numbers of any size".into())
            }
            Self::OtherFile { .. } => Some("name another folder, or move the file away".into()),
            Self::Stream { .. } => Some("write it to a file, and name that as the tape".into()),
            Self::Script { .. } => {
                Some("write what is to happen into the script, or replay trades".into())
            }
            Self::Sweep { .. } => Some(
                "it has `tapes = [\"a.csv\"]`, or `[[params]]` with the parameters of one run each, or both".into(),
            ),
            _ => None,
        }
    }
}

/// Whether a page can be written there, before a long run and not after it.
///
/// # Errors
/// There is no such folder.
pub fn check_page(page: &Path) -> Result<(), Error> {
    if fs::parent(page).is_dir() {
        return Ok(());
    }
    Err(Error::NoFolder { path: page.to_owned() })
}

/// One run.
#[derive(Clone, Debug)]
pub struct Run {
    /// What decided its result.
    pub settings: RunSettings,
    /// The result.
    pub summary: RunSummary,
}

/// Runs the plugin over the tape.
///
/// # Errors
/// The plugin does not load, or the tape cannot be read.
pub fn replay(options: &Options, shell: Shell) -> Result<Run, Error> {
    let _progress = shell.progress("Replaying", options.tape.display());
    let loaded = load(&options.plugin)?;
    loaded.check_params(&options.plugin, [&options.params], shell)?;
    let (settings, result) = loaded.run(options);
    Ok(Run { settings, summary: result? })
}
