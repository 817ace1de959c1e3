//! Runs a plugin in the embedded wasmtime, under limits.
//!
//! In: a component's bytes. Out: an instance whose exports can be called, or the result of a load check. A plugin cannot
//! reach the machine: clocks and random numbers are simulated, and there are no files. The simulator decides what a host does
//! with the results.

mod output;
mod trap;
mod trial;
mod wasi;

use std::sync::Arc;

use wasmtime::component::{Component, ComponentType, Linker, Lower, TypedFunc};
use wasmtime::{AsContext as _, Config, ResourceLimiter, Store, Trap, WasmCoreDump};

pub use output::Output;
pub use trap::TrapReport;
pub use trial::DEADLINE;

/// Maximum instructions of one call, in wasmtime's fuel. A callback takes some thousands.
const FUEL: u64 = 1_000_000_000;
/// Maximum bytes of linear memory of an instance. A plugin has one or two MiB.
const MEMORY: usize = 256 << 20;
/// The message with which every version of wasmtime so far refuses re-exported imports, which `validate` follows only to a
/// limited depth.
const REEXPORT: &str = "reexport of an imported function";
/// Maximum elements of a table. A plugin has some hundreds.
const TABLE: usize = 1 << 20;

/// A component that did not load, or a call that did not return.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// wasmtime cannot run on this machine.
    #[error("the engine does not start: {reason}")]
    Start {
        /// wasmtime's words.
        reason: String,
    },
    /// The bytes do not compile.
    #[error("the component does not compile: {reason}")]
    Compile {
        /// wasmtime's words.
        reason: String,
    },
    /// No version of this engine compiles it, including the host's.
    #[error("not implemented in wasmtime: {reason}")]
    NotImplemented {
        /// wasmtime's words.
        reason: String,
    },
    /// No instance can be created: an import is missing, or the start code traps.
    #[error("cannot create an instance: {reason}")]
    Instantiate {
        /// wasmtime's words.
        reason: String,
    },
    /// The start code calls an import, which a trial does not have.
    #[error("the start code calls an import: {reason}")]
    Imported {
        /// wasmtime's words.
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
        /// wasmtime's words.
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

/// The compiler and its settings; created once, used for all plugins.
#[derive(Clone, Debug)]
pub struct Engine {
    engine: wasmtime::Engine,
    /// Whether compiled code counts its instructions.
    counts_fuel: bool,
}

/// A compiled component, from which any number of instances can be created.
#[derive(Clone)]
pub struct Compiled {
    engine: wasmtime::Engine,
    counts_fuel: bool,
    component: Component,
    /// Destination of the instances' output, if it is kept.
    output: Option<Output>,
}

/// One instance of a plugin.
pub struct Plugin {
    store: Store<Limits>,
    output: Output,
    /// Whether the output is reported.
    tells_output: bool,
    /// Whether a call has trapped.
    is_lost: bool,
    init: TypedFunc<(String,), (Result<String, String>,)>,
    on_tick: TypedFunc<(Arc<Tick>,), (String,)>,
    on_fill: TypedFunc<(String,), (String,)>,
    on_timer: TypedFunc<(), (String,)>,
    snapshot: TypedFunc<(), (String,)>,
    restore: TypedFunc<(String,), ()>,
}

/// Resources that a call uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Instructions, in wasmtime's fuel.
    pub fuel: u64,
    /// Size of all memories in bytes.
    pub memory: usize,
}

/// `tick` of the ABI, as wasmtime passes it.
#[derive(Clone, Debug, ComponentType, Lower)]
#[component(record)]
pub struct Tick {
    /// The exchange's symbol.
    pub symbol: Arc<str>,
    /// Price in quote currency.
    pub price: DecimalValue,
    /// Quantity in base currency.
    pub size: DecimalValue,
    /// The taker's side.
    pub side: Side,
    /// Milliseconds since the Unix epoch.
    #[component(name = "timestamp-ms")]
    pub timestamp_ms: i64,
}

/// `decimal-value` of the ABI.
#[derive(Clone, Debug, ComponentType, Lower)]
#[component(record)]
pub struct DecimalValue {
    /// The number as text.
    pub value: String,
}

/// `side` of the ABI.
#[derive(Clone, Copy, Debug, ComponentType, Lower)]
#[component(enum)]
#[repr(u8)]
pub enum Side {
    /// The taker bought.
    #[component(name = "buy")]
    Buy,
    /// The taker sold.
    #[component(name = "sell")]
    Sell,
}

