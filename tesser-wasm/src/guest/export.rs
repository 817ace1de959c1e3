//! The export macro, and the functions behind it that give each result the form that the host expects.
//!
//! In: one plugin type and the values of the bindings. Out: the six exported functions. Everything that can
//! be an ordinary function is one; the macro only names types.

#![allow(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    reason = "only called by the macro, hidden from the docs"
)]

use crate::PluginSide;
use crate::PluginTick;
use crate::guest::bindings::tesser::execution::primitives::Side;
use crate::guest::bindings::{self, Tick};
use crate::guest::{ExecutionPlugin, PluginRuntime};
use crate::{decimal, json};

/// Exports a plugin type as the `tesser:execution` world. Use it once in a crate.
///
/// The type must implement [`ExecutionPlugin`](crate::ExecutionPlugin). Nothing is exported on
/// native targets, so symbols such as `init` do not clash in unit tests of the same crate.
///
/// ```
/// use tesser_wasm::{ExecutionPlugin, PluginError, PluginInitContext, PluginResult, export_plugin};
///
/// #[derive(Default)]
/// struct Idle;
///
/// impl ExecutionPlugin for Idle {
///     fn init(&mut self, _ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
///         Ok(PluginResult::new().completed())
///     }
/// }
///
/// export_plugin!(Idle);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! export_plugin {
    ($plugin:ty $(,)?) => {
        // Without this, only the linker would report a second export, as a duplicate symbol.
        #[doc(hidden)]
        #[allow(dead_code, non_camel_case_types, reason = "its name is the text of an error")]
        enum export_plugin_may_be_used_once_in_a_crate {}

        const _: () = {
            struct Exported;

            impl $crate::guest::Exported for Exported {
                type Plugin = $plugin;

                fn runtime() -> &'static $crate::guest::PluginRuntime<$plugin> {
                    static INSTANCE: $crate::guest::Instance<$plugin> =
                        $crate::guest::Instance::new();
                    INSTANCE.runtime()
                }
            }

            // On native targets nothing is exported, and the compiler would report the plugin as dead code.
            #[cfg(not(target_arch = "wasm32"))]
            const _: fn() -> ::std::string::String =
                <Exported as $crate::guest::bindings::Guest>::on_timer;

            #[cfg(target_arch = "wasm32")]
            #[global_allocator]
            static ALLOCATOR: $crate::guest::Allocator = $crate::guest::allocator();

            #[cfg(target_arch = "wasm32")]
    $crate::guest::bindings::export!(Exported with_types_in $crate::guest::bindings);
        };
    };
}

/// The exported plugin. Its type is the only bound that a use of the macro is checked against, so a
/// type that is not a plugin causes one error instead of one for each exported function.
pub trait Exported: 'static {
    type Plugin: ExecutionPlugin;

    fn runtime() -> &'static PluginRuntime<Self::Plugin>;
}

/// The content of the static: the runtime of the one plugin in an instance, which need not be `Send`.
pub struct Instance<P>(PluginRuntime<P>);

// SAFETY: `runtime` panics on targets that have threads.
#[expect(
    unsafe_code,
    reason = "a thread local costs its destructor, and layers that take time to compile"
)]
unsafe impl<P> Sync for Instance<P> {}

impl<P> Instance<P> {
    #[expect(clippy::new_without_default, reason = "the macro needs it to be const")]
    pub const fn new() -> Self {
        Self(PluginRuntime::new())
    }

    pub fn runtime(&self) -> &PluginRuntime<P> {
        let threads = !cfg!(target_arch = "wasm32") || cfg!(target_feature = "atomics");
        assert!(!threads, "exported functions are for hosts of wasm");
        &self.0
    }
}

impl<E: Exported> bindings::Guest for E {
    fn init(config_json: String) -> Result<String, String> {
        init(E::runtime(), config_json)
    }

    fn on_tick(trade: Tick) -> String {
        tick(E::runtime(), trade)
    }

    fn on_fill(fill_json: String) -> String {
        fill(E::runtime(), fill_json)
    }

    fn on_timer() -> String {
        timer(E::runtime())
    }

    fn snapshot() -> String {
        snapshot(E::runtime())
    }

    fn restore(state_json: String) {
        restore(E::runtime(), state_json);
    }
}

impl TryFrom<Tick> for PluginTick {
    type Error = String;

    fn try_from(tick: Tick) -> Result<Self, String> {
        let decimal = |field, text| decimal::parse(text).ok_or_else(|| not_a_number(field, text));
        Ok(Self {
            price: decimal("price", &tick.price.value)?,
            size: decimal("size", &tick.size.value)?,
            side: match tick.side {
                Side::Buy => PluginSide::Buy,
                Side::Sell => PluginSide::Sell,
            },
            symbol: tick.symbol,
            timestamp_ms: tick.timestamp_ms,
        })
    }
}

#[cold]
#[inline(never)]
fn not_a_number(field: &str, text: &str) -> String {
    // The text may be of any length, and goes into the host's log.
    let text = (0..=64).rev().find_map(|end| text.get(..end)).unwrap_or_default();
    ["tick: ", field, " `", text, "`: not a decimal number"].concat()
}

pub fn init<P: ExecutionPlugin>(
    runtime: &PluginRuntime<P>,
    config_json: String,
) -> Result<String, String> {
    runtime.call_init(config_json)
}

pub fn tick<P: ExecutionPlugin>(runtime: &PluginRuntime<P>, tick: Tick) -> String {
    runtime.call_on_tick(tick).unwrap_or_else(error_answer)
}

pub fn fill<P: ExecutionPlugin>(runtime: &PluginRuntime<P>, fill_json: String) -> String {
    runtime.call_on_fill(fill_json).unwrap_or_else(error_answer)
}

pub fn timer<P: ExecutionPlugin>(runtime: &PluginRuntime<P>) -> String {
    runtime.call_on_timer().unwrap_or_else(error_answer)
}

/// The host would store any JSON value as the state, so an error must not be valid JSON.
pub fn snapshot<P: ExecutionPlugin>(runtime: &PluginRuntime<P>) -> String {
    runtime.call_snapshot().unwrap_or_else(|message| ["snapshot failed: ", &message].concat())
}

/// `restore` has no result: only a trap keeps the algorithm from continuing to trade.
pub fn restore<P: ExecutionPlugin>(runtime: &PluginRuntime<P>, state_json: String) {
    if let Err(message) = runtime.call_restore(state_json) {
        panic!("restore failed: {message}");
    }
}

/// The host takes an object as a success, and a JSON string as the text of an error.
#[cold]
#[inline(never)]
#[expect(clippy::needless_pass_by_value, reason = "what `unwrap_or_else` hands over")]
fn error_answer(message: String) -> String {
    json::to_string(&message, message.len() + 2).unwrap_or_default()
}
