//! A run of a plugin on the simulated host, second by second, with every call recorded.
//!
//! In: the kind of market and what happens to orders. Out: the calls, the faults, and the exchange, which alone decides what was
//! filled. The events of a run can be repeated, with a restart among them.

use std::rc::Rc;
use std::sync::Arc;

use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

use super::PluginUnderTest;
use super::recording::Recording;
use super::steps::Steps;
use crate::engine::Compiled;
use crate::plugin::TestSettings as Settings;
use crate::report::counted;
use crate::simulator::exchange::{OrderRef, ScriptedFill};
use crate::simulator::exchange_model::ExchangeModel;
use crate::simulator::guest::Program;
use crate::simulator::order_records::Order;
use crate::simulator::risk::RiskLimits;
use crate::simulator::session::Session;
use crate::simulator::step::Status;
use crate::simulator::symbol::Symbol;
use crate::simulator::tape::Event;
use crate::simulator::trade::Trade;

/// Length of a run in seconds: three periods of the price.
pub(super) const SECONDS: i64 = 120;
const PERIOD: i64 = 40;
/// Amplitude of the price in hundred-thousandths.
const SWING: i64 = 200;

/// The trades of a run. They reach the plugin only if the host forwards them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trades {
    /// Two in each second.
    Plain,
    /// The same number for another symbol, at another price.
    Foreign,
    /// Sometimes at ten times the price, or at a tenth.
    Gaps,
    /// With all digits that a decimal can have.
    Odd,
}

/// How orders are filled, one second after their placement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fills {
    Whole,
    /// A third in each second.
    Parts,
    /// One and a half times the order's quantity.
    Over,
    /// The exchange fills no order.
    None,
}

/// A run and its events.
pub(super) struct Run<'a> {
    pub(super) session: Session<Recording>,
    pub(super) events: Vec<Event>,
    settings: &'a Settings,
    pub(super) target: Decimal,
    side: PluginSide,
    steps: Steps,
    second: i64,
}

/// The options of a run.
#[derive(Clone, Copy)]
pub(super) struct Start<'a> {
    pub(super) plugin: &'a PluginUnderTest,
    pub(super) compiled: &'a Arc<Compiled>,
    pub(super) settings: &'a Settings,
    pub(super) target: Decimal,
    /// Whether trades reach the plugin.
    pub(super) ticks: bool,
    /// Whether the host's order and position limits apply.
    pub(super) limits: bool,
    /// Whether the exchange refuses all orders.
    pub(super) rejects: bool,
}

impl<'a> Start<'a> {
    /// Creates the options of a live session.
    pub(super) fn live(plugin: &'a PluginUnderTest, settings: &'a Settings) -> Self {
        Self {
            plugin,
            compiled: &plugin.compiled,
            settings,
            target: settings.quantity,
            ticks: false,
            limits: true,
            rejects: false,
        }
    }
}

impl<'a> Run<'a> {
    pub(super) fn start(start: Start<'a>) -> Self {
        let Start { plugin, settings, target, .. } = start;
        let schema = plugin.schema.as_ref().ok().and_then(Option::as_ref);
        let mut world = settings.world();
        world.ticks = start.ticks;
        if !start.limits {
            world.limits = RiskLimits::default();
        }
        let rejects = if start.rejects { (1..=100_000).collect() } else { Vec::new() };
        let model = ExchangeModel { rejects, ..ExchangeModel::instant() };
        let dropped_fields = world.rules.dropped_fields.clone();
        let recording = Recording { dropped_fields, ..Recording::default() };
        let mut session = Session::new(world, model, recording, 0, settings.price);
        session.host.exchange.keep_executions();
        let mut run = Self {
            session,
            events: Vec::new(),
            settings,
            target,
            side: plugin.side,
            steps: Steps::of(settings, schema),
            second: 0,
        };
        run.install(start.compiled);
        run.signal(1);
        run
    }

    /// Replaces the component in the plugins folder.
    pub(super) fn install(&mut self, compiled: &Arc<Compiled>) {
        let program: Rc<dyn Program> = Rc::new(Arc::clone(compiled));
        self.session.host.plugins.install("test", Ok(program), false);
    }

    /// Sends a signal of the strategy.
    pub(super) fn signal(&mut self, number: u64) {
        let signal = self.settings.signal(number, self.side, self.target);
        self.session.signal(&signal);
    }

