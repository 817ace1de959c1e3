//! What a callback answers.

use serde::{Deserialize, Serialize};

use crate::{PluginChildOrderAction, PluginChildOrderRequest};

/// The answer of every callback. Every field may be absent in JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PluginResult {
    /// Orders to place or amend, in this order.
    #[serde(default)]
    pub orders: Vec<PluginChildOrderRequest>,
    /// Lines for the host's log.
    #[serde(default)]
    pub logs: Vec<String>,
    /// Whether the algorithm is done. The host then drops it and its state.
    #[serde(default)]
    pub completed: bool,
}

impl PluginResult {
    /// JSON of the empty result: what nearly every tick answers, so it is not serialized each time.
    #[cfg(feature = "guest")]
    pub(crate) const EMPTY_JSON: &'static str = r#"{"orders":[],"logs":[],"completed":false}"#;

    /// No orders, no logs, not completed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one order action.
    #[must_use]
    pub fn with_order(mut self, action: PluginChildOrderAction) -> Self {
        self.orders.push(PluginChildOrderRequest { action });
        self
    }

    /// Marks the algorithm as done.
    #[must_use]
    pub fn completed(mut self) -> Self {
        self.completed = true;
        self
    }

    /// Whether there is nothing to tell the host.
    #[cfg(feature = "guest")]
    pub(crate) fn is_empty(&self) -> bool {
        self.orders.is_empty() && self.logs.is_empty() && !self.completed
    }
}

#[cfg(all(test, feature = "guest"))]
mod tests {
    use super::*;

    #[test]
    fn the_constant_for_the_empty_result_is_what_serde_would_write() {
        assert!(PluginResult::new().is_empty());
        assert_eq!(serde_json::to_string(&PluginResult::new()).unwrap(), PluginResult::EMPTY_JSON);
    }
}
