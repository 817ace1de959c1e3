// The example on the front page is a plugin, so it compiles only with the feature `guest`.
#![cfg_attr(feature = "guest", doc = include_str!("../README.md"))]
#![cfg_attr(
    not(feature = "guest"),
    doc = "The types that the Tesser host and its execution plugins exchange, and their JSON.\n\n\
           The feature `guest` adds everything else that a plugin needs."
)]
#![cfg_attr(
    feature = "guest",
    expect(clippy::test_attr_in_doctest, reason = "a whole plugin; tests/sdk runs its test")
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod decimal;
mod event;
mod json;
mod order;
mod params;
mod result;
mod schema;
mod wire;

#[cfg(feature = "exec")]
pub mod exec;
#[cfg(feature = "guest")]
pub mod guest;

pub use event::{PluginFill, PluginInitContext, PluginRiskContext, PluginSignal, PluginTick};
#[cfg(feature = "guest")]
pub use guest::{Cached, ExecutionPlugin, PluginError};
pub use order::{
    PluginChildOrderAction, PluginChildOrderRequest, PluginOrderRequest, PluginOrderType,
    PluginOrderUpdateRequest, PluginSide, PluginTimeInForce, order_symbol,
};
pub use params::ParamsError;
pub use result::PluginResult;
pub use schema::{PARAMS_SECTION, Param, ParamError, ParamKind, ParamSchema, SchemaError};

/// The ABI manifest (TOML) of plugins built with this version of the SDK: exports with their component-level
/// and core-level signatures, types, and the version of the ABI. Generated from `wit/execution.wit`.
pub const ABI_MANIFEST: &str = include_str!("../abi.toml");

/// The WIT text that the manifest and the bindings are generated from.
pub const WIT: &str = include_str!("../wit/execution.wit");
