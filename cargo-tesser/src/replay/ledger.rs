//! What a plugin did in a replay: counts, sums, and how it ended. In: orders and fills as they happen.
//! Out: numbers; `show.rs` writes them.

use rust_decimal::Decimal;
use tesser_wasm::{PluginFill, PluginSide};

use super::orders::{FillRow, Order};
use super::quality::{Market, Quality};
use crate::report::visible;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The plugin said that it is done.
    Completed,
    /// The tape ended first.
    TapeOver,
    /// `init` refused the signal.
    Refused(String),
    /// An error in a fill or a timer cancelled it, as on the host.
    Cancelled(String),
    /// A trap or an endless call; the instance is lost.
    Lost(String),
}

/// Lines in their order. Repeated ones are counted, and what comes after the thousandth is only counted,
/// since a plugin can log at every trade of a long tape.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    kept: Vec<(String, u64)>,
    dropped: u64,
}

impl Lines {
    const MOST: usize = 1_000;

    pub(super) fn add(&mut self, line: String) {
        let full = self.kept.len() >= Self::MOST;
        match self.kept.last_mut() {
            Some((last, times)) if *last == line => *times += 1,
            _ if full => self.dropped += 1,
            _ => self.kept.push((line, 1)),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// As they are shown, one line each.
    pub(super) fn shown(&self) -> impl Iterator<Item = String> {
        let kept = self.kept.iter().map(|(line, times)| match times {
            1 => one_line(line),
            _ => format!("{} ({times} times)", one_line(line)),
        });
        let dropped = (self.dropped > 0).then(|| format!("and {} more lines", self.dropped));
        kept.chain(dropped)
    }
}

/// A plugin's words, complete, but without what could steer a terminal.
pub(super) fn one_line(text: &str) -> String {
    visible(text).replace('\n', "\\n")
}

/// Sums of one run. Quantities are in base currency, prices in quote currency.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// Hash of the component.
    pub sha256: String,
    /// Rows on the tape: trades, or a script's events.
    pub trades: u64,
    /// Rows of the tape that could not be read and were left out.
    pub skipped_rows: u64,
    /// Calls of the plugin, `snapshot` included.
    pub calls: u64,
    /// Restarts of the host.
    pub restarts: u64,
    /// What the signal asked for.
    pub target: Decimal,
    /// Number of orders placed.
    pub orders: u64,
    /// Sum of their quantities.
    pub placed: Decimal,
    /// Sum of what `ioc` and `fok` orders left unfilled.
    pub expired: Decimal,
    /// Sum of what the exchange refused.
    pub refused: Decimal,
    /// Most that was placed and neither expired nor refused at any time.
    pub peak: Decimal,
    /// Number of amendments.
    pub amended: u64,
    /// Number of fills.
    pub fills: u64,
    /// Sum of their quantities.
    pub filled: Decimal,
    /// Sum of price times quantity.
    pub notional: Decimal,
    /// Rest of the orders that are still open.
    pub outstanding: Decimal,
    /// The plugin's log lines.
    pub logs: Lines,
    /// What the host would log as errors.
    pub errors: Lines,
    /// How it ended.
    pub ending: Ending,
    /// Symbol of the signal.
    pub symbol: String,
    /// Side of the signal.
    pub side: PluginSide,
    /// The child orders.
    pub rows: Vec<Order>,
    /// Their fills.
    pub fill_rows: Vec<FillRow>,
    /// What the fills cost; none when the tape has no trades of the symbol.
    pub quality: Option<Quality>,
    pub(super) market: Market,
}

impl Ledger {
    pub(super) fn new(symbol: &str, side: PluginSide, target: Decimal) -> Self {
        Self {
            symbol: symbol.to_owned(),
            side,
            rows: Vec::new(),
            fill_rows: Vec::new(),
            quality: None,
            market: Market::default(),
            sha256: String::new(),
            trades: 0,
            skipped_rows: 0,
            calls: 0,
            restarts: 0,
            target,
            orders: 0,
            placed: Decimal::ZERO,
            expired: Decimal::ZERO,
            refused: Decimal::ZERO,
            peak: Decimal::ZERO,
            amended: 0,
            fills: 0,
            filled: Decimal::ZERO,
            notional: Decimal::ZERO,
            outstanding: Decimal::ZERO,
            logs: Lines::default(),
            errors: Lines::default(),
            ending: Ending::TapeOver,
        }
    }

