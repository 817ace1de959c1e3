//! The type may be named by a path, and nothing but the macro has to be in scope.
#![deny(warnings, missing_docs)]

mod algorithm {
    use tesser_wasm::{ExecutionPlugin, PluginError, PluginInitContext, PluginResult};

    #[derive(Default)]
    pub struct Chase;

    impl ExecutionPlugin for Chase {
        fn init(&mut self, _ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
            Ok(PluginResult::new())
        }
    }
}

tesser_wasm::export_plugin!(algorithm::Chase);

fn main() {}
