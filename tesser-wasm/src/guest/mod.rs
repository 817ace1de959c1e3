//! The plugin's half of the SDK: the trait to implement, the runtime that drives it from JSON, and
//! the macro that exports it as the `tesser:execution` world.

#[expect(unsafe_code, reason = "generated: the canonical ABI passes pointers")]
#[doc(hidden)]
pub mod bindings;
mod export;
#[doc(hidden)]
pub mod persist;
mod plugin;
mod runtime;

pub use plugin::{ExecutionPlugin, PluginError};
pub use runtime::PluginRuntime;

// What the macro calls; not part of the API.
#[doc(hidden)]
pub use export::{Exported, fill, init, restore, snapshot, tick, timer};