    pub(super) fn add_error(&mut self, error: String) {
        self.errors.add(error);
    }

    pub(super) fn add_order(&mut self, quantity: Decimal) {
        self.orders += 1;
        self.add_placed(quantity);
    }

    /// A plugin can ask for any number, and a sum must not panic.
    fn add_placed(&mut self, quantity: Decimal) {
        self.placed = self.placed.saturating_add(quantity);
        self.peak =
            self.peak.max(self.placed.saturating_sub(self.expired).saturating_sub(self.refused));
    }

    /// An amendment that asks for that much more than the order did before.
    pub(super) fn add_amendment(&mut self, more: Decimal) {
        self.amended += 1;
        self.add_placed(more);
    }

    pub(super) fn add_fill(&mut self, fill: &PluginFill) {
        self.fills += 1;
        self.filled = self.filled.saturating_add(fill.fill_quantity);
        let notional = fill.fill_price.saturating_mul(fill.fill_quantity);
        self.notional = self.notional.saturating_add(notional);
    }

    /// Mean price of the fills, if there are any.
    pub fn mean_price(&self) -> Option<Decimal> {
        self.notional.checked_div(self.filled)
    }

    /// What the host or a risk desk would object to.
    pub(super) fn objections(&self) -> Lines {
        let mut lines = Lines::default();
        if self.peak > self.target {
            lines.add("more was placed than the target".into());
        }
        if self.filled > self.target {
            lines.add("more was filled than the target".into());
        }
        lines.kept.extend(self.errors.kept.iter().cloned());
        lines.dropped = self.errors.dropped;
        lines
    }

    /// Whether the plugin did nothing that the host would object to.
    pub fn ok(&self) -> bool {
        matches!(self.ending, Ending::Completed | Ending::TapeOver) && self.objections().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::super::show::table as show;
    use super::*;

    fn one() -> Ledger {
        Ledger::new("S", PluginSide::Buy, Decimal::ONE)
    }

    #[test]
    fn repeated_lines_are_counted_and_a_flood_is_cut() {
        let mut lines = Lines::default();
        for _ in 0..3 {
            lines.add("same".into());
        }
        for number in 0..1_500 {
            lines.add(format!("line {number}"));
        }
        let shown: Vec<_> = lines.shown().collect();
        assert_eq!(shown[0], "same (3 times)");
        assert_eq!(shown.len(), 1_001);
        assert_eq!(shown[1_000], "and 501 more lines");
    }

    #[test]
    fn more_placed_or_filled_than_the_target_is_not_fine() {
        let mut ledger = one();
        assert!(ledger.ok());
        ledger.add_amendment(Decimal::TWO);
        assert!(!ledger.ok());
        assert!(show(&ledger).contains("error  more was placed than the target"));
        let mut ledger = one();
        ledger.filled = Decimal::TWO;
        assert!(!ledger.ok());
    }

    #[test]
    fn what_expired_may_be_placed_again_but_not_before() {
        let mut ledger = one();
        ledger.add_placed(Decimal::ONE);
        ledger.expired = Decimal::ONE;
        ledger.add_placed(Decimal::ONE);
        assert!(ledger.ok());
        assert!(show(&ledger).contains("expired  1 of ioc and fok orders"));
        ledger.add_placed(Decimal::ONE);
        ledger.expired = Decimal::TWO;
        assert!(!ledger.ok());
    }
}
