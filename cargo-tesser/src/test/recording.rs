//! Records a run: every call, and every fault with the host.
//!
//! In: the session's steps. Out: records for the cases to check.

use std::time::Duration;

use crate::engine::Usage;
use crate::simulator::answer::Action;
use crate::simulator::guest::{Export, Failure};
use crate::simulator::run_summary::not_sent;
use crate::simulator::state_text::{DEEPEST, StateText};
use crate::simulator::step::{self, AlgorithmId, Fault, Line, Observer, Status, Step};

/// One callback and its result.
#[derive(Clone, Debug)]
pub(super) struct CallRecord {
    pub(super) algorithm: AlgorithmId,
    pub(super) export: Export,
    /// Its result, or the failure.
    pub(super) answer: Result<String, Failure>,
    /// What `snapshot` returned after it.
    pub(super) snapshot: Option<String>,
    /// Whether the host stored it.
    pub(super) persisted: bool,
    /// The actions in the result.
    pub(super) actions: Vec<Action>,
    /// Resources that the callback used.
    pub(super) usage: Usage,
    /// Resources that the snapshot used.
    pub(super) snapshot_usage: Usage,
    /// Time of the callback with its snapshot.
    pub(super) time: Duration,
}

/// Everything that cases check about a run.
#[derive(Default)]
pub(super) struct Recording {
    /// The callbacks, `init` first.
    pub(super) calls: Vec<CallRecord>,
    /// Orders that the host did not send, or sent differently than the plugin may expect.
    pub(super) not_sent: Vec<String>,
    /// Faults that end the algorithm or the whole host.
    pub(super) broken: Vec<String>,
    /// The plugin's reason for refusing the signal.
    pub(super) refused: Option<String>,
    /// How each algorithm ended.
    pub(super) endings: Vec<(AlgorithmId, Status)>,
    /// The plugin's last log line.
    pub(super) last_log: Option<String>,
    /// Orders that the host cancelled after a minute without a fill.
    pub(super) stale: usize,
    /// Fills of a script for orders that do not exist.
    pub(super) lost_fills: usize,
    /// Fields of orders that no venue honours.
    pub(super) not_honoured: Vec<&'static str>,
    /// Fields of orders that are not sent to a venue.
    pub(super) dropped_fields: Vec<String>,
    /// All stored states, if they are wanted.
    pub(super) states: Option<Vec<StateText>>,
}

impl Observer for Recording {
    fn step(&mut self, step: &Step<'_>) {
        match step {
            Step::Call(call) => self.call(call),
            Step::Log { line, .. } => self.last_log = Some((*line).to_owned()),
            Step::Wanted { action, .. } => {
                if let Action::Place(order) = action {
                    self.not_honoured.extend(order.not_honoured(&self.dropped_fields));
                }
                if let Some(call) = self.calls.last_mut() {
                    call.actions.push((*action).clone());
                }
            }
            Step::Line(line) => self.line(line),
            Step::Persist { state, algorithm, .. } => {
                if let Some(call) = self.calls.last_mut().filter(|call| call.algorithm == *algorithm) {
                    call.persisted = true;
                }
                if let Some(states) = &mut self.states {
                    states.push((*state).clone());
                }
            }
            Step::Stale { .. } => self.stale += 1,
            Step::UnknownFill { .. } => self.lost_fills += 1,
            Step::Fails(fault) => self.failed(fault),
            Step::HostPanics { words } => self.broke(&format!(
                "an order's quantity times price, or the position that it leads to, is beyond 96 bits ({words}): the host's \
                     session ends without a message"
            )),
            Step::HostHangs { lost, .. } => {
                let words = format!("the host waits for ever, with all algorithms: {}", lost.text);
                self.broke_at(&words, &lost.frames);
            }
            Step::TooDeep { depth, .. } => self.broke(&format!(
                "the state is nested {depth} levels deep: above {DEEPEST} the host cannot restart, for all algorithms"
            )),
            _ => {}
        }
    }

    fn measures(&self) -> bool {
        true
    }
}

impl Recording {
    fn call(&mut self, call: &step::Call<'_>) {
        match call.export {
            Export::Restore => {}
            Export::Snapshot => {
                if let Some(last) = self.calls.last_mut() {
                    last.snapshot = call.outcome.ok().map(str::to_owned);
                    last.snapshot_usage = call.usage;
                    last.time += call.time;
                }
            }
            export => self.calls.push(CallRecord {
                algorithm: call.algorithm,
                export,
                answer: call.outcome.map(str::to_owned).map_err(Clone::clone),
                snapshot: None,
                persisted: false,
                actions: Vec::new(),
                usage: call.usage,
                snapshot_usage: Usage::default(),
                time: call.time,
            }),
        }
    }

    fn line(&mut self, line: &Line<'_>) {
        match line {
            Line::NotSent { error, .. } => self.not_sent.push(not_sent(error)),
            Line::CallFailed { export, error, .. } => {
                self.broke_at(&error.detail_of(*export), error.frames());
            }
            Line::NotRestored { detail, frames, .. } => {
                let words = format!("the restart failed, and the host deletes the state: {detail}");
                self.broke_at(&words, frames);
            }
            Line::CleanedUp { algorithm, status } => self.endings.push((*algorithm, *status)),
            _ => {}
        }
    }

    fn failed(&mut self, fault: &Fault<'_>) {
        match fault {
            Fault::Init(error) if error.is_refusal() => self.refused = Some(error.detail()),
            Fault::Init(error) => self.broke_at(&error.detail_of(Export::Init), error.frames()),
            Fault::Order(error) => {
                self.not_sent.push(format!(
                    "the signal fails, and the orders of `init` end: {}",
                    not_sent(error)
                ));
            }
            Fault::Load(_) | Fault::Store(_) => self.broke(&fault.to_string()),
        }
    }

    /// The same, with the stack frames of the plugin on separate lines.
    fn broke_at(&mut self, words: &str, frames: &[String]) {
        let frames = frames.iter().map(|frame| format!("\n    {frame}"));
        self.broke(&(words.to_owned() + &frames.collect::<String>()));
    }

    /// Records a fault with the call in or after which it happened; only once, although each call may repeat it.
    fn broke(&mut self, words: &str) {
        if !self.broken.iter().any(|known| known.ends_with(words)) {
            self.broken.push(format!("call {}: {words}", self.last_call()));
        }
    }

    pub(super) fn last_call(&self) -> usize {
        self.calls.len().saturating_sub(1)
    }
}
