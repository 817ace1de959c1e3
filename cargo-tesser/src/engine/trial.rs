//! Makes an instance to see whether one can be made. In: a compiled component. Out: the word that it started, or
//! why it did not. No export is called.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use wasmtime::component::Linker;
use wasmtime::{Config, OptLevel, Strategy, Trap, UpdateDeadline};

use super::{Compiled, Engine, Error, not_instantiated, reason, wasi};

/// Fuel for all that runs at the start. A plugin's start takes some thousand instructions.
const FUEL: u64 = 100_000_000;
/// How long the start of a trial may take: far longer than its fuel lasts, were it not for instructions that
/// work on much memory at once.
pub const DEADLINE: Duration = Duration::from_secs(3);

impl Engine {
    /// An engine for trials: what the host has off is off, and a start can be ended.
    ///
    /// # Errors
    /// wasmtime does not support this machine.
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

    /// An engine for trials that compiles in a tenth of the time, for plugins that were just built. It knows fewer
    /// proposals than the host, so that its refusal is no verdict; what it takes has been loaded.
    ///
    /// # Errors
    /// The quick compiler does not know this machine.
    pub fn for_quick_trials() -> Result<Self, Error> {
        let mut config = Config::new();
        config.strategy(Strategy::Winch);
        // What Winch leaves to Cranelift.
        config.cranelift_opt_level(OptLevel::None);
        // Nobody reads a backtrace here, or makes a second instance.
        config.generate_address_map(false).native_unwind_info(false).wasm_backtrace(false);
        config.memory_init_cow(false);
        // Only the deadline ends a start: to count fuel as well is more code to compile.
        config.wasm_component_model(true).epoch_interruption(true);
        config.wasm_tail_call(false).wasm_relaxed_simd(false).wasm_threads(false);
        config.wasm_function_references(false).wasm_gc(false);
        Self::start(config, false)
    }
}

impl Compiled {
    /// Makes an instance to see whether one can be made. What imports answer at a start is in `wasi`; the others
    /// trap when they are called.
    ///
    /// # Errors
    /// What runs at the start traps, calls an import, asks for more memory than there is, or does not end.
    pub fn trial(&self) -> Result<(), Error> {
        let mut store = self.store(FUEL)?;
        store.set_epoch_deadline(1);
        let end = Instant::now() + DEADLINE;
        // Another trial may have been the one that is late.
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
                // An error that is not about time means that the start has ended.
                if ended.recv_timeout(DEADLINE) == Err(mpsc::RecvTimeoutError::Timeout) {
                    self.engine.increment_epoch();
                }
            });
            let made = linker.instantiate(&mut store, &self.component);
            drop(done);
            made
        });
        match made {
            // It has gone on without the memory; what it does with it, nobody knows.
            Ok(_) if store.data().refused => Err(Error::TooMuchMemory),
            Ok(_) => Ok(()),
            Err(error) => Err(not_instantiated(&error, store.data())),
        }
    }
}

/// Whether the error is a stub's that stands for an import.
pub(super) fn is_import(error: &wasmtime::Error) -> bool {
    error.root_cause().is::<wasi::Stub>()
}
