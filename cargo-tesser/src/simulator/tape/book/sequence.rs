//! Whether a message follows the one before it. In: messages of one symbol. Out: what each of them is for the order book.

use super::message::{Kind, Message};

/// What has come so far.
#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// No snapshot.
    #[default]
    Nothing,
    /// A snapshot and nothing after it. Updates from before it may follow.
    Snapshot,
    /// Updates.
    Updates,
    /// A gap.
    Gap,
}

/// The messages of one symbol.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    state: State,
    last: Option<i64>,
}

/// What a message is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All levels.
    Snapshot,
    /// Some levels.
    Update,
    /// An update that the snapshot has already.
    InSnapshot,
    /// An update without a snapshot before it.
    Early,
    /// An update, and those before it are missing.
    Gap { after: i64, up_to: i64 },
    /// An update that is of no use after a gap.
    AfterGap,
    /// An update from before the last one.
    Back { from: i64, to: i64 },
}

impl Sequence {
    pub(super) fn judge(&mut self, message: &Message) -> Verdict {
        let numbers = message.numbers;
        if message.kind == Kind::Snapshot {
            let goes_on = message.is_marked && matches!(self.state, State::Snapshot);
            self.state = State::Snapshot;
            self.last = numbers.last;
            return if goes_on { Verdict::Update } else { Verdict::Snapshot };
        }
        match self.state {
            State::Nothing => return Verdict::Early,
            State::Gap => return Verdict::AfterGap,
            State::Snapshot | State::Updates => {}
        }
        let is_first = matches!(self.state, State::Snapshot);
        let verdict = verdict(self.last, numbers.previous, numbers.last, is_first);
        match verdict {
            Verdict::Update => {
                self.state = State::Updates;
                self.last = numbers.last.or(self.last);
            }
            Verdict::Gap { .. } => self.state = State::Gap,
            _ => {}
        }
        verdict
    }
}

/// What an update is by its numbers. The first one after a snapshot may reach back before it.
fn verdict(
    known: Option<i64>,
    previous: Option<i64>,
    last: Option<i64>,
    is_first: bool,
) -> Verdict {
    let (Some(known), Some(last)) = (known, last) else {
        return Verdict::Update;
    };
    match previous {
        // Also where the exchange begins to count anew.
        Some(previous) if previous == known => Verdict::Update,
        Some(previous) if previous > known => Verdict::Gap { after: known, up_to: previous },
        _ if last > known && (is_first || previous.is_none()) => Verdict::Update,
        _ if is_first => Verdict::InSnapshot,
        // The rest of a message.
        None if last == known => Verdict::Update,
        _ => Verdict::Back { from: known, to: last },
    }
}
