//! The host's state store. In: algorithms. Out: their states at a restart.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use tesser_wasm::PluginInitContext;

use super::algorithm::Algorithm;
use super::state_text::{StateText, rewritten};
use super::step::{AlgorithmId, Status};

/// The last written state of each algorithm.
#[derive(Debug, Default)]
pub(crate) struct Store {
    rows: BTreeMap<AlgorithmId, Stored>,
    /// Whether writes are dropped, to simulate a crash between sending and storing.
    pub(crate) is_read_only: bool,
}

/// One algorithm's row.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) algorithm: AlgorithmId,
    pub(crate) context: PluginInitContext,
    pub(crate) status: Status,
    pub(crate) next_client_seq: u64,
    pub(crate) state: StateText,
}

/// The parts of a row that the host reads.
#[derive(Deserialize)]
struct Row {
    #[serde(rename = "state")]
    _state: serde_json::Value,
    #[serde(rename = "algo_type")]
    _algo_type: IgnoredAny,
}

impl Store {
    /// Writes an algorithm's row.
    pub(crate) fn save(&mut self, algorithm: &Algorithm) {
        if self.is_read_only {
            return;
        }
        let (state, status, next) = (&algorithm.state, algorithm.status, algorithm.next_client_seq);
        if let Some(row) = self.rows.get_mut(&algorithm.id) {
            row.state.clone_from(state);
            (row.status, row.next_client_seq) = (status, next);
        } else {
            let row = Stored {
                algorithm: algorithm.id,
                context: algorithm.context.clone(),
                status,
                next_client_seq: next,
                state: state.clone(),
            };
            self.rows.insert(algorithm.id, row);
        }
    }

    /// Deletes an algorithm's row.
    pub(crate) fn delete(&mut self, algorithm: AlgorithmId) {
        self.rows.remove(&algorithm);
    }

    /// Reads all rows, and replaces the stored states by the states as read.
    ///
    /// # Errors
    /// A row that the host cannot read: it does not start, for all algorithms.
    pub(crate) fn load(&mut self) -> Result<Vec<Stored>, serde_json::Error> {
        for row in self.rows.values_mut() {
            let written = row.state.stored().into_owned();
            serde_json::from_str::<Row>(&row.text(&written))?;
            row.state = StateText { text: rewritten(&written), is_rewritten: true };
        }
        Ok(self.rows.values().cloned().collect())
    }
}

impl Stored {
    /// The text of the row, in which the state is nested two levels deep.
    fn text(&self, state: &str) -> String {
        let context = serde_json::to_value(&self.context).unwrap_or_default();
        format!(
            r#"{{"algo_type":"WASM_PLUGIN","state":{{"next_client_seq":{},"plugin":{context},"plugin_state":{state},"status":"{}"}}}}"#,
            self.next_client_seq,
            self.status.word(),
        )
    }
}