impl Engine {
    /// Creates an engine with the component model enabled and fuel counted.
    ///
    /// # Errors
    /// If wasmtime does not support this machine.
    pub fn new() -> Result<Self, Error> {
        let mut config = Config::new();
        config.wasm_component_model(true).coredump_on_trap(true);
        Self::start(config, true)
    }

    fn start(mut config: Config, counts_fuel: bool) -> Result<Self, Error> {
        config.consume_fuel(counts_fuel);
        let engine = wasmtime::Engine::new(&config)
            .map_err(|error| Error::Start { reason: reason(&error) })?;
        Ok(Self { engine, counts_fuel })
    }

    /// Compiles a component.
    ///
    /// # Errors
    /// If it does not compile.
    pub fn compile(&self, bytes: &[u8]) -> Result<Compiled, Error> {
        let component = Component::new(&self.engine, bytes).map_err(|error| {
            let reason = reason(&error);
            if reason.contains(REEXPORT) {
                return Error::NotImplemented { reason };
            }
            Error::Compile { reason }
        })?;
        let (engine, counts_fuel) = (self.engine.clone(), self.counts_fuel);
        Ok(Compiled { engine, counts_fuel, component, output: None })
    }
}

impl Compiled {
    fn store(&self, fuel: u64) -> Result<Store<Limits>, Error> {
        let mut store = Store::new(&self.engine, Limits::new(fuel));
        store.limiter(|limits| limits);
        if self.counts_fuel {
            store.set_fuel(fuel).map_err(|error| Error::Start { reason: reason(&error) })?;
        }
        Ok(store)
    }

    /// Returns the same component with instances that write to an output.
    #[must_use]
    pub fn with_output(&self, output: &Output) -> Self {
        Self { output: Some(output.clone()), ..self.clone() }
    }

    /// Returns the names of the interfaces from which it imports functions.
    pub fn imports(&self) -> Vec<String> {
        use wasmtime::component::types::ComponentItem;
        let ty = self.component.component_type();
        let imports = ty.imports(&self.engine).filter(|(_, item)| match item {
            ComponentItem::ComponentInstance(interface) => interface
                .exports(&self.engine)
                .any(|(_, item)| matches!(item, ComponentItem::ComponentFunc(_))),
            item => matches!(item, ComponentItem::ComponentFunc(_)),
        });
        imports.map(|(name, _)| name.to_owned()).collect()
    }

    /// Creates an instance.
    ///
    /// # Errors
    /// If it has an import, traps at the start, or lacks an export.
    pub fn instantiate(&self) -> Result<Plugin, Error> {
        let mut store = self.store(FUEL)?;
        let output = self.output.clone().unwrap_or_default();
        let mut linker = Linker::new(&self.engine);
        wasi::define(&mut linker, &self.component, Some(&output))
            .map_err(|error| Error::Instantiate { reason: reason(&error) })?;
        let instance = linker
            .instantiate(&mut store, &self.component)
            .map_err(|error| not_instantiated(&error, store.data()))?;
        macro_rules! export {
            ($name:literal) => {
                instance
                    .get_typed_func(&mut store, $name)
                    .map_err(|error| Error::Export { name: $name, reason: reason(&error) })?
            };
        }
        Ok(Plugin {
            init: export!("init"),
            on_tick: export!("on-tick"),
            on_fill: export!("on-fill"),
            on_timer: export!("on-timer"),
            snapshot: export!("snapshot"),
            restore: export!("restore"),
            store,
            output,
            tells_output: self.output.is_some(),
            is_lost: false,
        })
    }
}

macro_rules! call {
    ($plugin:ident . $export:ident ( $params:expr ), $name:literal) => {{
        let refueled = $plugin.store.set_fuel(FUEL);
        refueled.map_err(|error| $plugin.trapped($name, &error))?;
        let called = $plugin.$export.call(&mut $plugin.store, $params);
        let answer = called.map_err(|error| $plugin.trapped($name, &error))?;
        let returned = $plugin.$export.post_return(&mut $plugin.store);
        returned.map_err(|error| $plugin.trapped($name, &error))?;
        answer
    }};
}

impl Plugin {
    /// Returns the fuel of the last call, and the memory that the instance has now.
    pub fn usage(&self) -> Usage {
        let fuel = FUEL.saturating_sub(self.store.get_fuel().unwrap_or(FUEL));
        Usage { fuel, memory: self.store.data().memory }
    }

