//! A stand-in for a plugin, which returns the recorded results in their order. In: the calls of a recording. Out: an instance
//! without a component.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use serde_json::Value;

use crate::simulator::guest::{Argument, Export, Failure, Instance, Program};

/// The name of an export, and what it returned.
type RecordedCall = (String, Result<String, Failure>);

/// The remaining calls of all instances.
#[derive(Clone, Default)]
pub(super) struct Recorded {
    calls: Rc<RefCell<VecDeque<RecordedCall>>>,
    /// What `snapshot` returns where a recording leaves it out.
    snapshot: Option<String>,
}

impl Recorded {
    /// The calls among some steps.
    pub(super) fn of<'a>(steps: impl Iterator<Item = &'a Value>) -> Self {
        let mut calls = VecDeque::new();
        for step in steps {
            let Some(name) = step["call"].as_str() else { continue };
            let outcome = match step["error"].as_str() {
                // The host does not get so far.
                Some(error) if error.ends_with("cannot enter component instance") => continue,
                Some(error) if error.ends_with(": wasm trap") => {
                    Err(Failure::Trap(error.to_owned().into()))
                }
                Some(error) => Err(Failure::Refused(error.into())),
                None => Ok(step["answer"].as_str().unwrap_or_default().to_owned()),
            };
            calls.push_back((name.to_owned(), outcome));
        }
        Self { calls: Rc::new(RefCell::new(calls)), snapshot: None }
    }

    /// The same for a recording without snapshots: this is what each returns.
    pub(super) fn with_snapshot(self, state: String) -> Self {
        Self { snapshot: Some(state), ..self }
    }
}

impl Program for Recorded {
    fn instantiate(&self) -> Result<Box<dyn Instance>, String> {
        Ok(Box::new(self.clone()))
    }
}

impl Instance for Recorded {
    fn call(
        &mut self,
        export: Export,
        _: Argument<'_>,
        answer: &mut String,
    ) -> Result<(), Failure> {
        if let (Export::Snapshot, Some(state)) = (export, &self.snapshot) {
            answer.clone_from(state);
            return Ok(());
        }
        let next = self.calls.borrow_mut().pop_front();
        let recorded = match next {
            Some((name, outcome)) if name == export.name() => {
                *answer = outcome?;
                return Ok(());
            }
            Some((name, _)) => format!("the recorded call is `{name}`"),
            None => "no call is recorded".to_owned(),
        };
        let words = format!("`{}` is called, but {recorded}", export.name());
        Err(Failure::Trap(words.into()))
    }
}
