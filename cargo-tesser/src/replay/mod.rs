//! `replay`: component + tape -> host loop -> ledger.
//!
//! In: a component, recorded trades, and the signal to work. Out: what the plugin did, from the very file
//! that would be installed. It follows the real host's order of calls and its reactions to errors; the
//! exchange is a simple model, described in `exchange.rs`.

mod exchange;
mod host;
mod ledger;
mod model;
mod orders;
mod page;
mod prices;
mod quality;
mod session;
mod show;
mod sweep;
mod tape;

use std::path::{Path, PathBuf};

use rust_decimal::Decimal;
use serde_json::Value;
use tesser_wasm::{PluginInitContext, PluginRiskContext, PluginSide, PluginSignal};

use crate::engine::{self, Compiled, Engine};
use crate::fs;
use crate::process;
use crate::shell::Shell;
use crate::validate::{self, LARGEST_FILE};
pub(crate) use host::Call;
use host::{Host, Setup};
pub use ledger::{Ending, Ledger};
pub use model::Model;
pub use page::page;
pub(crate) use session::{Session, Step};
pub use show::{fills_csv, json, orders_csv, table};
pub use sweep::{Sweep, sweep};
use tape::{Event, Tape};
pub use tape::{Names, Reading};

/// What to run and over which trades.
#[derive(Clone, Debug)]
pub struct Options {
    /// The component.
    pub plugin: PathBuf,
    /// Recorded trades.
    pub tape: PathBuf,
    /// How the tape is read.
    pub reading: Reading,
    /// Symbol of the signal, and of trades whose tape does not name one.
    pub symbol: String,
    /// Side of the signal.
    pub side: PluginSide,
    /// Target quantity in base currency.
    pub quantity: Decimal,
    /// The plugin's parameters.
    pub params: Value,
    /// Restart the host after this many events of the tape.
    pub restart_after: Option<u64>,
    /// What the exchange is taken to do.
    pub model: Model,
}

/// Why nothing could be replayed. What the plugin does wrong is in the ledger instead.
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
    /// The tape does not start with the columns that are needed.
    #[error("`{}` has no column `{column}`", .path.display())]
    Column {
        /// The tape.
        path: PathBuf,
        /// What is missing.
        column: &'static str,
    },
    /// The file of a sweep cannot be read.
    #[error("`{}` is no list of runs: {reason}", .path.display())]
    Sweep {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The exchange is to do something, and the tape says all that happens.
    #[error("`{}` is a script of events, and has no exchange that could have a queue, latency, fees or rejects", .path.display())]
    Script {
        /// The tape.
        path: PathBuf,
    },
    /// The tape has no trades.
    #[error("`{}` has no trades", .path.display())]
    EmptyTape {
        /// The tape.
        path: PathBuf,
    },
    /// A row of the tape cannot be read.
    #[error("`{}`, line {line}: {reason}", .path.display())]
    Row {
        /// The tape.
        path: PathBuf,
        /// Line in the file, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
}

impl Error {
    /// What to do next.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Fs(error) => error.hint(),
            Self::NoPlugin { source, .. } => Some(source.hint().into()),
            Self::Load { path, .. } => Some(format!(
                "`cargo tesser validate {}` says what is wrong with it",
                path.display()
            )),
            Self::Column { .. } => Some(format!(
                "a tape has the columns of `{}`, or `--columns` names them: `price=px,quantity=sz`",
                tape::HEADER
            )),
            Self::Script { .. } => {
                Some("write what is to happen into the script, or replay trades".into())
            }
            Self::Sweep { .. } => Some(
                "it has `tapes = [\"a.csv\"]`, or `[[params]]` with the parameters of one run each, or both".into(),
            ),
            Self::Row { .. } => {
                Some("`--skip-bad-rows` leaves such rows out, and counts them".into())
            }
            _ => None,
        }
    }
}

/// Runs the plugin over the tape.
///
/// # Errors
/// The plugin does not load, or the tape cannot be read.
pub fn replay(options: &Options, shell: Shell) -> Result<Ledger, Error> {
    let _progress = shell.progress("Replaying", options.tape.display());
    load(&options.plugin)?.run(options)
}

/// A plugin that is compiled once, for any number of runs.
struct Loaded {
    compiled: Compiled,
    sha256: String,
}

fn load(plugin: &Path) -> Result<Loaded, Error> {
    let engine = Engine::new()?;
    let bytes = fs::read_untrusted(plugin, LARGEST_FILE)
        .map_err(|source| Error::NoPlugin { path: plugin.to_owned(), source })?;
    let failed = |source| Error::Load { path: plugin.to_owned(), source };
    let compiled = engine.compile(&bytes).map_err(failed)?;
    compiled.instantiate().map_err(failed)?;
    Ok(Loaded { compiled, sha256: validate::sha256(&bytes) })
}

impl Loaded {
    fn run(&self, options: &Options) -> Result<Ledger, Error> {
        let mut tape = Tape::open(&options.tape, &options.reading)?;
        if tape.is_script() && options.model != Model::default() {
            return Err(Error::Script { path: options.tape.clone() });
        }
        let mut next = tape.next().transpose()?;
        let (price, now_ms) = match &next {
            Some(Event::Trade(trade) | Event::Tick(trade)) => (trade.price, trade.time_ms),
            _ => (Decimal::ONE, 0),
        };
        let setup =
            Setup { context: context(options, price), model: options.model.clone(), now_ms };
        let mut host = Host::start(&self.compiled, setup);
        let mut events = 0;
        while let Some(event) = next {
            process::check_interrupted()?;
            events += 1;
            if host.is_running() {
                host.event(&event);
            }
            if options.restart_after == Some(events) {
                host.restart();
            }
            next = tape.next().transpose()?;
        }
        if options.restart_after.is_some_and(|after| after > events) {
            host.never_restarted();
        }
        if events == 0 {
            return Err(Error::EmptyTape { path: options.tape.clone() });
        }
        let mut ledger = host.finish(events, self.sha256.clone());
        ledger.skipped_rows = tape.skipped();
        Ok(ledger)
    }
}

/// The context that the real host would make of such a signal.
fn context(options: &Options, first_price: Decimal) -> PluginInitContext {
    let name = options.plugin.file_stem().unwrap_or_default().to_string_lossy();
    let signal = signal(&options.symbol, options.side, options.quantity);
    PluginInitContext {
        plugin: name.into_owned(),
        params: options.params.clone(),
        signal: PluginSignal { id: "replay".into(), ..signal },
        risk: PluginRiskContext { last_price: first_price, ..PluginRiskContext::default() },
        metadata: Value::Null,
    }
}

/// A signal to enter on this side.
pub(crate) fn signal(symbol: &str, side: PluginSide, quantity: Decimal) -> PluginSignal {
    let kind = match side {
        PluginSide::Buy => "enter_long",
        PluginSide::Sell => "enter_short",
    };
    PluginSignal { side, kind: kind.into(), ..PluginSignal::test(symbol, quantity) }
}
