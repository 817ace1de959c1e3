//! Rows that are out of order by a little, as feeds of real exchanges have them. In: trades as they come. Out: trades in the order
//! of their times; those of one time stay as they are.

use std::collections::VecDeque;

use super::Trade;

/// Rows may be so late.
pub(super) const BOUND_MS: i64 = 1_000;

/// The trades of the last second, which later rows may belong before.
#[derive(Default)]
pub(super) struct InOrder {
    held: VecDeque<Trade>,
    latest_ms: Option<i64>,
    late: Late,
}

/// Rows that were out of order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Late {
    /// How many.
    pub(crate) rows: u64,
    /// The longest time that one was late.
    pub(crate) most_ms: i64,
}

impl Late {
    /// What is worth knowing about it, in words.
    pub(crate) fn words(self) -> Option<String> {
        let Self { rows, most_ms } = self;
        let were = if rows == 1 { "1 row was" } else { &*format!("{rows} rows were") };
        (rows > 0).then(|| format!("{were} out of order by up to {most_ms} ms, and sorted"))
    }
}

impl InOrder {
    /// Takes a trade.
    ///
    /// # Errors
    /// It is too late; the error is the time of the latest trade.
    pub(super) fn add(&mut self, trade: Trade) -> Result<(), i64> {
        let latest_ms = *self.latest_ms.get_or_insert(trade.time_ms);
        if trade.time_ms >= latest_ms {
            self.latest_ms = Some(trade.time_ms);
            self.held.push_back(trade);
            return Ok(());
        }
        let late_ms = latest_ms.saturating_sub(trade.time_ms);
        if late_ms > BOUND_MS {
            return Err(latest_ms);
        }
        self.late.rows += 1;
        self.late.most_ms = self.late.most_ms.max(late_ms);
        let at = self.held.partition_point(|held| held.time_ms <= trade.time_ms);
        self.held.insert(at, trade);
        Ok(())
    }

    /// The next trade, if no row to come can be before it.
    pub(super) fn ready(&mut self) -> Option<Trade> {
        let until_ms = self.latest_ms?.saturating_sub(BOUND_MS);
        if self.held.front()?.time_ms > until_ms {
            return None;
        }
        self.held.pop_front()
    }

    /// The next trade, where no row comes any more.
    pub(super) fn rest(&mut self) -> Option<Trade> {
        self.held.pop_front()
    }

    /// Leaves out what is held: a row that is too late says that one of those is wrong, or the row itself.
    pub(super) fn clear(&mut self) {
        self.held.clear();
    }

    pub(super) fn late(&self) -> Late {
        self.late
    }
}
