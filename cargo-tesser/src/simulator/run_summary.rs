//! What a plugin did in a session: counts, sums, what the host or a desk objects to, and how it ended.
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
    /// The plugin said that it is done.
    Completed,
    /// The tape ended first.
    TapeOver,
    /// The end of the horizon came first.
    HorizonOver,
    /// The signal failed: `init` refused it, or the plugin could not be started.
    Refused(String),
    /// An error in a fill or a timer cancelled it.
    Cancelled(String),
    /// A trap; the instance is lost.
    Lost(String),
    /// The host ended or stands still, with all algorithms.
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
    /// What the signal asked for.
    pub target: Decimal,
    /// Number of orders that reached the exchange.
    pub orders: u64,
    /// Sum of their quantities.
    pub placed: Decimal,
    /// Sum of what `ioc` and `fok` orders left unfilled.
    pub expired: Decimal,
    /// Sum of what the exchange refused.
    pub refused: Decimal,
    /// Number of orders that the host cancelled after a minute without a fill.
    pub stale: u64,
    /// Sum of what they left unfilled.
    pub cancelled: Decimal,
    /// Number of orders and amendments that the host did not send.
    pub not_sent: u64,
    /// Largest sum of what was filled and what worked at any time.
    pub peak: Decimal,
    /// Number of amendments that the exchange took.
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
    pub logs: DedupLog,
    /// What the host would log as errors.
    pub errors: DedupLog,
    /// Whether the first of them is that nothing was filled.
    pub filled_nothing: bool,
    /// What is worth knowing and no error.
    pub notes: DedupLog,
    /// What no venue gets of an order, by the host profile.
    pub dropped_fields: Vec<String>,
    /// How it ended.
    pub ending: Ending,
    /// Where in the plugin the first trap was, a line for each frame.
    pub frames: Vec<String>,
    /// What the plugin wrote to stdout and stderr, which the host throws away.
    pub output: DedupLog,
    /// Symbol of the signal, with its venue.
    pub symbol: String,
    /// Side of the signal.
    pub side: PluginSide,
    /// The child orders.
    pub rows: Vec<Order>,
    /// Their fills.
    pub fill_rows: Vec<FillRow>,
    /// What the fills cost; none when the tape has no trades of the symbol.
    pub quality: Option<Quality>,
    /// What the exchange was taken to do, in one line; empty when a script said it.
    pub model: String,
    /// Distance between best bid and best ask at the end, as the exchange had it.
    pub spread: Option<Decimal>,
    /// Trades while an order book was known, and those of them that were not between its best prices.
    pub(crate) trades_in_book: (u64, u64),
    pub(crate) market: Market,
    /// At the end of the run, before what was still on its way arrived.
    pub(crate) closing: Option<Closing>,
}

