//! What `-V` and `--version` print.

/// The version of the built-in wasm-opt.
pub(super) const WASM_OPT: Option<&str> =
    if cfg!(feature = "wasm-opt") { Some("116") } else { None };

/// Returns the version of the tool.
pub(super) fn short() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
