//! How a resting order's place in the queue moves.

use serde::Serialize;

/// The model, by the names of hftbacktest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum QueueModel {
    /// Only trades at the price bring an order forward.
    RiskAverse,
}
