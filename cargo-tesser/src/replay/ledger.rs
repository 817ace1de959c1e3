//! What a plugin did in a replay: counts, sums, and how it ended. In: orders and fills as they happen.
//! Out: numbers, and their text.

use std::fmt::Write as _;

use rust_decimal::Decimal;
use tesser_wasm::{PluginFill, PluginOrderRequest};

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

    fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// As they are shown, one line each.
    fn shown(&self) -> impl Iterator<Item = String> {
        let kept = self.kept.iter().map(|(line, times)| match times {
            1 => one_line(line),
            _ => format!("{} ({times} times)", one_line(line)),
        });
        let dropped = (self.dropped > 0).then(|| format!("and {} more lines", self.dropped));
        kept.chain(dropped)
    }
}

/// A plugin's words, complete, but without what could steer a terminal.
fn one_line(text: &str) -> String {
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
    /// Most that was placed and not expired at any time.
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
}

impl Ledger {
    pub(super) fn new(target: Decimal) -> Self {
        Self {
            sha256: String::new(),
            trades: 0,
            skipped_rows: 0,
            calls: 0,
            restarts: 0,
            target,
            orders: 0,
            placed: Decimal::ZERO,
            expired: Decimal::ZERO,
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

    pub(super) fn add_order(&mut self, order: &PluginOrderRequest) {
        self.orders += 1;
        self.add_placed(order.quantity);
    }

    /// A plugin can ask for any number, and a sum must not panic.
    fn add_placed(&mut self, quantity: Decimal) {
        self.placed = self.placed.saturating_add(quantity);
        self.peak = self.peak.max(self.placed.saturating_sub(self.expired));
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

    /// What the host would log first as an error, but for an amendment that came too late.
    pub(crate) fn first_error(&self) -> Option<String> {
        let mut errors = self.errors.kept.iter().map(|(error, _)| error);
        errors.find(|error| !error.ends_with("which is not open")).cloned()
    }

    /// Mean price of the fills, if there are any.
    pub fn mean_price(&self) -> Option<Decimal> {
        self.notional.checked_div(self.filled)
    }

    /// Whether the plugin did nothing that the host would object to.
    pub fn ok(&self) -> bool {
        matches!(self.ending, Ending::Completed | Ending::TapeOver)
            && self.errors.is_empty()
            && self.peak <= self.target
            && self.filled <= self.target
    }
}

/// The ledger as a table for people.
pub fn show(ledger: &Ledger) -> String {
    let ending = match &ledger.ending {
        Ending::Completed => "completed".to_owned(),
        Ending::TapeOver => "not completed when the tape ended".to_owned(),
        Ending::Refused(reason) => format!("init refused the signal: {}", one_line(reason)),
        Ending::Cancelled(reason) => format!("cancelled by the host: {}", one_line(reason)),
        Ending::Lost(reason) => format!("the instance is lost: {}", one_line(reason)),
    };
    let price = match ledger.mean_price() {
        Some(price) => format!(" at a mean price of {}", price.round_dp(8).normalize()),
        None => String::new(),
    };
    let mut text = String::new();
    let mut row = |name: &str, value: &dyn std::fmt::Display| {
        let _ = writeln!(text, "{name:>12}  {value}");
    };
    row("plugin", &format_args!("sha256 {}", ledger.sha256));
    row(
        "tape",
        &format_args!(
            "{} rows, {} calls of the plugin, {} restarts",
            ledger.trades, ledger.calls, ledger.restarts
        ),
    );
    if ledger.skipped_rows > 0 {
        row("skipped", &format_args!("{} rows that cannot be read", ledger.skipped_rows));
    }
    row("target", &ledger.target);
    row(
        "placed",
        &format_args!(
            "{} in {} orders, {} amendments",
            ledger.placed, ledger.orders, ledger.amended
        ),
    );
    row("filled", &format_args!("{} in {} fills{price}", ledger.filled, ledger.fills));
    if !ledger.expired.is_zero() {
        row("expired", &format_args!("{} of ioc and fok orders", ledger.expired));
    }
    row("still open", &ledger.outstanding);
    if ledger.peak > ledger.target {
        row("error", &"more was placed than the target");
    }
    if ledger.filled > ledger.target {
        row("error", &"more was filled than the target");
    }
    for error in ledger.errors.shown() {
        row("error", &error);
    }
    for log in ledger.logs.shown() {
        row("log", &log);
    }
    row("ending", &ending);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let mut ledger = Ledger::new(Decimal::ONE);
        assert!(ledger.ok());
        ledger.add_amendment(Decimal::TWO);
        assert!(!ledger.ok());
        assert!(show(&ledger).contains("error  more was placed than the target"));
        let mut ledger = Ledger::new(Decimal::ONE);
        ledger.filled = Decimal::TWO;
        assert!(!ledger.ok());
    }

    #[test]
    fn what_expired_may_be_placed_again_but_not_before() {
        let mut ledger = Ledger::new(Decimal::ONE);
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
