//! The stop: the best price so far, and whether the market has turned back far enough.
//!
//! In: prices and timers. Out: that it has fired, which stays so. It knows neither orders nor the host.
//!
//! A sell (of what was bought before) follows a rising price and fires when it falls; a buy the other
//! way round. "Better" is the way that is followed.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tesser_wasm::PluginSide;

use crate::orders::LIMIT;

#[derive(Debug, Default, PartialEq)]
pub struct Rule {
    pub trail_bps: Decimal,
    pub activation_price: Option<Decimal>,
    pub stop_price: Option<Decimal>,
    /// Whether two prices in a row have to agree.
    pub confirms: bool,
    /// Timers until it fires in any case; zero: never.
    pub max_secs: u32,
}

/// Where the stop is. A restart needs it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trail {
    /// Best price since the activation; zero before.
    #[serde(with = "tesser_wasm::decimal")]
    best: Decimal,
    /// The price before; zero at the start.
    #[serde(with = "tesser_wasm::decimal")]
    before: Decimal,
    /// Whether a price came since the last timer.
    heard: bool,
    /// Timers since the start.
    timers: u32,
    fired: bool,
}

impl Trail {
    pub fn has_fired(&self) -> bool {
        self.fired
    }

    /// Takes the price at the start, which needs no second one.
    pub fn begin(&mut self, rule: &Rule, side: PluginSide, price: Decimal) {
        self.before = price;
        self.observe(rule, side, price);
    }

    /// Takes the price of a tick.
    pub fn tick(&mut self, rule: &Rule, side: PluginSide, price: Decimal) {
        self.heard = true;
        self.observe(rule, side, price);
    }

    /// Counts a timer. After a silent second the last price is one that was seen again.
    pub fn timer(&mut self, rule: &Rule, side: PluginSide, price: Option<Decimal>) {
        self.timers = self.timers.saturating_add(1);
        self.fired |= rule.max_secs > 0 && self.timers >= rule.max_secs;
        if let (false, Some(price)) = (self.heard, price) {
            self.observe(rule, side, price);
        }
        self.heard = false;
    }

    /// A single odd price does nothing: the best price improves to what two in a row have reached, and it
    /// fires when both are beyond the stop.
    fn observe(&mut self, rule: &Rule, side: PluginSide, price: Decimal) {
        let before = std::mem::replace(&mut self.before, price);
        if rule.confirms && before.is_zero() {
            return;
        }
        let before = if rule.confirms { before } else { price };
        let (low, high) = (price.min(before), price.max(before));
        let (worse, better) = match side {
            PluginSide::Sell => (low, high),
            PluginSide::Buy => (high, low),
        };
        // Whether the first price is the second or better.
        let reaches = |price: Decimal, level: Decimal| match side {
            PluginSide::Sell => price >= level,
            PluginSide::Buy => price <= level,
        };
        let is_active = !self.best.is_zero()
            || rule
                .activation_price
                .is_none_or(|level| reaches(worse, level));
        if is_active && (self.best.is_zero() || reaches(worse, self.best)) {
            self.best = worse;
        }
        let stop = is_active.then(|| self.stop(rule, side));
        let is_beyond = |level: Decimal| better == level || !reaches(better, level);
        self.fired |= [stop, rule.stop_price].into_iter().flatten().any(is_beyond);
    }

    /// The best price, turned back by `trail_bps`.
    fn stop(&self, rule: &Rule, side: PluginSide) -> Decimal {
        let bps = rule.trail_bps * Decimal::from(side.as_multiplier());
        self.best * (Decimal::from(10_000) + bps) / Decimal::from(10_000)
    }

    /// Refuses numbers that the functions above cannot have left behind.
    pub fn check(&self) -> Result<(), String> {
        let limits = Decimal::ZERO..=Decimal::from(LIMIT);
        if !limits.contains(&self.best) || !limits.contains(&self.before) {
            return Err("malformed state: `best` or `before` is out of range".to_owned());
        }
        Ok(())
    }
}
