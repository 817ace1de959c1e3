//! The guest bindings of `tesser-wasm`, so that no plugin compiles wit-bindgen's macro chain.

use anyhow::Context as _;
use wit_bindgen_core::{Files, WorldGenerator as _};
use wit_parser::{Resolve, WorldId};

use super::Generated;

const HEADER: &str = "// Generated from wit/execution.wit by `cargo xtask codegen`. Do not edit.\n\
    #![allow(warnings, clippy::all, clippy::pedantic, reason = \"generated\")]\n\
    #![cfg_attr(rustfmt, rustfmt_skip)]\n";

pub fn generate(resolve: &Resolve, world: WorldId) -> anyhow::Result<Generated> {
    let options = wit_bindgen_rust::Opts {
        format: true,
        pub_export_macro: true,
        runtime_path: Some("crate::guest::cabi_realloc".into()),
        default_bindings_module: Some("tesser_wasm::guest::bindings".into()),
        ..Default::default()
    };
    let mut files = Files::default();
    options.build().generate(&mut resolve.clone(), world, &mut files)?;
    let (_, bytes) = files.iter().next().context("wit-bindgen wrote no file")?;
    let text = std::str::from_utf8(bytes)?;
    Ok(Generated {
        path: "tesser-wasm/src/guest/bindings.rs".into(),
        text: format!("{HEADER}{text}"),
    })
}
