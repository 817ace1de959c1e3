//! A simulator of the host: what a live session of Tesser does with a plugin, for `replay` and `test`.
//!
//! In: a plugin, a signal, and a market, a script or a recording. Out: what happened, step by step, and a summary.
//!
//! | file | what it does |
//! | --- | --- |
//! | `session` | when things happen: timers, stale-order checks, candles, restarts |
//! | `host` | what the host does at these times: calls, checks, orders, persistence, restart |
//! | `algorithm`, `answer`, `state_text` | one running plugin; how the host reads its answers and states |
//! | `exchange`, `order_records` | the records of all orders, and how they fill |
//! | `risk`, `symbol`, `router`, `store`, `account` | the parts of the host that check and route orders, and keep states |
//! | `order_book`, `queue_model` | the market's order book; the queue position of a resting order |
//! | `tape` | trades, events and order books from files |
//! | `run_summary`, `execution_quality`, `price_series` | results |
//! | `quick_decimal` | numbers of tapes, quick where they are usual |
//! | `conformance` | compares the simulator with recordings of the real host |
//!
//! Differences between hosts are data: `session_rules`, from the table `[session]` of a host profile.

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
pub(crate) mod quick_decimal;
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
