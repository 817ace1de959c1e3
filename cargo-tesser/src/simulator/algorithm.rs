//! One running algorithm: the instance of the plugin and what the host stores about it.
//!
//! In: a callback and its argument. Out: the orders of its answer, once the host has accepted the state after it, or an error.

use std::time::{Duration, Instant};

use tesser_wasm::PluginInitContext;

use super::answer::{self, Action, Answer};
use super::guest::{Argument, Export, Failure, Instance, Lost};
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
    /// The last answer without actions: most have none, and comparing text is faster than parsing.
    idle: String,
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
            idle: String::new(),
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
        let context = self.context_json();
        self.call(Export::Init, Argument::Text(&context), instances, observer).ok();
        let state = self.state.text.clone();
        let restored = self.call(Export::Restore, Argument::Text(&state), instances, observer);
        restored.map(drop).map_err(|failure| CallError::Call(Export::Restore, failure))
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
        let called = self.call(export, argument, instances, observer);
        let text = called.map_err(|failure| CallError::Call(export, failure))?;
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
            self.idle = text;
        }
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
        let called = self.call(Export::Snapshot, Argument::None, instances, observer);
        let state = called.map_err(|failure| CallError::Call(Export::Snapshot, failure))?;
        if state.is_empty() || !same_but_a_number(&self.state.text, &state) {
            let depth = state_text::check(&state)
                .map_err(|error| CallError::State(state.clone(), error))?;
            if depth > state_text::DEEPEST {
                observer.step(&Step::TooDeep { depth });
            }
        }
        self.state = StateText::from_plugin(state);
        Ok(())
    }

    fn call(
        &mut self,
        export: Export,
        argument: Argument<'_>,
        instances: &mut usize,
        observer: &mut impl Observer,
    ) -> Result<String, Failure> {
        let instance = *self.instance_number.get_or_insert_with(|| {
            *instances += 1;
            *instances
        });
        let measures = observer.measures();
        let start = measures.then(Instant::now);
        let outcome = if self.poisoned {
            Err(Failure::Poisoned)
        } else {
            self.instance.call(export, argument)
        };
        let time = start.map_or(Duration::ZERO, |start| start.elapsed());
        self.poisoned |= matches!(outcome, Err(Failure::Trap(_) | Failure::Endless(_)));
        observer.step(&Step::Call(Call {
            algorithm: self.id,
            instance,
            export,
            argument,
            outcome: outcome.as_deref(),
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

/// Number of bytes that are compared at once.
const BLOCK: usize = 64;

/// Whether a state differs from a known JSON text only in the digits of one number, and so is JSON too. After a tick that
/// number is the last price; parsing the whole state for it would take a tenth of the time of a replay.
fn same_but_a_number(json: &str, state: &str) -> bool {
    let (json, state) = (json.as_bytes(), state.as_bytes());
    if json.len() != state.len() {
        return false;
    }
    // Most of the text is the same, so compare it block by block.
    let mut blocks = json.chunks(BLOCK).zip(state.chunks(BLOCK));
    let Some(block) = blocks.position(|(old, new)| old != new) else { return true };
    let pairs = || json.iter().zip(state);
    let in_block = pairs().skip(block * BLOCK).position(|(old, new)| old != new);
    let start = block * BLOCK + in_block.unwrap_or_default();
    let in_number = |(old, new): (&u8, &u8)| {
        old.is_ascii_digit() && new.is_ascii_digit() || (*old, *new) == (b'.', b'.')
    };
    let end = start + pairs().skip(start).take_while(|pair| in_number(*pair)).count();
    // A number must not begin with a zero; whether an exponent is too large shows only when it is parsed.
    let before = &state[..start];
    let zero_first = state[start] == b'0' && !before.last().is_some_and(u8::is_ascii_digit);
    let number = before.iter().rev().take_while(|byte| !b",:[{\"".contains(byte));
    let has_exponent = number
        .chain(&state[start..state.len().min(end + 1)])
        .any(|byte| matches!(byte, b'e' | b'E'));
    !zero_first && !has_exponent && json[end..] == state[end..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_differs_only_in_the_digits_of_one_number_is_json() {
        let json = r#"{"price":"40056.86","n":10,"id":"a1"}"#;
        for (state, same) in [
            (json, true),
            (r#"{"price":"40057.01","n":10,"id":"a1"}"#, true),
            (r#"{"price":"40056.86","n":20,"id":"a1"}"#, true),
            // Another length, two numbers, a zero in front, not a digit.
            (r#"{"price":"4057.01","n":10,"id":"a1"}"#, false),
            (r#"{"price":"40057.01","n":11,"id":"a1"}"#, false),
            (r#"{"price":"40056.86","n":00,"id":"a1"}"#, false),
            (r#"{"price":"40056"86","n":10,"id":"a1"}"#, false),
            (r#"{"price":"40056.86","n":10,"id":"a1""#, false),
        ] {
            assert_eq!(same_but_a_number(json, state), same, "{state}");
        }
        for (json, state) in [(r#"{"n":1e100}"#, r#"{"n":1e999}"#), ("[1e308]", "[9e308]")] {
            assert!(!same_but_a_number(json, state), "{state}");
        }
    }
}
