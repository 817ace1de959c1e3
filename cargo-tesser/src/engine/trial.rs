//! Creates an instance to find out whether that succeeds.
//!
//! In: a compiled component. Out: nothing, or why it did not start. No export is called.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use wasmtime::component::Linker;
use wasmtime::{Config, OptLevel, Strategy, Trap, UpdateDeadline};

use super::error::{not_instantiated, reason};
use super::{Compiled, Engine, Error, wasi};

/// Fuel for the start code. A plugin's start takes some thousand instructions.
const FUEL: u64 = 100_000_000;
/// Time limit of a start: much longer than its fuel lasts, except for instructions that work on a lot of memory at
/// once.
pub const DEADLINE: Duration = Duration::from_secs(3);

impl Engine {
    /// Creates an engine for trials with the host's set of features, in which a start can be interrupted.
    ///
    /// # Errors
    /// If wasmtime does not support this machine.
    pub fn for_trials(is_on: impl Fn(&str) -> bool) -> Result<Self, Error> {
        let mut config = Config::new();
        config.wasm_component_model(true).epoch_interruption(true);
        config.cranelift_opt_level(OptLevel::None);
        config.wasm_tail_call(is_on("tail-call")).wasm_extended_const(is_on("extended-const"));
        config.wasm_memory64(is_on("memory64")).wasm_multi_memory(is_on("multi-memory"));
        config.wasm_threads(is_on("threads")).wasm_relaxed_simd(is_on("relaxed-simd"));
        config.wasm_function_references(is_on("function-references")).wasm_gc(is_on("gc"));
        Self::start(config, true)
    }

    /// Creates an engine for trials that compiles in a tenth of the time, for plugins that were just built. It supports fewer
    /// proposals than the host, so a refusal is not a verdict; a component that it accepts has been loaded.
    ///
    /// # Errors
    /// If the quick compiler does not support this machine.
    pub fn for_quick_trials() -> Result<Self, Error> {
        let mut config = Config::new();
        config.strategy(Strategy::Winch);
        // For the code that Winch leaves to Cranelift.
        config.cranelift_opt_level(OptLevel::None);
        // Nobody reads a backtrace here or creates a second instance.
        config.generate_address_map(false).native_unwind_info(false).wasm_backtrace(false);
        config.memory_init_cow(false);
        // Only the deadline ends a start: counting fuel as well would add code to compile.
        config.wasm_component_model(true).epoch_interruption(true);
        config.wasm_tail_call(false).wasm_relaxed_simd(false).wasm_threads(false);
        config.wasm_function_references(false).wasm_gc(false);
        Self::start(config, false)
    }
}

impl Compiled {
    /// Creates an instance to find out whether that succeeds. `wasi` implements some imports; the others trap when they are
    /// called.
    ///
    /// # Errors
    /// If the start code traps, calls an import, needs too much memory, or does not end.
    pub fn trial(&self) -> Result<(), Error> {
        let mut store = self.store(FUEL)?;
        store.set_epoch_deadline(1);
        let end = Instant::now() + DEADLINE;
        // The deadline may have been that of another trial.
        store.epoch_deadline_callback(move |_| {
            if Instant::now() < end {
                Ok(UpdateDeadline::Continue(1))
            } else {
                Err(Trap::Interrupt.into())
            }
        });
        let mut linker = Linker::new(&self.engine);
        wasi::define(&mut linker, &self.component, None)
            .map_err(|error| Error::Compile { reason: reason(&error) })?;
        let (done, ended) = mpsc::channel::<()>();
        let made = std::thread::scope(|scope| {
            scope.spawn(move || {
                // Any error other than a timeout means that the start has ended.
                if ended.recv_timeout(DEADLINE) == Err(mpsc::RecvTimeoutError::Timeout) {
                    self.engine.increment_epoch();
                }
            });
            let made = linker.instantiate(&mut store, &self.component);
            drop(done);
            made
        });
        match made {
            // It continued without the memory that it would get on the host, so the result is not known.
            Ok(_) if store.data().refused => Err(Error::TooMuchMemory),
            Ok(_) => Ok(()),
            Err(error) => Err(not_instantiated(&error, store.data())),
        }
    }
}

/// Whether the error comes from a stub of an import.
pub(super) fn is_import(error: &wasmtime::Error) -> bool {
    error.root_cause().is::<wasi::Stub>()
}
