//! The guest has one thread, so a plugin may hold what cannot leave one.
#![deny(warnings)]

use std::cell::RefCell;
use std::rc::Rc;

use tesser_wasm::{ExecutionPlugin, PluginError, PluginInitContext, PluginResult, export_plugin};

#[derive(Default)]
struct Chase {
    symbol: Rc<RefCell<String>>,
}

impl ExecutionPlugin for Chase {
    fn init(&mut self, ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        *self.symbol.borrow_mut() = ctx.signal.symbol;
        Ok(PluginResult::new())
    }
}

export_plugin!(Chase);

fn main() {}
