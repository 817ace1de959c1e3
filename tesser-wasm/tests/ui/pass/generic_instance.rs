//! One instance of a generic type.
#![deny(warnings)]

use std::fmt::Display;

use tesser_wasm::{ExecutionPlugin, PluginError, PluginInitContext, PluginResult, export_plugin};

#[derive(Default)]
struct Chase<T>(T);

impl<T: Default + Display + 'static> ExecutionPlugin for Chase<T> {
    fn init(&mut self, _ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        Ok(PluginResult::new().with_log(self.0.to_string()))
    }
}

export_plugin!(Chase<u8>);

fn main() {}
