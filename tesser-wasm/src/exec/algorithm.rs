//! The trait that the author of an algorithm implements.

use super::{AtEnd, OrderType, Params, ParentOrder, State};
use crate::{ParamError, PluginFill, PluginTick};

/// An execution algorithm: its parameters, its state, and when it places what.
///
/// The [kit](crate::exec) does the rest. Callbacks return no error, since an error would cancel the algorithm and leave its
/// orders open, and they get `&self`: only the state and the parent order survive a restart.
///
/// See the [module](crate::exec) for a whole plugin.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an algorithm",
    label = "does not implement `tesser_wasm::exec::Algorithm`",
    note = "implement `ExecutionPlugin` instead and use `export_plugin!` for a plugin without the execution kit"
)]
pub trait Algorithm: Sized + 'static {
    /// The algorithm's own parameters, defined with [`params!`](crate::params); `()` if it has no others. The kit adds the
    /// common ones.
    type Params: Params;

    /// State that must survive a restart in addition to the parent order, defined with [`state!`](crate::state); `()` if
    /// there is nothing more.
    type State: State;

    /// Order types that the parameter `order_type` allows. The first one is the default.
    const ORDER_TYPES: &'static [OrderType] = OrderType::ALL;

    /// Default of the parameter `at_end`.
    const AT_END: AtEnd = AtEnd::Market;

    /// Creates the algorithm at the start and after every restart. It cannot place orders: the host would discard them after a
    /// restart.
    ///
    /// # Errors
    /// If the parameters contradict each other or do not fit the signal. An error refuses the signal.
    fn new(params: Self::Params, parent: &ParentOrder) -> Result<Self, ParamError>;

    /// The state at the start.
    fn initial_state(&self, parent: &ParentOrder) -> Self::State;

    /// Duration in seconds, after which the kit handles the remaining quantity as `at_end` says. `None` means no end: the algorithm
    /// may work for ever.
    fn end_secs(&self) -> Option<u32> {
        None
    }

    /// Called every second until the duration is over.
    fn on_timer(&self, state: &mut Self::State, parent: &mut ParentOrder) {
        let _ = (state, parent);
    }

    /// Called for each trade of the symbol whose price counts. Tesser 0.9 sends no trades in a live session, so an algorithm may
    /// improve with them, but must also work without them.
    fn on_trade(&self, state: &mut Self::State, parent: &mut ParentOrder, tick: &PluginTick) {
        let _ = (state, parent, tick);
    }

    /// Called for each fill, after the kit has counted it.
    fn on_fill(&self, state: &mut Self::State, parent: &mut ParentOrder, fill: &PluginFill) {
        let _ = (state, parent, fill);
    }

    /// Refuses a saved state that the algorithm's own callbacks cannot have left behind. The kit has already checked its own part.
    ///
    /// # Errors
    /// If the state is not consistent. The restart then fails, and the host drops the algorithm.
    fn check_state(&self, state: &Self::State) -> Result<(), String> {
        let _ = state;
        Ok(())
    }
}