/// The market at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closing {
    /// The price at which a taker of the run's side could have traded.
    pub(crate) crossing: Decimal,
    /// Between best bid and best ask.
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

    /// The same, for a run in this session.
    pub(crate) fn in_world(mut self, world: &World) -> Self {
        self.world = world.line();
        self.dropped_fields.clone_from(&world.rules.dropped_fields);
        self
    }

    /// Takes the records of the exchange: only it knows what has become of an order.
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

    /// What the host or a risk desk would object to.
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

    /// Whether the plugin did nothing that the host would object to.
    pub fn ok(&self) -> bool {
        matches!(self.ending, Ending::Completed | Ending::TapeOver | Ending::HorizonOver)
            && self.violations().is_empty()
    }

    /// The first trap is the one that counts.
    fn trapped_at(&mut self, frames: &[String]) {
        if self.frames.is_empty() {
            self.frames = frames.to_vec();
        }
    }

    /// Takes what the plugin wrote to stdout and stderr.
    pub(crate) fn take_output(&mut self, lines: Vec<String>) {
        if !lines.is_empty() {
            self.notes.add("the host throws away what a plugin writes to stdout and stderr".into());
        }
        for line in lines {
            self.output.add(line);
        }
    }

    /// If nothing ends the run before, the horizon does.
    pub(crate) fn ends_with_horizon(&mut self) {
        self.end(Ending::HorizonOver);
    }

    fn end(&mut self, ending: Ending) {
        if matches!(self.ending, Ending::TapeOver | Ending::HorizonOver) {
            self.ending = ending;
        }
    }

    /// What an answer asks for and no desk wants, though the host sends it.
    fn wanted(&mut self, action: &Action) {
        let own = Symbol::parse(&self.symbol);
        let (symbol, side, quantity) = match action {
            Action::Place(order) => (&order.symbol, order.side, Some(order.quantity)),
            Action::Amend(update) => (&update.symbol, update.side, update.new_quantity),
        };
        if symbol.code() != own.code() || side != self.side {
            self.errors.add("an order of the other side or of another symbol".into());
        }
        if let Some(quantity) = quantity.filter(|quantity| *quantity <= Decimal::ZERO) {
            self.errors.add(format!("an order over a quantity of {quantity}"));
        }
        if let Action::Place(order) = action {
            for field in order.not_honoured(&self.dropped_fields) {
                self.notes.add(format!("orders have `{field}`, which the host sends to no venue"));
            }
        }
    }

    fn line(&mut self, line: &Line<'_>) {
        match line {
            // It was sent, and the exchange model was told to refuse it.
            Line::NotSent { error: NotSent::AsTold(words), .. } => {
                self.notes.add(words.clone());
            }
            Line::NotSent { error, .. } => {
                self.not_sent += 1;
                self.errors.add(not_sent(error));
            }
            Line::CallFailed { export, error, .. } => {
                let words = error.said_of(*export);
                self.errors.add(words.clone());
                self.trapped_at(error.frames());
                // An error of a tick is logged and no more.
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
                self.end(Ending::Refused("a signal over 0 reaches no plugin".into()));
            }
            _ => {}
        }
    }

    /// A signal that failed in `init` leaves nothing; one whose order was refused leaves the algorithm.
    fn failed(&mut self, fault: &Fault<'_>) {
        match fault {
            Fault::Load(error) => self.end(Ending::Refused((*error).to_owned())),
            Fault::Init(error) if error.is_trap() => {
                self.trapped_at(error.frames());
                self.end(Ending::Lost(error.detail()));
            }
            Fault::Init(error) if error.is_refusal() => self.end(Ending::Refused(error.detail())),
            Fault::Init(error) => self.end(Ending::Refused(error.said_of(Export::Init))),
            Fault::Order(error) => {
                self.not_sent += 1;
                let error = not_sent(error);
                self.errors.add(format!("the signal fails, and the orders of `init` end: {error}"));
            }
            Fault::Store(error) => {
                self.end(Ending::HostDown(format!("it does not start again: {error}")));
            }
        }
    }
}

/// The host's words, with the way out where there is one.
pub(crate) fn not_sent(error: &NotSent) -> String {
    match error {
        NotSent::NoContext(symbol) if symbol.venue().is_none() => format!(
            "{error}: an order must name its venue, as in `venue:{}`; give the plugin its venue (parameter `venue`)",
            symbol.code()
        ),
        NotSent::NoContext(_) => format!(
            "{error}: the host knows the symbols of its session only; order the one of the signal, at a venue of the host"
        ),
        NotSent::Refused(_) | NotSent::AsTold(_) => error.to_string(),
    }
}

impl Observer for RunSummary {
    fn step(&mut self, step: &Step<'_>) {
        match step {
            Step::Call(_) => self.calls += 1,
            Step::Log { line, .. } => self.logs.add((*line).to_owned()),
            Step::Wanted { action, .. } => self.wanted(action),
            Step::Line(line) => self.line(line),
            Step::UnknownFill { order_id, orders } => self.notes.add(format!(
                "the script fills `{order_id}`, and {} by then: the fill does not count",
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
                "the state is nested {depth} deep: above {} the host does not start again",
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
    fn more_at_work_or_filled_than_the_target_is_not_fine() {
        let mut summary = one();
        assert!(summary.ok());
        summary.peak = Decimal::TWO;
        assert!(!summary.ok());
        let mut summary = one();
        summary.filled = Decimal::TWO;
        assert!(!summary.ok());
    }
}
