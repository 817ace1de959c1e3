//! How a resting order's place in the queue moves.

/// The model, by the names of hftbacktest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueModel {
    /// Only trades at the price bring an order forward.
    RiskAverse,
}
