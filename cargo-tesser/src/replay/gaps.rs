//! Times without trades. In: the times of a tape's rows. Out: the session at the time of a row, and words about long gaps.
//!
//! The host calls a timer for each second between two trades, be it a night or a holiday. So does a replay; but a time that is
//! wrong must not let it run for hours.

use std::path::Path;

use super::books::Books;
use super::{Error, RunSummary};
use crate::process;
use crate::simulator::session::Session;
use crate::simulator::tape::times::shown;

const DAY_MS: i64 = 86_400_000;

/// A leap year.
const LONGEST_MS: i64 = 366 * DAY_MS;

/// Gaps of more than a day while the plugin ran.
#[derive(Default)]
pub(super) struct Gaps {
    count: u64,
    longest: Option<(i64, i64)>,
}

impl Gaps {
    /// Lets a running session come to the time of a row, day by day, so that a user can stop it.
    ///
    /// # Errors
    /// The gap is longer than a year.
    pub(super) fn pass(
        &mut self,
        path: &Path,
        time_ms: i64,
        books: &mut Books,
        session: &mut Session<RunSummary>,
    ) -> Result<(), Error> {
        let from_ms = session.host.now_ms;
        let gap_ms = time_ms.saturating_sub(from_ms);
        if gap_ms <= DAY_MS || !session.is_running() {
            return Ok(());
        }
        if gap_ms > LONGEST_MS {
            let (days, from, to) = (gap_ms / DAY_MS, shown(from_ms), shown(time_ms));
            return Err(Error::Gap { path: path.to_owned(), days, from, to });
        }
        self.count += 1;
        if self.longest.is_none_or(|(from_ms, to_ms)| to_ms - from_ms < gap_ms) {
            self.longest = Some((from_ms, time_ms));
        }
        let mut day_ms = from_ms.saturating_add(DAY_MS);
        while day_ms < time_ms && session.is_running() {
            process::check_interrupted()?;
            books.before(day_ms, session)?;
            session.advance(day_ms);
            day_ms = day_ms.saturating_add(DAY_MS);
        }
        Ok(())
    }

    /// What is worth knowing about them, in words.
    pub(super) fn words(&self) -> Option<String> {
        let (from_ms, to_ms) = self.longest?;
        let between = format!("from {} to {}", shown(from_ms), shown(to_ms));
        Some(match self.count {
            1 => format!("no trade for more than a day, {between}"),
            count => format!("no trade for more than a day, {count} times; the longest {between}"),
        })
    }
}
