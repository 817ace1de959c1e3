//! `replay`: component + tape -> session of the simulated host -> summary.
//!
//! In: a component (exactly the file that would be installed), recorded trades or a script of events, and the signal to work.
//! Out: what the plugin did. `simulator/` has the host's behavior; this module sets up runs and renders their results.

mod books;
mod expected;
mod gaps;
mod page;
mod ranges;
mod record;
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
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tesser_wasm::PluginSide;

use crate::engine;
use crate::exit::{FAILED, USAGE};
use crate::fs;
use crate::process;
use crate::report::some_of;
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
pub use sweep::{
    Error as SweepError, Merged, Report, Shard, Status, Sweep, Swept, merge, status, sweep,
    sweep_into,
};
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
    /// Assumptions about the exchange.
    pub model: ExchangeModel,
    /// The part of the tape that is replayed.
    pub interval: Interval,
    /// What a run must reach.
    pub expected: Expected,
}

/// The part of a tape that is replayed and over which costs are measured. Times are in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq, Eq)]
pub struct Interval {
    /// Trades before this time are left out: the signal comes with the first one after it.
    pub from_ms: Option<i64>,
    /// The run ends at this time.
    pub to_ms: Option<i64>,
    /// The run ends this long after the signal.
    pub horizon_ms: Option<i64>,
}

impl Interval {
    /// Returns when a run that starts at a time ends, unless the tape ends first.
    fn end_ms(&self, start_ms: i64) -> Option<i64> {
        let horizon = self.horizon_ms.map(|horizon_ms| start_ms.saturating_add(horizon_ms));
        self.to_ms.into_iter().chain(horizon).min()
    }
}