    pub(super) fn recording(&self) -> &Recording {
        &self.session.host.observer
    }

    /// Returns the orders of the exchange.
    pub(super) fn orders(&self) -> &[Order] {
        self.session.host.exchange.orders()
    }

    /// Whether the run is over.
    pub(super) fn is_over(&self) -> bool {
        !self.session.is_running()
    }

    /// Applies an event, unless the run is over.
    pub(super) fn step(&mut self, event: Event) {
        if !self.is_over() {
            self.session.event(&event);
            self.events.push(event);
        }
    }

    /// Runs one second of the market, and the timer.
    pub(super) fn second(&mut self, trades: Trades, fills: Fills) {
        self.market(trades, fills);
        self.step(Event::Timer);
    }

    /// Runs one second without its timer: fills of working orders, trades, and the check for stale orders when it is due.
    pub(super) fn market(&mut self, trades: Trades, fills: Fills) {
        self.step(Event::Advance { ms: 1_000 });
        self.fills(trades, fills);
        self.trades(trades);
        if self.second % 15 == 14 {
            self.step(Event::Poll);
        }
        self.second += 1;
    }

    /// Runs this many seconds, or fewer if the run is over earlier.
    pub(super) fn seconds(&mut self, seconds: i64, trades: Trades, fills: Fills) {
        for _ in 0..seconds {
            if self.is_over() {
                break;
            }
            self.second(trades, fills);
        }
    }

    /// Fills the working orders, as an exchange does.
    fn fills(&mut self, trades: Trades, fills: Fills) {
        let last = self.price(trades);
        let working = self.orders().iter().filter(|order| order.state.is_working());
        let scripts: Vec<_> = working
            .filter_map(|order| {
                let quantity = match fills {
                    Fills::None => return None,
                    Fills::Whole => order.rest(),
                    Fills::Parts => third(order.quantity, order.rest(), self.steps.lot_size()),
                    Fills::Over => order.rest().saturating_mul(Decimal::new(15, 1)),
                };
                Some((order.number, order.price.unwrap_or(last), quantity))
            })
            .collect();
        for (number, price, quantity) in scripts {
            let fill = self.fill_of(number, price, quantity);
            self.step(Event::Fill(Box::new(fill)));
        }
        self.step(Event::Expire);
    }

    /// Creates a fill of an order at the current time.
    pub(super) fn fill_of(&self, number: u64, price: Decimal, quantity: Decimal) -> ScriptedFill {
        ScriptedFill {
            order: OrderRef::Number(number),
            price,
            quantity,
            fee: None,
            fee_asset: None,
            time_ms: EPOCH_MS + self.session.host.now_ms,
        }
    }

    /// Returns the price of this second.
    pub(super) fn price(&self, trades: Trades) -> Decimal {
        let plain = price(self.settings.price, self.second);
        match trades {
            Trades::Gaps if self.second % 20 == 10 => plain.saturating_mul(Decimal::TEN),
            Trades::Gaps if self.second % 20 == 15 => plain / Decimal::TEN,
            Trades::Odd => plain / Decimal::from(3) * Decimal::from(3),
            _ => plain,
        }
    }

    fn trades(&mut self, trades: Trades) {
        if !self.session.forwards_ticks() {
            return;
        }
        let price = self.price(trades);
        let quantity =
            if trades == Trades::Odd { Decimal::new(1, 28) } else { Decimal::new(123, 3) };
        let code = self.settings.code();
        let tick = |symbol: String, price, side, after: i64| {
            let time_ms = EPOCH_MS + self.second * 1_000 + after;
            Event::Tick(Trade { symbol: Some(symbol.into()), price, quantity, time_ms, side })
        };
        let mut events = Vec::new();
        for (side, after) in [(PluginSide::Buy, 200), (PluginSide::Sell, 700)] {
            events.push(tick(code.clone(), price, side, after));
            if trades == Trades::Foreign {
                events.push(tick(format!("{code}X"), Decimal::from(7), side, after + 100));
            }
        }
        for event in events {
            self.step(event);
        }
    }

