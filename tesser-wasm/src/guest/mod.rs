//! The plugin's part of the SDK: the trait to implement, the runtime that calls it with JSON, and the
//! macro that exports it as the `tesser:execution` world.

#[cfg(any(test, target_arch = "wasm32"))]
#[expect(unsafe_code, reason = "an allocator deals in pointers")]
mod allocator;
#[expect(unsafe_code, reason = "generated: the canonical ABI passes pointers")]
#[doc(hidden)]
pub mod bindings;
#[cfg(target_arch = "wasm32")]
#[expect(unsafe_code, reason = "the canonical ABI hands out memory as pointers")]
mod cabi_realloc;
mod cached;
mod export;
#[cfg(target_arch = "wasm32")]
#[expect(unsafe_code, reason = "a symbol of C's library has no mangled name")]
mod libc_stubs;
#[doc(hidden)]
pub mod persist;
mod plugin;
/// On native targets no host asks for memory.
#[cfg(not(target_arch = "wasm32"))]
mod cabi_realloc {
    pub(super) fn maybe_link_cabi_realloc() {}
}
mod runtime;

pub use cached::Cached;
pub use plugin::{ExecutionPlugin, PluginError};
pub use runtime::PluginRuntime;

/// The allocator that the macro installs in a plugin; smaller and faster than the one of the C library.
#[doc(hidden)]
#[cfg(target_arch = "wasm32")]
pub type Allocator = allocator::Blocks<allocator::Linear>;

#[doc(hidden)]
#[cfg(target_arch = "wasm32")]
#[must_use]
pub const fn allocator() -> Allocator {
    Allocator::new(allocator::Linear)
}

// Called by the macro; not part of the API.
#[doc(hidden)]
pub use export::{Exported, Instance, fill, init, restore, snapshot, tick, timer};
