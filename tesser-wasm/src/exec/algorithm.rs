//! What an author implements.

use super::{AtEnd, OrderType, Params, ParentOrder, State};
use crate::{ParamError, PluginFill, PluginTick};

/// An execution algorithm: its parameters, what it must not forget, and when to place what.
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
    /// Its own parameters, by [`params!`](crate::params); `()` for none. The kit adds the common ones.
    type Params: Params;

    /// What a restart must not lose beside the parent order, by [`state!`](crate::state); `()` for nothing.
    type State: State;

    /// Types that `order_type` can be. The first one is the default.
    const ORDER_TYPES: &'static [OrderType] = OrderType::ALL;

    /// Default of the parameter `at_end`.
    const AT_END: AtEnd = AtEnd::Market;

    /// Makes the algorithm at the start and after every restart. It cannot place orders: after a restart they would be thrown
    /// away.
    ///
    /// # Errors
    /// Parameters that do not fit each other or the signal. An error refuses the signal.
    fn new(params: Self::Params, parent: &ParentOrder) -> Result<Self, ParamError>;

    /// The state at the start.
    fn initial_state(&self, parent: &ParentOrder) -> Self::State;

    /// After how many seconds its time is over, and the kit handles the rest of the target as `at_end` says. `None`: never, so it
    /// may work for ever.
    fn end_secs(&self) -> Option<u32> {
        None
    }

    /// Called every second until its time is over.
    fn on_timer(&self, state: &mut Self::State, parent: &mut ParentOrder) {
        let _ = (state, parent);
    }

    /// Called for each trade of the symbol whose price counts. Tesser 0.9 sends none in a live session, so this may improve
    /// an algorithm, but must not be all of it.
    fn on_trade(&self, state: &mut Self::State, parent: &mut ParentOrder, tick: &PluginTick) {
        let _ = (state, parent, tick);
    }

    /// Called for each fill, after it was counted.
    fn on_fill(&self, state: &mut Self::State, parent: &mut ParentOrder, fill: &PluginFill) {
        let _ = (state, parent, fill);
    }

    /// Refuses a saved state that its own callbacks cannot have left behind. The kit has checked its part.
    ///
    /// # Errors
    /// What is wrong with it. The restart then fails, and the host drops the algorithm.
    fn check_state(&self, state: &Self::State) -> Result<(), String> {
        let _ = state;
        Ok(())
    }
}
