//! The result of a session: counts, sums, violations, and how it ended.
//!
//! In: steps as they happen, and at the end the records of the exchange. Out: numbers; `replay/show.rs` writes them.

use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

use super::answer::Action;
use super::dedup_log::DedupLog;
use super::exchange::Exchange;
use super::execution_quality::{Asked, Executed, Market, Quality};
use super::guest::Export;
use super::order::OrderStatus;
use super::order_records::{FillRow, Order};
use super::step::{Fault, Line, NotSent, Observer, Status, Step};
use super::symbol::Symbol;
use super::world::World;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The plugin reported completion.
    Completed,
    /// The tape ended first.
    TapeOver,
    /// The end of the horizon came first.
    HorizonOver,
    /// The signal failed: `init` refused it, or the plugin could not be started.
    Refused(String),
    /// An error in a fill or a timer cancelled it.
    Cancelled(String),
    /// A trap: the instance is lost.
    Lost(String),
    /// The host stopped or hangs, with all algorithms.
    HostDown(String),
}

/// Sums of one run. Quantities are in base currency, prices in quote currency.
#[derive(Clone, Debug)]
pub struct RunSummary {
    /// Hash of the component.
    pub sha256: String,
    /// What was simulated, in one line: host, symbol, ticks, limits.
    pub world: String,
    /// Rows on the tape: trades, or a script's events.
    pub trades: u64,
    /// Rows of the tape that could not be read and were left out.
    pub skipped_rows: u64,
    /// Calls of the plugin, `snapshot` included.
    pub calls: u64,
    /// Restarts of the host.
    pub restarts: u64,
    /// Target quantity of the signal.
    pub target: Decimal,
    /// Number of orders that reached the exchange.
    pub orders: u64,
    /// Sum of their quantities.
    pub placed: Decimal,
    /// Unfilled quantity of `ioc` and `fok` orders.
    pub expired: Decimal,
    /// Quantity of orders that the exchange rejected.
    pub refused: Decimal,
    /// Number of orders that the host cancelled after a minute without a fill.
    pub stale: u64,
    /// Their unfilled quantity.
    pub cancelled: Decimal,
    /// Number of orders and amendments that the host did not send.
    pub not_sent: u64,
    /// Maximum quantity that was filled or working at any time.
    pub peak: Decimal,
    /// Number of amendments that the exchange accepted.
    pub amended: u64,
    /// Number of fills.
    pub fills: u64,
    /// Sum of their quantities.
    pub filled: Decimal,
    /// Sum of price times quantity.
    pub notional: Decimal,
    /// Remaining quantity of open orders.
    pub outstanding: Decimal,
    /// The plugin's log lines.
    pub logs: DedupLog,
    /// Errors that the host would log, and other violations.
    pub errors: DedupLog,
    /// Whether the first of them is that nothing was filled.
    pub filled_nothing: bool,
    /// Remarks that are not errors.
    pub notes: DedupLog,
    /// Fields of orders that, by the host profile, are not sent to any venue.
    pub dropped_fields: Vec<String>,
    /// How it ended.
    pub ending: Ending,
    /// Stack of the first trap, a line for each frame.
    pub frames: Vec<String>,
    /// The plugin's stdout and stderr, which the host discards.
    pub output: DedupLog,
    /// Symbol of the signal, with its venue.
    pub symbol: String,
    /// Side of the signal.
    pub side: PluginSide,
    /// The child orders.
    pub rows: Vec<Order>,
    /// Their fills.
    pub fill_rows: Vec<FillRow>,
    /// Execution quality; none if the tape has no trades of the symbol.
    pub quality: Option<Quality>,
    /// The exchange model, in one line; empty for a script.
    pub model: String,
    /// Spread between best bid and best ask at the end.
    pub spread: Option<Decimal>,
    /// Trades while an order book was known, and those of them that were not between its best prices.
    pub(crate) trades_in_book: (u64, u64),
    pub(crate) market: Market,
    /// The market at the end of the run, before orders in transit arrived.
    pub(crate) closing: Option<Closing>,
}

/// The market at one point in time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closing {
    /// The price at which a taker of the run's side could have traded.
    pub(crate) crossing: Decimal,
    /// Spread between best bid and best ask.
    pub(crate) spread: Decimal,
}

impl RunSummary {
    pub(crate) fn new(symbol: &Symbol, side: PluginSide, target: Decimal) -> Self {
        Self {
            symbol: symbol.to_string(),
            side,
            world: String::new(),
            dropped_fields: Vec::new(),
            rows: Vec::new(),
            fill_rows: Vec::new(),
            quality: None,
            market: Market::default(),
            trades_in_book: (0, 0),
            closing: None,
            model: String::new(),
            spread: None,
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
            stale: 0,
            cancelled: Decimal::ZERO,
            not_sent: 0,
            peak: Decimal::ZERO,
            amended: 0,
            fills: 0,
            filled: Decimal::ZERO,
            notional: Decimal::ZERO,
            outstanding: Decimal::ZERO,
            logs: DedupLog::default(),
            errors: DedupLog::default(),
            filled_nothing: false,
            notes: DedupLog::default(),
            ending: Ending::TapeOver,
            frames: Vec::new(),
            output: DedupLog::default(),
        }
    }