    fn trapped(&mut self, name: &'static str, error: &wasmtime::Error) -> Error {
        self.is_lost = true;
        let printed = printed(error, &self.store).unwrap_or_default();
        let (printed, panic) = trap::split_panic(&printed);
        self.output.add(printed);
        // A plugin that is not sealed writes to the host's streams.
        let panic = panic.or_else(|| self.output.take_panic());
        if let Some(Trap::OutOfFuel) = error.downcast_ref() {
            let frames = TrapReport::new(error, None).frames;
            return Error::Endless { name, fuel: FUEL, frames };
        }
        let mut report = TrapReport::new(error, panic);
        if self.store.data().refused {
            report.reason = format!("it needs more than {} MiB of memory", MEMORY >> 20);
        }
        Error::Trap { name, report }
    }
}

/// The page with the printed text can only be read from a core dump, which needs a trap: a last call without fuel causes it.
impl Drop for Plugin {
    fn drop(&mut self) {
        let is_wanted = self.tells_output && !self.is_lost && !self.output.is_full();
        if !is_wanted || self.store.set_fuel(0).is_err() {
            return;
        }
        if let Err(error) = self.snapshot.call(&mut self.store, ()) {
            self.output.add(&printed(&error, &self.store).unwrap_or_default());
        }
    }
}

#[expect(clippy::missing_errors_doc, reason = "each returns `Error::Trap` or `Error::Endless`")]
impl Plugin {
    /// Calls `init`; the inner result is the plugin's own.
    pub fn init(&mut self, config_json: &str) -> Result<Result<String, String>, Error> {
        let (answer,) = call!(self.init((config_json.to_owned(),)), "init");
        Ok(answer)
    }

    /// Calls `on-tick`.
    pub fn on_tick(&mut self, tick: &Arc<Tick>) -> Result<String, Error> {
        let (answer,) = call!(self.on_tick((Arc::clone(tick),)), "on-tick");
        Ok(answer)
    }

    /// Calls `on-fill`.
    pub fn on_fill(&mut self, fill_json: &str) -> Result<String, Error> {
        let (answer,) = call!(self.on_fill((fill_json.to_owned(),)), "on-fill");
        Ok(answer)
    }

    /// Calls `on-timer`.
    pub fn on_timer(&mut self) -> Result<String, Error> {
        let (answer,) = call!(self.on_timer(()), "on-timer");
        Ok(answer)
    }

    /// Calls `snapshot`.
    pub fn snapshot(&mut self) -> Result<String, Error> {
        let (answer,) = call!(self.snapshot(()), "snapshot");
        Ok(answer)
    }

    /// Calls `restore`.
    pub fn restore(&mut self, state_json: &str) -> Result<(), Error> {
        call!(self.restore((state_json.to_owned(),)), "restore");
        Ok(())
    }
}

/// Resource limits of one instance.
#[derive(Debug)]
struct Limits {
    /// Fuel of the start.
    fuel: u64,
    memory: usize,
    refused: bool,
}

impl Limits {
    fn new(fuel: u64) -> Self {
        Self { fuel, memory: 0, refused: false }
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(
        &mut self,
        now: usize,
        wanted: usize,
        most: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // No engine lets a memory grow beyond its own maximum, or beyond 32-bit addresses.
        if most.is_some_and(|most| wanted > most) || wanted as u64 > 1 << 32 {
            return Ok(false);
        }
        // All memories of the instance together.
        let memory = self.memory.saturating_add(wanted.saturating_sub(now));
        self.refused |= memory > MEMORY;
        if !self.refused {
            self.memory = memory;
        }
        Ok(!self.refused)
    }

    fn table_growing(
        &mut self,
        _: usize,
        wanted: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.refused |= wanted > TABLE;
        Ok(!self.refused)
    }
}

fn not_instantiated(error: &wasmtime::Error, limits: &Limits) -> Error {
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

/// Returns what the plugin wrote to stdout and stderr: `build/package/seal.wat` keeps it in a page of the plugin's memory.
fn printed(error: &wasmtime::Error, store: &Store<Limits>) -> Option<String> {
    const MAGIC: &[u8; 16] = b"tesser:stderr\0\0\0";
    const PAGE: usize = 1 << 16;
    let memories = error.downcast_ref::<WasmCoreDump>()?.memories();
    let mut pages = memories.iter().flat_map(|memory| memory.data(store.as_context()).chunks(PAGE));
    let page = pages.find(|page| page.starts_with(MAGIC))?;
    let (length, text) = page.get(MAGIC.len()..)?.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    Some(String::from_utf8_lossy(text.get(..length)?).into_owned())
}

/// Returns wasmtime's error with its causes on one line, without the wasm backtrace.
fn reason(error: &wasmtime::Error) -> String {
    let causes = error.chain().map(ToString::to_string);
    let lines: Vec<_> =
        causes.filter(|cause| !cause.starts_with("error while executing")).collect();
    lines.join(": ").replace('\n', " ")
}
