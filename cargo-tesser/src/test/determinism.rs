//! The same run twice. In: a plugin. Out: whether every answer has the same bytes, and if not, what it imports.

use super::report::Case;
use super::scene::{Fills, Scene, Trades, broken};
use super::{Subject, case, parting};
use crate::replay::Call;

pub(super) const NAME: &str = "determinism";

pub(super) fn run(subject: &Subject) -> Case {
    let Subject { compiled, settings, .. } = subject;
    let run = || Scene::played(compiled, settings, settings.quantity, Trades::Plain, Fills::Parts);
    let (first, second) = (run(), run());
    let (one, two) = (first.session.calls(), second.session.calls());
    let same =
        |one: &Call, two: &Call| (&one.answer, &one.snapshot) == (&two.answer, &two.snapshot);
    let case = case(NAME, format!("{} calls, the same bytes twice", one.len()));
    if let Some(broken) = broken(&first) {
        return case.fails(vec![broken]);
    }
    let Some(index) = parting(one, two, same) else {
        return case;
    };
    let shown = |calls: &[Call]| match calls.get(index) {
        Some(call) => {
            let answer = call.answer.as_ref().unwrap_or_else(|error| error);
            format!(
                "{} `{answer}`, snapshot `{}`",
                call.name,
                call.snapshot.as_deref().unwrap_or("none")
            )
        }
        None => "no call".into(),
    };
    let imports = match &subject.imports[..] {
        [] => "it imports nothing, so the difference is within it: addresses, or what is not initialized".into(),
        imports => format!("it imports {}, which a tape does not repeat", imports.join(", ")),
    };
    case.fails(vec![format!("call {index}: {}; then {}; {imports}", shown(one), shown(two))])
}
