//! What a plugin author implements.

use serde_json::Value;

use crate::{PluginFill, PluginInitContext, PluginResult, PluginTick, json};

/// Why a callback failed. Anything with a `Display` converts into it, so `?` works on every error.
///
/// What the host does with it depends on the callback, see [`ExecutionPlugin`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginError {
    /// Text for the host's log.
    pub message: String,
}

// There is no `Display` for `PluginError`: it would overlap with this conversion.
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
/// A panic is fatal: the instance is lost and so is the panic's text. Return an error instead.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an execution plugin",
    label = "does not implement `ExecutionPlugin`",
    note = "write `impl tesser_wasm::ExecutionPlugin for {Self} {{ .. }}`; only `init` is required"
)]
pub trait ExecutionPlugin: Default + 'static {
    /// Called once, first. After a restart of the host it is called again with the same context,
    /// its answer is thrown away, and [`restore`](Self::restore) follows.
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
    /// An error is logged and the algorithm goes on.
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

    /// The state to keep. The default, `null`, means that a restart works the full quantity again.
    ///
    /// # Errors
    /// An error makes the host drop the orders of the callback that came before.
    fn snapshot(&mut self) -> Result<Value, PluginError> {
        Ok(Value::Null)
    }

    /// What the host gets back: [`snapshot`](Self::snapshot) as JSON text. [`persist!`](crate::persist)
    /// writes it without the `Value` in between; implement it by hand only together with
    /// [`restore_json`](Self::restore_json).
    ///
    /// # Errors
    /// As `snapshot`.
    fn snapshot_json(&mut self) -> Result<String, PluginError> {
        Ok(self.snapshot()?.to_string())
    }

    /// Takes back what [`snapshot`](Self::snapshot) returned, after `init`.
    ///
    /// # Errors
    /// An error stops the instance (it traps): the algorithm must not trade on a wrong state.
    fn restore(&mut self, state: Value) -> Result<(), PluginError> {
        let _ = state;
        Ok(())
    }

    /// What the host calls: parses the text and calls [`restore`](Self::restore).
    ///
    /// # Errors
    /// As `restore`; text that is not JSON.
    fn restore_json(&mut self, state_json: &str) -> Result<(), PluginError> {
        let state = json::any_from_str(state_json).map_err(|error| error.of_what("state"))?;
        self.restore(state)
    }
}
