//! Steps of a session, for an observer: a run summary, a test, or a comparison with a recording.
//!
//! In: the host's actions, as they happen. Out: calls of an [`Observer`].

use std::fmt;
use std::time::Duration;

use rust_decimal::Decimal;

use super::algorithm::CallError;
use super::answer::Action;
use super::guest::{Argument, Export, Failure, Lost};
use super::order::{AmendRequest, OrderRequest, OrderStatus};
use super::state_text::StateText;
use super::symbol::Symbol;
use crate::engine::Usage;

/// Number of an algorithm, from 1, in the order of the signals.
pub(crate) type AlgorithmId = usize;

/// Status of an algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Working,
    Completed,
    Cancelled,
}

impl Status {
    /// The host's word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Working => "Working",
            Self::Completed => "Completed",
            Self::Cancelled => "Cancelled",
        }
    }
}

/// A call of the plugin, and its result.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) algorithm: AlgorithmId,
    /// Number of the instance, from 1, in the order of first calls.
    pub(crate) instance: usize,
    pub(crate) export: Export,
    pub(crate) argument: Argument<'a>,
    pub(crate) outcome: Result<&'a str, &'a Failure>,
    pub(crate) usage: Usage,
    /// Zero unless times are measured.
    pub(crate) time: Duration,
}

/// Why an order or an amendment was not sent, or was rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotSent {
    /// There is no risk context under the order's symbol.
    NoContext(Symbol),
    /// Refused by a limit, the router, the connector or the exchange: the host's error with its causes.
    Refused(String),
    /// Rejected by the exchange because of `--reject`: the host's error.
    ByModel(String),
}

/// The host's error.
impl fmt::Display for NotSent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoContext(symbol) => write!(f, "missing risk context for symbol {symbol}"),
            Self::Refused(error) | Self::ByModel(error) => f.write_str(error),
        }
    }
}

/// Why a signal failed, or the host did not start.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault<'a> {
    /// The plugin cannot be loaded.
    Load(&'a str),
    /// A call of `init` or of the `snapshot` after it failed, or the host cannot read its result.
    Init(&'a CallError),
    /// An order of `init` was not sent; later orders are dropped, and the algorithm continues.
    Order(&'a NotSent),
    /// A stored state cannot be read: the host does not start.
    Store(&'a serde_json::Error),
}

/// The host's error.
impl fmt::Display for Fault<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Load(error) => f.write_str(error),
            Self::Init(error) => f.write_str(&error.host_error()),
            Self::Order(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

/// A line of the host's own log.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Line<'a> {
    Starting {
        algorithm: AlgorithmId,
        plugin: &'a str,
        quantity: Decimal,
        symbol: &'a Symbol,
    },
    ZeroQuantity {
        plugin: &'a str,
        symbol: &'a Symbol,
    },
    NotSent {
        algorithm: AlgorithmId,
        from_tick: bool,
        error: &'a NotSent,
    },
    /// A callback, or the snapshot after it.
    CallFailed {
        algorithm: AlgorithmId,
        export: Export,
        error: &'a CallError,
    },
    Restored {
        algorithm: AlgorithmId,
    },
    NotRestored {
        algorithm: AlgorithmId,
        error: &'a str,
        detail: &'a str,
        frames: &'a [String],
    },
    Adopted {
        algorithm: AlgorithmId,
        order_id: &'a str,
        status: OrderStatus,
        symbol: &'a Symbol,
    },
    CleanedUp {
        algorithm: AlgorithmId,
        status: Status,
    },
    /// The host is down.
    Down,
}

/// One step of a session.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step<'a> {
    Call(Call<'a>),
    /// A log line in an answer that the host accepted.
    Log {
        line: &'a str,
    },
    /// An action of an answer, before the host checks it.
    Wanted {
        action: &'a Action,
    },
    Line(Line<'a>),
    /// An order sent to the exchange, with its id or the exchange's message.
    Place {
        request: &'a OrderRequest,
        venue: Option<&'a str>,
        outcome: Result<&'a str, &'a str>,
    },
    /// An amendment sent to the exchange; `refused` has the host's error with its causes.
    Amend {
        request: &'a AmendRequest,
        venue: Option<&'a str>,
        refused: Option<&'a str>,
    },
    Cancel {
        order_id: &'a str,
        symbol: &'a Symbol,
        venue: Option<&'a str>,
    },
    /// The state is written.
    Persist {
        algorithm: AlgorithmId,
        status: Status,
        next_client_seq: u64,
        state: &'a StateText,
    },
    Delete {
        algorithm: AlgorithmId,
    },
    /// The result of a stale-order check for an order.
    Stale {
        order_id: &'a str,
        status: OrderStatus,
    },
    /// A script has a fill of an order that the exchange does not have. It is ignored.
    UnknownFill {
        order_id: &'a str,
        orders: usize,
    },
    /// The host's function returned an error: a signal failed, or the host did not start.
    Fails(Fault<'a>),
    /// The task that runs all algorithms ended.
    HostPanics {
        words: &'a str,
    },
    /// A call did not return: the loop that runs all algorithms hangs.
    HostHangs {
        export: Export,
        lost: &'a Lost,
    },
    /// A state is nested so deeply that the host cannot restart.
    TooDeep {
        depth: usize,
    },
}

/// Receives the steps of a session.
pub(crate) trait Observer {
    /// Called for each step.
    fn step(&mut self, step: &Step<'_>);

    /// Whether to measure the time and the resources of calls.
    fn measures(&self) -> bool {
        false
    }
}
