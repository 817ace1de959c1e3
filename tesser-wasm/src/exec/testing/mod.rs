//! Native tests of an algorithm: a test host that behaves like Tesser 0.9, an exchange, and ready-made safety tests.
//!
//! [`Host`] calls an algorithm with the JSON of the real callbacks. Either the test itself decides what is filled:
//!
//! ```
//! # mod doc { use rust_decimal::Decimal; use tesser_wasm::{ParamError, exec::*};
//! # pub struct Once;
//! # impl Algorithm for Once {
//! #     type Params = (); type State = ();
//! #     fn new(_: (), _: &ParentOrder) -> Result<Self, ParamError> { Ok(Self) }
//! #     fn initial_state(&self, _: &ParentOrder) {}
//! #     fn on_timer(&self, _: &mut (), parent: &mut ParentOrder) { parent.place(Clip::remaining()); }
//! # } }
//! # use doc::Once;
//! use serde_json::json;
//! use tesser_wasm::exec::testing::Setup;
//!
//! let mut host = Setup::new(json!({ "venue": "bybit_linear" })).quantity("2").start::<Once>();
//! host.timer();
//! assert_eq!(host.placed()[0].symbol, "bybit_linear:BTCUSDT");
//! host.fill(0, "2");
//! assert!(host.is_completed());
//! ```
//!
//! or [`Host::run`] simulates the exchange: orders fill when the price reaches them, orders without a fill are cancelled
//! after 60 s,
//! IOC orders may or may not be filled, and no ticks come unless the test asks for them.
//!
//! [`safety_tests!`](crate::safety_tests) adds the tests that every algorithm should pass.

mod exchange;
mod host;
pub mod safety;

pub use exchange::{Drift, Market};
pub use host::{Host, Setup};

use crate::ParamSchema;
use crate::exec::{Algorithm, section};

/// The schema of an algorithm's parameters, as read from the component.
///
/// # Panics
/// If the schema is malformed, which would be a fault of the kit.
#[must_use]
pub fn schema<A: Algorithm>() -> ParamSchema {
    match ParamSchema::from_section(section::schema::<A>().as_bytes()) {
        Ok(schema) => schema,
        Err(error) => panic!("{error}"),
    }
}

const BEGIN: &str = "<!-- parameters: begin -->\n";
const END: &str = "<!-- parameters: end -->";

/// Compares the table between `<!-- parameters: begin -->` and `<!-- parameters: end -->` of a README with the algorithm's
/// parameters. With the environment variable `SNAPSHOTS=overwrite` it is written instead.
///
/// # Panics
/// If the table is not up to date, or the file cannot be read or written.
pub fn check_readme<A: Algorithm>(path: &str) {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| {
        rest.split_once(END).map(|(table, after)| (before, table, after))
    });
    let Some((before, table, after)) = parts else {
        panic!("{path} has no lines `{}` and `{END}`", BEGIN.trim_end());
    };
    let expected = schema::<A>().to_markdown();
    if table == expected {
        return;
    }
    assert!(
        std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite"),
        "the table of parameters in {path} is not up to date; `SNAPSHOTS=overwrite cargo test` writes it. It should be\n{expected}"
    );
    let text = [before, BEGIN, &expected, END, after].concat();
    std::fs::write(path, text).unwrap_or_else(|error| panic!("{path}: {error}"));
}
