//! Restarts: the host is stopped and restarted after every callback of a run.
//!
//! In: a plugin. Out: whether its orders are the same as without the restart. The host stores the state only after fills,
//! and after callbacks
//! that returned orders; if a newer state was lost, the orders may differ, but must never exceed the target.

use super::recording::CallRecord;
use super::report::Case;
use super::run::{Fills, Run, SECONDS, Start, Trades};
use super::{PluginUnderTest, case, first_difference};
use crate::process;
use crate::report::counted;
use crate::simulator::answer::Action;
use crate::simulator::tape::Event;

/// The runs by name; the flag says whether trades reach the plugin.
pub(super) const ALL: [(&str, bool); 2] =
    [("restart/partial-fills", true), ("restart/no-ticks", false)];

/// Runs a case.
pub(super) fn run(
    subject: &PluginUnderTest,
    name: &str,
    ticks: bool,
) -> Result<Case, process::Error> {
    let start = Start { ticks, ..subject.live() };
    let mut whole = Run::start(start);
    whole.seconds(SECONDS, Trades::Plain, Fills::Parts);
    let mut tally = Tally::default();
    tally.wrong.extend(whole.faults());
    // The index of each event's callback; an event after the end has none.
    let mut index = 0;
    let calls = &whole.recording().calls;
    for (at, event) in whole.events.iter().enumerate() {
        process::check_interrupted()?;
        if !matches!(event, Event::Tick(_) | Event::Fill(_) | Event::Timer) {
            continue;
        }
        index += 1;
        if index + 1 >= calls.len() {
            break;
        }
        let stopped = stopped(start, &whole.events, at);
        tally.add(calls, index, &stopped);
    }
    Ok(case(name, tally.line()).fails(tally.wrong))
}

/// Runs the same events with one restart.
fn stopped<'a>(start: Start<'a>, events: &[Event], after: usize) -> Run<'a> {
    let mut run = Run::start(start);
    for (at, event) in events.iter().enumerate() {
        run.step(event.clone());
        if at == after {
            run.step(Event::Restart { lists_orders: true });
        }
    }
    run
}

#[derive(Default)]
struct Tally {
    restarts: usize,
    lost: usize,
    differ: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn add(&mut self, whole: &[CallRecord], index: usize, stopped: &Run<'_>) {
        self.restarts += 1;
        let export = whole.get(index).map_or("", |call| call.export.name());
        let place = format!("a restart after call {index} ({export})");
        for wrong in stopped.violations().into_iter().take(1) {
            self.fail(format!("{place}: {wrong}"));
        }
        // The `init` of the restart is one more call.
        let calls = &stopped.recording().calls;
        let expected = actions(whole.get(index + 1..).unwrap_or_default());
        let found = actions(calls.get(index + 2..).unwrap_or_default());
        let different = first_difference(&expected, &found, |action| action);
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
        // A fault at one restart usually occurs at all later ones.
        if self.wrong.len() < 5 {
            self.wrong.push(wrong);
        }
    }

    fn line(&self) -> String {
        let Self { restarts, lost, differ, .. } = self;
        let lost = match lost {
            0 => String::new(),
            _ => format!(
                "; before {lost} of them the host had not stored the latest state, and {differ} of those led to \
             different orders"
            ),
        };
        format!("{}{lost}", counted(*restarts, "restart"))
    }
}

fn actions(calls: &[CallRecord]) -> Vec<Action> {
    calls.iter().flat_map(|call| call.actions.iter().cloned()).collect()
}
