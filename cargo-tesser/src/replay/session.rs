//! One run of a plugin, step by step, with every call recorded: what `test` drives.
//!
//! In: a compiled component, a context, and one step after the other. Out: calls. The host is that of `replay`; what is
//! right or wrong about the calls is not decided here.

use std::fmt;
use std::path::Path;

use rust_decimal::Decimal;
use tesser_wasm::{PluginInitContext, PluginSide};

use super::host::{Call, Host};
use super::ledger::Ending;
use super::tape::{Event, Fill, Reading, Tape, Trade};
use super::{Error, Ledger};
use crate::engine::Compiled;

/// What the host does next.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// It forwards a trade.
    Tick { symbol: String, price: Decimal, size: Decimal, side: PluginSide, time_ms: i64 },
    /// A second has passed.
    Timer,
    /// An order is filled; its number is counted from 1, as the plugin placed them.
    Fill { order: u64, price: Decimal, quantity: Decimal },
    /// `ioc` and `fok` orders end. The plugin is not told.
    Expiry,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tick { symbol, price, size, .. } => {
                write!(f, "a trade of {size} {symbol} at {price}")
            }
            Self::Timer => write!(f, "a timer"),
            Self::Fill { order, price, quantity } => {
                write!(f, "a fill of {quantity} at {price} for order {order}")
            }
            Self::Expiry => write!(f, "the end of ioc orders"),
        }
    }
}

/// A run.
pub(crate) struct Session<'a> {
    host: Host<'a>,
}

impl<'a> Session<'a> {
    /// Makes an instance and starts the algorithm.
    pub(crate) fn start(compiled: &'a Compiled, context: PluginInitContext) -> Self {
        Self { host: Host::recorded(compiled, context) }
    }

    /// Takes a step, unless the run has ended.
    pub(crate) fn step(&mut self, step: &Step) {
        let event = match step.clone() {
            Step::Tick { symbol, price, size, side, time_ms } => {
                Event::Tick(Trade { symbol: Some(symbol), price, quantity: size, time_ms, side })
            }
            Step::Timer => Event::Timer,
            Step::Fill { order, price, quantity } => Event::Fill(Fill { order, price, quantity }),
            Step::Expiry => return,
        };
        self.event(&event);
    }

    /// Takes the events of a script; answers how many there are.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn script(&mut self, path: &Path) -> Result<u64, Error> {
        let mut count = 0;
        for event in Tape::open(path, &Reading::default())? {
            self.event(&event?);
            count += 1;
        }
        Ok(count)
    }

    fn event(&mut self, event: &Event) {
        if self.host.is_running() {
            self.host.event(event);
        }
    }

    /// The host restarts: a new instance, `init`, and `restore` with what was persisted last.
    pub(crate) fn restart(&mut self) {
        self.host.restart();
    }

    /// Every call so far, `init` first.
    pub(crate) fn calls(&self) -> &[Call] {
        self.host.calls()
    }

    /// How it ended, if it has.
    pub(crate) fn ending(&self) -> Option<&Ending> {
        self.host.state().1
    }

    /// Sums, and what the host would log.
    pub(crate) fn ledger(&self) -> &Ledger {
        self.host.state().0
    }
}
