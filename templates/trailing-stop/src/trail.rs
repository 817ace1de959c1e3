//! The stop: the best price so far, and whether the market has turned back far enough.
//!
//! A sell (of a long position) follows a rising price and triggers when it falls; a buy does the opposite.

use rust_decimal::Decimal;
use tesser_wasm::exec::arithmetic::moved;
use tesser_wasm::{PluginSide, state};

pub struct Rule {
    pub side: PluginSide,
    pub trail_bps: Decimal,
    pub activation_price: Option<Decimal>,
    pub stop_price: Option<Decimal>,
    /// Whether two consecutive prices must confirm a trigger.
    pub confirms: bool,
}

state! {
    /// State of the stop.
    #[derive(Default)]
    pub struct Trail {
        /// Best price since the activation.
        best: Option<Decimal>,
        /// The previous price.
        before: Option<Decimal>,
        fired: bool,
    }
}

impl Trail {
    pub fn has_fired(&self) -> bool {
        self.fired
    }

    /// Processes a price. Returns whether the stop has triggered. With `confirms`, a single odd price does nothing: the best
    /// price improves to what two consecutive prices have reached, and the stop triggers when both are beyond it.
    pub fn observe(&mut self, rule: &Rule, price: Decimal) -> bool {
        let Some(before) = self
            .before
            .replace(price)
            .or((!rule.confirms).then_some(price))
        else {
            return false;
        };
        let before = if rule.confirms { before } else { price };
        // A higher price is better for a sell, a lower one for a buy.
        let (worse, better) = match rule.side {
            PluginSide::Sell => (price.min(before), price.max(before)),
            PluginSide::Buy => (price.max(before), price.min(before)),
        };
        let reaches = |price: Decimal, level: Decimal| match rule.side {
            PluginSide::Sell => price >= level,
            PluginSide::Buy => price <= level,
        };
        let is_active = self.best.is_some()
            || rule
                .activation_price
                .is_none_or(|level| reaches(worse, level));
        if is_active && self.best.is_none_or(|best| reaches(worse, best)) {
            self.best = Some(worse);
        }
        let sign = Decimal::from(rule.side.as_multiplier());
        let stop = self.best.map(|best| moved(best, rule.trail_bps * sign));
        let is_beyond = |level: Decimal| better == level || !reaches(better, level);
        self.fired |= [stop, rule.stop_price].into_iter().flatten().any(is_beyond);
        self.fired
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fires_at(rule: &Rule, prices: &[i64]) -> Option<usize> {
        let mut trail = Trail::default();
        prices
            .iter()
            .position(|price| trail.observe(rule, Decimal::from(*price)))
    }

    fn rule(side: PluginSide) -> Rule {
        Rule {
            side,
            trail_bps: Decimal::from(100),
            activation_price: None,
            stop_price: None,
            confirms: true,
        }
    }

    #[test]
    fn it_fires_when_two_prices_have_turned_back_far_enough() {
        let sell = rule(PluginSide::Sell);
        assert_eq!(
            fires_at(
                &sell,
                &[10_000, 10_000, 11_000, 11_000, 10_891, 10_890, 10_890]
            ),
            Some(6)
        );
        assert_eq!(
            fires_at(&sell, &[10_000, 10_000, 1, 10_000, 1, 10_000]),
            None
        );
        let buy = rule(PluginSide::Buy);
        assert_eq!(
            fires_at(&buy, &[10_000, 10_000, 9_000, 9_000, 9_090, 9_090]),
            Some(5)
        );
    }

    #[test]
    fn it_follows_from_the_activation_price_on_and_fires_at_the_stop_price() {
        let activation_price = Some(Decimal::from(11_000));
        let late = Rule {
            activation_price,
            ..rule(PluginSide::Sell)
        };
        assert_eq!(fires_at(&late, &[10_000, 9_000, 9_000, 9_000]), None);
        let stop_price = Some(Decimal::from(9_500));
        let with_stop = Rule { stop_price, ..late };
        assert_eq!(fires_at(&with_stop, &[10_000, 9_500, 9_500]), Some(2));
    }
}
