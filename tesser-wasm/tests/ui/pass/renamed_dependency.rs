//! The macro finds the SDK under whatever name a crate gave it, and shadowed names do not confuse it.
#![deny(warnings)]
#![forbid(unsafe_code)]

extern crate tesser_wasm as sdk;

use sdk::{ExecutionPlugin, PluginError, PluginInitContext, PluginResult};

mod core {}
mod rust_decimal {}
mod serde {}
mod serde_json {}
mod std {}
mod tesser_wasm {}
mod wit_bindgen {}

#[derive(Default)]
struct Chase;

impl ExecutionPlugin for Chase {
    fn init(&mut self, _ctx: PluginInitContext) -> Result<PluginResult, PluginError> {
        Ok(PluginResult::new())
    }
}

sdk::export_plugin!(Chase);

fn main() {}
