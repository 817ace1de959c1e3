//! Why a component did not load, or a call did not return.

use wasmtime::Trap;

use super::limits::{Limits, MEMORY};
use super::trap::{self, TrapReport};
use super::trial::{self, DEADLINE};

/// A component that did not load, or a call that did not return.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// wasmtime cannot run on this machine.
    #[error("the engine does not start: {reason}")]
    Start {
        /// The message of wasmtime.
        reason: String,
    },
    /// The bytes do not compile.
    #[error("the component does not compile: {reason}")]
    Compile {
        /// The message of wasmtime.
        reason: String,
    },
    /// No version of this engine compiles it, including the host's.
    #[error("not implemented in wasmtime: {reason}")]
    NotImplemented {
        /// The message of wasmtime.
        reason: String,
    },
    /// No instance can be created: an import is missing, or the start code traps.
    #[error("cannot create an instance: {reason}")]
    Instantiate {
        /// The message of wasmtime.
        reason: String,
    },
    /// The start code calls an import, which a trial does not have.
    #[error("the start code calls an import: {reason}")]
    Imported {
        /// The message of wasmtime.
        reason: String,
    },
    /// The start code takes too long.
    #[error("the start did not end within {} s", DEADLINE.as_secs())]
    Late,
    /// It needs more memory than an instance gets here.
    #[error("it needs more than {} MiB of memory", MEMORY >> 20)]
    TooMuchMemory,
    /// An export is missing or has another type.
    #[error("the export `{name}` cannot be called: {reason}")]
    Export {
        /// Its name.
        name: &'static str,
        /// The message of wasmtime.
        reason: String,
    },
    /// A call trapped; the instance is lost.
    #[error("`{name}` trapped: {}", .report.reason)]
    Trap {
        /// The export that was called.
        name: &'static str,
        /// The reason and the stack frames.
        report: TrapReport,
    },
    /// A call did not end within the limit; the instance is lost.
    #[error("{} did not return within {} (endless loop?)", what(.name), instructions(*.fuel))]
    Endless {
        /// The export that was called, or "the start".
        name: &'static str,
        /// The fuel that it had.
        fuel: u64,
        /// Where it was at the end.
        frames: Vec<String>,
    },
}

/// Name of the code that runs when an instance is created.
const START: &str = "the start";

fn instructions(fuel: u64) -> String {
    match fuel / 1_000_000 {
        1_000 => "a billion instructions".into(),
        millions => format!("{millions} million instructions"),
    }
}

fn what(name: &str) -> String {
    if name == START { name.to_owned() } else { format!("`{name}`") }
}

/// Converts an error of an instantiation.
pub(super) fn not_instantiated(error: &wasmtime::Error, limits: &Limits) -> Error {
    match error.downcast_ref::<Trap>() {
        // Any later error may be a consequence of our refusal.
        _ if limits.refused => Error::TooMuchMemory,
        Some(Trap::OutOfFuel) => {
            let frames = TrapReport::new(error, None).frames;
            Error::Endless { name: START, fuel: limits.fuel, frames }
        }
        Some(Trap::Interrupt) => Error::Late,
        None if trial::is_import(error) => Error::Imported { reason: reason(error) },
        // The machine has no more memory.
        None if error.root_cause().is::<std::io::Error>() => Error::TooMuchMemory,
        Some(_) => {
            Error::Instantiate { reason: format!("{START} trapped: {}", trap::reason(error)) }
        }
        None => Error::Instantiate { reason: reason(error) },
    }
}

/// Returns wasmtime's error with its causes on one line, without the wasm backtrace.
pub(super) fn reason(error: &wasmtime::Error) -> String {
    let causes = error.chain().map(ToString::to_string);
    let lines: Vec<_> =
        causes.filter(|cause| !cause.starts_with("error while executing")).collect();
    lines.join(": ").replace('\n', " ")
}
