//! Restart torture: the host is stopped after every callback of a run, rebuilt and continued.
//!
//! In: a plugin. Out: whether its orders are those of the run that was not stopped. The host persists the state only after
//! fills, and after what ordered something; where it has lost what the plugin knew, the orders may be others, but never
//! more than the target.

use super::report::Case;
use super::scene::{Fills, Scene, Trades, broken};
use super::{Subject, case, first_difference};
use crate::process;
use crate::replay::{Call, Ending, Step};

pub(super) const NAMES: [&str; 2] = ["partial-fills", "no-ticks"];

pub(super) fn run(subject: &Subject, name: &str) -> Result<Case, process::Error> {
    let Subject { compiled, settings, .. } = subject;
    let trades = if name == "no-ticks" { Trades::None } else { Trades::Plain };
    let whole = Scene::played(compiled, settings, settings.quantity, trades, Fills::Parts);
    let mut tally = Tally::default();
    tally.wrong.extend(broken(&whole));
    // Which callback each step was; a step after the end is none.
    let mut index = 0;
    for (at, step) in whole.steps.iter().enumerate() {
        process::check_interrupted()?;
        if *step == Step::Expiry {
            continue;
        }
        index += 1;
        let calls = whole.session.calls();
        if index + 1 >= calls.len() {
            break;
        }
        let stopped = stopped(subject, &whole.steps, at);
        tally.add(calls, index, &stopped, step);
    }
    Ok(case(&format!("restart/{name}"), tally.line()).fails(tally.wrong))
}

/// The same steps with one restart.
fn stopped<'a>(subject: &'a Subject, steps: &[Step], after: usize) -> Scene<'a> {
    let Subject { compiled, settings, .. } = subject;
    let mut scene = Scene::start(compiled, settings, settings.quantity);
    for (at, step) in steps.iter().enumerate() {
        scene.step(step.clone());
        if at == after {
            scene.session.restart();
        }
    }
    scene
}

#[derive(Default)]
struct Tally {
    restarts: usize,
    lost: usize,
    differ: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn add(&mut self, whole: &[Call], index: usize, stopped: &Scene<'_>, step: &Step) {
        self.restarts += 1;
        let place = format!("a restart after call {index} ({step})");
        if let Some(Ending::Lost(reason) | Ending::Cancelled(reason)) = stopped.session.ending() {
            self.fail(format!("{place}: {reason}"));
        }
        if let Some(wrong) = stopped.book.wrong.first() {
            self.fail(format!("{place}: {wrong}"));
        }
        // The call of the restart's `init` is one more.
        let calls = stopped.session.calls();
        let orders =
            |calls: &[Call]| calls.iter().flat_map(|call| call.orders.clone()).collect::<Vec<_>>();
        let expected = orders(whole.get(index + 1..).unwrap_or_default());
        let found = orders(calls.get(index + 2..).unwrap_or_default());
        let different = first_difference(&expected, &found);
        let persisted = whole.iter().take(index + 1).rev().find(|call| call.persisted);
        let known = whole.get(index).and_then(|call| call.snapshot.as_ref());
        if persisted.and_then(|call| call.snapshot.as_ref()) == known {
            if let Some(different) = different {
                self.fail(format!("{place}: {different}"));
            }
        } else {
            self.lost += 1;
            self.differ += usize::from(different.is_some());
        }
    }

    fn fail(&mut self, wrong: String) {
        // What is wrong at one place is mostly wrong at all that follow.
        if self.wrong.len() < 5 {
            self.wrong.push(wrong);
        }
    }

    fn line(&self) -> String {
        let Self { restarts, lost, differ, .. } = self;
        let lost = match lost {
            0 => String::new(),
            _ => format!(
                "; before {lost} of them the host had not persisted what the plugin knew, and {differ} of those led to \
                 other orders"
            ),
        };
        format!("{restarts} restarts{lost}")
    }
}