    /// Adds what the settings of the session determine.
    pub(crate) fn in_world(mut self, world: &World) -> Self {
        self.world = world.line();
        self.dropped_fields.clone_from(&world.rules.dropped_fields);
        self
    }

    /// Takes over the exchange's records of orders and fills.
    pub(crate) fn take_records(&mut self, exchange: Exchange) {
        self.expired = exchange.expired();
        self.outstanding = exchange.outstanding();
        self.peak = exchange.peak();
        let crossing = self.closing.map(|closing| closing.crossing);
        self.model = exchange.model().to_string();
        self.trades_in_book = exchange.trades_in_book(Symbol::parse(&self.symbol).code());
        self.spread = self.closing.map(|closing| closing.spread);
        (self.rows, self.fill_rows) = exchange.into_records();
        self.orders = self.rows.len() as u64;
        self.fills = self.fill_rows.len() as u64;
        for order in &self.rows {
            self.placed = self.placed.saturating_add(order.quantity);
            self.amended += order.amended;
            let rest = order.quantity.saturating_sub(order.filled);
            match order.state {
                OrderStatus::Rejected => self.refused = self.refused.saturating_add(rest),
                OrderStatus::Canceled => self.cancelled = self.cancelled.saturating_add(rest),
                _ => {}
            }
        }
        for fill in &self.fill_rows {
            self.filled = self.filled.saturating_add(fill.quantity);
            let notional = fill.price.saturating_mul(fill.quantity);
            self.notional = self.notional.saturating_add(notional);
        }
        let asked = Asked { side: self.side, target: self.target };
        self.market.filled(&self.fill_rows);
        let executed = Executed { orders: &self.rows, fills: &self.fill_rows, crossing };
        self.quality = self.market.clone().quality(asked, executed);
    }

    /// Mean price of the fills, if there are any.
    pub fn mean_price(&self) -> Option<Decimal> {
        self.notional.checked_div(self.filled)
    }

    /// Errors of the run, including fills and working orders above the target.
    pub(crate) fn violations(&self) -> DedupLog {
        let mut lines = DedupLog::default();
        if self.filled > self.target {
            lines.add(format!("{} was filled, more than the target", self.filled.normalize()));
        } else if self.peak > self.target {
            let peak = self.peak.normalize();
            lines.add(format!("{peak} was filled or working at one time, more than the target"));
        }
        lines.kept.extend(self.errors.kept.iter().cloned());
        lines.dropped = self.errors.dropped;
        lines
    }

    /// Whether there are no violations and the run did not fail.
    pub fn ok(&self) -> bool {
        matches!(self.ending, Ending::Completed | Ending::TapeOver | Ending::HorizonOver)
            && self.violations().is_empty()
    }

    /// Records the stack of a trap, unless there was one before.
    fn trapped_at(&mut self, frames: &[String]) {
        if self.frames.is_empty() {
            self.frames = frames.to_vec();
        }
    }

    /// Takes what the plugin wrote to stdout and stderr.
    pub(crate) fn take_output(&mut self, lines: Vec<String>) {
        if !lines.is_empty() {
            self.notes.add("the host discards what a plugin writes to stdout and stderr".into());
        }
        for line in lines {
            self.output.add(line);
        }
    }

    /// Sets the ending to the horizon, unless the run has ended otherwise.
    pub(crate) fn ends_with_horizon(&mut self) {
        self.end(Ending::HorizonOver);
    }

    fn end(&mut self, ending: Ending) {
        if matches!(self.ending, Ending::TapeOver | Ending::HorizonOver) {
            self.ending = ending;
        }
    }

    /// Checks an order for violations that the host does not detect.
    fn check_action(&mut self, action: &Action) {
        let own = Symbol::parse(&self.symbol);
        let (symbol, side, quantity) = match action {
            Action::Place(order) => (&order.symbol, order.side, Some(order.quantity)),
            Action::Amend(update) => (&update.symbol, update.side, update.new_quantity),
        };
        if symbol.code() != own.code() || side != self.side {
            self.errors.add("an order on the other side or of another symbol".into());
        }
        if let Some(quantity) = quantity.filter(|quantity| *quantity <= Decimal::ZERO) {
            self.errors.add(format!("an order with a quantity of {quantity}"));
        }
        if let Action::Place(order) = action {
            for field in order.not_honoured(&self.dropped_fields) {
                self.notes.add(format!(
                    "orders have `{field}`, which the host does not send to any venue"
                ));
            }
        }
    }

