//! One run of a plugin on the simulated host, second by second, with every call recorded.
//!
//! In: what kind of market and what happens to orders. Out: the calls, what went wrong with the host, and the exchange,
//! and only that one knows what was filled. The events of a run can be taken again, with a restart among them.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

use super::PluginUnderTest;
use super::steps::Steps;
use crate::engine::{Compiled, Usage};
use crate::plugin::TestSettings as Settings;
use crate::report::counted;
use crate::simulator::answer::Action;
use crate::simulator::exchange::{OrderRef, ScriptedFill};
use crate::simulator::exchange_model::ExchangeModel;
use crate::simulator::guest::{Export, Failure, Program};
use crate::simulator::order_records::Order;
use crate::simulator::risk::RiskLimits;
use crate::simulator::run_summary::not_sent;
use crate::simulator::session::Session;
use crate::simulator::state_text::{DEEPEST, StateText};
use crate::simulator::step::{self, AlgorithmId, Fault, Line, Observer, Status, Step};
use crate::simulator::symbol::Symbol;
use crate::simulator::tape::Event;
use crate::simulator::trade::Trade;

/// Seconds of a run: three times the period of the price.
pub(super) const SECONDS: i64 = 120;
const PERIOD: i64 = 40;
/// By how many parts in a hundred thousand the price goes up and down.
const SWING: i64 = 200;

/// The trades of a run. They reach the plugin only where the host forwards them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trades {
    /// Two in each second.
    Plain,
    /// As many of another symbol, at another price.
    Foreign,
    /// Now and then ten times the price, or a tenth.
    Gaps,
    /// With all digits that a decimal can have.
    Odd,
}

/// How orders are filled, a second after they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fills {
    Whole,
    /// A third in each second.
    Parts,
    /// Half as much again as was asked for.
    Over,
    /// The exchange fills none.
    None,
}

/// One callback and what came of it.
#[derive(Clone, Debug)]
pub(super) struct CallRecord {
    pub(super) algorithm: AlgorithmId,
    pub(super) export: Export,
    /// Its answer; the error where it has none.
    pub(super) answer: Result<String, Failure>,
    /// What `snapshot` returned after it.
    pub(super) snapshot: Option<String>,
    /// Whether the host persisted that.
    pub(super) persisted: bool,
    /// What the answer asked for.
    pub(super) actions: Vec<Action>,
    /// What the callback took.
    pub(super) usage: Usage,
    /// What the snapshot took.
    pub(super) snapshot_usage: Usage,
    /// How long the callback and its snapshot took.
    pub(super) time: Duration,
}

/// Everything of a run that somebody wants to look at.
#[derive(Default)]
pub(super) struct Recording {
    /// The callbacks, `init` first.
    pub(super) calls: Vec<CallRecord>,
    /// What the host did not do, or did in another way than the plugin may think.
    pub(super) not_sent: Vec<String>,
    /// What takes an algorithm, or the whole host, down.
    pub(super) broken: Vec<String>,
    /// What a plugin said when it refused the signal.
    pub(super) refused: Option<String>,
    /// How each algorithm ended.
    pub(super) endings: Vec<(AlgorithmId, Status)>,
    /// The plugin's last log line.
    pub(super) last_log: Option<String>,
    /// Orders that the host cancelled after a minute without a fill.
    pub(super) stale: usize,
    /// Fills of a script that name no order.
    pub(super) lost_fills: usize,
    /// Fields of orders that no venue honours.
    pub(super) not_honoured: Vec<&'static str>,
    /// What no venue gets of an order.
    dropped_fields: Vec<String>,
    /// All states that were persisted, where somebody asked for them.
    pub(super) states: Option<Vec<StateText>>,
}

