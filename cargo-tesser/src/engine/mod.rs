//! Runs a plugin in the embedded wasmtime, under limits.
//!
//! In: a component's bytes. Out: an instance whose exports can be called, or the result of a load check. A plugin cannot
//! reach the machine: clocks and random numbers are simulated, and there are no files. The simulator decides what a host does
//! with the results.

mod error;
mod limits;
mod output;
mod plugin;
mod tick;
mod trap;
mod trial;
mod wasi;

use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Store};

pub use error::Error;
pub use output::Output;
pub use plugin::{Plugin, Usage};
pub use tick::{DecimalValue, Side, Tick};
pub use trap::TrapReport;
pub use trial::DEADLINE;

use error::{not_instantiated, reason};
use limits::Limits;

/// Maximum instructions of one call, in wasmtime's fuel. A callback takes some thousands.
const FUEL: u64 = 1_000_000_000;
/// The message with which every version of wasmtime so far refuses re-exported imports, which `validate` follows only to a
/// limited depth.
const REEXPORT: &str = "reexport of an imported function";

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
