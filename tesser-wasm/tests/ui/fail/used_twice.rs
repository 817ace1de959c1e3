use tesser_wasm::{ExecutionPlugin, PluginError, PluginInitContext, PluginResult, export_plugin};

#[derive(Default)]
struct Chase;

impl ExecutionPlugin for Chase {
    fn init(&mut self, _ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        Ok(PluginResult::new())
    }
}

export_plugin!(Chase);
export_plugin!(Chase);

fn main() {}
