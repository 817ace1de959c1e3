//! One running algorithm: the instance of the plugin and what the host stores about it.
//!
//! In: a callback and its argument. Out: the orders of its answer, once the host has accepted the state after it, or an error.

use std::time::{Duration, Instant};

use tesser_wasm::PluginInitContext;

use super::answer::{self, Action, Answer};
use super::guest::{Argument, Export, Failure, Instance, Lost};
use super::same_json::same_but_numbers;
use super::state_text::{self, StateText};
use super::step::{AlgorithmId, Call, Observer, Status, Step};
use crate::engine::Usage;

/// An instance of a plugin that works a signal.
pub(crate) struct Algorithm {
    pub(crate) id: AlgorithmId,
    instance: Box<dyn Instance>,
    /// Set at the first call.
    instance_number: Option<usize>,
    /// Whether the instance has trapped: it cannot be called any more.
    poisoned: bool,
    pub(crate) status: Status,
    pub(crate) context: PluginInitContext,
    /// The last state that the host accepted.
    pub(crate) state: StateText,
    /// Whether that is nested deeper than the host can store it.
    is_too_deep: bool,
    /// The last answer without actions: most have none, and comparing text is faster than parsing.
    idle: String,
    /// Buffers for an answer and for a state.
    buffers: (String, String),
    /// Number of client ids that the host has assigned.
    pub(crate) next_client_seq: u64,
}

/// Why a callback failed.
#[derive(Debug)]
pub(crate) enum CallError {
    /// A call failed; `init`'s own error is here as well.
    Call(Export, Failure),
    /// A callback returned the plugin's own error, as text instead of an answer.
    Returned(String, serde_json::Error),
    /// The host cannot read the answer.
    Answer(serde_json::Error),
    /// The host cannot read the state.
    State(String, serde_json::Error),
}

/// Maximum number of characters of a state in messages.
const STATE: usize = 80;

impl CallError {
    /// The message in the host's log.
    pub(crate) fn host_words(&self) -> String {
        match self {
            Self::Call(export, failure) => failure.host_words(*export),
            Self::Returned(_, error) | Self::Answer(error) | Self::State(_, error) => {
                state_text::host_words(error)
            }
        }
    }

    /// The host's error with its causes.
    pub(crate) fn host_error(&self) -> String {
        match self {
            Self::Call(export, failure) => failure.host_error(*export),
            Self::Returned(..) | Self::Answer(_) | Self::State(..) => self.host_words(),
        }
    }

    /// What happened, for people.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::Call(_, failure) => failure.detail().to_owned(),
            Self::Returned(message, _) => message.clone(),
            Self::Answer(_) => {
                format!("it returns what the host cannot read: {}", self.host_words())
            }
            Self::State(state, _) => {
                let shown: String = state.chars().take(STATE).collect();
                format!(
                    "`snapshot` returns what the host cannot read, `{shown}`: {}",
                    self.host_words()
                )
            }
        }
    }

    /// Where in the plugin it happened, a line for each frame.
    pub(crate) fn frames(&self) -> &[String] {
        match self {
            Self::Call(_, failure) => failure.frames(),
            _ => &[],
        }
    }

    /// The same, with the callback in or after which it happened.
    pub(crate) fn detail_of(&self, callback: Export) -> String {
        match self {
            // The engine names the export itself.
            Self::Call(_, Failure::Trap(lost) | Failure::Endless(lost)) => lost.text.clone(),
            Self::Call(export, failure) => format!("`{}`: {}", export.name(), failure.detail()),
            Self::Returned(message, _) => {
                format!("`{}` returned an error: {message}", callback.name())
            }
            Self::Answer(_) => {
                format!(
                    "`{}` returns what the host cannot read: {}",
                    callback.name(),
                    self.host_words()
                )
            }
            Self::State(..) => format!("after `{}`, {}", callback.name(), self.detail()),
        }
    }

    /// Whether it is `init`'s own refusal.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self, Self::Call(_, Failure::Refused(_)))
    }

    /// Whether the instance is lost.
    pub(crate) fn is_trap(&self) -> bool {
        matches!(self, Self::Call(_, Failure::Trap(_) | Failure::Poisoned))
    }

    /// The call that did not return, if that is the error.
    pub(crate) fn endless(&self) -> Option<(Export, &Lost)> {
        match self {
            Self::Call(export, Failure::Endless(lost)) => Some((*export, lost)),
            _ => None,
        }
    }
}

impl Algorithm {
    pub(crate) fn new(
        id: AlgorithmId,
        instance: Box<dyn Instance>,
        context: PluginInitContext,
    ) -> Self {
        Self {
            id,
            instance,
            instance_number: None,
            poisoned: false,
            status: Status::Working,
            context,
            state: StateText::from_plugin("null".into()),
            is_too_deep: false,
            idle: String::new(),
            buffers: <(String, String)>::default(),
            next_client_seq: 0,
        }
    }

