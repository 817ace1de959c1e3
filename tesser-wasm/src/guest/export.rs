//! The export macro, and the functions behind it that give each answer the form the host expects.
//!
//! In: one plugin type and the bindings' values. Out: the six exported functions. Everything that can
//! be an ordinary function is one; the macro only names types.

#![allow(missing_docs, reason = "called by the macro alone, hidden from the docs")]

use crate::PluginSide;
use crate::PluginTick;
use crate::guest::bindings::Tick;
use crate::guest::bindings::tesser::execution::primitives::Side;
use crate::guest::{ExecutionPlugin, PluginRuntime};

/// Exports a plugin type as the `tesser:execution` world, once in a crate.
///
/// The type must implement [`ExecutionPlugin`](crate::ExecutionPlugin). Nothing is exported on
/// native targets, so unit tests of the same crate are not disturbed by symbols like `init`.
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
    ($plugin:ty) => {
        const _: () = {
            // Not a plain static: a plugin does not have to be `Send`, and the guest has one thread.
            ::std::thread_local! {
                static RUNTIME: $crate::guest::PluginRuntime<$plugin> =
                    const { $crate::guest::PluginRuntime::new() };
            }

            struct Exported;

            impl $crate::guest::bindings::Guest for Exported {
                fn init(
                    config_json: ::std::string::String,
                ) -> ::std::result::Result<::std::string::String, ::std::string::String> {
                    RUNTIME.with(|runtime| $crate::guest::init(runtime, config_json))
                }
                fn on_tick(tick: $crate::guest::bindings::Tick) -> ::std::string::String {
                    RUNTIME.with(|runtime| $crate::guest::tick(runtime, tick))
                }
                fn on_fill(fill_json: ::std::string::String) -> ::std::string::String {
                    RUNTIME.with(|runtime| $crate::guest::fill(runtime, fill_json))
                }
                fn on_timer() -> ::std::string::String {
                    RUNTIME.with(|runtime| $crate::guest::timer(runtime))
                }
                fn snapshot() -> ::std::string::String {
                    RUNTIME.with(|runtime| $crate::guest::snapshot(runtime))
                }
                fn restore(state_json: ::std::string::String) {
                    RUNTIME.with(|runtime| $crate::guest::restore(runtime, state_json));
                }
            }

            // Natively nothing is exported, and the plugin would be reported as dead code.
            #[cfg(not(target_arch = "wasm32"))]
            const _: fn() -> $plugin = <$plugin as ::std::default::Default>::default;

            #[cfg(target_arch = "wasm32")]
    $crate::guest::bindings::export!(Exported with_types_in $crate::guest::bindings);
        };
    };
}

impl TryFrom<Tick> for PluginTick {
    type Error = String;

    fn try_from(tick: Tick) -> Result<Self, String> {
        let decimal = |field: &str, text: &str| {
            crate::decimal::parse(text).map_err(|error| format!("tick: {field} `{text}`: {error}"))
        };
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

/// Any JSON value would be stored as the state, so an error must not be JSON.
pub fn snapshot<P: ExecutionPlugin>(runtime: &PluginRuntime<P>) -> String {
    runtime.call_snapshot().unwrap_or_else(|message| format!("snapshot failed: {message}"))
}

/// `restore` has no result: a trap is the only way to keep the algorithm from trading on.
pub fn restore<P: ExecutionPlugin>(runtime: &PluginRuntime<P>, state_json: String) {
    if let Err(message) = runtime.call_restore(state_json) {
        panic!("restore failed: {message}");
    }
}

/// The host decodes an object as a success and reports a JSON string with its text as an error.
fn error_answer(message: String) -> String {
    serde_json::Value::String(message).to_string()
}