    fn line(&mut self, line: &Line<'_>) {
        match line {
            // It was sent, and rejected because of `--reject`.
            Line::NotSent { error: NotSent::ByModel(words), .. } => {
                self.notes.add(words.clone());
            }
            Line::NotSent { error, .. } => {
                self.not_sent += 1;
                self.errors.add(not_sent(error));
            }
            Line::CallFailed { export, error, .. } => {
                let words = error.detail_of(*export);
                self.errors.add(words.clone());
                self.trapped_at(error.frames());
                // The host only logs an error of a tick.
                if *export != Export::OnTick {
                    self.end(if error.is_trap() {
                        Ending::Lost(words)
                    } else {
                        Ending::Cancelled(words)
                    });
                }
            }
            Line::NotRestored { detail, frames, .. } => {
                self.trapped_at(frames);
                self.end(Ending::Lost(format!("the restart failed: {detail}")));
            }
            Line::CleanedUp { status: Status::Completed, .. } => self.end(Ending::Completed),
            Line::ZeroQuantity { .. } => {
                self.end(Ending::Refused(
                    "the host does not start a plugin for a quantity of 0".into(),
                ));
            }
            _ => {}
        }
    }

    /// Ends the run if the signal failed in `init`. If only an order of `init` was refused, the algorithm continues.
    fn failed(&mut self, fault: &Fault<'_>) {
        match fault {
            Fault::Load(error) => self.end(Ending::Refused((*error).to_owned())),
            Fault::Init(error) if error.is_trap() => {
                self.trapped_at(error.frames());
                self.end(Ending::Lost(error.detail()));
            }
            Fault::Init(error) if error.is_refusal() => self.end(Ending::Refused(error.detail())),
            Fault::Init(error) => self.end(Ending::Refused(error.detail_of(Export::Init))),
            Fault::Order(error) => {
                self.not_sent += 1;
                let error = not_sent(error);
                self.errors.add(format!(
                    "the signal fails, and the remaining orders of `init` are not sent: {error}"
                ));
            }
            Fault::Store(error) => {
                self.end(Ending::HostDown(format!("it does not restart: {error}")));
            }
        }
    }
}

/// The host's message, with a hint if there is one.
pub(crate) fn not_sent(error: &NotSent) -> String {
    match error {
        NotSent::NoContext(symbol) if symbol.venue().is_none() => format!(
            "{error}: an order must name its venue, as in `venue:{}`; give the plugin its venue (parameter `venue`)",
            symbol.code()
        ),
        NotSent::NoContext(_) => format!(
            "{error}: the host knows only the symbols of its session; use the symbol of the signal, at a venue of the host"
        ),
        NotSent::Refused(_) | NotSent::ByModel(_) => error.to_string(),
    }
}

impl Observer for RunSummary {
    fn step(&mut self, step: &Step<'_>) {
        match step {
            Step::Call(_) => self.calls += 1,
            Step::Log { line, .. } => self.logs.add((*line).to_owned()),
            Step::Wanted { action, .. } => self.check_action(action),
            Step::Line(line) => self.line(line),
            Step::UnknownFill { order_id, orders } => self.notes.add(format!(
                "the script fills `{order_id}`, but {} by then: the fill is ignored",
                match orders {
                    0 => "no order was placed".to_owned(),
                    1 => "only `order-1` was placed".to_owned(),
                    orders => format!("only `order-1` to `order-{orders}` were placed"),
                }
            )),
            Step::Stale { status: OrderStatus::Canceled, .. } => self.stale += 1,
            Step::Fails(fault) => self.failed(fault),
            Step::HostPanics { words } => {
                self.end(Ending::HostDown(format!(
                    "an order's quantity times price, or the position that it leads to, is beyond 96 bits: {words}"
                )));
            }
            Step::HostHangs { lost, .. } => {
                self.trapped_at(&lost.frames);
                self.end(Ending::HostDown(format!("it waits for ever: {}", lost.text)));
            }
            Step::TooDeep { depth, .. } => self.errors.add(format!(
                "the state is nested {depth} levels deep: above {} the host does not restart",
                super::state_text::DEEPEST
            )),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one() -> RunSummary {
        RunSummary::new(&Symbol::parse("v:S"), PluginSide::Buy, Decimal::ONE)
    }

    #[test]
    fn filling_or_working_more_than_the_target_is_a_violation() {
        let mut summary = one();
        assert!(summary.ok());
        summary.peak = Decimal::TWO;
        assert!(!summary.ok());
        let mut summary = one();
        summary.filled = Decimal::TWO;
        assert!(!summary.ok());
    }
}