impl Observer for Recording {
    fn step(&mut self, step: &Step<'_>) {
        match step {
            Step::Call(call) => self.call(call),
            Step::Log { line, .. } => self.last_log = Some((*line).to_owned()),
            Step::Wanted { action, .. } => {
                if let Action::Place(order) = action {
                    self.not_honoured.extend(order.not_honoured(&self.dropped_fields));
                }
                if let Some(call) = self.calls.last_mut() {
                    call.actions.push((*action).clone());
                }
            }
            Step::Line(line) => self.line(line),
            Step::Persist { state, algorithm, .. } => {
                if let Some(call) = self.calls.last_mut().filter(|call| call.algorithm == *algorithm) {
                    call.persisted = true;
                }
                if let Some(states) = &mut self.states {
                    states.push((*state).clone());
                }
            }
            Step::Stale { .. } => self.stale += 1,
            Step::UnknownFill { .. } => self.lost_fills += 1,
            Step::Fails(fault) => self.failed(fault),
            Step::HostPanics { words } => self.broke(&format!(
                "an order's quantity times price, or the position that it leads to, is beyond 96 bits ({words}): the host's \
                 session dies without a word"
            )),
            Step::HostHangs { lost, .. } => {
                let words = format!("the host waits for ever, with all algorithms: {}", lost.text);
                self.broke_at(&words, &lost.frames);
            }
            Step::TooDeep { depth, .. } => self.broke(&format!(
                "the state is nested {depth} deep: above {DEEPEST} the host does not start again, for all algorithms"
            )),
            _ => {}
        }
    }

    fn measures(&self) -> bool {
        true
    }
}

impl Recording {
    fn call(&mut self, call: &step::Call<'_>) {
        match call.export {
            Export::Restore => {}
            Export::Snapshot => {
                if let Some(last) = self.calls.last_mut() {
                    last.snapshot = call.outcome.ok().map(str::to_owned);
                    last.snapshot_usage = call.usage;
                    last.time += call.time;
                }
            }
            export => self.calls.push(CallRecord {
                algorithm: call.algorithm,
                export,
                answer: call.outcome.map(str::to_owned).map_err(Clone::clone),
                snapshot: None,
                persisted: false,
                actions: Vec::new(),
                usage: call.usage,
                snapshot_usage: Usage::default(),
                time: call.time,
            }),
        }
    }

    fn line(&mut self, line: &Line<'_>) {
        match line {
            Line::NotSent { error, .. } => self.not_sent.push(not_sent(error)),
            Line::CallFailed { export, error, .. } => {
                self.broke_at(&error.said_of(*export), error.frames());
            }
            Line::NotRestored { detail, frames, .. } => {
                let words = format!("the restart failed, and the host deletes the state: {detail}");
                self.broke_at(&words, frames);
            }
            Line::CleanedUp { algorithm, status } => self.endings.push((*algorithm, *status)),
            _ => {}
        }
    }

    fn failed(&mut self, fault: &Fault<'_>) {
        match fault {
            Fault::Init(error) if error.is_refusal() => self.refused = Some(error.detail()),
            Fault::Init(error) => self.broke_at(&error.said_of(Export::Init), error.frames()),
            Fault::Order(error) => {
                self.not_sent.push(format!(
                    "the signal fails, and the orders of `init` end: {}",
                    not_sent(error)
                ));
            }
            Fault::Load(_) | Fault::Store(_) => self.broke(&fault.to_string()),
        }
    }

    /// The same, with the place in the plugin on lines of its own.
    fn broke_at(&mut self, words: &str, frames: &[String]) {
        let frames = frames.iter().map(|frame| format!("\n    {frame}"));
        self.broke(&(words.to_owned() + &frames.collect::<String>()));
    }

    /// What is wrong, with the call that it happened in or after; once, though each call may repeat it.
    fn broke(&mut self, words: &str) {
        if !self.broken.iter().any(|known| known.ends_with(words)) {
            self.broken.push(format!("call {}: {words}", self.last_call()));
        }
    }

    fn last_call(&self) -> usize {
        self.calls.len().saturating_sub(1)
    }
}

/// A run, and the events that made it.
pub(super) struct Run<'a> {
    pub(super) session: Session<Recording>,
    pub(super) events: Vec<Event>,
    settings: &'a Settings,
    pub(super) target: Decimal,
    side: PluginSide,
    steps: Steps,
    second: i64,
}

/// How a run begins.
#[derive(Clone, Copy)]
pub(super) struct Start<'a> {
    pub(super) plugin: &'a PluginUnderTest,
    pub(super) compiled: &'a Arc<Compiled>,
    pub(super) settings: &'a Settings,
    pub(super) target: Decimal,
    /// Whether trades reach the plugin.
    pub(super) ticks: bool,
    /// Whether the host's limits of order and position are in force.
    pub(super) limits: bool,
    /// Whether the exchange refuses all orders.
    pub(super) rejects: bool,
}

