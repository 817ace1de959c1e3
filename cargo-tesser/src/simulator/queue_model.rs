//! Queue position of a resting order. In: the level's quantity when the order joins, trades at the price, and changes of the
//! level. Out: the quantity ahead of the order.
//!
//! An order-book tape does not show whether a cancelled quantity was ahead of the order or behind it. The models and their
//! formulas are those of hftbacktest: `RiskAdverseQueueModel`, and `ProbQueueModel` with `LogProbQueueFunc` or
//! `PowerProbQueueFunc`.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive as _;
use serde::{Serialize, Serializer};

/// Decimal places of a quantity ahead: more than any market has, fewer than a float has.
const PLACES: u32 = 12;

/// Maximum exponent of [`QueueModel::PowerProb`]; beyond it, cancellations always come from the larger part.
const HIGHEST_EXPONENT: Decimal = Decimal::ONE_HUNDRED;

/// Which part of a cancelled quantity was ahead of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueModel {
    /// None, unless the level is now smaller than the quantity ahead: only trades move the order forward.
    RiskAverse,
    /// By the logarithms of the quantities ahead and behind: `f(x) = ln(1 + x)`.
    LogProb,
    /// By powers of the quantities ahead and behind: `f(x) = x ^ n`, `n` from above 0 to 100.
    PowerProb(Decimal),
}

impl FromStr for QueueModel {
    type Err = String;

    /// `risk-averse`, `log-prob` or `power-prob:3`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            // Also accept the spelling of hftbacktest.
            None if matches!(text, "risk-averse" | "risk-adverse") => Ok(Self::RiskAverse),
            None if text == "log-prob" => Ok(Self::LogProb),
            Some(("power-prob", exponent)) => match exponent.parse::<Decimal>() {
                Ok(n) if n > Decimal::ZERO && n <= HIGHEST_EXPONENT => {
                    Ok(Self::PowerProb(n.normalize()))
                }
                _ => {
                    Err("the exponent must be above 0 and at most 100, as in `power-prob:3`".into())
                }
            },
            _ => Err("there are `risk-averse`, `log-prob` and `power-prob:N`".into()),
        }
    }
}

impl Serialize for QueueModel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for QueueModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RiskAverse => f.write_str("risk-averse"),
            Self::LogProb => f.write_str("log-prob"),
            Self::PowerProb(n) => write!(f, "power-prob:{n}"),
        }
    }
}

impl QueueModel {
    /// The probability that a cancelled quantity was behind the order: `f(behind) / (f(behind) + f(ahead))`. `None` for
    /// models without probabilities.
    fn behind(self, ahead: Decimal, behind: Decimal) -> Option<Decimal> {
        let (ahead, behind) = (float(ahead), float(behind));
        // The functions of `libm` are bit-identical on all machines, those of the system are not.
        let probability = match self {
            Self::RiskAverse => return None,
            _ if ahead <= 0.0 => 1.0,
            _ if behind <= 0.0 => 0.0,
            Self::LogProb => {
                let (ahead, behind) = (libm::log1p(ahead), libm::log1p(behind));
                behind / (behind + ahead)
            }
            // Use the ratio, since powers of large quantities overflow.
            Self::PowerProb(n) => 1.0 / (1.0 + libm::pow(ahead / behind, float(n))),
        };
        Some(Decimal::from_f64(probability).unwrap_or(Decimal::ONE))
    }
}

/// The nearest float. Converted through text, since arithmetic rounds more than once.
fn float(value: Decimal) -> f64 {
    value.to_string().parse().unwrap_or(f64::INFINITY)
}

/// Queue position of a resting order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QueuePosition {
    model: QueueModel,
    ahead: Decimal,
    /// Quantity traded since the last change of the level, which that change includes.
    traded: Decimal,
}

impl QueuePosition {
    /// The position of an order that joins now: the whole level is ahead of it.
    pub(crate) fn joined(model: QueueModel, level_quantity: Decimal) -> Self {
        Self { model, ahead: level_quantity.max(Decimal::ZERO), traded: Decimal::ZERO }
    }

    /// Quantity that has to trade before the order fills.
    pub(crate) fn ahead(&self) -> Decimal {
        self.ahead
    }

    /// Applies a trade at the order's price. Returns the part that exceeds the quantity ahead, and can fill the order.
    pub(crate) fn traded(&mut self, quantity: Decimal) -> Decimal {
        let used = quantity.min(self.ahead);
        self.ahead -= used;
        self.traded = self.traded.saturating_add(quantity);
        quantity - used
    }

