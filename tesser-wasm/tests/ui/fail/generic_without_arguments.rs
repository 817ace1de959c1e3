use std::marker::PhantomData;

use tesser_wasm::{ExecutionPlugin, PluginError, PluginInitContext, PluginResult, export_plugin};

#[derive(Default)]
struct Chase<T>(PhantomData<T>);

impl<T: Default + 'static> ExecutionPlugin for Chase<T> {
    fn init(&mut self, _ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        Ok(PluginResult::new())
    }
}

export_plugin!(Chase);

fn main() {}
