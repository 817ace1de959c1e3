//! The execution kit.

mod algorithm;
pub mod arithmetic;
mod child;
mod clip;
mod clock;
#[doc(hidden)]
pub mod params;
mod parent;
mod place;
mod policy;
mod price;
mod rules;
mod runner;
#[doc(hidden)]
pub mod section;
#[doc(hidden)]
pub mod state;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

pub use algorithm::Algorithm;
pub use child::ChildOrder;
pub use clip::Clip;
pub use clock::IntervalClock;
pub use params::{ParamType, Params};
pub use parent::ParentOrder;
pub use policy::{AtEnd, OrderPolicy, OrderType, WhenBlind};
pub use rules::MarketRules;
pub use runner::Runner;
pub use state::{Serde, State, StateError, StateWriter};

#[doc(hidden)]
pub use crate::schema::Scalar;
#[doc(hidden)]
pub use serde_json::Value;
/// A JSON object.
#[doc(hidden)]
pub type Map = serde_json::Map<String, Value>;