    /// Applies a change of the level's quantity. The decrease by trades since the last change is already applied; the rest
    /// was cancelled.
    pub(crate) fn level_changed(&mut self, previous: Decimal, now: Decimal) {
        let cancelled = previous.saturating_sub(now).saturating_sub(self.traded);
        self.traded = Decimal::ZERO;
        if cancelled > Decimal::ZERO {
            let back = previous.saturating_sub(self.ahead).max(Decimal::ZERO);
            if let Some(behind) = self.model.behind(self.ahead, back) {
                let from_behind = behind.saturating_mul(cancelled);
                // The part that exceeds the quantity behind came from ahead.
                let excess = from_behind.saturating_sub(back).max(Decimal::ZERO);
                let from_ahead = cancelled.saturating_sub(from_behind).saturating_add(excess);
                self.ahead = self.ahead.saturating_sub(from_ahead).round_dp(PLACES);
            }
        }
        self.ahead = self.ahead.min(now).max(Decimal::ZERO);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    /// An order joins 10. 2 are cancelled, 4 join behind it, 3 are cancelled, 2 trade, and the level loses 3.
    fn story(model: &str) -> [String; 5] {
        let mut position = QueuePosition::joined(model.parse().unwrap(), 10.into());
        let mut ahead = Vec::new();
        let mut note =
            |position: &QueuePosition| ahead.push(position.ahead().normalize().to_string());
        position.level_changed(10.into(), 8.into());
        note(&position);
        position.level_changed(8.into(), 12.into());
        note(&position);
        position.level_changed(12.into(), 9.into());
        note(&position);
        assert_eq!(position.traded(2.into()), Decimal::ZERO);
        note(&position);
        position.level_changed(9.into(), 6.into());
        note(&position);
        ahead.try_into().unwrap()
    }

    #[test]
    fn risk_averse_moves_only_by_trades_and_by_the_size_of_the_level() {
        // Nobody is behind the order at first, so the level is all that can be ahead.
        assert_eq!(story("risk-averse"), ["8", "8", "8", "6", "6"]);
    }

    #[test]
    fn power_prob_splits_a_cancelled_quantity_by_powers() {
        // 8 ahead and 4 behind: 16 of 16 + 64 is a fifth behind, 0.8 * 3 ahead: 8 - 2.4. A trade of 2. Then 1 of 3 was
        // cancelled, with 3.6 ahead and 5.4 behind: 12.96 of 29.16 + 12.96 ahead: 3.6 - 0.307692307692.
        assert_eq!(story("power-prob:2"), ["8", "8", "5.6", "3.6", "3.292307692308"]);
        // By their share: 8 - 3 * 8/12, and 4 - 4/9.
        assert_eq!(story("power-prob:1"), ["8", "8", "6", "4", "3.555555555556"]);
        // 64 of 64 + 512 is a ninth.
        assert_eq!(story("power-prob:3")[2], "5.333333333333");
    }

    #[test]
    fn log_prob_splits_a_cancelled_quantity_by_logarithms() {
        // ln 5 = 1.609437912, ln 9 = 2.197224577: 0.422795 behind, 8 - 0.577205 * 3 = 6.268385.
        let [_, _, cancelled, traded, last] = story("log-prob");
        assert_eq!(cancelled, "6.268385035521");
        assert_eq!(traded, "4.268385035521");
        // ln 5.731615 = 1.745998, ln 5.268385 = 1.661724: 0.512366 behind, 4.268385 - 0.487634.
        assert_eq!(last, "3.780750111613");
    }

    #[test]
    fn cancellations_beyond_the_quantity_behind_come_from_ahead_and_ahead_is_never_negative() {
        for model in ["power-prob:3", "log-prob", "power-prob:100"] {
            let mut position = QueuePosition::joined(model.parse().unwrap(), 5.into());
            position.level_changed(5.into(), 10.into());
            // 5 ahead and 5 behind: half of what is cancelled.
            position.level_changed(10.into(), 4.into());
            assert_eq!(position.ahead(), 2.into(), "{model}");
            // 2 ahead, and nearly all of 8 behind.
            position.level_changed(4.into(), 10.into());
            position.level_changed(10.into(), 1.into());
            assert!(position.ahead() <= Decimal::ONE, "{model}");
            position.level_changed(1.into(), 0.into());
            assert_eq!(position.ahead(), Decimal::ZERO, "{model}");
        }
    }

    #[test]
    fn a_trade_fills_what_is_ahead_first_and_is_not_counted_twice() {
        for model in ["risk-averse", "log-prob", "power-prob:3"] {
            let mut position = QueuePosition::joined(model.parse().unwrap(), 5.into());
            assert_eq!(position.traded(3.into()), Decimal::ZERO);
            position.level_changed(5.into(), 2.into());
            assert_eq!(position.ahead(), 2.into(), "{model}");
            assert_eq!(position.traded(decimal("2.5")), decimal("0.5"));
            assert_eq!(position.traded(1.into()), Decimal::ONE);
        }
    }

    #[test]
    fn models_are_parsed_as_they_are_displayed() {
        for text in ["risk-averse", "log-prob", "power-prob:3", "power-prob:0.5"] {
            assert_eq!(text.parse::<QueueModel>().unwrap().to_string(), text);
        }
        assert_eq!("risk-adverse".parse(), Ok(QueueModel::RiskAverse));
        assert_eq!("power-prob:3.0".parse::<QueueModel>().unwrap().to_string(), "power-prob:3");
        for text in ["power-prob:0", "power-prob:-1", "power-prob:101", "power-prob:x"] {
            assert!(text.parse::<QueueModel>().unwrap_err().contains("as in `power-prob:3`"));
        }
        for text in ["fifo", "log-prob:2", "power-prob", ""] {
            assert!(text.parse::<QueueModel>().unwrap_err().contains("there are `risk-averse`"));
        }
    }

    #[test]
    fn quantities_of_any_size_have_a_position() {
        let (most, least) = (Decimal::MAX, Decimal::new(1, 28));
        for model in ["log-prob", "power-prob:100", "power-prob:0.01", "risk-averse"] {
            for (joined, more) in [(most, most), (least, most), (most, least)] {
                let mut position = QueuePosition::joined(model.parse().unwrap(), joined);
                position.level_changed(joined, more);
                position.traded(most);
                position.level_changed(more, least);
                assert!(position.ahead() <= least, "{model}");
            }
        }
    }
}
