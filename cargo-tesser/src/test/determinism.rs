//! Runs the same session twice.
//!
//! In: a plugin. Out: whether every result has the same bytes, and if not, what the plugin imports.

use super::recording::CallRecord;
use super::report::Case;
use super::run::{Fills, Run, SECONDS, Start, Trades};
use super::{PluginUnderTest, case, first_mismatch};
use crate::report::counted;

pub(super) const NAME: &str = "determinism";

pub(super) fn run(subject: &PluginUnderTest) -> Case {
    let run = || {
        let mut run = Run::start(Start { ticks: true, ..subject.live() });
        run.seconds(SECONDS, Trades::Plain, Fills::Parts);
        run
    };
    let (first, second) = (run(), run());
    let (one, two) = (&first.recording().calls, &second.recording().calls);
    let same = |one: &CallRecord, two: &CallRecord| {
        (&one.answer, &one.snapshot) == (&two.answer, &two.snapshot)
    };
    let case = case(NAME, format!("{}, the same bytes twice", counted(one.len(), "call")));
    let broken = first.faults();
    if !broken.is_empty() {
        return case.fails(broken);
    }
    let Some(index) = first_mismatch(one, two, same) else {
        return case;
    };
    let shown = |calls: &[CallRecord]| match calls.get(index) {
        Some(call) => {
            let answer = call.answer.as_deref().unwrap_or_else(|error| error.detail());
            format!(
                "{} `{answer}`, snapshot `{}`",
                call.export.name(),
                call.snapshot.as_deref().unwrap_or("none")
            )
        }
        None => "no call".into(),
    };
    let imports = match &subject.imports[..] {
        [] => {
            "it imports nothing, so the cause is in the plugin: addresses, or uninitialized memory"
                .into()
        }
        imports => format!("it imports {}, whose results are not on a tape", imports.join(", ")),
    };
    case.fails(vec![format!("call {index}: {}; then {}; {imports}", shown(one), shown(two))])
}