/// Why nothing could be replayed. Violations of the plugin are in the summary instead.
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
    /// The tape has no trade of the session's symbol.
    #[error("`{}` has no trade of `{symbol}`: {rows}", .path.display())]
    NoTrades {
        /// The tape.
        path: PathBuf,
        /// Symbol of the session.
        symbol: String,
        /// Description of the symbols of its rows.
        rows: String,
        /// Which symbols the tape has.
        only: Only,
    },
    /// All trades are before the interval.
    #[error("`{}` has no trade of `{symbol}` after `--from`: its last one is of {last}", .path.display())]
    BeforeFrom {
        /// The tape.
        path: PathBuf,
        /// Symbol of the session.
        symbol: String,
        /// Time of that trade.
        last: String,
    },
    /// All trades are after the interval.
    #[error("`{}` has no trade before `--to`: it starts at {first}", .path.display())]
    AfterTo {
        /// The tape.
        path: PathBuf,
        /// Time of that trade.
        first: String,
    },
    /// Nothing was traded for longer than a year.
    #[error("`{}` has no trade for {days} days, from {from} to {to}", .path.display())]
    Gap {
        /// The tape.
        path: PathBuf,
        /// How long.
        days: i64,
        /// Time of the trade before it.
        from: String,
        /// Time of the trade after it.
        to: String,
    },
    /// The interval has no length.
    #[error("`--to` is not after `--from`")]
    NoInterval,
    /// Both tapes would be read from one stream.
    #[error("`-` cannot be both the tape and the order book")]
    OneStdin,
    /// The order-book tape has no message of the session's symbol at the time of the run.
    #[error("`{}` has no order book of `{symbol}` during the run or in the minute before it{}", .path.display(), match .others.len() {
        0 => String::new(),
        _ => format!("; it has order books of {}", some_of(.others)),
    })]
    NoBook {
        /// The tape.
        path: PathBuf,
        /// Symbol of the session.
        symbol: String,
        /// Other symbols that it names.
        others: Vec<String>,
    },
    /// The recording has no signal for the plugin.
    #[error("`{}` has no signal for the plugin `{name}`; it has signals for {names}", .dir.display())]
    NoSignal {
        /// The recorder's folder.
        dir: PathBuf,
        /// Name of the plugin.
        name: String,
        /// Names of the plugins that it has signals for.
        names: String,
    },
    /// A configuration file of the host cannot be used.
    #[error(transparent)]
    HostConfig(#[from] host_config::Error),
    /// The file of a sweep cannot be read.
    #[error("`{}` is not a list of runs: {reason}", .path.display())]
    Sweep {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The folder of the page does not exist.
    #[error("cannot write `{}`: there is no folder `{}`", .path.display(), fs::parent(.path).display())]
    NoFolder {
        /// The page.
        path: PathBuf,
    },
    /// A file of the user would be overwritten.
    #[error("`{}` is not a table of `cargo tesser replay`, and would be overwritten", .path.display())]
    OtherFile {
        /// The file.
        path: PathBuf,
    },
    /// The parts of a sweep cannot be made or put together.
    #[error(transparent)]
    Parts(#[from] SweepError),
    /// A table is damaged.
    #[error("cannot read `{}`", .path.display())]
    Unread {
        /// Its file.
        path: PathBuf,
        /// Why not.
        source: TableError,
    },
    /// A table cannot be written.
    #[error("cannot write `{}`", .path.display())]
    Table {
        /// Its file.
        path: PathBuf,
        /// Why not.
        source: TableError,
    },
    /// A tape that several runs read is a stream, which can be read only once.
    #[error("`{}` can be read only once, and each run reads its tape", .path.display())]
    Stream {
        /// The tape: a pipe, or `-`.
        path: PathBuf,
    },
    /// The tapes on the command line cannot be run.
    #[error("{0}")]
    Tapes(String),
    /// The plugin would reject the parameters.
    #[error("`{}` does not accept these parameters", .path.display())]
    Params {
        /// The plugin.
        path: PathBuf,
        /// What is wrong with them.
        source: Refusals,
    },
    /// Flags of the exchange model, the interval or the order book, with a script that already defines all events.
    #[error("`{}` is a script, which defines all events itself: flags of the exchange model, the interval and the order book do not apply", .path.display())]
    Script {
        /// The tape.
        path: PathBuf,
    },
}

/// The faults of parameters, a line for each.
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
                "`cargo tesser validate {}` shows what is wrong with it",
                path.display()
            )),
            Self::Params { path, .. } => Some(format!(
                "`cargo tesser inspect {} --params` lists the parameters that it accepts",
                path.display()
            )),
            Self::Tape(error) => error.hint(),
            Self::HostConfig(error) => error.hint(),
            Self::NoSignal { .. } => Some(
                "a signal's hint names the plugin's file without `.wasm`: rename the file, or give the one that was used".into(),
            ),
            Self::NoTrades { symbol, only, .. } => Some(match only {
                Only::Empty => format!(
                    "use `--columns symbol=` to treat all rows as rows of `{symbol}`"
                ),
                Only::Symbol(only) => format!(
                    "use `--symbol {only}` for a session of that symbol; if it is only another spelling, use `--columns symbol=` \
                     to treat all rows as rows of `{symbol}`"
                ),
                Only::Several => format!(
                    "select one of them with `--symbol`, or use `--columns symbol=` to treat all rows as rows of `{symbol}`"
                ),
            }),
            Self::Gap { from, to, .. } => {
                Some(format!("end the run there with `--to {from}`, or start after it with `--from {to}`"))
            }
            Self::OneStdin => Some("write one of them to a file".into()),
            Self::NoBook { symbol, .. } => Some(format!(
                "its messages must be of `{symbol}`, or without a symbol, and start before the trades end; use `--columns symbol=` to treat all of \
                 them as messages of `{symbol}`"
            )),
            Self::NoFolder { path } => {
                Some(format!("create it with `mkdir -p {}`", fs::parent(path).display()))
            }
            Self::Table { source: TableError::TooLarge { .. }, .. } => {
                Some("use `--format json`, which has numbers of any size".into())
            }
            Self::Table { source, .. } if source.is_full_disk() => {
                Some("free some space on that disk".into())
            }
            Self::Parts(error) => error.hint(),
            Self::OtherFile { .. } => Some("use another folder, or move the file away".into()),
            Self::Stream { .. } => Some("write it to a file, and use that as the tape".into()),
            Self::Script { .. } => {
                Some("remove these flags and write the events into the script, or replay trades".into())
            }
            Self::Sweep { .. } => Some(
                "write `tapes = [\"a.csv\"]`, or `[[params]]` with the parameters of a run, or both".into(),
            ),
            _ => None,
        }
    }
}

/// Checks that a page can be written, so that a long run does not fail at its end.
///
/// # Errors
/// The folder does not exist.
pub fn check_page(page: &Path) -> Result<(), Error> {
    if fs::parent(page).is_dir() {
        return Ok(());
    }
    Err(Error::NoFolder { path: page.to_owned() })
}

/// One run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Everything that determines its result.
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