    /// Calls `init`, as at a signal.
    pub(crate) fn init(
        &mut self,
        instances: &mut usize,
        observer: &mut impl Observer,
    ) -> Result<Vec<Action>, CallError> {
        let context = self.context_json();
        self.callback(Export::Init, Argument::Text(&context), instances, observer)
    }

    /// Calls `init` and `restore`, as at a restart. The result of `init` is ignored, even an error or a trap.
    pub(crate) fn restore(
        &mut self,
        instances: &mut usize,
        observer: &mut impl Observer,
    ) -> Result<(), CallError> {
        let (context, mut text) = (self.context_json(), String::new());
        self.call(Export::Init, Argument::Text(&context), &mut text, instances, observer).ok();
        let state = self.state.text.clone();
        self.call(Export::Restore, Argument::Text(&state), &mut text, instances, observer)
            .map_err(|failure| CallError::Call(Export::Restore, failure))
    }

    fn context_json(&self) -> String {
        serde_json::to_string(&self.context).unwrap_or_default()
    }

    /// Calls a callback, then `snapshot`. The answer counts only if the host accepts the state.
    pub(crate) fn callback(
        &mut self,
        export: Export,
        argument: Argument<'_>,
        instances: &mut usize,
        observer: &mut impl Observer,
    ) -> Result<Vec<Action>, CallError> {
        let mut text = std::mem::take(&mut self.buffers.0);
        self.call(export, argument, &mut text, instances, observer)
            .map_err(|failure| CallError::Call(export, failure))?;
        let mut answer = Answer::default();
        let is_idle = !text.is_empty() && text == self.idle;
        if !is_idle {
            answer = answer::read(&text).map_err(|error| match serde_json::from_str(&text) {
                Ok(message) => CallError::Returned(message, error),
                Err(_) => CallError::Answer(error),
            })?;
        }
        for line in &answer.logs {
            observer.step(&Step::Log { line });
        }
        self.status = if answer.completed { Status::Completed } else { Status::Working };
        for action in &mut answer.actions {
            observer.step(&Step::Wanted { action });
            self.give_client_id(action);
        }
        self.take_snapshot(instances, observer)?;
        if !is_idle && answer.actions.is_empty() && answer.logs.is_empty() && !answer.completed {
            self.idle.clone_from(&text);
        }
        self.buffers.0 = text;
        Ok(answer.actions)
    }

    fn give_client_id(&mut self, action: &mut Action) {
        if let Action::Place(order) = action
            && order.client_order_id.is_none()
        {
            self.next_client_seq += 1;
            let id = algorithm_uuid(self.id).replace('-', "");
            order.client_order_id = Some(format!("plugin-{id}-{:04}", self.next_client_seq));
        }
    }

    fn take_snapshot(
        &mut self,
        instances: &mut usize,
        observer: &mut impl Observer,
    ) -> Result<(), CallError> {
        let mut state = std::mem::take(&mut self.buffers.1);
        self.call(Export::Snapshot, Argument::None, &mut state, instances, observer)
            .map_err(|failure| CallError::Call(Export::Snapshot, failure))?;
        let is_known = if self.is_too_deep {
            state == self.state.text
        } else {
            same_but_numbers(&self.state.text, &state)
        };
        if !is_known {
            let depth = state_text::check(&state)
                .map_err(|error| CallError::State(state.clone(), error))?;
            self.is_too_deep = depth > state_text::DEEPEST;
            if self.is_too_deep {
                observer.step(&Step::TooDeep { depth });
            }
        }
        let state = StateText::from_plugin(state);
        self.buffers.1 = std::mem::replace(&mut self.state, state).text;
        Ok(())
    }

    fn call(
        &mut self,
        export: Export,
        argument: Argument<'_>,
        answer: &mut String,
        instances: &mut usize,
        observer: &mut impl Observer,
    ) -> Result<(), Failure> {
        let instance = *self.instance_number.get_or_insert_with(|| {
            *instances += 1;
            *instances
        });
        let measures = observer.measures();
        let start = measures.then(Instant::now);
        let outcome = if self.poisoned {
            Err(Failure::Poisoned)
        } else {
            self.instance.call(export, argument, answer)
        };
        let time = start.map_or(Duration::ZERO, |start| start.elapsed());
        self.poisoned |= matches!(outcome, Err(Failure::Trap(_) | Failure::Endless(_)));
        observer.step(&Step::Call(Call {
            algorithm: self.id,
            instance,
            export,
            argument,
            outcome: outcome.as_ref().map(|()| answer.as_str()),
            usage: if measures { self.instance.usage() } else { Usage::default() },
            time,
        }));
        outcome
    }
}

/// UUID of an algorithm. The host's are random; here they are derived from the number, so that runs are reproducible.
pub(crate) fn algorithm_uuid(id: AlgorithmId) -> String {
    format!("a1000000-0000-4000-8000-{id:012}")
}