    /// Returns the violations of rules that hold for every run, according to the exchange.
    pub(super) fn violations(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let own = Symbol::parse(&self.settings.world().symbol);
        for order in self.orders() {
            if order.request.symbol.venue().is_none() {
                wrong.push(format!(
                    "order {} names no venue (`{}`): the host sends it only after an order from `init`, and only until it restarts; give \
                 the plugin its venue (parameter `venue`)",
                    order.number, order.symbol
                ));
            } else if order.request.symbol != own || order.side != self.side {
                wrong.push(format!(
                    "order {} is to {} {}, the signal is to {} {own}",
                    order.number, order.side, order.symbol, self.side
                ));
            }
            if order.quantity <= Decimal::ZERO {
                wrong.push(format!("order {} has the quantity {}", order.number, order.quantity));
            }
        }
        wrong.extend(self.off_steps());
        let peak = self.session.host.exchange.peak();
        if peak > self.target {
            let (peak, target) = (peak.normalize(), self.target.normalize());
            wrong.push(format!(
                "at one time {peak} was filled or working, more than the target of {target}"
            ));
        }
        wrong.extend(self.faults());
        wrong
    }

    /// Returns the first quantity and the first price that are off a declared step, with the call that placed them.
    fn off_steps(&self) -> Option<String> {
        let calls = self.recording().calls.iter().enumerate();
        let mut actions = calls.flat_map(|(at, call)| call.actions.iter().map(move |it| (at, it)));
        actions.find_map(|(at, action)| {
            let wrong = self.steps.violations(action);
            (!wrong.is_empty()).then(|| format!("call {at}: {}", wrong.join("; ")))
        })
    }

    /// Returns the faults of the run, apart from its orders.
    pub(super) fn faults(&self) -> Vec<String> {
        let recording = self.recording();
        let mut broken = recording.broken.clone();
        if let Some(reason) = &recording.refused {
            broken.push(format!(
                "call {}: `init` refused the signal: {reason}; set `params`, `side`, `quantity` or `price` in \
                 `[package.metadata.tesser.test]`",
                recording.last_call()
            ));
        }
        broken
    }

    /// Returns the filled quantity, in base currency.
    pub(super) fn filled(&self) -> Decimal {
        let fills = self.session.host.exchange.fills();
        fills.iter().fold(Decimal::ZERO, |sum, fill| sum.saturating_add(fill.quantity))
    }

    /// Whether the plugin has completed.
    pub(super) fn is_completed(&self) -> bool {
        self.recording().endings.iter().any(|(_, status)| *status == Status::Completed)
    }

    /// Returns one line about the target.
    pub(super) fn line(&self) -> String {
        let orders = self.orders();
        let placed = orders.iter().fold(Decimal::ZERO, |sum, o| sum.saturating_add(o.quantity));
        let (target, filled) = (self.target.normalize(), self.filled().normalize());
        let count = |number: usize, what: &str| match number {
            0 => String::new(),
            _ => format!(", {number} {what}"),
        };
        format!(
            "target {target}, placed {} in {}, filled {filled}{}{}{}",
            placed.normalize(),
            counted(orders.len(), "order"),
            count(self.recording().stale, "cancelled by the host"),
            count(self.recording().not_sent.len(), "not sent"),
            if self.is_completed() { ", completed" } else { "" },
        )
    }
}

/// Times of fills and ticks; the host's clock begins at 0.
const EPOCH_MS: i64 = 1_700_000_000_000;

/// A price that moves up and down linearly.
fn price(base: Decimal, second: i64) -> Decimal {
    let phase = second % PERIOD;
    let quarter = PERIOD / 4;
    let height = match phase / quarter {
        0 => phase,
        1 | 2 => 2 * quarter - phase,
        _ => phase - PERIOD,
    };
    let parts = Decimal::new(100_000 + height * SWING / quarter, 5);
    base.saturating_mul(parts).round_dp(8).normalize()
}

/// Returns a third of the order in whole lots; the last fill takes the rest.
fn third(quantity: Decimal, rest: Decimal, lot_size: Option<Decimal>) -> Decimal {
    let third = (quantity / Decimal::from(3)).round_dp(8).normalize();
    let part = match lot_size {
        Some(lot) => third.checked_rem(lot).map_or(third, |rest| third - rest),
        None => third,
    };
    if part.is_zero() || rest < part + part { rest } else { part }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_price_goes_up_and_down_around_its_base() {
        let prices: Vec<_> = (0..40).map(|second| price(Decimal::from(40_000), second)).collect();
        assert_eq!(prices[0], Decimal::from(40_000));
        assert_eq!(prices[10], Decimal::from(40_080));
        assert_eq!(prices[20], Decimal::from(40_000));
        assert_eq!(prices[30], Decimal::from(39_920));
        assert!(prices.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
