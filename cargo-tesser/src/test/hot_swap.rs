//! Hot swap: the new version restores every state that the previous version has stored.
//!
//! In: both versions. Out: whether each restart works, and how much of the target is filled after it. The real host does
//! this at its
//! next restart after the file was replaced.

use super::report::Case;
use super::run::{Fills, Run, SECONDS, Trades};
use super::{PluginUnderTest, case};
use crate::report::counted;
use crate::simulator::tape::Event;

pub(super) const NAME: &str = "live/hot-swap";

pub(super) fn run(subject: &PluginUnderTest) -> Case {
    let Some(from) = &subject.from else {
        return case(NAME, "there is no previous version".into());
    };
    let mut before = subject.live();
    before.compiled = from;
    let mut whole = Run::start(before);
    whole.seconds(SECONDS, Trades::Plain, Fills::Parts);
    let mut wrong: Vec<_> =
        whole.faults().into_iter().map(|wrong| format!("the previous version: {wrong}")).collect();
    let mut swaps = 0;
    for at in 0..whole.events.len() {
        let mut run = Run::start(before);
        for event in &whole.events[..=at] {
            run.step(event.clone());
        }
        if run.is_over() {
            break;
        }
        run.install(&subject.compiled);
        run.step(Event::Restart { lists_orders: true });
        run.seconds(SECONDS, Trades::Plain, Fills::Parts);
        swaps += 1;
        if let Some(first) = run.violations().first() {
            wrong.push(format!("a swap after event {}: {first}", at + 1));
        }
        if wrong.len() >= 5 {
            break;
        }
    }
    case(NAME, format!("{} with a state of the previous version", counted(swaps, "restart")))
        .fails(wrong)
}
