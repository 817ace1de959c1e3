//! A market for a plugin: seconds with trades, a timer, and fills of what it has placed.
//!
//! In: what kind of trades and fills. Out: the run and its book, and the steps, which can be taken again.

use rust_decimal::Decimal;
use tesser_wasm::PluginSide;

use super::book::{Book, Open};
use super::settings::Settings;
use crate::engine::Compiled;
use crate::replay::{Ending, Session, Step};

/// Seconds of a run: three times the period of the price.
const SECONDS: i64 = 120;
const PERIOD: i64 = 40;
/// By how many parts in a hundred thousand the price goes up and down.
const SWING: i64 = 200;

/// The trades of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trades {
    /// Two in each second.
    Plain,
    None,
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
    /// Each fill is told twice.
    Twice,
    /// Half as much again as was asked for.
    Over,
    /// The exchange took none.
    None,
}

/// A run, its book and its steps.
pub(super) struct Scene<'a> {
    pub(super) session: Session<'a>,
    pub(super) book: Book,
    pub(super) steps: Vec<Step>,
}

impl<'a> Scene<'a> {
    pub(super) fn start(compiled: &'a Compiled, settings: &Settings, target: Decimal) -> Self {
        let session = Session::start(compiled, settings.context("test", target));
        let mut book = Book::new(settings, target);
        book.after(session.calls());
        Self { session, book, steps: Vec::new() }
    }

    /// A whole run.
    pub(super) fn played(
        compiled: &'a Compiled,
        settings: &Settings,
        target: Decimal,
        trades: Trades,
        fills: Fills,
    ) -> Self {
        let mut scene = Self::start(compiled, settings, target);
        for second in 0..SECONDS {
            if scene.session.ending().is_some() {
                break;
            }
            scene.fills(fills, price(settings.price, second));
            scene.trades(settings, trades, second);
            scene.step(Step::Timer);
        }
        scene
    }

    pub(super) fn step(&mut self, step: Step) {
        if self.session.ending().is_none() {
            self.book.before(&step);
            self.session.step(&step);
            self.book.after(self.session.calls());
            self.steps.push(step);
        }
    }

    fn fills(&mut self, fills: Fills, last: Decimal) {
        for open in self.book.open.clone() {
            let quantity = match fills {
                Fills::None => continue,
                Fills::Whole | Fills::Twice => open.rest,
                Fills::Parts => third(&open),
                Fills::Over => open.rest.saturating_mul(Decimal::new(15, 1)),
            };
            let fill =
                Step::Fill { order: open.number, price: open.price.unwrap_or(last), quantity };
            if fills == Fills::Twice {
                self.step(fill.clone());
            }
            self.step(fill);
        }
        self.step(Step::Expiry);
    }

    fn trades(&mut self, settings: &Settings, trades: Trades, second: i64) {
        let plain = price(settings.price, second);
        let size = Decimal::new(123, 3);
        let (price, size) = match trades {
            Trades::None => return,
            Trades::Gaps if second % 20 == 10 => (plain * Decimal::TEN, size),
            Trades::Gaps if second % 20 == 15 => (plain / Decimal::TEN, size),
            Trades::Plain | Trades::Foreign | Trades::Gaps => (plain, size),
            Trades::Odd => (plain / Decimal::from(3) * Decimal::from(3), Decimal::new(1, 28)),
        };
        let tick = |symbol: &str, price, side, after: i64| Step::Tick {
            symbol: symbol.into(),
            price,
            size,
            side,
            time_ms: 1_700_000_000_000 + second * 1_000 + after,
        };
        for (side, after) in [(PluginSide::Buy, 200), (PluginSide::Sell, 700)] {
            self.step(tick(&settings.symbol, price, side, after));
            if trades == Trades::Foreign {
                let other = format!("{}X", settings.symbol);
                self.step(tick(&other, Decimal::from(7), side, after + 100));
            }
        }
    }
}

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

/// A third of the order; the last fill takes what is left.
fn third(open: &Open) -> Decimal {
    let part = (open.quantity / Decimal::from(3)).round_dp(8).normalize();
    if part.is_zero() || open.rest < part + part { open.rest } else { part }
}

/// Why a run is not as it should be, apart from its orders.
pub(super) fn broken(scene: &Scene<'_>) -> Option<String> {
    let calls = scene.session.calls();
    let last = calls.len().saturating_sub(1);
    let event = match scene.steps.iter().rev().find(|step| **step != Step::Expiry) {
        Some(step) => format!("call {last}, {step}"),
        None => "call 0, the start".into(),
    };
    match scene.session.ending() {
        Some(Ending::Lost(reason) | Ending::Cancelled(reason)) => {
            return Some(format!("{event}: {reason}"));
        }
        Some(Ending::Refused(reason)) => {
            return Some(format!(
                "`init` refused the signal: {reason}; `[package.metadata.tesser.test]` can give `params`, `side`, \
                 `quantity` and `price`"
            ));
        }
        Some(Ending::Completed | Ending::TapeOver) | None => {}
    }
    scene.session.ledger().first_error()
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
