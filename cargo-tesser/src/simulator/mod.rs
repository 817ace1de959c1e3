//! The real host in small: what a live session of Tesser does with a plugin, for `replay` and `test` alike.
//!
//! In: a plugin, a signal, and a market, a script or a recording. Out: what happened, step by step, and a summary.
//!
//! | file | what it does |
//! | --- | --- |
//! | `session` | when things happen: timers, looks for stale orders, candles, restarts |
//! | `host` | what the host does then: calls, checks, orders, persistence, restart |
//! | `algorithm`, `answer`, `state_text` | one plugin at work; what the host reads of it and gives back to it |
//! | `exchange`, `order_records` | the one bookkeeper of orders |
//! | `risk`, `symbol`, `router`, `store`, `account` | the parts of the host that decide about an order |
//! | `order_book`, `queue_model` | what a taker finds in the market; where a resting order is in its queue |
//! | `tape` | trades, events and order books from files |
//! | `run_summary`, `execution_quality`, `price_series` | what came of it |
//! | `conformance` | holds all of it to recordings of the real host |
//!
//! What the host does is data where hosts differ: `rules`, from the table `[session]` of a host profile.

pub(crate) mod account;
pub(crate) mod algorithm;
pub(crate) mod answer;
pub mod conformance;
pub(crate) mod dedup_log;
pub(crate) mod exchange;
pub(crate) mod exchange_model;
pub(crate) mod execution_quality;
#[cfg(test)]
pub(crate) mod fake;
pub(crate) mod guest;
pub(crate) mod host;
pub mod host_config;
pub(crate) mod order;
pub(crate) mod order_book;
pub(crate) mod order_records;
pub(crate) mod price_series;
pub(crate) mod queue_model;
pub(crate) mod risk;
pub(crate) mod router;
pub(crate) mod run_summary;
pub(crate) mod same_json;
pub(crate) mod session;
pub(crate) mod session_rules;
pub(crate) mod signal;
pub(crate) mod state_text;
pub(crate) mod step;
pub(crate) mod store;
pub(crate) mod symbol;
pub(crate) mod tape;
pub(crate) mod trade;
pub(crate) mod world;

pub use dedup_log::DedupLog;
pub use exchange_model::{Depth, ExchangeModel, Spread};
pub use execution_quality::{Markout, Quality, Schedule, Shortfall};
pub use order::OrderStatus;
pub use order_records::{Amendment, FillRow, Liquidity, Order};
pub use queue_model::QueueModel;
pub use risk::{InstrumentKind, RiskLimits};
pub use run_summary::{Ending, RunSummary};
pub use session_rules::{AmendRule, SessionRules};
pub use signal::SignalKind;
pub use tape::{Names, TapeOptions};
pub use world::World;
