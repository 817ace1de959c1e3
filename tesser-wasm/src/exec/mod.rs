//! The execution kit: an algorithm is its parameters and one function that decides what to place.
//!
//! A plugin gets little feedback from the host: fills, and a timer every second. It gets no acknowledgements, rejects, cancels or
//! ids. The kit does what every algorithm needs in order to be correct on such a host; [`Algorithm`] is the part that differs.
//!
//! # From an idea to a tested plugin
//!
//! `cargo tesser new my-algo --template blank-kit` writes a crate like this one. Written by hand, the crate needs
//! `rust_decimal` and
//! `tesser-wasm` with the feature `exec`, and `serde_json` for its tests. This is all of `src/lib.rs`:
//!
//! ```
//! use tesser_wasm::exec::{Algorithm, Clip, IntervalClock, ParentOrder};
//! use tesser_wasm::{ParamError, export_algorithm, params};
//!
//! params! {
//!     pub struct Params {
//!         /// Time between orders.
//!         interval_secs: u32 = 30, in 1..=86_400, unit "s";
//!         /// Share of the target in one order.
//!         clip_percent: u32 = 10, in 1..=100, unit "%";
//!     }
//! }
//!
//! pub struct Slicer(Params);
//!
//! impl Algorithm for Slicer {
//!     type Params = Params;
//!     // State that must survive a restart, in addition to the orders.
//!     type State = IntervalClock;
//!
//!     fn new(params: Params, _parent: &ParentOrder) -> Result<Self, ParamError> {
//!         Ok(Self(params))
//!     }
//!
//!     fn initial_state(&self, _parent: &ParentOrder) -> IntervalClock {
//!         IntervalClock::default()
//!     }
//!
//!     // After an hour the remaining quantity is handled as the parameter `at_end` says.
//!     fn end_secs(&self) -> Option<u32> {
//!         Some(3_600)
//!     }
//!
//!     fn on_timer(&self, clock: &mut IntervalClock, parent: &mut ParentOrder) {
//!         let Some(interval) = clock.begun(parent, self.0.interval_secs, 0) else {
//!             return;
//!         };
//!         if parent.place(Clip::of(parent.fraction(self.0.clip_percent, 100))) {
//!             clock.done(interval);
//!         }
//!     }
//! }
//!
//! export_algorithm!(Slicer);
//!
//! // In `#[cfg(test)] mod tests` of the plugin; `cargo test` runs it natively.
//! # fn main() {
//! use serde_json::json;
//! use tesser_wasm::exec::testing::{Market, Setup};
//!
//! let params = json!({ "venue": "bybit_linear", "clip_percent": 50 });
//! let mut host = Setup::new(params).quantity("2").start::<Slicer>();
//! host.timer();
//! assert_eq!(host.placed()[0].symbol, "bybit_linear:BTCUSDT");
//! assert_eq!(host.placed()[0].quantity.to_string(), "1");
//! host.fill(0, "1");
//!
//! // Or a whole session: no ticks, orders without a fill are cancelled after 60 s.
//! let params = json!({ "venue": "bybit_linear" });
//! let mut host = Setup::new(params).start::<Slicer>();
//! host.run(7_200, &Market::default());
//! assert!(host.is_completed());
//! # }
//! ```
//!
//! [`safety_tests!`](crate::safety_tests) adds the tests that every algorithm should pass. Then `cargo tesser build` builds
//! the plugin, and `cargo tesser test` runs it in a simulated session of the host.
//!
//! # What the kit does
//!
//! | subject | what the kit does |
//! | --- | --- |
//! | symbols | Orders carry `venue:CODE`, since an order with a bare code never reaches the exchange. `venue` is a required parameter. |
//! | quantities | Whole lots, at least the exchange's minimum quantity and notional ([`MarketRules`]). Filled and working quantity together never exceed the target. |
//! | prices | Whole ticks, within `limit_price`; an offset that crosses rounds outwards. A price that jumps by more than `max_move_bps` needs confirmation by a second one. The price at the start is only a hint and triggers nothing ([`ParentOrder::confirmed_price`]). |
//! | ids | Two open orders without an id never have the same price, so the first fill of an order identifies it. |
//! | fills | An execution that is delivered again counts once; no fill counts beyond its order. Late fills count, and are logged. |
//! | stale orders | The host cancels an order without a fill after 60 to 75 s and does not report it. After `stale_secs` the kit counts the order as cancelled. The host does not cancel a partly filled order; the kit amends it to the current price, so that it is filled or cancelled. |
//! | IOC orders | One at a time. After `settle_secs` the unfilled quantity is worked again, up to `resend_percent` of the target; more only when late fills are impossible. |
//! | no prices | When an order has expired unfilled and no price was seen since, the next order crosses, and its fill tells the price (`when_blind`). |
//! | the end | After [`end_secs`](Algorithm::end_secs) the remaining quantity is taken or given up (`at_end`). Giving up is logged. The algorithm completes only with a result without orders and when no order is working, since the host does not cancel the orders of a completed algorithm. |
//! | time | One second per timer, held back by the timestamps of ticks and fills, so that a burst of missed timers does not place a whole schedule. |
//! | restarts | The state has a version, and the kit reads the states of every released version. It refuses a state of another signal or without a version. |
//! | randomness | [`ParentOrder::random`] depends on the signal's id, so restarts and replays give the same numbers. |
//!
//! # What it cannot do
//!
//! - **Cancel an order.** The host has no cancel. [`ParentOrder::reprice`] amends orders whose id is known, which is from
//!   their first fill on.
//! - **Know of a reject.** A rejected order looks like one without a fill. The quantity of orders that cross is halved after each
//!   miss, since the host rejects orders that exceed its limits.
//! - **Prevent a repeated order after a crash.** The host sends orders before it stores the state. If it crashes in
//!   between, it sends
//!   the orders of that callback again; when their fills arrive, they count.
//! - **Follow orders through a restart with two venues**: the host then adopts no orders, so an order that it can neither
//!   cancel nor
//!   report may be filled after its quantity was worked again.
//!
//! # Parameters
//!
//! [`params!`](crate::params) defines them once: type, default, range, unit, documentation. The kit adds the common ones
//! ([`MarketRules`], [`OrderPolicy`]). The macro also writes the schema into the component's custom section `tesser:params`, which
//! [`ParamSchema`](crate::ParamSchema) reads without running the plugin.
//!
//! # State
//!
//! [`state!`](crate::state) defines the state that must survive a restart. Keep it small: the host asks for it after every
//! callback.
//! A field that is added after a release needs a default; keep a state of each release as a fixture for
//! [`safety_tests!`](crate::safety_tests).

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
mod start;
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

pub use crate::json::{Elements, Json, Object};
#[doc(hidden)]
pub use crate::schema::Scalar;
