//! The trait that the author of a plugin implements.

use serde_json::Value;

use crate::{PluginFill, PluginInitContext, PluginResult, PluginTick, json};

/// Why a callback failed. Anything with a `Display` converts into it, so `?` works on every error.
///
/// How the host reacts depends on the callback: see [`ExecutionPlugin`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginError {
    /// Text for the host's log.
    pub message: String,
}

// `PluginError` does not implement `Display`, which would overlap with this conversion.
impl<T: ToString> From<T> for PluginError {
    fn from(error: T) -> Self {
        Self { message: error.to_string() }
    }
}

/// An execution algorithm.
///
/// The host makes one instance for each algorithm, calls [`init`](Self::init) and then the
/// callbacks one at a time. After **every** callback it calls [`snapshot`](Self::snapshot).
///
/// A panic is fatal: the instance and the text of the panic are lost. Return an error instead.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an execution plugin",
    label = "does not implement `ExecutionPlugin`",
    note = "write `impl tesser_wasm::ExecutionPlugin for {Self} {{ .. }}`; only `init` is required"
)]
pub trait ExecutionPlugin: Default + 'static {
    /// Called once, before all others. After a restart the host calls it again with the same context,
    /// discards the result, and calls [`restore`](Self::restore).
    ///
    /// # Errors
    /// An error refuses the signal: the algorithm does not start.
    fn init(&mut self, ctx: PluginInitContext) -> Result<PluginResult, PluginError>;

    /// What the host calls: parses the context and calls [`init`](Self::init).
    ///
    /// # Errors
    /// As `init`; text that is not such a context.
    #[doc(hidden)]
    fn init_json(&mut self, context_json: &str) -> Result<PluginResult, PluginError> {
        let ctx = json::from_host(context_json).map_err(|error| error.of_what("init context"))?;
        self.init(ctx)
    }

    /// Called for trades of **every** symbol, when the host forwards them at all. Tesser 0.9 live
    /// does not have to: work on timers and fills, and let ticks only improve on that.
    ///
    /// # Errors
    /// The host logs an error, and the algorithm continues.
    fn on_tick(&mut self, tick: PluginTick) -> Result<PluginResult, PluginError> {
        let _ = tick;
        Ok(PluginResult::new())
    }

    /// Called for each fill of the plugin's orders; the first one of an order reveals its id.
    ///
    /// # Errors
    /// An error cancels the algorithm and deletes its state; its orders stay open.
    fn on_fill(&mut self, fill: PluginFill) -> Result<PluginResult, PluginError> {
        let _ = fill;
        Ok(PluginResult::new())
    }

    /// Called every second.
    ///
    /// # Errors
    /// An error cancels the algorithm and deletes its state; its orders stay open.
    fn on_timer(&mut self) -> Result<PluginResult, PluginError> {
        Ok(PluginResult::new())
    }

    /// Returns the state to store. With the default, `null`, the full quantity is worked again after a restart.
    ///
    /// # Errors
    /// If it fails, the host drops the orders of the callback before it.
    fn snapshot(&mut self) -> Result<Value, PluginError> {
        Ok(Value::Null)
    }

    /// Returns [`snapshot`](Self::snapshot) as JSON text, for the host. [`persist!`](crate::persist) implements it
    /// without a `Value` in between; implement it by hand only together with
    /// [`restore_json`](Self::restore_json).
    ///
    /// # Errors
    /// The same as `snapshot`.
    fn snapshot_json(&mut self) -> Result<String, PluginError> {
        Ok(self.snapshot()?.to_string())
    }

    /// Restores the state that [`snapshot`](Self::snapshot) returned. Called after `init`.
    ///
    /// # Errors
    /// An error ends the instance with a trap: the algorithm must not trade on a wrong state.
    fn restore(&mut self, state: Value) -> Result<(), PluginError> {
        let _ = state;
        Ok(())
    }

    /// Called by the host: parses the text and calls [`restore`](Self::restore).
    ///
    /// # Errors
    /// The same as `restore`, and if the text is not JSON.
    fn restore_json(&mut self, state_json: &str) -> Result<(), PluginError> {
        let state = json::any_from_str(state_json).map_err(|error| error.of_what("state"))?;
        self.restore(state)
    }
}
