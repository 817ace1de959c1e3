//! Calls a plugin with JSON, as the host does: natively in tests, or behind the exported functions.

use std::sync::{Mutex, MutexGuard};

use crate::guest::{ExecutionPlugin, PluginError};
use crate::{PluginFill, PluginResult, PluginTick};

/// Holds one plugin, created with `Default` at the first call.
///
/// ```
/// use tesser_wasm::guest::PluginRuntime;
/// use tesser_wasm::{ExecutionPlugin, PluginError, PluginInitContext, PluginResult};
///
/// #[derive(Default)]
/// struct Idle;
///
/// impl ExecutionPlugin for Idle {
///     fn init(&mut self, _ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
///         Ok(PluginResult::new())
///     }
/// }
///
/// let runtime = PluginRuntime::<Idle>::new();
/// assert_eq!(runtime.call_on_timer().unwrap(), r#"{"orders":[],"logs":[],"completed":false}"#);
/// assert_eq!(runtime.call_snapshot().unwrap(), "null");
/// ```
///
/// # Errors
/// Every call returns the plugin's own error, or an error that says which JSON could not be decoded, or that the
/// plugin panicked in an earlier call: on the host, too, an instance is lost after a panic.
#[derive(Debug)]
pub struct PluginRuntime<P> {
    plugin: Mutex<Option<P>>,
}

impl<P> PluginRuntime<P> {
    /// Creates a runtime; the first call creates the plugin.
    #[must_use]
    pub const fn new() -> Self {
        Self { plugin: Mutex::new(None) }
    }
}

impl<P> Default for PluginRuntime<P> {
    fn default() -> Self {
        Self::new()
    }
}

#[expect(clippy::missing_errors_doc, reason = "said once, on the type")]
#[expect(clippy::needless_pass_by_value, reason = "the published signatures")]
impl<P: ExecutionPlugin> PluginRuntime<P> {
    // Rare calls are not inlined: the compiler would optimize their readers again in the exports.

    /// Calls `init` with a [`PluginInitContext`](crate::PluginInitContext) in JSON; returns a [`PluginResult`] in JSON.
    #[inline(never)]
    pub fn call_init(&self, config_json: String) -> Result<String, String> {
        self.call(|plugin| plugin.init_json(&config_json))
    }

    /// Calls `on_tick`; returns a [`PluginResult`] in JSON.
    pub fn call_on_tick<T>(&self, tick: T) -> Result<String, String>
    where
        T: TryInto<PluginTick>,
        T::Error: ToString,
    {
        let tick = tick.try_into().map_err(|error| error.to_string())?;
        self.call(|plugin| plugin.on_tick(tick))
    }

    /// Calls `on_fill` with a [`PluginFill`] in JSON; returns a [`PluginResult`] in JSON.
    #[inline(never)]
    pub fn call_on_fill(&self, fill_json: String) -> Result<String, String> {
        let fill: PluginFill =
            crate::json::from_host(&fill_json).map_err(|error| error.of_what("fill"))?;
        self.call(|plugin| plugin.on_fill(fill))
    }

    /// Calls `on_timer`; returns a [`PluginResult`] in JSON.
    pub fn call_on_timer(&self) -> Result<String, String> {
        self.call(ExecutionPlugin::on_timer)
    }

    /// Calls `snapshot`; returns the state in JSON.
    pub fn call_snapshot(&self) -> Result<String, String> {
        let mut guard = self.lock()?;
        guard.get_or_insert_with(first).snapshot_json().map_err(|error| error.message)
    }

    /// Calls `restore` with the JSON that [`call_snapshot`](Self::call_snapshot) returned.
    #[inline(never)]
    pub fn call_restore(&self, state_json: String) -> Result<(), String> {
        let mut guard = self.lock()?;
        guard.get_or_insert_with(first).restore_json(&state_json).map_err(|error| error.message)
    }

    fn call(
        &self,
        callback: impl FnOnce(&mut P) -> Result<PluginResult, PluginError>,
    ) -> Result<String, String> {
        let mut guard = self.lock()?;
        answer(callback(guard.get_or_insert_with(first)))
    }

    fn lock(&self) -> Result<MutexGuard<'_, Option<P>>, String> {
        self.plugin.lock().map_err(|_| "the plugin panicked in an earlier call".to_owned())
    }
}

/// The plugin is created once, but every call needs it: this code is not copied into the calls.
#[cold]
#[inline(never)]
fn first<P: ExecutionPlugin>() -> P {
    P::default()
}

/// The JSON for the host. Not inlined, since it would be copied into each callback.
#[inline(never)]
fn answer(result: Result<PluginResult, PluginError>) -> Result<String, String> {
    let result = result.map_err(|error| error.message)?;
    if result.is_empty() {
        return Ok(PluginResult::EMPTY_JSON.to_owned());
    }
    Ok(crate::json::write_result(&result))
}