impl<'a> Start<'a> {
    /// As the host is live.
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
        let model = ExchangeModel { rejects, ..ExchangeModel::default() };
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

    /// Puts a component into the plugins folder, in the place of the one that is there.
    pub(super) fn install(&mut self, compiled: &Arc<Compiled>) {
        let program: Rc<dyn Program> = Rc::new(Arc::clone(compiled));
        self.session.host.plugins.install("test", Ok(program), false);
    }

    /// The strategy emits a signal.
    pub(super) fn signal(&mut self, number: u64) {
        let signal = self.settings.signal(number, self.side, self.target);
        self.session.signal(&signal);
    }

    pub(super) fn recording(&self) -> &Recording {
        &self.session.host.observer
    }

    /// The orders, as the exchange knows them.
    pub(super) fn orders(&self) -> &[Order] {
        self.session.host.exchange.orders()
    }

    /// Whether there is nothing more to come of it.
    pub(super) fn is_over(&self) -> bool {
        !self.session.is_running()
    }

    /// Lets an event happen, if anything is left that it could concern.
    pub(super) fn step(&mut self, event: Event) {
        if !self.is_over() {
            self.session.event(&event);
            self.events.push(event);
        }
    }

    /// A second of market, and the timer.
    pub(super) fn second(&mut self, trades: Trades, fills: Fills) {
        self.market(trades, fills);
        self.step(Event::Timer);
    }

    /// A second without its timer: fills of the working orders, trades, a look for stale orders when it is due.
    pub(super) fn market(&mut self, trades: Trades, fills: Fills) {
        self.step(Event::Advance { ms: 1_000 });
        self.fills(trades, fills);
        self.trades(trades);
        if self.second % 15 == 14 {
            self.step(Event::Poll);
        }
        self.second += 1;
    }

    /// So many seconds, or fewer if it is over before.
    pub(super) fn seconds(&mut self, seconds: i64, trades: Trades, fills: Fills) {
        for _ in 0..seconds {
            if self.is_over() {
                break;
            }
            self.second(trades, fills);
        }
    }

    /// Fills the orders that work now, as an exchange does.
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

    /// A fill of an order at the present time.
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

    /// The price of this second.
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
            Event::Tick(Trade { symbol: Some(symbol), price, quantity, time_ms, side })
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

    /// What must never be, by what the exchange knows; nothing if all is well.
    pub(super) fn violations(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let own = Symbol::parse(&self.settings.world().symbol);
        for order in self.orders() {
            if order.request.symbol.venue().is_none() {
                wrong.push(format!(
                    "order {} names no venue (`{}`): one from `init` opens the way for it, until the host restarts; give \
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
                "{peak} was filled or working at one time, more than the target of {target}"
            ));
        }
        wrong.extend(self.broken());
        wrong
    }

    /// The first quantity and the first price that are off a declared step, with the call that asked for them.
    fn off_steps(&self) -> Option<String> {
        let calls = self.recording().calls.iter().enumerate();
        let mut actions = calls.flat_map(|(at, call)| call.actions.iter().map(move |it| (at, it)));
        actions.find_map(|(at, action)| {
            let wrong = self.steps.violations(action);
            (!wrong.is_empty()).then(|| format!("call {at}: {}", wrong.join("; ")))
        })
    }

    /// Why the run is not as it should be, apart from its orders.
    pub(super) fn broken(&self) -> Vec<String> {
        let recording = self.recording();
        let mut broken = recording.broken.clone();
        if let Some(reason) = &recording.refused {
            broken.push(format!(
                "call {}: `init` refused the signal: {reason}; `[package.metadata.tesser.test]` can give `params`, `side`, \
                 `quantity` and `price`",
                recording.last_call()
            ));
        }
        broken
    }

    /// What was filled, in base currency.
    pub(super) fn filled(&self) -> Decimal {
        let fills = self.session.host.exchange.fills();
        fills.iter().fold(Decimal::ZERO, |sum, fill| sum.saturating_add(fill.quantity))
    }

    /// Whether the plugin says that it is done.
    pub(super) fn is_completed(&self) -> bool {
        self.recording().endings.iter().any(|(_, status)| *status == Status::Completed)
    }

    /// One line: what came of the target.
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

/// Up and down in a straight line.
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

/// A third of the order, in whole lots; the last fill takes what is left.
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
